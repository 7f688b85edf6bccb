"""The columns that rows of tokens share: they hold the whole text, and no box ends inside one."""

from __future__ import annotations

from itertools import pairwise

import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from explainers.checkpoints import load
from explainers.tokenization import tokenize
from explainers.views.components.columns import align
from explainers.views.components.tokens import token_data
from tests.components.samples import FAMILY_EMOJI, TEXTS, rows, tokenizations
from tests.strategies import seeded_texts


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
