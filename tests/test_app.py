"""The pages as Streamlit runs them, from the router file: every page, every family, good links and bad ones."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from explainers.checkpoints import catalogue, names
from explainers.examples import examples
from explainers.views import blocks, controls, lessons
from tests.pages import ROOT, TEXTS, opened, sentences

PAGES = ["home", *(lesson.slug for lesson in lessons.lessons())]
NEED_NO_TEXT = {"architecture", "fine-tuning", "roofline", "matmul"}  # what they show is not of a sentence


def test_a_plain_visit_shows_the_first_example() -> None:
    app = opened()
    assert app.text_area(key="text").value == examples()[0].text
    assert app.text_area(key="pair").value == ""
    assert not sentences(app)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_every_page_draws_any_text(page: str, text: str) -> None:
    app = opened(page, text=text)
    assert app.text_area(key="text").value == text
    assert not app.error


@pytest.mark.parametrize("page", PAGES)
def test_every_page_draws_a_pair(page: str) -> None:
    app = opened(page, text="She sat on the bank.", pair="He went to the bank. 🏦")
    assert app.text_area(key="pair").value == "He went to the bank. 🏦"
    assert not app.error


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(("name", "family"), catalogue().items())
def test_every_page_draws_every_model(page: str, name: str, family: str) -> None:
    app = opened(page, **{family: name})
    assert app.selectbox(key=family).value == name
    assert not sentences(app)


@pytest.mark.parametrize("page", [page for page in PAGES if page not in NEED_NO_TEXT])
def test_an_empty_text_is_met_with_an_invitation(page: str) -> None:
    app = opened(page, text="")
    assert app.text_area(key="text").value == ""
    assert "Type a sentence" in sentences(app)


@pytest.mark.parametrize("family", ["bert", "gpt2", "t5"])
@pytest.mark.parametrize("name", ["no-such-model", "../../etc", "<b>x</b>", "x" * 5_000])
def test_an_unknown_model_falls_back_and_says_so(family: str, name: str) -> None:
    app = opened(**{family: name})
    assert catalogue()[str(app.selectbox(key=family).value)] == family
    assert "There is no" in sentences(app)


def test_a_model_of_another_family_is_unknown() -> None:
    app = opened(bert="t5-mini")
    assert app.selectbox(key="bert").value == "bert-mini"
    assert "There is no BERT model named" in sentences(app)


@pytest.mark.parametrize("page", PAGES)
def test_a_huge_text_is_cut_and_the_cut_is_said(page: str) -> None:
    app = opened(page, text="word " * 20_000)
    assert "Only the first 20,000 characters" in sentences(app)
    app.run()
    assert len(app.text_area(key="text").value or "") == controls.TEXT_LIMIT
    assert "Only the first 20,000 characters" in sentences(app)
    app.text_area(key="text").set_value("short again").run()
    assert not sentences(app)


def test_an_example_can_be_undone() -> None:
    app = opened(text="mine", pair="mine too")
    for example in (examples()[3], next(example for example in examples() if example.pair)):
        app.session_state["examples_menu"] = True
        app.run()
        index = examples().index(example)
        app.button(key=f"example_{index}").click().run()
        assert (app.text_area(key="text").value, app.text_area(key="pair").value) == (example.text, example.pair)
        assert not [button for button in app.button if str(button.key).startswith("example_")]
    app.button(key="undo").click().run()
    assert (app.text_area(key="text").value, app.text_area(key="pair").value) == ("mine", "mine too")
    assert "undo" not in {button.key for button in app.button}


def test_editing_an_example_makes_it_the_reader_s_own() -> None:
    app = opened()
    app.session_state["examples_menu"] = True
    app.run()
    app.button(key="example_2").click().run()
    app.text_area(key="text").set_value("edited").run()
    assert "undo" not in {button.key for button in app.button}


@pytest.mark.parametrize("parameters", [{}, {"text": "a", "pair": "b"}, {"t5": "t5-mini"}])
def test_the_choice_survives_the_way_through_every_page(parameters: Mapping[str, str]) -> None:
    app = opened(**parameters)
    for page in [*PAGES, "home"]:
        app.switch_page(str(ROOT / "pages" / f"{page}.py")).run()
        assert not app.exception
        for key in ("text", "pair"):
            default = examples()[0].text if key == "text" else ""
            assert app.text_area(key=key).value == parameters.get(key, default)


def test_home_has_a_card_for_every_lesson() -> None:
    labels = [link.value for link in opened().page_link]
    assert labels == [f"**{lesson.title}**" for lesson in lessons.lessons()]


def test_every_page_is_in_the_table_of_lessons() -> None:
    assert sorted(path.stem for path in (ROOT / "pages").glob("*.py")) == sorted(PAGES)


def test_a_model_that_cannot_be_read_is_told_in_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    names.forget()
    monkeypatch.setattr(names, "MODELS", tmp_path)
    try:
        app = opened()
    finally:
        names.forget()
    assert len(app.error) == 1
    assert "cannot be read" in app.error[0].value


def test_an_unforeseen_error_shows_a_sentence_and_no_details() -> None:
    def script() -> None:
        from explainers.views import blocks

        assert blocks.show_failure(KeyError("secret"))

    app = AppTest.from_function(script).run()
    assert "went wrong" in app.error[0].value
    assert "secret" not in app.error[0].value


@pytest.mark.parametrize(
    "text",
    [
        "**b** *i* `c` ~s~ [l](x) ![i](x) <b> &amp; # h",
        ":red[x] :material/home: $x^2$ a|b",
        "1. one\n- two\n+ three\n= x",
    ],
)
def test_plain_text_stays_what_it_is_in_markdown(text: str) -> None:
    assert re.sub(r"\\(.)", r"\1", blocks.plain(text)) == text
    assert not re.search(r"(?<!\\)[*_`\[\]<>$:#]", blocks.plain(text))


def test_a_text_that_does_not_fit_is_said_once_for_all_models() -> None:
    app = opened("tokenization", text="word and word " * 400)
    (notice,) = [warning.value for warning in app.warning if "reads the first" in warning.value]
    assert all(
        name in notice for name in ("BERT reads the first 510 of", "GPT\\-2 reads", "here T5 reads the first 511 of")
    )
    assert notice.index("does not fit") < notice.index("T5 was trained on 512")
