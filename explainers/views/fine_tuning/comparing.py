"""All numbers, the new layer alone, or no pre-training, side by side; and how many labels the first and last need."""

from __future__ import annotations

from functools import partial

import streamlit as st

from explainers import fine_tuning
from explainers.fine_tuning import FineTuning, Look, Mode
from explainers.language import _
from explainers.views import address, blocks, saving, trainings, waiting
from explainers.views.fine_tuning.learning import button, curve_rows, score
from explainers.views.fine_tuning.setup import Setup, is_asked, mode_names

_COUNTS = (8, 16, 32, 64, 128)
_WAYS = "ft_ways"  # of the address: whether the first picture was asked for
_LABELS = "ft_labels"  # of the address: whether the second picture was asked for
_COLOURS: dict[Mode, int] = {"all": 0, "head": 2, "scratch": 1}  # as labels have them


def compare(chosen: Setup) -> None:
    """The curves of all ways that this family has, and under them the share over the number of sentences."""
    ways = [chosen.to(mode) for mode in fine_tuning.modes_of(chosen.checkpoint.family)]
    missing = [way for way in ways if not trainings.tuned.holds(*way.asked)]
    if not is_asked(chosen, _WAYS):
        st.markdown(
            _(
                "The same sentences in the same order, three times: every number of the pre-trained model is trained; "
                "only the new layer; and the same shape from **random** numbers. What do you expect?"
            )
            if len(ways) > 2
            else _(
                "The same sentences in the same order, twice: every number of the pre-trained model is trained; and "
                "the same shape from **random** numbers. What do you expect?"
            )
        )
        button(chosen, _("Train all {n}").format(n=len(ways)), _WAYS)
        return
    there = [trainings.tuned(*way.asked) for way in ways if way not in missing]
    _curves(chosen, there, ways)
    if missing:
        st.markdown(
            _("Training {at} of {n}: **{name}**").format(
                at=len(ways) - len(missing) + 1, n=len(ways), name=mode_names()[missing[0].settings.mode]
            )
        )
        if waiting.here_meanwhile(
            trainings.tuned, chosen.needs_bytes, partial(_growing, missing[0]), *missing[0].asked
        ):
            trainings.tuned(*missing[0].asked)
            st.rerun()
        return
    _how_many_labels(chosen)


def _colour(mode: Mode) -> str:
    from explainers.figures.fine_tuning import label_colour

    return label_colour(_COLOURS[mode], dark=blocks.is_dark())


def _growing(way: Setup) -> None:
    found = trainings.on_the_way(*way.asked)
    if found is not None:
        st.markdown(_("After step {n}: {score}.").format(n=found.looks[-1].step, score=score(found.looks[-1])))


def _curves(chosen: Setup, there: list[FineTuning], ways: list[Setup]) -> None:
    from explainers.figures.fine_tuning import Curve, curves

    if not there:
        return
    names = mode_names()
    saving.chart(
        curves(
            [
                Curve(names[each.settings.mode], _colour(each.settings.mode), each.losses.tolist(), each.looks)
                for each in there
            ],
            chosen.task.chance,
            chosen.settings.steps(chosen.task),
            dark=blocks.is_dark(),
        ),
        "ft_ways",
        lambda: saving.csv_text(
            ("trained", "step", "batch_loss", "test_loss", "right", "of"),
            ((each.settings.mode, *row) for each in there for row in curve_rows(each)),
        ),
        alt="; ".join(f"{names[each.settings.mode]}: {score(each.looks[-1])}" for each in there),
        name="fine-tuning-ways",
    )
    rows = [
        (
            names[each.settings.mode],
            f"{each.sizes.trained:,}",
            f"{each.settings.rate:g}",
            f"{each.looks[0].hits} / {len(each.looks[0].probabilities)}",
            score(each.looks[-1]),
        )
        for each in there
    ]
    columns = (_("what is trained"), _("numbers"), _("rate"), _("before"), _("after"))
    blocks.text_table(columns, rows, numbers=(1, 2, 3))
    if len(there) == len(ways):
        st.caption(
            _(
                "Thin: the loss of each batch; dots: the test sentences. Each way at the rate that is usual for it: a "
                "new layer alone bears, and needs, a much higher one. From random numbers a model can learn its few "
                "sentences by heart, and little more: for words that it has not read it would need many more. Try "
                "other seeds (How) before you believe a difference."
            )
        )


def _how_many_labels(chosen: Setup) -> None:
    """The share of right answers over the number of labelled sentences, with pre-training and without."""
    st.header(_("How many labels does it need?"), anchor=False)
    most = len(chosen.task.train)
    counts = [count for count in _COUNTS if count < most] + [min(most, _COUNTS[-1])]
    ways = [_fewer(chosen.to(mode), count) for mode in ("all", "scratch") for count in dict.fromkeys(counts)]
    missing = [way for way in ways if not trainings.scored.holds(*way.asked)]
    if missing and not is_asked(chosen, _LABELS):
        st.markdown(
            _(
                "Labels cost work: people have to write them. Train with 8 sentences, with 16, and so on, for about as "
                "many steps each time: how far does each model get?"
            )
        )
        st.button(
            _("Train {n} times").format(n=len(missing)),
            key="ft_count",
            icon=":material/stacked_line_chart:",
            on_click=address.keep,
            args=(_LABELS, chosen.mark),
        )
        return
    if missing:
        st.markdown(
            _("Training {at} of {n}: {count} sentences, {name}").format(
                at=len(ways) - len(missing) + 1,
                n=len(ways),
                count=missing[0].settings.examples,
                name=mode_names()[missing[0].settings.mode],
            )
        )
        if waiting.here(trainings.scored, chosen.needs_bytes, *missing[0].asked):
            trainings.scored(*missing[0].asked)
            st.rerun()
    else:
        address.keep(_LABELS, chosen.mark)
    _label_lines(chosen, [(way, trainings.scored(*way.asked)) for way in ways if way not in missing])


def _fewer(way: Setup, count: int) -> Setup:
    """The same with fewer sentences, each read so often that there are about as many steps."""
    steps, batch = way.settings.steps(way.task), way.settings.batch
    return way.to(way.settings.mode, examples=count, epochs=max(1, round(steps / -(-count // batch))))


def _label_lines(chosen: Setup, found: list[tuple[Setup, Look]]) -> None:
    from explainers.figures.fine_tuning import Share, example_lines

    if not found:
        return
    names = mode_names()
    series = [
        (
            names[mode],
            _colour(mode),
            [
                Share(way.settings.examples, look.share, *look.interval)
                for way, look in found
                if way.settings.mode == mode
            ],
        )
        for mode in ("all", "scratch")
    ]
    series = [each for each in series if each[2]]
    saving.chart(
        example_lines(series, chosen.task.chance, dark=blocks.is_dark()),
        "ft_label_lines",
        lambda: saving.csv_text(
            ("trained", "sentences", "steps", "right", "of"),
            (
                (way.settings.mode, way.settings.examples, look.step, look.hits, len(look.probabilities))
                for way, look in found
            ),
        ),
        alt="; ".join(
            f"{name}: " + ", ".join(f"{each.examples}: {blocks.percent(each.share)}" for each in shares)
            for name, _colour, shares in series
        ),
        name="fine-tuning-labels",
    )
    st.caption(
        _(
            "Right answers to the test sentences, with 95 % intervals; dashed: always the same answer. One training "
            "for each dot: its luck is part of it."
        )
    )
