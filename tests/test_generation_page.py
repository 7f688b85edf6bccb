"""The generation lesson as Streamlit runs it: links, acts, every part, and texts of every kind."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from explainers.checkpoints import load
from explainers.generation import KeyValueMemory, Scheme, beam_search, step_costs, write
from explainers.prompts import prompts
from explainers.tokenization import tokenize
from explainers.views.components.writing import valid_act
from explainers.views.generation.reading import _three_digits
from explainers.views.generation.scene import PARTS
from tests.pages import component, opened

ROOT = Path(__file__).resolve().parents[1]
TEXT = "Once upon a time there was a"
LABELS = {
    "next": "Next token",
    "beam": "Beam search",
    "surprise": "Surprise",
    "lens": "Layer lens",
    "cache": "KV cache",
    "tasks": "Tasks",
}


def lesson(text: str = TEXT, **parameters: object) -> AppTest:
    return opened("generation", text=text, **parameters)


def line(app: AppTest) -> dict[str, Any]:
    """What the browser gets of the text."""
    return component(app, "writing")[0]


def said(app: AppTest) -> str:
    return "\n".join(str(each.value) for kind in (app.markdown, app.warning, app.info, app.caption) for each in kind)


def test_a_link_brings_back_the_very_tokens() -> None:
    link: dict[str, Any] = {"gen_seed": 7, "gen_temperature": 0.6, "gen_top_k": 30, "gen_drawn": 5}
    data = line(lesson(**link))
    checkpoint = load("gpt2-mini")
    ids = tokenize(checkpoint, TEXT).ids
    expected = write(KeyValueMemory(checkpoint), ids, Scheme("sample", 0.6, 30, 1.0), 7, 5)
    assert data["drawn"] == len(expected.draws)
    assert data["tokens"]["mark"] == ["prompt"] * len(ids) + ["drawn"] * len(expected.draws)
    assert all("%" in note for note in data["tokens"]["note"][len(ids) :])
    assert line(lesson(**link)) == data


@pytest.mark.parametrize(
    "link",
    [
        {"gen_seed": "x", "gen_temperature": "hot", "gen_top_k": -3, "gen_top_p": 7, "gen_drawn": "many"},
        {"gen_drawn": 10**9, "gen_seed": 10**12, "gen_at": 10**9},
        {"gen_part": "<b>", "gen_how": "magic", "gen_at": "-1"},
        {"gen_part": "Beam search", "gen_beams": 99, "gen_rounds": 0},
    ],
)
def test_a_bad_link_shows_a_sensible_page(link: dict[str, Any]) -> None:
    data = line(lesson(**link))
    assert 0 <= data["selected"] <= len(data["tokens"]["label"])


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(
    "text", ["a", "안녕하세요 🐶 اللغة", "<script>alert(1)</script> **b** $x$ ", "word and word " * 1_000]
)
def test_every_part_draws_any_text(part: str, text: str) -> None:
    app = lesson(text, gen_part=LABELS[part], gen_drawn=2, gen_how="Greedy")
    assert not app.error
    assert app.segmented_control(key="gen_part").value == part
    assert ("room to write on" in said(app)) == (len(text) > 5_000)
    assert ("ends with a blank" in said(app)) == text.endswith(" ")


def test_of_a_long_text_the_end_is_read_and_written_on() -> None:
    checkpoint = load("gpt2-mini")
    text = " ".join(f"{number} dogs" for number in range(300))
    ids = checkpoint.tokenizer.encode(text).ids
    kept = checkpoint.context - 64
    app = lesson(text, gen_drawn=3, gen_seed=1)
    assert f"{len(ids):,} tokens, and the context holds {checkpoint.context}" in said(app)
    assert f"the last {kept} here" in said(app)
    expected = write(KeyValueMemory(checkpoint), ids[-kept:], Scheme(), 1, 3)
    data = line(app)
    assert data["drawn"] == len(expected.draws)
    assert data["more"] == (not expected.ended)
    assert line(lesson(text, gen_drawn=60))["tokens"]["mark"].count("prompt") == kept


def test_a_beam_search_starts_at_the_end_of_the_text_and_the_drawing_controls_are_grey() -> None:
    app = lesson(gen_part="Beam search", gen_drawn=12, gen_beams=2, gen_rounds=2)
    data = line(app)
    assert data["drawn"] == 0
    assert not data["more"]
    assert set(data["tokens"]["mark"]) == {"prompt"}
    grey = [app.slider(key=f"gen_{name}") for name in ("temperature", "top_k", "top_p", "drawn")]
    assert all(control.disabled for control in (*grey, app.number_input(key="gen_seed")))
    assert app.segmented_control(key="gen_how").disabled
    assert not app.slider(key="gen_beams").disabled
    app.segmented_control(key="gen_part").set_value("next").run()
    assert not app.slider(key="gen_top_k").disabled


def test_line_ends_and_nats_are_written_out() -> None:
    text = "Q: What do bees make?\nA: honey\nQ: What is the capital of France?\nA:"
    app = lesson(text, gen_part="Beam search", gen_beams=1, gen_rounds=8)
    checkpoint = load("gpt2-mini")
    tree = beam_search(KeyValueMemory(checkpoint), tokenize(checkpoint, text).ids, 1, 8)
    (lines,) = [each.value for each in app.markdown if "log-probability" in each.value]
    assert lines.count("nats a token") == 2
    assert lines.count("\n") == 1  # between greedy and beam search
    assert ("↵" in lines) == ("\n" in checkpoint.tokenizer.decode(list(tree.ids), skip_special_tokens=False))


def test_surprise_says_its_unit_and_what_is_left_out() -> None:
    app = lesson(gen_part="Surprise", gen_drawn=0)
    notes = line(app)["tokens"]["note"]
    assert notes[0] == "·"
    assert all(note.endswith(" bits") for note in notes[1:])
    assert "without the first token" in said(app)


def test_surprise_and_perplexity_on_the_page_are_the_library_s_own() -> None:
    import torch

    checkpoint = load("gpt2-mini")
    ids = torch.tensor([tokenize(checkpoint, TEXT).ids])
    model: Any = checkpoint.model
    with torch.inference_mode():
        loss = float(model(ids, labels=ids).loss)  # nats a token, the first left out
    bits = loss / math.log(2)
    words = said(lesson(gen_part="Surprise", gen_drawn=0))
    assert f"Perplexity **{_three_digits(math.exp(loss))}**" in words
    assert f"Mean surprise **{bits:.2f}**" in words
    assert f"Sum **{bits * (ids.shape[1] - 1):,.0f}**" in words
    assert f"{bits * (ids.shape[1] - 1) / len(TEXT.removeprefix('Once').encode()):.2f} a byte" in words


def test_the_work_that_a_cache_saves_is_on_the_page() -> None:
    checkpoint = load("gpt2-mini")
    prompt = len(tokenize(checkpoint, TEXT).ids)
    now = step_costs(checkpoint.sizes, prompt, 3)[3]
    words = said(lesson(gen_part="KV cache", gen_drawn=3, gen_how="Greedy"))
    assert f"what follows {prompt + 3} tokens, gpt2-mini computes **1** and reuses **{prompt + 2}**" in words.replace(
        "\\", ""
    )
    assert f"**{now.saving:,.1f} times** the work" in words


@pytest.mark.parametrize(
    ("number", "shown"), [(1, "1.00"), (3.456, "3.46"), (99.96, "100"), (2493.0, "2,490"), (1_234_567, "1,230,000")]
)
def test_perplexity_has_three_significant_digits(number: float, shown: str) -> None:
    assert _three_digits(number) == shown


def test_the_token_that_is_looked_at_is_in_the_link() -> None:
    app = lesson(gen_at=3, gen_drawn=2)
    assert line(app)["selected"] == 3
    assert "stands in your text" in said(app)
    assert line(lesson(gen_drawn=2, gen_how="Greedy"))["selected"] == len(tokenize(load("gpt2-mini"), TEXT).ids) + 2


def test_the_blank_at_the_end_can_be_taken_away() -> None:
    app = lesson("My dog ")
    assert "ends with a blank" in said(app)
    app.button(key="gen_strip").click().run()
    assert app.text_area(key="text").value == "My dog"
    assert "ends with a blank" not in said(app)


def test_a_prompt_replaces_the_text_and_is_continued() -> None:
    app = lesson(gen_part="Tasks")
    app.button(key="gen_prompt_2").click().run()
    assert app.text_area(key="text").value == prompts()[2].text
    assert app.segmented_control(key="gen_part").value == "next"
    assert line(app)["drawn"] > 0


def test_greedy_and_beam_are_set_side_by_side() -> None:
    app = lesson(gen_part="Beam search", gen_beams=4, gen_rounds=3)
    checkpoint = load("gpt2-mini")
    tree = beam_search(KeyValueMemory(checkpoint), tokenize(checkpoint, TEXT).ids, 4, 3)
    assert f"{tree.nodes[tree.best].score:.2f}".replace("-", "−") in said(app)


def test_a_piece_of_a_character_is_named_as_bytes() -> None:
    token = tokenize(load("gpt2-mini"), "hairy 🐶").tokens[-1]
    assert token.data == b"\xb6"
    app = lesson("hairy 🐶", gen_drawn=0)
    assert "After **the byte 0xB6**" in said(app)
    assert line(app)["tokens"]["label"][-1] == "0xB6"


def test_the_guide_sets_the_playground() -> None:
    app = lesson()
    for index in range(6):
        app.button(key=f"generation_step_{index}").click().run()
        assert not app.exception
        assert not app.error
        if index == 4:
            assert app.slider(key="gen_drawn").value == 0
    assert app.segmented_control(key="gen_part").value == "cache"
    assert line(app)["tokens"]["mark"].count("computed") == 1
    assert line(lesson(step=2, text=TEXT))["drawn"] > 0


def test_what_was_done_elsewhere_is_dropped() -> None:
    good = {"do": "look", "at": 2, "drawn": 1, "fingerprint": "f"}
    assert valid_act(good, "f", 5) is not None
    for bad in (
        None,
        "next",
        {**good, "fingerprint": "g"},
        {**good, "do": "leave"},
        {**good, "at": 9},
        {**good, "at": True},
        {**good, "drawn": -1},
        {**good, "drawn": "1"},
    ):
        assert valid_act(bad, "f", 5) is None
