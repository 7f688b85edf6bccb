"""The fine-tuning page as Streamlit runs it: before, after, all parts, every family, good links and bad ones."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from explainers import fine_tuning
from explainers.checkpoints import FAMILIES, Family, load
from explainers.figures.palette import FAMILY_LABELS
from explainers.fine_tuning import Settings
from explainers.views import blocks, trainings
from explainers.views.fine_tuning.setup import usual_rate
from tests.pages import TEXTS, charts, html, opened, said, sentences

PAGE = "fine-tuning"
QUICK = {"ft_examples": 8, "ft_epochs": 1}  # one step, which the page takes at once
COMPARE, MOVED, SHAPE = "With and without pre-training", "What moved", "How it is asked"
OWN = "\n".join(f"{label}, {text}" for n in range(4) for label, text in (("yes", f"it is {n}"), ("no", f"{n} it is")))


@pytest.fixture(autouse=True)
def _nothing_trained() -> Iterator[None]:
    yield
    st.cache_resource.clear()


def lesson(**parameters: object) -> AppTest:
    app = opened(PAGE, **{**QUICK, **parameters})
    assert not app.error
    return app


def trained(**parameters: object) -> AppTest:
    app = lesson(**parameters)
    app.button(key="ft_train").click().run()
    assert not app.exception
    assert not app.error
    return app


def quick(family: Family, seed: int = 1) -> Settings:
    return Settings("all", 8, 1, usual_rate(load(f"{family}-mini"), "all"), 16, seed)


def test_before_the_training_there_is_a_map_a_score_and_a_button() -> None:
    app = lesson()
    before = fine_tuning.before(load("bert-mini"), fine_tuning.task("mood"), quick("bert"))
    assert f"Before training: **{before.looks[0].hits} of 100 right" in said(app)
    (figure,) = charts(app)
    assert not figure.get("frames")
    assert sum(len(trace["x"]) for trace in figure["data"] if trace["x"] != [None]) == 100


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_is_trained_and_says_the_model_s_own_numbers(family: Family) -> None:
    text = "The soup was cold."
    app = trained(ft_family=FAMILY_LABELS[family], text=text)
    checkpoint, task = load(f"{family}-mini"), fine_tuning.task("mood")
    tuning = trainings.tuned(checkpoint.name, task, quick(family))
    assert f"After 1 step: **{tuning.looks[-1].hits} of 100 right" in said(app)
    chances = fine_tuning.answers(checkpoint, tuning, [text]).probabilities[-1, 0]
    best = int(chances.argmax())
    assert f"{task.labels[best]}{',' if chances.sum() > 0.99 else ' is likeliest of the labels,'}" in said(app)
    assert blocks.percent(float(chances[best])) in said(app)
    figure = charts(app)[0]
    assert [frame["name"] for frame in figure["frames"]] == ["before", "after step 1"]
    assert "What is missing to 100 %" in said(app) or family != "t5"


def test_a_link_has_the_model_trained_again_and_another_s_mark_is_taken_out() -> None:
    app = trained()
    mark = app.query_params["ft_run"]
    st.cache_resource.clear()
    assert "After 1 step" in said(lesson(ft_run=mark))
    other = lesson(ft_run=mark, ft_seed=2)
    assert "Before training" in said(other)
    assert "ft_run" not in other.query_params


def test_the_same_training_is_not_done_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    trained()
    monkeypatch.setattr(fine_tuning, "fine_tune", None)
    app = lesson()
    assert "Before training" in said(app)  # what another visitor has trained gives nothing away
    app.button(key="ft_train").click().run()
    assert "After 1 step" in said(app)


@pytest.mark.parametrize("address", [{}, {"step": 1}])
def test_the_first_step_shows_the_time_before_and_training_leaves_it(address: dict[str, int]) -> None:
    app = trained(**address)
    assert "After 1 step" in said(app)
    assert app.query_params["step"] == "2"
    app.button(key=f"{PAGE}_step_0").click().run()
    assert "Before training" in said(app)


def test_another_seed_is_another_training() -> None:
    app = trained()
    first = app.query_params["ft_run"]
    app.button(key="ft_again").click().run()
    assert app.number_input(key="ft_seed").value == 2
    assert "After 1 step" in said(app)
    assert app.query_params["ft_run"] != first


def test_a_sentence_is_answered_without_training_again(monkeypatch: pytest.MonkeyPatch) -> None:
    app = trained(text="The soup was cold.")
    monkeypatch.setattr(fine_tuning, "fine_tune", None)
    app.text_area(key="text").set_value("The soup was warm and good.").run()
    assert not app.exception
    assert "**Your sentence:**" in said(app)
    app.text_area(key="text").set_value("").run()
    assert "Type a sentence above" in sentences(app)


def test_t5_has_no_new_layer_to_train_alone() -> None:
    app = lesson(ft_family="T5", ft_mode="new layer only")
    assert list(app.segmented_control(key="ft_mode").options) == ["all numbers", "from random numbers"]
    app.segmented_control(key="ft_family").set_value("bert").run()
    app.segmented_control(key="ft_mode").set_value("head").run()
    app.segmented_control(key="ft_family").set_value("t5").run()
    assert not app.exception
    assert app.segmented_control(key="ft_mode").value == "all"


@pytest.mark.parametrize(("family", "ways"), [("bert", 3), ("t5", 2)])
def test_the_ways_are_compared(family: Family, ways: int) -> None:
    app = lesson(ft_family=FAMILY_LABELS[family], ft_part=COMPARE)
    assert app.button(key="ft_train").label == f"Train all {ways}"
    app.button(key="ft_train").click().run()
    assert not app.exception
    for mode in fine_tuning.modes_of(family):
        settings = Settings(mode, 8, 1, usual_rate(load(f"{family}-mini"), mode), 16, 1)
        look = trainings.tuned(f"{family}-mini", fine_tuning.task("mood"), settings).looks[-1]
        assert f"{look.hits} of 100 right" in html(app)
    assert [trace["name"] for trace in charts(app)[0]["data"] if trace.get("showlegend")] == [
        name for name in ("all numbers", "new layer only", "from random numbers") if ways == 3 or "layer" not in name
    ]
    app.button(key="ft_count").click().run()
    assert not app.exception
    assert charts(app)[1]["data"][0]["x"] == [8, 16, 32]  # what comes next takes long: it is computed behind the page
    assert "Training 4 of 10: 64 sentences, all numbers" in said(app)
    assert app.query_params["ft_labels"] == app.query_params["ft_ways"]


def test_what_moved_and_what_was_forgotten_are_told_once_it_is_trained() -> None:
    app = lesson(ft_part=MOVED)
    assert "Nothing has moved yet" in said(app)
    app.button(key="ft_train").click().run()
    layers = load("bert-mini").sizes.layers
    assert charts(app)[0]["data"][0]["y"] == [f"layer {n}" for n in range(layers)]
    tuning = trainings.tuned("bert-mini", fine_tuning.task("mood"), quick("bert"))
    assert tuning.forgetting
    assert f"{tuning.forgetting.before:.2f}</td>" in html(app)
    assert f"{tuning.sizes.trained:,}" in said(app)
    app.segmented_control(key="ft_mode").set_value("head").run()
    app.button(key="ft_train").click().run()
    assert "Only the **514** new numbers" in said(app)
    assert "nothing was lost" in said(app)


def test_the_new_numbers_are_counted() -> None:
    app = lesson(ft_part=SHAPE, ft_task="Topic: which of four?")
    sizes = {family: load(f"{family}-mini").sizes.d_model for family in FAMILIES}
    assert f"4 × {sizes['bert']} + 4 = {4 * sizes['bert'] + 4:,}" in html(app)
    assert f"4 × {sizes['gpt2']} = {4 * sizes['gpt2']:,}" in html(app)
    assert "food / weather / animals / travel" in html(app)


def test_a_task_of_the_reader_s_own_is_learned() -> None:
    app = lesson(ft_task="Your own")
    assert "Paste some sentences" in sentences(app)
    app.button(key="ft_example").click().run()
    assert app.slider(key="ft_epochs").value == 24
    assert "Before training" in said(app)
    app.text_area(key="ft_own").set_value(OWN).run()
    app.slider(key="ft_epochs").set_value(1).run()
    app.button(key="ft_train").click().run()
    assert "of 2 right" in said(app)


@pytest.mark.parametrize(
    ("pasted", "told"),
    [
        ("no label here", "Line 1 has no label"),
        ("a, one\nb, two", "too few sentences"),
        ("\n".join(f"{n}, text" for n in range(9)), "9 different labels"),
        (f"{OWN}\nyes, 0 it is", "has two labels"),
    ],
)
def test_sentences_that_make_no_task_are_met_with_what_to_do(pasted: str, told: str) -> None:
    app = lesson(ft_task="Your own", ft_own=pasted)
    assert told in sentences(app)
    assert app.text_area(key="ft_own").value == pasted


@pytest.mark.parametrize("text", [TEXTS["script tag"], TEXTS["arabic"], TEXTS["emoji"]])
def test_hostile_labels_and_sentences_are_escaped(text: str) -> None:
    own = "\n".join(f"{label}\t{text} {n}" for n in range(4) for label in (text[:20].replace("\t", " "), "<b>b</b>"))
    own = own.replace("<b>b</b>\t", "<b>b</b>\tother ")
    app = trained(ft_task="Your own", ft_own=own, text=text)
    assert "<script" not in html(app)
    assert "<b>b</b>" not in said(app)
    assert "<b>" not in "".join(str(trace.get("name")) for trace in charts(app)[0]["data"])


@pytest.mark.parametrize(
    "parameters",
    [
        {"ft_family": "<b>", "ft_task": "9", "ft_mode": "?", "ft_rate": "-1", "ft_batch": "x"},
        {"ft_examples": "7", "ft_epochs": "99999", "ft_seed": "-4", "ft_run": "../../etc"},
        {"step": "77", "ft_part": "none", "ft_labels": "<script>"},
    ],
)
def test_a_bad_link_shows_a_sensible_page(parameters: dict[str, str]) -> None:
    app = opened(PAGE, **parameters)
    assert not app.error
    assert "Before training" in said(app)
    assert not {"ft_run", "ft_labels", "step"} & set(app.query_params)


def test_the_usual_rate_goes_with_the_model_and_a_chosen_one_stays() -> None:
    app = lesson()
    assert "what is trained: 0.0005." in said(app)
    app.segmented_control(key="ft_family").set_value("t5").run()
    assert "what is trained: 0.001." in said(app)
    app.selectbox(key="ft_rate").set_value("2e-05").run()
    app.segmented_control(key="ft_family").set_value("bert").run()
    app.segmented_control(key="ft_mode").set_value("head").run()
    assert not app.exception
    assert app.selectbox(key="ft_rate").value == "2e-05"


def test_every_step_opens() -> None:
    app = lesson()
    for step in range(6):
        app.button(key=f"{PAGE}_step_{step}").click().run()
        assert not app.exception
        assert not app.error
