"""The masked-LM lesson's close-ups: one token's guesses, its way through the head, and the counts of many draws."""

from __future__ import annotations

import streamlit as st

from explainers import masking
from explainers.figures.labels import percent
from explainers.language import _
from explainers.masking import Guess, HeadPath, Predictions
from explainers.views import address, blocks, cached, saving
from explainers.views.components.visible import visible_text
from explainers.views.masking import Scene, looked_at, name_of

_TOKEN_DRAWS = (100, 1_000, 10_000, 100_000)
_COMPARED = 5


def choose_token(shown: Scene) -> None:
    """The tokens that the model is asked for, to choose the one that is looked into."""
    at = looked_at(shown)
    if len(shown.asked) < 2 or at is None:
        address.keep("mlm_at", "")
        return
    st.session_state["mlm_at"] = at
    address.keep("mlm_at", str(at))
    st.selectbox(
        _("Look into"),
        shown.asked,
        key="mlm_at",
        format_func=lambda index: f"{index} · “{name_of(shown, index)}”",
        width=320,
    )


def guesses(shown: Scene) -> None:
    """The likeliest tokens at the place that is looked into, of the whole vocabulary, and the true one among them."""
    from explainers.figures.masking import guess_bars

    found, at = shown.predictions, looked_at(shown)
    if found is None or at is None:
        return
    row = found.positions.index(at)
    best, truth, rank = found.guesses(row), _truth(shown, found, row), int(found.ranks[row])
    drawn = [guess._replace(piece=visible_text(guess.piece)) for guess in best]
    said = _("The likeliest token is “{piece}” with {share}.").format(
        piece=drawn[0].piece, share=blocks.percent(drawn[0].probability)
    )
    if truth is not None:
        true = _("The true token “{piece}” has rank {rank} of {vocab} and {share}.")
        said = f"{said} " + true.format(
            piece=truth.piece,
            rank=f"{rank:,}",
            vocab=f"{shown.checkpoint.sizes.vocab:,}",
            share=blocks.percent(truth.probability),
        )
    rows = [(place, guess.id, guess.piece, guess.probability) for place, guess in enumerate(best, 1)]
    if truth is not None and rank > len(best):
        rows.append((rank, truth.id, truth.piece, truth.probability))
    saving.chart(
        guess_bars(drawn, truth, rank, percent=blocks.percent, dark=blocks.is_dark()),
        "mlm_guesses",
        lambda: saving.csv_text(("rank", "id", "piece", "probability"), rows),
        alt=said,
        name="masked-lm-guesses",
    )
    st.caption(blocks.plain(said))


def inside(shown: Scene) -> None:
    """The head's stops with their sizes and the token's own numbers, and how its logits are made of them."""
    from explainers.figures.masking import head_strips

    found, at = shown.predictions, looked_at(shown)
    if found is None or at is None:
        st.markdown(_("Hide a token first: then its way through the head is drawn here."))
        return
    row = found.positions.index(at)
    path = masking.head_path(shown.checkpoint, found.hidden[row])
    names = (_("last layer's vector"), _("dense: W h + b"), _("GELU"), _("LayerNorm"))
    width = len(path.hidden)
    stops = (path.hidden, path.dense, path.activated, path.normed)
    st.markdown(_way(shown, at, path))
    saving.chart(
        head_strips(path, names, dark=blocks.is_dark()),
        "mlm_head",
        lambda: saving.csv_text(
            ("component", "hidden", "dense", "gelu", "layernorm"),
            [(index, *(float(stop[index]) for stop in stops)) for index in range(width)],
        ),
        alt=_("Four strips of {width} numbers: {names}.").format(width=f"{width:,}", names=", ".join(names)),
        name="masked-lm-head",
    )
    st.caption(_("GELU lets large numbers through and presses the others against 0: nothing leaves it below −0.17."))
    st.markdown(_sizes(path))
    _logits(shown, found, row, path)


def many_draws(shown: Scene) -> None:
    """The same dice over and over: how often each fate came, beside how often it should."""
    from explainers.figures.masking import fate_bars

    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(_("Many draws"), anchor=False, width="content")
        draws = _token_draws()
    ordinary = masking.ordinary_tokens(shown.tokenization)
    if not ordinary.any():
        st.markdown(_("This text has no ordinary token, so there is nothing to choose."))
        return
    counts = cached.fate_counts(tuple(ordinary.tolist()), shown.setup.recipe, draws, shown.setup.seed)
    names = (_("[MASK]"), _("random"), _("kept"))
    rows = [
        (
            name,
            f"{line.counted:,}",
            percent(line.share, 2),
            percent(line.expected, 2),
            percent(line.standard_error, 2),
            _signed(f"{line.off:+.1f}"),
        )
        for name, line in zip((_("chosen"), *names), counts.lines, strict=True)
    ]
    columns = ("", _("counted"), _("share"), _("expected"), _("standard error"), _("off by, standard errors"))
    none = counts.chosen_per_draw[0] / counts.draws
    said = _("In {draws} draws of this sentence, {share} chose no token at all.").format(
        draws=f"{counts.draws:,}", share=blocks.percent(float(none))
    )
    saving.chart(
        fate_bars(counts, names, dark=blocks.is_dark()),
        "mlm_fates",
        lambda: saving.csv_text(
            (_("fate"), *columns[1:]), [(row[0], *line[1:]) for row, line in zip(rows, counts.lines, strict=True)]
        ),
        alt="; ".join(
            _("{fate}: {share}, expected {due}").format(fate=row[0], share=row[2], due=row[3]) for row in rows
        ),
        name="masked-lm-draws",
    )
    blocks.text_table(columns, rows, numbers=range(1, 6))
    st.caption(
        f"{blocks.plain(said)} "
        + _("In 19 of 20 such counts, a share is off by less than two standard errors.")
        + (" " + _("In every draw a rounded number is chosen, at least one.") if shown.setup.recipe.rounded else "")
    )


def _token_draws() -> int:
    """How many tokens the dice are thrown for."""
    draws = st.segmented_control(
        _("Tokens to throw dice for"),
        _TOKEN_DRAWS,
        default=10_000,
        required=True,
        key="mlm_draws",
        bind="query-params",
        format_func=lambda number: _("{n} tokens").format(n=f"{number:,}"),
        label_visibility="collapsed",
    )
    return draws or 10_000


def _signed(number: str) -> str:
    """A printed number with the real minus sign."""
    return number.replace("-", "−")


def _truth(shown: Scene, found: Predictions, row: int) -> Guess | None:
    """The true token as an entry of the vocabulary; None where nobody knows it."""
    number = int(found.true_ids[row])
    if number < 0:
        return None
    piece = visible_text(shown.checkpoint.tokenizer.id_to_token(number) or "")
    return Guess(number, piece, float(found.probabilities[row]))


def _way(shown: Scene, at: int, path: HeadPath) -> str:
    """The stops of the head with the sizes between them, for the token that is looked into."""
    stops = _(
        "Token {place}, “{token}”: {width} numbers → **dense** → {width} → **GELU** → {width} → **LayerNorm** → "
        "{width} → **compare with every token** → {vocab} scores → **softmax** → {vocab} probabilities"
    )
    token = blocks.plain(name_of(shown, at))
    return stops.format(place=at, token=token, width=f"{len(path.hidden):,}", vocab=f"{len(path.bias):,}")


def _sizes(path: HeadPath) -> str:
    """How many numbers the head has, part by part."""
    width, vocab = len(path.hidden), len(path.bias)
    said = _(
        "The transform has {width} × {width} weights, {width} biases and 2 × {width} numbers of LayerNorm: "
        "**{transform}**. The step to the vocabulary has {vocab} × {width} = **{output}** weights and {vocab} biases."
    ).format(
        width=f"{width:,}",
        vocab=f"{vocab:,}",
        transform=f"{path.transform_parameters:,}",
        output=f"{path.output_parameters:,}",
    )
    if not path.tied:
        return said
    tied = _("The matrix is no new one: it **is** the table of token embeddings that BERT reads with.")
    return f"{said} {tied} " + _("The biases are the head's own.")


def _logits(shown: Scene, found: Predictions, row: int, path: HeadPath) -> None:
    """The scores of the likeliest tokens and of the true one, as the sums that they are."""
    listed = found.guesses(row)[:_COMPARED]
    truth = _truth(shown, found, row)
    if truth is not None and truth.id not in {guess.id for guess in listed}:
        listed.append(truth)
    logits = path.logits
    rows = [
        (
            visible_text(guess.piece) + (f" ({_('true token')})" if truth and guess.id == truth.id else ""),
            _signed(f"{path.dots[guess.id]:.3f}"),
            _signed(f"{path.bias[guess.id]:+.3f}"),
            _signed(f"{logits[guess.id]:.3f}"),
            blocks.percent(guess.probability),
        )
        for guess in listed
    ]
    columns = (_("token"), _("vector · its embedding"), _("+ its bias"), _("= logit"), _("softmax: probability"))
    blocks.text_table(columns, rows, numbers=range(1, 5))
    st.caption(_("softmax: e to the logit, divided by the sum of that over the **whole** vocabulary."))
