"""The architecture lesson as Streamlit runs it: every part, good and bad links, models loaded and made up."""

from __future__ import annotations

import re

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from explainers.architecture import ledger, parts, published, work
from explainers.checkpoints import FAMILIES, load
from explainers.checkpoints.design import own
from explainers.facts import fact
from explainers.views.architecture import drawing, words
from explainers.views.architecture.lesson import PAGES
from tests.pages import ROOT, charts, html, opened, said, sentences


def lesson(**parameters: object) -> AppTest:
    return opened("architecture", **parameters)


def test_every_part_is_drawn_for_every_family_and_needs_no_text() -> None:
    app = lesson(text=" ")
    for part in PAGES:
        for family in FAMILIES:
            for name in ("loaded", "own"):
                app.session_state["arch_part"], app.session_state["arch_family"] = part, family
                app.session_state[f"arch_{family}"] = name
                app.run()
                assert not app.exception
                assert not sentences(app)
                assert len(charts(app)) == 1


@pytest.mark.parametrize("name", published())
def test_the_count_stands_beside_the_printed_figure(name: str) -> None:
    model = published()[name]
    family = model.design.family
    app = lesson()
    app.session_state["arch_part"], app.session_state["arch_family"] = "ledger", family
    app.session_state[f"arch_{family}"] = name
    app.run()
    words = said(app).replace("\\", "")
    assert f"**{ledger(model.design).total:,}**" in words
    assert f"**{model.printed}**" in words
    assert model.link in words


def test_the_loaded_model_is_the_one_of_the_shared_controls() -> None:
    app = lesson(arch_part="Parameters", arch_bert="loaded model")
    assert f"**{load('bert-mini').sizes.parameters:,}**" in said(app)


def test_sliders_make_a_model() -> None:
    app = lesson(arch_part="Parameters", arch_family="GPT-2", arch_gpt2="my own sizes")
    for key, value in {"layers": 3, "width": 128, "vocab": 5000, "context": 256}.items():
        app.slider(key=f"arch_{key}").set_value(value).run()
    assert f"**{ledger(own('gpt2', 3, 128, 5000, 256)).total:,}**" in said(app)


def test_the_work_is_that_of_the_lengths_in_the_link() -> None:
    app = lesson(arch_part="Work", arch_family="GPT-2", arch_tokens="1", arch_cache="1000")
    total = sum(each.flops for each in work(published()["gpt2"].design, 1, cache=1000))
    assert f"{total / 10**6:.3g} million FLOPs" in said(app)


@pytest.mark.parametrize(
    "parameters",
    [
        {"arch_part": "<b>", "arch_family": "no family", "arch_bert": "gpt2", "step": "x"},
        {"arch_part": "Work", "arch_tokens": "999999999", "arch_cache": "-4"},
        {"arch_part": "Memory", "arch_batch": "many", "arch_family": "T5"},
        {"arch_part": "Parameters", "arch_bert": "my own sizes", "arch_width": "65", "arch_layers": "0"},
        {"arch_part": "Two stacks", "arch_source": "0", "arch_t5": "../etc"},
        {"step": "99"},
    ],
)
def test_a_bad_link_shows_a_sensible_page(parameters: dict[str, str]) -> None:
    app = lesson(**parameters)
    assert not sentences(app)
    assert len(charts(app)) == 1


@pytest.mark.parametrize("part", ["Parameters", "Work", "Memory"])
@pytest.mark.parametrize("family", ["BERT", "GPT-2", "T5"])
def test_every_letter_of_a_formula_is_defined_beside_it(part: str, family: str) -> None:
    app = lesson(arch_part=part, arch_family=family)
    formulas = {
        letter
        for body in re.findall(r"<tbody>(.*?)</tbody>", html(app), re.DOTALL)
        for row in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
        for cell in re.findall(r"<td[^>]*>([^<]*)</td>", row)[1:3]
        for letter in re.findall(r"(?<![A-Za-z ])[A-Za-z]+(?=$|[·²+ )(])", cell)
        if cell.count("·") or cell.count("²")
        for letter in letter
    }
    assert "d" in formulas
    said_of = {caption.value.split(" = ")[0] for caption in app.caption} | set(
        re.findall(r", ([A-Za-z]) = [\d,]+ \(", "\n".join(caption.value for caption in app.caption))
    )
    assert formulas <= said_of


def test_the_numbers_of_the_model_are_put_in() -> None:
    shown = "\n".join(caption.value for caption in lesson(arch_part="Work", arch_family="GPT-2").caption)
    for each in ("D = 12 (decoder layers)", "d = 768 (width)", "f = 3,072 (", "n = 512 (", "V = 50,257 ("):
        assert each in shown
    assert "L = " not in shown
    assert "b = 4 (sequences" in "\n".join(each.value for each in lesson(arch_part="Memory", arch_batch=4).caption)


def test_lengths_follow_a_model_with_a_shorter_context() -> None:
    app = lesson(arch_part="Work", arch_family="GPT-2")
    app.slider(key="arch_tokens").set_value(1024).run()
    app.session_state["arch_family"] = "bert"
    app.run()
    assert app.slider(key="arch_tokens").value == 512
    assert not app.exception


def test_a_block_is_looked_at_and_a_family_without_it_shows_another() -> None:
    app = lesson(arch_family="T5")
    app.selectbox(key="arch_block").select("decoder_cross").run()
    assert app.selectbox(key="arch_block").value == "decoder_cross"
    assert "28,311,552" in said(app)
    app.session_state["arch_family"] = "bert"
    app.run()
    assert app.selectbox(key="arch_block").value == "encoder_attention"


def test_the_block_of_the_link_is_marked_in_the_drawing() -> None:
    (drawn,) = charts(lesson(arch_family="T5", arch_block="Cross-attention (decoder)"))
    ids = [trace["marker"]["line"]["width"] for trace in drawn["data"][:3]]
    keys = [trace["customdata"] for trace in drawn["data"][:3]]
    marked = {
        tuple(key)
        for each, widths in zip(keys, ids, strict=True)
        for key, width in zip(each, widths, strict=True)
        if width == 3
    }
    assert marked == {("t5", "decoder_cross")}


def test_what_a_browser_sends_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    state: dict[str, str] = {}
    monkeypatch.setattr(st, "session_state", state)
    for nonsense in (None, "bert", ["bert"], ["bert", "<b>"], ["gpt1", "tokens"], [1, 2], {"0": "x", "1": []}):
        drawing.choose(nonsense)
        assert not state
    drawing.choose({"0": "t5", "1": "decoder_mlp"})
    assert state == {"arch_family": "t5", "arch_block": "decoder_mlp"}
    drawing.choose(["gpt2", "output"])
    assert state == {"arch_family": "gpt2", "arch_block": "output"}


def test_every_part_has_a_name_and_a_purpose() -> None:
    names = words.part_names()
    for model in published().values():
        for part in parts(model.design):
            assert names[part.key]
            assert words.part_does(part)


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ("L*(4*d*d + 4*d)", "L·(4d² + 4d)"),
        ("L*4*n*n*h*k", "L·4n²·h·k"),
        ("D*4*(n + s)*d*h*k", "D·4·(n + s)·d·h·k"),
        ("2*V", "2V"),
    ],
)
def test_formulas_are_written_as_on_a_board(formula: str, text: str) -> None:
    assert words.formula_text(formula) == text


def test_published_facts_put_the_slips_right() -> None:
    assert fact("bert", "data").value == "3.3 billion words"
    assert "mC4" in fact("t5", "data").text
    assert "340M parameters as printed" in fact("bert", "sizes").text
    assert "25, not 12" in fact("gpt2", "sizes").text


def test_no_sentence_argues_with_notes_that_nobody_has_seen() -> None:
    folders = (ROOT / "explainers" / "views", ROOT / "pages", ROOT / "assets")
    files = [path for folder in folders for path in folder.glob("**/*") if path.suffix in (".py", ".toml")]
    for path in files:
        if path.parent.name != "everyday":
            assert not re.search(
                r"[Ll]ecture notes|[Ss]ome notes|[Nn]otes that say", path.read_text(encoding="utf-8")
            ), path


def test_steps_lead_through_the_parts() -> None:
    app = lesson()
    seen = [app.session_state["arch_part"]]
    for _step in range(5):
        app.button(key="architecture_step_next").click().run()
        assert not sentences(app)
        seen.append(app.session_state["arch_part"])
    assert seen == list(PAGES)


def test_work_that_is_not_counted_is_not_said_to_be_none() -> None:
    (drawn,) = charts(lesson(arch_part="Work"))
    by_group = dict(zip(drawn["data"][0]["y"], drawn["data"][0]["text"], strict=True))
    assert by_group["LayerNorms"] == "not counted"
    assert by_group["embeddings"] == "0 %"  # a look-up multiplies nothing
    parameters = dict(zip(drawn["data"][1]["y"], drawn["data"][1]["text"], strict=True))
    assert parameters["LayerNorms"] == "<0.1 %"
    assert "0.00 %" not in html(lesson(arch_part="Parameters", arch_family="GPT-2", arch_gpt2="gpt2-xl"))
