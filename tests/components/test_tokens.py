"""Rows of tokens: what the browser is sent, and what is believed of its answer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from explainers.checkpoints import load
from explainers.tokenization import tokenize
from explainers.views.components.tokens import TokenChoice, TokenRow, token_data, valid_choice
from tests.components.samples import HOSTILE, TEXTS, rows, tokenizations


@given(text=TEXTS, pair=st.none() | TEXTS)
@settings(deadline=None, max_examples=40)
def test_data_is_compact_and_complete(text: str, pair: str | None) -> None:
    data = json.loads(json.dumps(token_data(rows(text, pair)), allow_nan=False))
    columns = data["columns"]
    assert len({len(columns[name]) for name in ("text", "start", "end", "shape", "direction", "breaks")}) == 1
    for row, tokenization in zip(data["rows"], tokenizations(text, pair), strict=True):
        types = row["types"]
        tokens = tokenization.tokens
        assert [types["id"][number] for number in row["type"]] == list(tokenization.ids)
        assert [types["piece"][number] for number in row["type"]] == [token.piece for token in tokens]
        assert [bytes.fromhex(types["hex"][number]) for number in row["type"]] == [token.data for token in tokens]
        assert len(row["source"]) == len(row["shade"]) == len(row["start"]) == len(tokens)
        assert sum(row["boxes"]["count"]) == len(tokens)


def test_byte_level_pieces_are_drawn_as_characters() -> None:
    (row,) = token_data([TokenRow("GPT-2", "gpt2", tokenize(load("gpt2-mini"), "the  the é\n한"))])["rows"]
    drawn = {(row["types"]["prefix"][n], row["types"]["label"][n], row["types"]["style"][n]) for n in row["type"]}
    assert ("·", "the", "t") in drawn
    assert ("", "↵", "b") in drawn
    assert ("", "·", "b") in drawn
    assert any(style == "h" for _prefix, _label, style in drawn)
    assert not any("Ġ" in label or "Ċ" in label for _prefix, label, _style in drawn)


def test_segments_are_named_only_where_there_are_two() -> None:
    one, two = token_data(rows("a b"))["rows"], token_data(rows("a", "b"))["rows"]
    assert [row["segment"] for row in one] == ["", "", ""]
    assert two[0]["segment"] == "AAABB"
    assert [row["segment"] for row in two[1:]] == ["", ""]


def test_alternative_names_every_token() -> None:
    (row,) = token_data([TokenRow("BERT · bert-mini", "bert", tokenize(load("bert-mini"), "the cat"))])["rows"]
    assert row["alternative"] == "BERT · bert-mini: 4 tokens: [CLS], the, cat, [SEP]"
    assert (row["title"], row["subtitle"]) == ("BERT", "bert-mini")


def test_rows_must_share_their_text() -> None:
    with pytest.raises(ValueError, match="same text"):
        token_data([*rows("one"), *rows("two")])
    with pytest.raises(ValueError, match="at least one"):
        token_data([])


@pytest.mark.parametrize(
    ("answer", "believed"),
    [
        ({"row": 0, "token": 1}, TokenChoice(0, 1)),
        ({"row": 2, "token": 0}, TokenChoice(2, 0)),
        ({"row": 3, "token": 0}, None),
        ({"row": -1, "token": 0}, None),
        ({"row": 0, "token": 10_000}, None),
        ({"row": 0, "token": -1}, None),
        ({"row": True, "token": 0}, None),
        ({"row": 0, "token": 1.0}, None),
        ({"row": "0", "token": 1}, None),
        ({"row": [0], "token": {}}, None),
        ({"row": 0}, None),
        ({"row": 0, "token": 1, "fingerprint": "another"}, None),
        ({"row": 0, "token": 1, "fingerprint": None}, None),
        ("0", None),
        (None, None),
        ([0, 1], None),
    ],
)
def test_only_a_token_of_these_rows_is_believed(answer: Any, believed: TokenChoice | None) -> None:
    shown = rows("the cat")
    fingerprint = token_data(shown)["fingerprint"]
    if isinstance(answer, dict):
        answer = {"fingerprint": fingerprint, **answer}
    assert valid_choice(answer, shown, fingerprint) == believed


def test_fingerprint_changes_with_text_pair_and_model() -> None:
    prints = [
        token_data(given)["fingerprint"]
        for given in (
            rows("a cat"),
            rows("a cat "),
            rows("a cat", ""),
            rows("a cat")[:1],
            rows("a cat")[::-1],
        )
    ]
    assert len(set(prints)) == len(prints)
    assert token_data(rows("a cat"))["fingerprint"] == prints[0]


def script(word: str) -> None:
    import streamlit

    from explainers.checkpoints import load
    from explainers.tokenization import explain, tokenize
    from explainers.views.components import TokenChoice, TokenRow, step_player, token_rows

    row = TokenRow("BERT · bert-mini", "bert", tokenize(load("bert-mini"), word))
    chosen = token_rows([row], key="rows", selected=TokenChoice(0, 1))
    outside = token_rows([row], key="more", selected=TokenChoice(0, 99))
    step_player(explain(load("bert-mini"), "unbelievable"), key="steps")
    streamlit.write(f"{chosen} {outside}")


def test_mounts_and_falls_back_to_what_is_selected() -> None:
    app = AppTest.from_function(script, args=(HOSTILE,), default_timeout=30).run()
    assert not app.exception
    assert app.markdown[0].value == "TokenChoice(row=0, token=1) None"
    sent = [json.loads(node.proto.json) for node in app.get("bidi_component")]
    assert [each.get("selected") for each in sent] == [[0, 1], None, None]
    assert sent[2]["view"] == "wordpiece"
    assert sent[2]["fingerprint"]
