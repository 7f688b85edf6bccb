"""The address: what a link says that does not fit is taken out, what it says rightly stays, in every lesson."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from explainers.views import lessons
from tests.pages import opened, said

PAGES = ["home", *(lesson.slug for lesson in lessons.lessons())]
NONSENSE = ("abc", "99999999", "")

# Every parameter of these lessons that a link can carry, but for those of a text. Some controls are not always drawn.
PARAMETERS = {
    "tokenization": ("word", "family"),
    "embeddings": ("step", "emb_token", "emb_part", "emb_family", "emb_layer", "emb_component"),
    "masked-lm": ("step", "mlm_at", "mlm_by", "mlm_hand", "mlm_rate", "mlm_shares", "mlm_rounded", "mlm_seed"),
    "next-sentence": ("step", "pairs_seed"),
    "generation": ("step", "gen_at", "gen_part", "gen_how", "gen_drawn", "gen_top_k", "gen_seed", "gen_rounds"),
    "fine-tuning": ("step", "ft_part", "ft_family", "ft_task", "ft_mode", "ft_seed", "ft_run", "ft_epochs"),
    "span-corruption": ("step", "gaps", "span_share", "span_length", "span_seed", "fill_step", "fill_seed"),
    "architecture": ("step", "arch_part", "arch_family", "arch_bert", "arch_block", "arch_tokens", "arch_layers"),
    "matmul": ("step", "mm_part", "mm_mode", "mm_batch", "mm_tokens", "mm_net"),
    "attention-masks": ("step", "am_query", "am_flips", "am_family", "am_mask", "am_layer"),
    "attention-heads": ("step", "att_layer", "att_head", "att_query", "att_out", "att_set", "att_least"),
    "roofline": ("step", "roof_part", "roof_type", "roof_m", "roof_chips", "roof_batch"),
}


def in_the_lesson(app: AppTest) -> str:
    """What the page says, but for the models that happen to be in memory."""
    return "\n".join(line for line in said(app).split("\n") if not line.startswith("In memory"))


def test_every_lesson_has_its_parameters_here() -> None:
    assert sorted(PARAMETERS) == sorted(lesson.slug for lesson in lessons.lessons())


@pytest.mark.parametrize("page", PARAMETERS)
def test_nonsense_in_a_link_is_taken_out_of_the_address(page: str) -> None:
    plain = opened(page)
    for value in NONSENSE:
        app = opened(page, **dict.fromkeys(PARAMETERS[page], value))
        assert app.query_params == plain.query_params
        assert in_the_lesson(app) == in_the_lesson(plain)


@pytest.mark.parametrize("page", PAGES)
def test_a_name_that_nobody_reads_is_taken_out(page: str) -> None:
    assert not {"seed", "rate", "utm_source"} & set(opened(page, seed="abc", rate=9999, utm_source="x").query_params)


@pytest.mark.parametrize(
    ("page", "key", "more"),
    [
        ("masked-lm", "mlm_seed", {}),
        ("span-corruption", "fill_seed", {"fill_drawn": "true"}),
        ("next-sentence", "pairs_seed", {}),
        ("attention-masks", "am_layer", {}),
    ],
)
@pytest.mark.parametrize("value", ["-Infinity", "1e999"])
def test_a_number_without_end_is_taken_out(page: str, key: str, more: dict[str, str], value: str) -> None:
    usual = opened(page, **more).number_input(key=key).value
    app = opened(page, **more, **{key: value})
    assert app.number_input(key=key).value == usual
    assert key not in app.query_params
    app.number_input(key=key).set_value(2).run()
    assert not app.exception
    assert app.number_input(key=key).value == 2


@pytest.mark.parametrize(
    ("page", "parameters"),
    [
        ("tokenization", {"word": "0.5"}),
        ("embeddings", {"emb_token": "2"}),
        ("masked-lm", {"mlm_by": "I choose", "mlm_hand": "1,3", "mlm_at": "3", "step": "2"}),
        ("generation", {"gen_at": "2"}),
        ("span-corruption", {"gaps": "3-6", "fill_step": "2"}),
        ("architecture", {"arch_part": "Work", "arch_tokens": "64", "step": "3"}),
    ],
)
def test_what_fits_stays(page: str, parameters: dict[str, str]) -> None:
    assert opened(page, text="My dog is hairy", **parameters).query_params.items() >= parameters.items()


def test_only_the_nonsense_goes() -> None:
    app = opened("masked-lm", text="My dog is hairy", mlm_by="I choose", mlm_hand="2,x,2,99,0")
    assert app.query_params["mlm_hand"] == "2"  # 0 is [CLS], which is never hidden, and 99 is not there
    assert opened("span-corruption", gaps="3-6.x.7-").query_params["gaps"] == "3-6"


def test_a_place_outside_the_text_is_no_place() -> None:
    for word in ("1.0", "0.15", "2.0", "0.0.0", "0.-1"):
        app = opened("tokenization", text="My dog is hairy", word=word)
        assert "word" not in app.query_params
        assert not app.info


def test_a_page_that_is_not_drawn_to_its_end_leaves_the_address_alone() -> None:
    app = opened("masked-lm", text="", mlm_hand="2", mlm_rate="40")
    assert app.query_params.items() >= {"mlm_hand": "2", "mlm_rate": "40"}.items()


def opened_numbers() -> None:
    """A page of one number from the address, from 1 to 12."""
    import streamlit as st

    from explainers.views import address

    address.begin()
    st.write(f"read {address.number('at', 13, first=1)}")
    address.settle()


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1", 1),
        ("12", 12),
        ("07", 7),
        ("0", None),
        ("13", None),
        ("-1", None),
        ("²", None),
        ("1e1", None),
        ("٣", None),
        ("9" * 5000, None),
    ],
)
def test_a_number_is_read_where_it_fits_and_taken_out_where_not(written: str, number: int | None) -> None:
    app = AppTest.from_function(opened_numbers)
    app.query_params["at"] = written
    app.run()
    assert f"read {number}" in said(app)
    assert app.query_params == ({} if number is None else {"at": written})
