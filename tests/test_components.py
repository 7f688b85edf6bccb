"""The components' Python side: columns that rows share, what the browser is sent, what is believed of its answer."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from explainers.checkpoints import FAMILIES, Family, load
from explainers.tokenization import Tokenization, TooLong, explain, tokenize
from explainers.views.components.columns import align
from explainers.views.components.steps import step_data
from explainers.views.components.tokens import TokenChoice, TokenRow, token_data, valid_choice
from explainers.views.components.visible import direction, drawn_bytes, hexadecimal, shape, visible, visible_text
from tests.strategies import seeded_texts, texts

MODELS: dict[Family, str] = {"bert": "bert-mini", "gpt2": "gpt2-mini", "t5": "t5-mini"}
FAMILY_EMOJI = "👨‍👩‍👧‍👦"
HOSTILE = "</script><img src=x onerror=alert(1)> {piece} \x00\x1b\u202e\ufeff &amp;"

TEXTS = texts() | st.sampled_from([HOSTILE, "x" * 200, "\r\n\x0b\u2028 \u00a0\t", "السلام \u202eab 12"])


def tokenizations(text: str, pair: str | None = None) -> list[Tokenization]:
    return [tokenize(load(MODELS[family]), text, pair) for family in FAMILIES]


def rows(text: str, pair: str | None = None) -> list[TokenRow]:
    return [
        TokenRow(f"{family} · {MODELS[family]}", family, tokenization)
        for family, tokenization in zip(FAMILIES, tokenizations(text, pair), strict=True)
    ]


@pytest.mark.parametrize(
    ("cluster", "form", "drawn"),
    [
        ("a", "text", "a"),
        (" ", "blank", "·"),
        ("\t", "blank", "→"),
        ("\u00a0", "blank", "⍽"),
        ("\u3000", "blank", "·"),
        ("\n", "line end", "↵"),
        ("\r\n", "line end", "↵"),
        ("\x00", "code", "␀"),
        ("\x7f", "code", "␡"),
        ("\u200b", "code", "U+200B"),
        ("\u202e", "code", "U+202E"),
        ("\ufe0f", "code", "U+FE0F"),
        ("\u0301", "text", "◌\u0301"),
        ("e\u0301", "text", "e\u0301"),
        (FAMILY_EMOJI, "text", FAMILY_EMOJI),
        ("<", "text", "<"),
    ],
)
def test_every_character_has_a_shape(cluster: str, form: str, drawn: str) -> None:
    assert (shape(cluster), visible(cluster)) == (form, drawn)


def test_visible_text_draws_each_cluster() -> None:
    assert visible_text(f"a b\n{FAMILY_EMOJI}") == f"a·b↵{FAMILY_EMOJI}"


@pytest.mark.parametrize(
    ("data", "drawn"), [(b" the", ("·the", False)), (b"\xed\x95", ("ED 95", True)), ("한".encode(), ("한", False))]
)
def test_bytes_are_characters_or_hexadecimal(data: bytes, drawn: tuple[str, bool]) -> None:
    assert drawn_bytes(data) == drawn
    assert bytes.fromhex(hexadecimal(data)) == data


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("abc", "left"),
        (" - אב", "right"),
        ("شيء", "right"),
        ("12", "digit"),
        ("12a", "left"),
        ("...", "none"),
        ("", "none"),
    ],
)
def test_direction_is_that_of_the_first_letter(text: str, way: str) -> None:
    assert direction(text) == way


@given(text=TEXTS, pair=st.none() | TEXTS)
@settings(deadline=None, max_examples=60)
def test_columns_hold_the_whole_text_and_no_box_divides_one(text: str, pair: str | None) -> None:
    check_columns(text, pair)


def test_columns_of_long_seeded_texts() -> None:
    for text in seeded_texts(12, seed=2):
        check_columns(text, None)


def check_columns(text: str, pair: str | None) -> None:
    alignment = align(tokenizations(text, pair))
    for source, typed in enumerate([text] if pair is None else [text, pair]):
        columns = [column for column in alignment.columns if column.source == source and column.start < column.end]
        assert "".join(typed[column.start : column.end] for column in columns) == typed
        starts = {0, *(match.end() for match in regex.finditer(r"\X", typed))}
        assert {column.start for column in columns} <= starts
    for tokenization, boxes in zip(tokenizations(text, pair), alignment.boxes, strict=True):
        assert [token for box in boxes for token in range(box.first, box.first + box.size)] == list(
            range(len(tokenization.tokens))
        )
        for left, right in pairwise(boxes):
            assert left.end <= right.start
        for mark in tokenization.marks:
            box = next(box for box in boxes if box.first == mark.tokens[0])
            covered = alignment.columns[box.start : box.end]
            assert (covered[0].start, covered[-1].end) == (mark.start, mark.end)
            assert all(column.source == mark.source for column in covered)


@given(text=TEXTS)
@settings(deadline=None, max_examples=40)
def test_lines_begin_only_between_boxes_and_after_line_ends(text: str) -> None:
    alignment = align(tokenizations(text))
    inside = {column for row in alignment.boxes for box in row for column in range(box.start + 1, box.end)}
    assert all(alignment.breaks[column] == 0 for column in inside)
    after_line_ends = {at + 1 for at, column in enumerate(alignment.columns[:-1]) if column.shape == "line end"}
    assert {paragraph.start for paragraph in alignment.paragraphs} == (
        after_line_ends | {0} if alignment.columns else set()
    )


def test_a_split_emoji_is_one_column_and_one_box_of_several_tokens() -> None:
    alignment = align(tokenizations(f"a {FAMILY_EMOJI}"))
    emoji = next(index for index, column in enumerate(alignment.columns) if column.text == FAMILY_EMOJI)
    sizes = [next(box.size for box in boxes if box.start <= emoji < box.end) for boxes in alignment.boxes]
    assert sizes[0] == 1
    assert sizes[1] > 10
    assert sizes[2] > 10


def test_template_tokens_share_columns_of_their_own() -> None:
    alignment = align(tokenizations("one", "the"))
    assert [column.text for column in alignment.columns] == ["", "one", "", "the", ""]
    bert, gpt2, t5 = ([(box.start, box.end) for box in boxes] for boxes in alignment.boxes)
    assert bert == [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)]
    assert (0, 1) not in gpt2
    assert t5[-1] == (4, 5)
    assert [(paragraph.start, paragraph.source) for paragraph in alignment.paragraphs] == [(0, 0), (3, 1)]


def test_characters_that_bert_removes_leave_a_gap() -> None:
    alignment = align([tokenize(load("bert-mini"), "a\x00b")])
    hidden = next(index for index, column in enumerate(alignment.columns) if column.shape == "code")
    assert not any(box.start <= hidden < box.end and box.size == 0 for box in alignment.boxes[0])
    assert alignment.columns[hidden].text == "␀"


def test_lines_of_right_to_left_letters_run_that_way() -> None:
    alignment = align(tokenizations("שלום\nhello\n123"))
    assert [paragraph.right_to_left for paragraph in alignment.paragraphs] == [True, False, False]


def test_text_beyond_the_context_is_a_cut() -> None:
    text = "word " * 600
    alignment = align(tokenizations(text))
    for cuts, tokenization in zip(alignment.cuts, tokenizations(text), strict=True):
        start = tokenization.dropped_from[0]
        assert start is not None
        assert [(alignment.columns[a].start, alignment.columns[b - 1].end) for a, b in cuts] == [(start, len(text))]
    data = token_data(rows(text))
    assert f"{tokenizations(text)[0].dropped} tokens" in data["rows"][0]["cutLabel"]


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


@pytest.mark.parametrize("word", ["unbelievable", "한국", "x", "qzxv"])
def test_wordpiece_data_ends_in_the_pieces(word: str) -> None:
    data = step_data(explain(load("bert-mini"), word))
    kept = [data["units"][start:end] for start, end, found in data["tries"] if found]
    assert data["view"] == "wordpiece"
    if [piece for piece, _hex in data["pieces"]] != ["[UNK]"]:
        assert ["".join(units) for units in kept] == [piece.removeprefix("##") for piece, _hex in data["pieces"]]
    assert len(data["ids"]) == len(data["pieces"])


@pytest.mark.parametrize("word", [" unbelievable", " 한국어", FAMILY_EMOJI, " ", "\n\n", "é"])
def test_bpe_data_merges_bytes_into_the_pieces(word: str) -> None:
    data = step_data(explain(load("gpt2-mini"), word))
    symbols = [(tuple(unit), 1) for unit in data["units"]]
    for merge in data["merges"]:
        at = merge["at"]
        assert [at, merge["rank"]] in [list(candidate) for candidate in merge["candidates"]]
        symbols[at : at + 2] = [(tuple(merge["made"]), symbols[at][1] + symbols[at + 1][1])]
    assert [symbol for symbol, _length in symbols] == [tuple(piece) for piece in data["pieces"]]
    assert sum(length for _symbol, length in symbols) == sum(length for _text, length in data["characters"])
    assert not any("Ġ" in text or "Ã" in text for (text, _hex), _length in symbols)


@pytest.mark.parametrize("word", ["▁unbelievable", "▁한국어", "▁", "▁👍"])
def test_unigram_data_sums_up(word: str) -> None:
    data = json.loads(json.dumps(step_data(explain(load("t5-mini"), word)), allow_nan=False))
    edges = data["edges"]
    for path in (data["best"], data["second"]):
        if path is None:
            continue
        assert path["score"] == pytest.approx(sum(edges["score"][edge] for edge in path["edges"]))
        spans = [(edges["start"][edge], edges["end"][edge]) for edge in path["edges"]]
        assert [start for start, _end in spans] == [0, *(end for _start, end in spans[:-1])]
        assert spans[-1][1] == len(data["units"])
    assert data["scores"][-1] == pytest.approx(data["best"]["score"])


@given(text=texts(4))
@settings(deadline=None, max_examples=25)
def test_the_steps_of_any_word_can_be_sent(text: str) -> None:
    for family, tokenization in zip(FAMILIES, tokenizations(text), strict=True):
        for word in tokenization.words[:5]:
            try:
                data = step_data(explain(load(MODELS[family]), word.text))
            except TooLong:
                continue
            assert json.dumps(data, allow_nan=False)
            assert len(data["pieces"]) == len(data["ids"])
