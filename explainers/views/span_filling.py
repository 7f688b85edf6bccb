"""The second half of the span corruption lesson: the model fills the gaps, guesses lengths, and follows prefixes."""

from __future__ import annotations

import html

import streamlit as st

from explainers import spans
from explainers.language import _, ngettext
from explainers.views import address, blocks, cached, saving
from explainers.views.components.lanes import Cell, CellKind, Lane, Pick, lanes
from explainers.views.controls import Choice

_STEP = "fill_step"
_BLANK = "▁"  # the piece that stands for a blank alone


@st.fragment
def filling(choice: Choice, example: spans.Example) -> None:
    """What the model writes for the gaps, greedy or drawn, with the probability of every token."""
    if not example.all_gaps:
        st.markdown(_("There is no gap to fill: click a token in the first row of the picture, or draw."))
        return
    temperature, seed = _controls()
    name = choice.checkpoints["t5"].name
    writing = cached.written_spans(name, choice.text, _removed(example), temperature, seed)
    _filled_text(example, writing)
    _hint(example)
    _table(example, writing)
    if not writing.finished:
        st.caption(_("The model did not end by itself: it was stopped after {n} tokens.").format(n=len(writing.steps)))
    _written(writing)


def lengths(choice: Choice, example: spans.Example) -> None:
    """The first gap's place with gaps of several lengths, and what the model writes for each."""
    name = choice.checkpoints["t5"].name
    start = example.gaps[0].start if example.gaps else len(example.removed) // 2
    rows = [
        (
            f"{row.length}",
            row.example.gaps[0].text or _BLANK,
            _filling_text(row.writing, row.example.gaps[0].sentinel),
            f"{_first_length(row)}",
        )
        for row in cached.gap_lengths(name, choice.text, start)
    ]
    if rows:
        head = (_("tokens missing"), _("what is missing"), _("the model writes"), _("tokens written"))
        blocks.text_table(head, rows, numbers=(0, 3))
        if any(_BLANK in row[1:3] for row in rows):
            st.caption(_("`▁` alone is a token too: it says that a word begins, and no letter follows."))


def tasks(choice: Choice) -> None:
    """Task prefixes, for a model that has learned some; else a plain word that this one has not."""
    checkpoint = choice.checkpoints["t5"]
    prefixes = spans.task_prefixes(checkpoint)
    if not prefixes:
        st.markdown(
            _(
                "**{name} has learned span corruption and nothing else.** To it, a prefix such as *translate English "
                "to German:* is just more text. With a T5 or FLAN-T5 that was trained on tasks, you choose a prefix "
                "here."
            ).format(name=blocks.plain(checkpoint.name))
        )
        return
    prefix = st.selectbox(_("Task"), prefixes, key="task_prefix", bind="query-params")
    answer = cached.answered(checkpoint.name, f"{prefix}{choice.text}")
    st.html(f'<p class="filled-text" dir="auto"><mark>{html.escape(answer) or "∅"}</mark></p>')


def _controls() -> tuple[float, int]:
    """Greedy, or drawn at a temperature with a seed: (temperature, seed), where temperature 0 is greedy."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        drawn = st.toggle(
            _("Draw each token by its probability"),
            key="fill_drawn",
            bind="query-params",
            help=_("Off: greedy, the likeliest token every time."),
        )
        if not drawn:
            return 0.0, 0
        heat = st.slider(_("Temperature"), 0.1, 2.0, 1.0, 0.1, key="fill_heat", bind="query-params", width=300)
        seed = st.number_input(_("Seed"), 0, 999_999, 1, key="fill_seed", bind="query-params", width=150)
        st.button(_("Draw again"), icon=":material/casino:", key="fill_again", on_click=_next_seed)
    return float(heat), int(seed)


def _next_seed() -> None:
    st.session_state["fill_seed"] = (int(st.session_state.get("fill_seed") or 0) + 1) % 1_000_000


def _removed(example: spans.Example) -> tuple[int, ...]:
    return tuple(index for index, out in enumerate(example.removed.tolist()) if out)


def _filled_text(example: spans.Example, writing: spans.Writing) -> None:
    """The text with every gap filled by what the model wrote for it."""
    parts = [
        f"<mark>{html.escape(text) or '∅'}</mark>" if ours else html.escape(text)
        for text, ours in spans.filled(example, writing)
    ]
    st.html(f'<p class="filled-text" dir="auto">{"".join(parts)}</p>')


def _hint(example: spans.Example) -> None:
    """A word of warning where the text is unlike what T5 was trained on."""
    if not spans.lone_gap(example):
        return
    removed, count = spans.span_counts(512)
    st.caption(
        _(
            "Take this filling with care: one gap in a short text is unlike the training, where a text of 512 tokens "
            "loses {removed} of them in {gaps} gaps. A T5 often writes too much here, or something dull. Add text or "
            "gaps, and look again."
        ).format(removed=removed, gaps=count)
    )


def _table(example: spans.Example, writing: spans.Writing) -> None:
    """One row a gap: what was there, what the model wrote, and the probability of all of it."""
    rows = []
    for gap in example.all_gaps:
        index = writing.by_sentinel.get(gap.sentinel)
        wrote = _("(skipped this gap)") if index is None else _filling_text(writing, gap.sentinel)
        chance = "" if index is None else blocks.percent(writing.probability(writing.fillings[index]))
        rows.append((gap.piece, gap.text or "?", wrote, chance))
    blocks.text_table((_("gap"), _("was in the text"), _("the model wrote"), _("probability")), rows, numbers=(3,))
    asked = {gap.sentinel for gap in example.all_gaps}
    extra = sum(part.sentinel not in asked for part in writing.fillings)
    if extra:
        said = ngettext(
            "It also wrote {n} part that answers no gap.", "It also wrote {n} parts that answer no gap.", extra
        ).format(n=extra)
        why = _("Only the model's own `</s>` ends the writing, and a small model often does not stop in time.")
        st.caption(f"{said} {why}")


def _written(writing: spans.Writing) -> None:
    """Every token that was written, with its probability; a click shows what else could have come."""
    if not writing.steps:
        return
    st.markdown(_("Token by token, as it was written. Click one to see what else could have stood there."))
    chosen = _chosen_step(len(writing.steps))
    cells = [
        Cell(index, step.piece, blocks.percent(step.probability), _kind(step.piece), level=step.probability)
        for index, step in enumerate(writing.steps)
    ]
    rows = [(place, step.id, step.piece, step.probability) for place, step in enumerate(writing.steps)]
    header = ("place", "id", "token", "probability")
    with saving.picture("fill", lambda: saving.csv_text(header, rows), name="span-filling"):
        lanes(
            [Lane(_("Written"), _("and its probability"), cells)],
            key="fill_lanes",
            family="t5",
            pick=Pick(0, False, (chosen,)),
            on_pick=lambda picked: st.session_state.update({_STEP: picked[-1] if picked else 0}),
            breaks=[index for index, step in enumerate(writing.steps) if step.piece.startswith(("▁", "<extra"))],
        )
    _chart(writing, chosen)


def _chosen_step(count: int) -> int:
    """The step that was clicked, or that the address names, else the first one after the first sentinel."""
    state = st.session_state
    named = address.number(_STEP, count)
    usual = min(1, count - 1)
    if _STEP not in state:
        state[_STEP] = usual if named is None else named
    chosen = min(int(state[_STEP]), count - 1)
    address.keep(_STEP, "" if chosen == usual else str(chosen))
    return chosen


def _chart(writing: spans.Writing, chosen: int) -> None:
    from explainers.figures.spans import next_token_bars

    step = writing.steps[chosen]
    likeliest = ", ".join(f"{guess.piece} {blocks.percent(guess.probability)}" for guess in step.best[:5])
    saving.chart(
        next_token_bars(step, dark=blocks.is_dark()),
        "fill_chart",
        lambda: saving.csv_text(("id", "piece", "probability"), step.best),
        alt=_("The likeliest tokens at step {n}: {tokens}").format(n=chosen + 1, tokens=likeliest),
        name="span-filling",
    )


def _kind(piece: str) -> CellKind:
    return "sentinel" if piece.startswith("<extra_id_") else "special" if piece == "</s>" else "token"


def _filling_text(writing: spans.Writing, sentinel: int) -> str:
    """What was written for a gap, as a table shows it: tokens that are blanks alone as ▁."""
    index = writing.by_sentinel.get(sentinel)
    if index is None:
        return _("(nothing)")
    part = writing.fillings[index]
    return writing.texts[index].strip() or (_BLANK if part.end > part.start else _("(nothing)"))


def _first_length(row: spans.GapLength) -> int:
    index = row.writing.by_sentinel.get(row.example.gaps[0].sentinel)
    return 0 if index is None else row.writing.fillings[index].end - row.writing.fillings[index].start
