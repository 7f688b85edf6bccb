"""The main part of the lesson: before, the training as it goes on, and after, with the reader's own sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from explainers import fine_tuning
from explainers.figures.palette import FAMILY_COLOURS
from explainers.fine_tuning import FineTuning, Look
from explainers.language import _, ngettext
from explainers.views import address, blocks, cached, saving, trainings, waiting
from explainers.views.controls import Choice
from explainers.views.fine_tuning.setup import RUN, Setup, ask, is_asked

_NEARLY_ALL = 0.95
_BEFORE, _AFTER = "1", "2"  # the steps of the guide about the model before and after its training
_STEP = "step"


def learn(choice: Choice, chosen: Setup) -> None:
    """What is there of this fine-tuning: nothing yet, a part, or all of it; before it, where the guide says so."""
    asked = is_asked(chosen)
    if not asked or address.read(_STEP) == _BEFORE:
        _before(choice, chosen)
    elif waiting.here_meanwhile(trainings.tuned, chosen.needs_bytes, partial(_on_the_way, chosen), *chosen.asked):
        _after(choice, chosen, trainings.tuned(*chosen.asked))


def button(chosen: Setup, label: str, name: str = RUN) -> None:
    """The button that has the model trained; name: under which the address keeps it."""
    st.button(
        label,
        key="ft_train",
        type="primary",
        icon=":material/model_training:",
        on_click=_train,
        args=(chosen, name),
    )


def _train(chosen: Setup, name: str) -> None:
    """Ask for the training, and leave the step of the guide that is about the time before it."""
    ask(chosen, name)
    if address.read(_STEP) in ("", _BEFORE):  # a visit without a step begins at the first
        address.keep(_STEP, _AFTER)


def _another_seed(chosen: Setup) -> None:
    seed = chosen.settings.seed + 1
    st.session_state["ft_seed"] = seed
    ask(replace(chosen, settings=replace(chosen.settings, seed=seed)))


def score(look: Look) -> str:
    """How many of the test sentences are answered right, and how sure that share is."""
    low, high = look.interval
    return _("{hits} of {count} right (95 % interval {low} to {high})").format(
        hits=look.hits, count=len(look.probabilities), low=blocks.percent(low), high=blocks.percent(high)
    )


def curve_chart(chosen: Setup, tuning: FineTuning, key: str) -> None:
    """Loss and share of right answers over the steps."""
    from explainers.figures.fine_tuning import Curve, curves

    colour = FAMILY_COLOURS[tuning.family].on(dark=blocks.is_dark())
    saving.chart(
        curves(
            [Curve(tuning.checkpoint, colour, tuning.losses.tolist(), tuning.looks)],
            tuning.task.chance,
            chosen.settings.steps(tuning.task),
            dark=blocks.is_dark(),
        ),
        key,
        lambda: saving.csv_text(
            ("step", "batch_loss", "test_loss", "right", "of"), curve_rows(tuning)
        ),
        alt=_("The loss from {first} to {last} nats; {score}.").format(
            first=f"{tuning.looks[0].loss:.2f}", last=f"{tuning.looks[-1].loss:.2f}", score=score(tuning.looks[-1])
        ),
        name="fine-tuning-curves",
    )  # fmt: skip


def curve_rows(tuning: FineTuning) -> list[tuple[object, ...]]:
    """A row for each step, from 0; empty where nothing was measured."""
    tests = {look.step: (look.loss, look.hits, len(look.probabilities)) for look in tuning.looks}
    losses = ["", *tuning.losses.tolist()]
    return [(step, loss, *tests.get(step, ("", "", ""))) for step, loss in enumerate(losses)]


def _before(choice: Choice, chosen: Setup) -> None:
    """The test sentences as the model sees them before any training."""
    if not waiting.here(trainings.untuned, chosen.needs_bytes, *chosen.asked):
        return
    tuning = trainings.untuned(*chosen.asked)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        button(chosen, _("Train"))
        st.markdown(_("Before training: **{score}**.").format(score=score(tuning.looks[0])) + _one_answer(tuning))
    _map(choice, chosen, tuning)
    _sentences(tuning)


def _one_answer(tuning: FineTuning) -> str:
    """That it says the same to nearly all, where it does."""
    answers = tuning.looks[0].answers.tolist()
    label, count = Counter(answers).most_common(1)[0]
    if count < _NEARLY_ALL * len(answers):
        return ""
    return " " + _("It says **{label}** to {count} of them: its new layer is still random.").format(
        label=blocks.plain(tuning.task.labels[label]), count=count
    )


def _on_the_way(chosen: Setup) -> None:
    """The curves as far as they are."""
    tuning = trainings.on_the_way(*chosen.asked)
    if tuning is not None:
        curve_chart(chosen, tuning, "ft_growing")


def _after(choice: Choice, chosen: Setup, tuning: FineTuning) -> None:
    """Everything about a fine-tuning that is done."""
    first, last = tuning.looks[0], tuning.looks[-1]
    row = st.container(horizontal=True, vertical_alignment="center", gap="medium")
    row.button(
        _("Another seed"),
        key="ft_again",
        icon=":material/casino:",
        on_click=_another_seed,
        args=(chosen,),
        help=_("Train again: other new numbers, and another order of the sentences"),
    )
    row.markdown(
        ngettext(
            "Before: {hits} of {count} right. After {steps} step: **{score}**.",
            "Before: {hits} of {count} right. After {steps} steps: **{score}**.",
            last.step,
        ).format(hits=first.hits, count=len(first.probabilities), steps=last.step, score=score(last))
        + " "
        + _verdict(tuning)
    )
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _map(choice, chosen, tuning)
    with right:
        _own(choice, chosen, tuning)
    curve_chart(chosen, tuning, "ft_curves")
    st.caption(
        _(
            "The thin line is the loss of each batch, before its step; the dots are the test sentences, which it never "
            "learns from. Where only the thin line falls, it learns its sentences by heart. The whiskers are 95 % "
            "intervals: with so few sentences, small differences mean nothing."
        )
    )
    _sentences(tuning)


def _verdict(tuning: FineTuning) -> str:
    """Whether the test tells the tuned model from one that always says the same."""
    low, high = tuning.looks[-1].interval
    if low > tuning.task.chance:
        return _("Always the same answer would get {chance}.").format(chance=blocks.percent(tuning.task.chance))
    if high < tuning.task.chance:
        return _("That is worse than always the same answer ({chance}).").format(
            chance=blocks.percent(tuning.task.chance)
        )
    return _("That cannot be told from always the same answer ({chance}).").format(
        chance=blocks.percent(tuning.task.chance)
    )


def _map(choice: Choice, chosen: Setup, tuning: FineTuning) -> None:
    """The sentences as points, at every look."""
    from explainers.figures.sentence_map import Points, sentence_map

    last = tuning.looks[-1]
    truth = list(tuning.test.labels)
    seen = fine_tuning.plane(last.vectors, truth)
    own = trainings.answered(*chosen.asked, choice.text) if tuning.done and choice.text.strip() else None
    places = dict(zip(own.steps, own.vectors[:, 0], strict=True)) if own is not None else {}
    points = [
        Points(
            _("after step {n}").format(n=look.step) if look.step else _("before"),
            seen.places(look.vectors),
            look.answers.tolist(),
            _place(seen.places(places[look.step][None])[0]) if look.step in places else None,
        )
        for look in tuning.looks
    ]
    texts = [labelled.text for labelled in tuning.task.test]
    saving.chart(
        sentence_map(points, tuning.task.labels, truth, texts, dark=blocks.is_dark()),
        "ft_map",
        lambda: saving.csv_text(
            ("step", "sentence", "label", "answer", "x", "y"),
            (
                (look.step, text, tuning.task.labels[true], tuning.task.labels[answer], x, y)
                for look, point in zip(tuning.looks, points, strict=True)
                for text, true, answer, (x, y) in zip(texts, truth, point.answers, point.places.tolist(), strict=True)
            ),
        ),
        alt=_("{count} sentences as points in the plane in which they lie furthest apart; {score}.").format(
            count=len(texts), score=score(last)
        ),
        name="fine-tuning-map",
        fit=True,
    )
    st.caption(
        _(
            "Each point is the vector that the answer is read from, in the plane in which the vectors differ most at "
            "the {moment}; {share} of their differences can be seen in it. Hollow: answered wrong."
        ).format(moment=_("end") if tuning.done else _("start"), share=blocks.percent(seen.share(last.vectors)))
    )


def _place(found: Sequence[float]) -> tuple[float, float]:
    return float(found[0]), float(found[1])


def _own(choice: Choice, chosen: Setup, tuning: FineTuning) -> None:
    """What the model says to the sentence at the top of the page, at every look."""
    from explainers.figures.fine_tuning import answer_lines

    text = choice.text.strip()
    if not text:
        st.info(_("Type a sentence above: its answer appears here."), icon=":material/edit:")
        return
    if len(cached.tokenized(chosen.checkpoint.name, choice.text).tokens) > fine_tuning.MOST_TOKENS:
        st.caption(_("Only its first {n} tokens are read here.").format(n=fine_tuning.MOST_TOKENS))
    own = trainings.answered(*chosen.asked, choice.text)
    chances, labels = own.probabilities[:, 0], tuning.task.labels
    st.markdown(_answer(labels, chances[-1].tolist()))
    saving.chart(
        answer_lines(own.steps, chances, labels, dark=blocks.is_dark()),
        "ft_own_answer",
        lambda: saving.csv_text(
            ("step", *labels), ((step, *row) for step, row in zip(own.steps, chances.tolist(), strict=True))
        ),
        alt="; ".join(f"{label}: {blocks.percent(float(chances[-1][at]))}" for at, label in enumerate(labels)),
        name="fine-tuning-sentence",
    )
    notes = []
    if tuning.family == "t5":
        notes.append(
            _(
                "How likely T5 is to write each label, and then to end. What is missing to 100 % it would spend on "
                "other words. The likelier label counts as its answer here, even then; the paper counts that as wrong."
            )
        )
    else:
        notes.append(_("It must choose one of the labels, also for a sentence that is neither."))
    if tuning.task.name == "mood":
        notes.append(_("Try a negation, “It was not bad at all.”: 128 sentences hardly teach what “not” does."))
    if choice.pair:
        notes.append(_("This lesson reads the first sentence only."))
    st.caption(" ".join(notes))


def _answer(labels: Sequence[str], chances: Sequence[float]) -> str:
    """The likeliest label; or none, where T5 would rather write something else."""
    chance, label = max(zip(chances, labels, strict=True))
    if chance > 1 - sum(chances):
        return _("**Your sentence:** {label}, {chance}").format(
            label=blocks.plain(label), chance=blocks.percent(chance)
        )
    return _("**Your sentence:** T5 would write something else; {label} is likeliest of the labels, {chance}").format(
        label=blocks.plain(label), chance=blocks.percent(chance)
    )


def _sentences(tuning: FineTuning) -> None:
    """Every test sentence with its label and the model's answers."""
    with st.expander(_("All test sentences"), icon=":material/list:"):
        labels = tuning.task.labels
        first, last = tuning.looks[0], tuning.looks[-1]
        columns: dict[str, list[object]] = {
            _("sentence"): [labelled.text for labelled in tuning.task.test],
            _("label"): [labels[labelled.label] for labelled in tuning.task.test],
            _("before"): [labels[answer] for answer in first.answers.tolist()],
        }
        if tuning.done:
            columns[_("after")] = [labels[answer] for answer in last.answers.tolist()]
            columns[_("its probability")] = [blocks.percent(float(row.max())) for row in last.probabilities]
        st.dataframe(columns, hide_index=True, height=360, width="stretch", key="ft_sentences")
