"""Heads that are knocked out, and what becomes of the prediction: a hidden word, the next token, T5's next one."""

from __future__ import annotations

import streamlit as st

from explainers.attention import ChosenMask, content_words
from explainers.checkpoints import HeadName
from explainers.knockout import Effect, HeadPlace, effect
from explainers.language import _, ngettext
from explainers.masks_compared import hidden_tokens
from explainers.trace import AttentionKind
from explainers.views import blocks, cached, passes, saving, waiting
from explainers.views.attention_heads import state
from explainers.views.attention_heads.choosing import choose_token
from explainers.views.attention_heads.scene import Scene

_MOST_FLOPS = 2 * 10**13  # that a reader waits for: some minutes' on two cores


def draw(shown: Scene) -> None:
    """The prediction at one place, with all heads and without those that were silenced."""
    from explainers.figures.heads import effect_bars

    head = shown.checkpoint.heads.get(_head_name(shown))
    if head is None or not head.trained:
        blocks.show_problem(head.why if head else _("This model has no head that predicts tokens."))
        return
    chosen = _chosen(shown)
    if chosen is None:
        return
    at, out = _place(shown, chosen), _out(shown)
    if not all(waiting.here(passes.prediction, shown.needed_bytes, *shown.asked, at, heads) for heads in ((), out)):
        return
    before, true_id = passes.prediction(*shown.asked, at, ())
    after, _same = passes.prediction(*shown.asked, at, out)
    found = effect(before, after, true_id)
    labels = cached.drawn_vocabulary(shown.checkpoint.name)
    names = [labels.get(number, "") + ("  ←" if number == found.true_id else "") for number in found.ids]
    st.markdown(_in_words(shown, found, len(out)))
    saving.chart(
        effect_bars(names, found.before, found.after, shown.family, dark=blocks.is_dark()),
        "att_effect",
        lambda: saving.csv_text(
            ("id", "token", "probability with all heads", "probability without some"),
            (
                (number, labels.get(number, ""), float(before), float(after))
                for number, before, after in zip(found.ids, found.before, found.after, strict=True)
            ),
        ),
        alt=_("The likeliest tokens and their probabilities, with all heads and without those knocked out."),
        name=f"knocked-out-{shown.checkpoint.name}",
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            _("All heads back"),
            key="att_restore",
            icon=":material/undo:",
            on_click=state.empty,
            args=("att_out",),
            disabled=not out,
        )
        st.toggle(
            _("Try each head alone"),
            key="att_each",
            bind="query-params",
            persist_state="session",
            disabled=_why_not_each(shown) != "",
            help=_why_not_each(shown)
            or _("Silences one head after the other, and writes on each by what factor the probability changes."),
        )
    st.caption(
        _(
            "← the token of the text. Probabilities are over the whole vocabulary. A knocked-out head's output is set "
            "to zero before the output projection (as in Michel et al. 2019); the small pictures show the text with "
            "all heads. Whether attention explains what a model says is disputed: Jain and Wallace 2019; a reply: "
            "Wiegreffe and Pinter 2019."
        )
    )


def notes(shown: Scene) -> list[list[str]] | None:
    """By what factor the watched probability changes without each single head, where that was asked for."""
    head = shown.checkpoint.heads.get(_head_name(shown))
    if not st.session_state.get("att_each") or _why_not_each(shown) or head is None or not head.trained:
        return None
    chosen = _chosen(shown)
    if chosen is None:
        return None
    asked = (*shown.asked, chosen, shown.kind)
    if not waiting.here(passes.every_head_out, shown.needed_bytes, *asked):
        return None
    with st.spinner(_("Every head is silenced once"), show_time=True):
        factors = passes.every_head_out(*asked)
    return [[f"×{factor:.2f}" if factor < 9.995 else f"×{factor:.0f}" for factor in row] for row in factors.tolist()]


def _why_not_each(shown: Scene) -> str:
    if passes.every_head_out.flops(*shown.asked, 0, shown.kind) <= _MOST_FLOPS:
        return ""
    return _("One pass a head would take many minutes for this text and model: take a shorter text.")


def _head_name(shown: Scene) -> HeadName:
    return "masked LM" if shown.family == "bert" else "LM"


def _tokens(shown: Scene) -> list[str]:
    """The tokens among which the reader chooses where the model predicts."""
    if shown.family != "t5":
        return shown.pieces("encoder" if shown.family == "bert" else "decoder")
    labels = cached.drawn_vocabulary(shown.checkpoint.name)
    target = shown.trace.target
    return [labels.get(number, "") for number in target.ids] if target else []


def _chosen(shown: Scene) -> int | None:
    """Where the model predicts: as the reader chose, else BERT's surest word, GPT-2's end, T5's second token.

    None while BERT is still asked which of the words it is surest of.
    """
    tokens = _tokens(shown)
    chosen = state.number("att_at", len(tokens))
    if chosen is not None:
        return chosen
    if shown.family == "gpt2":
        return len(tokens) - 1
    if shown.family == "t5":
        return min(1, len(tokens) - 1)
    return _surest(shown)


def _surest(shown: Scene) -> int | None:
    """The word of the text that BERT finds most easily once it is hidden: there a silenced head has most to spoil."""
    known = shown.trace.tokenization
    words = content_words(shown.checkpoint, known.ids) if known else []
    mask_id = shown.checkpoint.tokenizer.token_to_id("[MASK]")
    if known is None or not words or mask_id is None:
        return min(1, len(_tokens(shown)) - 1)
    question = hidden_tokens(known.ids, [token.segment for token in known.tokens], words, mask_id)
    asked = (shown.checkpoint.name, question, shown.kind, ChosenMask("all"))
    if not waiting.here(passes.mask_answers, shown.needed_bytes, *asked):
        return None
    return question.rows[int(passes.mask_answers(*asked).losses.argmin())]


def _place(shown: Scene, chosen: int) -> int:
    labels = {
        "bert": _("Hidden word"),
        "gpt2": _("Next token after"),
        "t5": _("Token of the target"),
    }
    return choose_token("att_at", labels[shown.family], _tokens(shown), chosen)


def _out(shown: Scene) -> tuple[HeadPlace, ...]:
    """Everything that is knocked out, of all kinds of attention that the model has."""
    found: list[tuple[AttentionKind, int, int]] = []
    for kind, weights in shown.trace.attentions.items():
        layers, heads = weights.shape[:2]
        found += [
            (kind, place.layer, place.head) for place in sorted(state.chosen_heads("att_out", kind, layers, heads))
        ]
    return tuple(found)


def _in_words(shown: Scene, effect: Effect, count: int) -> str:
    labels = cached.drawn_vocabulary(shown.checkpoint.name)
    at = effect.watched
    name = blocks.plain(labels.get(effect.ids[at], ""))
    before, after = (f"{100 * float(shares[at]):.3g} %" for shares in (effect.before, effect.after))
    if not count:
        return _("With all heads, **“{token}”** has a probability of **{before}**. Silence a head on the left.").format(
            token=name, before=before
        )
    said = ngettext(
        "Without {n} head, the probability of **“{token}”** goes from **{before}** to **{after}**.",
        "Without {n} heads, the probability of **“{token}”** goes from **{before}** to **{after}**.",
        count,
    )
    return said.format(n=count, token=name, before=before, after=after)
