"""The corruption of the masked-LM lesson, and what the model says at every chosen token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

from explainers import masking
from explainers.checkpoints import Checkpoint
from explainers.language import _, ngettext
from explainers.masking import Corruption, Fate, Predictions
from explainers.tokenization import Tokenization
from explainers.views import address, blocks, cached, saving
from explainers.views.components import MaskCell, mask_cells
from explainers.views.components.visible import visible_text
from explainers.views.controls import Choice
from explainers.views.cuts import Read, show_cut, show_unknown
from explainers.views.masking_controls import HAND, Setup, mask, places_text, way_of_choosing


@dataclass(frozen=True)
class Scene:
    """One text, corrupted: asked are the tokens that the model predicts, the typed [MASK]s among them.

    predictions: None where there is nothing to predict, or no trained head to do it (why_not says so).
    """

    checkpoint: Checkpoint
    setup: Setup
    tokenization: Tokenization
    draw: Corruption
    asked: tuple[int, ...]
    predictions: Predictions | None
    why_not: str


def scene(choice: Choice, chosen: Setup) -> Scene:
    """Corrupt the text as the controls say and ask the model."""
    checkpoint = choice.checkpoints["bert"]
    tokenization = cached.tokenized(checkpoint.name, choice.text, choice.pair)
    if chosen.by_hand is None:
        draw = masking.corrupt_text(checkpoint, tokenization, chosen.recipe, chosen.seed)
    else:
        draw = masking.masked_by_hand(checkpoint, tokenization, chosen.by_hand)
        address.keep(HAND, places_text(draw.chosen.nonzero()[0].tolist()))
    typed = masking.typed_masks(checkpoint, tokenization)
    asked = tuple(sorted({*draw.chosen.nonzero()[0].tolist(), *typed}))
    head = checkpoint.heads["masked LM"]
    predictions = None
    if asked and head.trained:
        ids = tuple(draw.ids.tolist())
        predictions = cached.masked_predictions(checkpoint.name, choice.text, choice.pair, ids, asked)
    return Scene(checkpoint, chosen, tokenization, draw, asked, predictions, head.why)


def picture(shown: Scene) -> None:
    """The corruption token by token; a click looks into a chosen token, or hides one by hand."""
    show_cut([Read("BERT", "bert", shown.tokenization)])
    show_unknown(shown.tokenization, shown.checkpoint.name)
    if shown.why_not:
        blocks.show_problem(shown.why_not)
    recipe, hand = shown.setup.recipe, shown.setup.by_hand is not None
    cells = [_cell(shown, index) for index in range(len(shown.tokenization.tokens))]
    with saving.picture("mlm_cards", partial(_csv, cells), name="masked-lm-cards"):
        mask_cells(
            cells,
            key="mlm_cells",
            rate=None if hand else _threshold(shown),
            shares=(recipe.masked_share, recipe.masked_share + recipe.random_share),
            selected=looked_at(shown),
            on_click=partial(_clicked, shown),
        )
    st.caption(_what_happened(shown))


def _csv(cells: Sequence[MaskCell]) -> str:
    """What stands on the cards, one line a token; a die that was not thrown is empty."""
    header = ("token", "first die", "second die", "fate", "BERT reads", "BERT says", "probability")
    rows = [
        (each.token, each.choice, each.die, Fate(each.fate).name.lower(), each.seen, each.said, each.probability)
        for each in cells
    ]
    return saving.csv_text(header, rows)


def looked_at(shown: Scene) -> int | None:
    """The token that the reader looks into: the one that was chosen last, while the model is still asked there."""
    linked = address.number("mlm_at", len(shown.tokenization.tokens))
    wanted = st.session_state.get("mlm_at", linked)
    return wanted if wanted in shown.asked else (shown.asked[0] if shown.asked else None)


def answers(shown: Scene) -> None:
    """Every chosen token: the first guess, the true token's probability, rank and loss; and the mean loss."""
    found = shown.predictions
    if found is None:
        st.markdown(_("Nothing to predict: no token is chosen."))
        return
    rows = []
    for row, at in enumerate(found.positions):
        best, known = found.guesses(row)[0], found.true_ids[row] >= 0
        rows.append(
            (
                f"{at}",
                name_of(shown, at) if known else "?",
                visible_text(shown.checkpoint.tokenizer.id_to_token(int(shown.draw.ids[at])) or ""),
                _("“{token}”, {share}").format(token=visible_text(best.piece), share=blocks.percent(best.probability)),
                blocks.percent(float(found.probabilities[row])) if known else "",
                f"{found.ranks[row]:,}" if known else "",
                f"{found.losses[row]:.2f}" if known else "",
            )
        )
    columns = (
        *(_("place"), _("true token"), _("BERT read"), _("first guess")),
        *(_("true token's probability"), _("its rank"), _("loss, nats")),
    )
    blocks.text_table(columns, rows, numbers=(0, 4, 5, 6))
    _mean_loss(shown, found)


def name_of(shown: Scene, at: int) -> str:
    """A token of the text as it is drawn."""
    return visible_text(shown.tokenization.tokens[at].piece)


def _mean_loss(shown: Scene, found: Predictions) -> None:
    """The loss of this draw as training would see it, beside the loss of [MASK] alone and that of a blind guess."""
    if found.mean_loss is None:
        st.markdown(_("There is no loss: where you typed `[MASK]`, no true token is known."))
        return
    count = int((found.true_ids >= 0).sum())
    mean = ngettext(
        "Mean loss **{loss} nats** over {n} chosen token.",
        "Mean loss **{loss} nats** over all {n} chosen tokens.",
        count,
    )
    parts = [mean.format(loss=f"{found.mean_loss:.2f}", n=count)]
    masked = [at for at in found.positions if shown.draw.fate[at] == Fate.MASKED]
    of_masked = found.mean_loss_at(masked)
    if len(masked) < count:
        if of_masked is not None:
            slip = _("Over the `[MASK]`s alone it would be {loss}: that is not what BERT is trained on.")
            parts.append(slip.format(loss=f"{of_masked:.2f}"))
        else:
            parts.append(_("None of them is a `[MASK]`, and they count all the same."))
    st.markdown(" ".join(parts))
    blind = _("The loss of one token is −ln of its probability. A blind guess among {vocab} tokens costs {loss} nats.")
    vocab = shown.checkpoint.sizes.vocab
    st.caption(blind.format(vocab=f"{vocab:,}", loss=f"{masking.blind_loss(vocab):.2f}"))


def _cell(shown: Scene, index: int) -> MaskCell:
    token, draw, found = shown.tokenization.tokens[index], shown.draw, shown.predictions
    fate = Fate(int(draw.fate[index]))
    fixed = token.kind in ("special", "unknown")
    cell = MaskCell(
        token=visible_text(token.piece),
        seen=visible_text(shown.checkpoint.tokenizer.id_to_token(int(draw.ids[index])) or ""),
        fixed=fixed,
        fate=int(fate),
        choice=None if fixed else float(draw.choice_dice[index]),
        die=float(draw.fate_dice[index]) if fate else None,
    )
    if found is None or index not in found.positions:
        return cell
    row = found.positions.index(index)
    best = found.guesses(row)[0]
    said = {"said": visible_text(best.piece), "probability": blocks.percent(best.probability)}
    return MaskCell(**{**cell.__dict__, **said, "right": int(found.ranks[row]) == 1})


def _threshold(shown: Scene) -> float:
    """Below which the first die chooses: the rate, or, with the rounded count, just above the last die that was."""
    if not shown.setup.recipe.rounded or not shown.draw.chosen.any():
        return shown.setup.recipe.rate
    return float(shown.draw.choice_dice[shown.draw.chosen].max())


def _what_happened(shown: Scene) -> str:
    """One line on this draw."""
    chosen, ordinary = int(shown.draw.chosen.sum()), int(masking.ordinary_tokens(shown.tokenization).sum())
    if shown.setup.by_hand is not None:
        return _("Click a token to hide it from BERT. You can also type `[MASK]` in the sentence.")
    said = ngettext("{chosen} of {n} ordinary token chosen.", "{chosen} of {n} ordinary tokens chosen.", ordinary)
    parts = [said.format(chosen=chosen, n=ordinary)]
    recipe = shown.setup.recipe
    if recipe.rounded:
        parts.append(_("As in the released code, a rounded number is chosen, at least one: here the lowest dice."))
    else:
        if not chosen and ordinary:
            empty = _("That is no fault: with {n} tokens it happens in {share} of all draws.")
            parts.append(empty.format(n=ordinary, share=blocks.percent((1 - recipe.rate) ** ordinary)))
        parts.append(way_of_choosing())
    if any(token.kind == "unknown" for token in shown.tokenization.tokens):
        parts.append(_("In this app `[UNK]` throws no die."))
    parts.append(_("Click a chosen token to look into it, another to hide it by hand."))
    return " ".join(parts)


def _clicked(shown: Scene, at: int) -> None:
    """By hand a click hides or shows; with dice it looks into a chosen token, and takes over by hand at another."""
    st.session_state["mlm_at"] = at
    by_hand = shown.setup.by_hand
    if by_hand is not None:
        mask(tuple(sorted({*by_hand} ^ {at})))
    elif not shown.draw.chosen[at]:
        hidden = (shown.draw.fate == Fate.MASKED).nonzero()[0].tolist()
        st.session_state["mlm_by"] = "hand"
        mask((*hidden, at))
