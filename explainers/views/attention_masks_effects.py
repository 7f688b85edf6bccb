"""What a mask does to a model: its prediction, its loss, and what leaks."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from explainers import masking, masks_compared
from explainers.attention import ChosenMask
from explainers.language import _, ngettext
from explainers.masks_compared import Answers, Prediction, Question
from explainers.trace import AttentionKind, Inputs
from explainers.views import blocks, passes, saving, waiting
from explainers.views.attention_masks import Scene

_HARDLY = 0.05  # nats


def effects(shown: Scene) -> bool:
    """The prediction at the chosen query, and the loss of the whole text, under both masks; whether they are there."""
    refused = next((head.why for name, head in shown.checkpoint.heads.items() if not head.trained and "LM" in name), "")
    if refused:
        blocks.show_notice(refused)
        return True
    st.header(_("What it does to the model"), anchor=False)
    left, right = st.columns([2, 3], gap="medium")
    with left:
        needed = shown.needed_bytes(logit_rows=1)
        if not all(waiting.here(passes.mask_prediction, needed, *_asked(shown, mask)) for mask in _masks(shown)):
            return False
        _predictions(shown)
    with right:
        question = _counted(shown)
        needed = shown.needed_bytes(logit_rows=len(question.rows))
        name, kind = shown.checkpoint.name, shown.setup.kind
        if not all(waiting.here(passes.mask_answers, needed, name, question, kind, mask) for mask in _masks(shown)):
            return False
        _losses(shown, question)
    return True


def _masks(shown: Scene) -> tuple[ChosenMask, ...]:
    """The model's own mask, and the chosen one if it is another."""
    return (shown.own, shown.mask) if shown.changed else (shown.own,)


def _predictions(shown: Scene) -> None:
    """The likeliest tokens at the chosen query under its own mask, and beside them those under the chosen mask."""
    said = [_prediction(shown, own=True), *([_prediction(shown, own=False)] if shown.changed else [])]
    st.markdown(_question_in_words(shown, said[0]))
    columns = [_("its own mask"), "", *([_("this mask"), ""] if shown.changed else [])]
    rows = []
    for place in range(len(said[0].guesses)):
        guesses = [one.guesses[place] for one in said]
        rows.append([cell for guess in guesses for cell in (shown.drawn(guess.id), blocks.percent(guess.probability))])
    truths = [one.truth for one in said if one.truth is not None]
    if truths:
        rows.append([cell for it in truths for cell in (f"{shown.drawn(it.id)} ✓", blocks.percent(it.probability))])
    blocks.text_table(columns, rows, numbers=(1, 3))
    if truths:
        st.caption(_("The last row, ✓, is the true token. Probabilities are over the whole vocabulary."))


def _prediction(shown: Scene, *, own: bool) -> Prediction:
    return passes.mask_prediction(*_asked(shown, shown.own if own else shown.mask))


def _asked(shown: Scene, mask: ChosenMask) -> tuple[str, Inputs, int, int | None, AttentionKind, ChosenMask]:
    """What is asked of the model at the chosen query, under this mask."""
    return shown.checkpoint.name, shown.inputs, shown.row, shown.truth, shown.setup.kind, mask


def _question_in_words(shown: Scene, said: Prediction) -> str:
    """What the model is asked."""
    query = blocks.plain(_piece(shown))
    truth = "" if said.truth is None else blocks.plain(shown.drawn(said.truth.id))
    if shown.setup.family == "bert":
        return _("What does BERT say in the place of **{token}**?").format(token=truth)
    if shown.setup.family == "gpt2":
        return _("What does GPT-2 say after **{token}**?").format(token=query)
    return _("What does T5's decoder say after **{token}**?").format(token=query)


def _piece(shown: Scene) -> str:
    """The token at the row that is asked."""
    ids = shown.inputs.encoder if shown.setup.family == "bert" else shown.inputs.decoder
    return shown.drawn(ids[shown.row])


def _losses(shown: Scene, question: Question) -> None:
    """The loss of every asked token under both masks, the means, and what they mean."""
    from explainers.figures.mask_losses import paired_losses

    name, kind = shown.checkpoint.name, shown.setup.kind
    with st.spinner(_("Asking the model…"), show_time=False):
        own = passes.mask_answers(name, question, kind, shown.own)
        other = passes.mask_answers(name, question, kind, shown.mask) if shown.changed else None
    if own.mean is None:
        st.markdown(_("There is no token to predict here, so there is no loss."))
        return
    st.markdown(_means(shown, own, other))
    st.caption(
        _("A **nat** measures surprise: −ln of the probability. Sure and right is 0; one half is 0.69; a tenth is 2.3.")
    )
    pieces = [shown.drawn(number) for number in own.question.truth]
    numbers = (own.losses.tolist(), None if other is None else other.losses.tolist())
    saving.chart(
        paired_losses(pieces, *numbers, shown.setup.family, dark=blocks.is_dark()),
        "am_losses",
        lambda: saving.csv_text(
            ("token", "loss_own_mask", "loss_this_mask"),
            zip(pieces, numbers[0], numbers[1] or numbers[0], strict=True),
        ),
        alt=_("One bar a token and mask: the loss in nats. The mean is {mean}.").format(mean=f"{own.mean:.2f}"),
        name="attention-mask-losses",
    )
    st.markdown(meaning(shown, own, other))


def _counted(shown: Scene) -> Question:
    """What counts in the loss: with a prefix, what comes after it, as in the paper."""
    if shown.setup.kind == "decoder" and shown.setup.preset == "prefix":
        return masks_compared.after_prefix(shown.question, shown.mask.prefix)
    return shown.question


def _means(shown: Scene, own: Answers, other: Answers | None) -> str:
    count = ngettext("{n} token", "{n} tokens", len(own.losses)).format(n=len(own.losses))
    if shown.setup.family == "bert" and len(own.losses) < masking.ordinary_tokens(shown.tokenization).sum():
        count = _("{n}, evenly spread").format(n=count)
    if other is None:
        return _("Mean loss under its own mask: **{own} nats** ({count}).").format(own=f"{own.mean:.2f}", count=count)
    return _("Mean loss: **{own} nats** under its own mask, **{other} nats** under this one ({count}).").format(
        own=f"{own.mean:.2f}", other=f"{other.mean:.2f}", count=count
    )


def meaning(shown: Scene, own: Answers, other: Answers | None) -> str:
    """What the two numbers say, and what they do not."""
    family, kind = shown.setup.family, shown.setup.kind
    if other is None or own.mean is None or other.mean is None:
        return {
            "bert": _(
                "Each token was hidden once, the others in sight; the loss is −ln of the true one's probability."
            ),
            "gpt2": _("Each token is predicted from those before it; the loss is −ln of the true one's probability."),
            "t5": _("Each token of the gaps is predicted from the text and the gaps before it."),
        }[family]
    rise = other.mean - own.mean
    change = _("The loss rises") if rise > 0 else _("The loss falls")
    if abs(rise) < _HARDLY:
        change = _("The loss hardly changes")
    if kind == "decoder" and shown.leaks:
        return _(
            "{change}, but this number is **no** measure of prediction any more: through the opened cells a token can "
            "see the one it should predict, or later ones. These weights never learned to use it: they are fed "
            "vectors that they were "
            "not trained on. Weights trained **without** the mask would copy the answer, with a loss near 0, and would "
            "be of no use: when a text is written, there is no next token to look at."
        ).format(change=change)
    if family == "bert":
        return _(
            "{change}. Two things differ: a hidden token is now guessed from **less** (with no look ahead, from the "
            "left alone), and the weights were trained with everything in sight, so the vectors are strange to them. "
            "Both count here; only a BERT trained under this mask could tell them apart."
        ).format(change=change)
    if kind == "decoder" and shown.setup.preset == "prefix":
        return _(
            "{change}. Only the tokens **after** the prefix count, as in the paper: no answer leaks, so the loss "
            "measures prediction, by weights that never saw such a mask in training. Trained so, a model reads the "
            "prefix as BERT would."
        ).format(change=change)
    return _(
        "{change}: the model sees less than it was trained with. No answer leaks, so the loss still measures "
        "prediction, by weights that were trained under another mask."
    ).format(change=change)


def why(shown: Scene) -> None:
    """Why a decoder needs its mask: what leaks without, measured; and all positions learning at once."""
    st.header(_("Why a writer needs this mask"), anchor=False)
    ids = tuple(shown.inputs.decoder)
    name, masks = shown.checkpoint.name, (shown.own, replace(shown.own, base="all"))
    measured = shown.setup.family == "gpt2" and len(ids) > 1
    needed = shown.needed_bytes(logit_rows=2 * len(ids))
    if measured and all(waiting.here(passes.mask_leak, needed, name, ids, mask) for mask in masks):
        closed, opened = (passes.mask_leak(name, ids, mask) for mask in masks)
        st.markdown(
            _(
                "A test on your text: replace its **last** token by another, and see whether the predictions "
                "**before** it change. With the causal mask **{closed}** of the probability moves to other tokens; "
                "without it **{opened}**, the mean of {rows} rows. (Add up all changes of a row and halve them: the "
                "**total variation**.)"
            ).format(closed=_exact_percent(closed), opened=_exact_percent(opened), rows=len(ids) - 1)
        )
    st.markdown(
        _(
            "So, with the mask, row *i* knows the tokens up to *i* and nothing else. That is what makes training "
            "cheap: **one** pass over {n} tokens gives {n} predictions, each as if the text had ended there, and "
            "all of them "
            "learn at once. While writing, nothing has to be hidden: the next token does not exist yet."
        ).format(n=len(ids))
    )
    st.caption(_("Vaswani et al. 2017, section 3.2.3; the prefix: Raffel et al. 2020, section 3.2.1 and figures 3, 4."))


def _exact_percent(share: float) -> str:
    """0 where it is nothing but rounding: the sums may be taken in another order."""
    return ("0 %" if share < 1e-6 else blocks.percent(share)).replace(" ", "\N{NO-BREAK SPACE}")
