"""Finding the word at a place in the text."""

import pytest

from explainers.checkpoints import load
from explainers.tokenization import Place, most_cut_place, tokenize, word_at


@pytest.mark.parametrize(
    ("source", "position", "word"),
    [
        (0, 0, "the"),
        (0, 2, "the"),
        (0, 3, "unaffable"),
        (0, 12, "unaffable"),
        (0, 13, "man"),
        (0, 99, "man"),
        (1, 0, "ran"),
    ],
)
def test_word_at_a_place_is_the_one_there_or_the_next(source: int, position: int, word: str) -> None:
    found = word_at(tokenize(load("bert-mini"), "The unaffable man", "ran"), source, position)
    assert found is not None
    assert found.text == word


def test_a_text_without_words_has_none() -> None:
    empty = tokenize(load("bert-mini"), " \n")
    assert word_at(empty, 0, 0) is None
    assert most_cut_place([empty]) is None


@pytest.mark.parametrize(
    ("text", "pair", "place"),
    [
        ("the xqzzvb is the the", None, Place(0, 4)),
        ("xqzzvb", None, Place(0, 0)),
        ("the", "the man qxqzzvqb", Place(1, 8)),
        ("  on on", None, Place(0, 2)),
    ],
)
def test_the_place_that_is_cut_most_is_the_same_for_all_models(text: str, pair: str | None, place: Place) -> None:
    tokenizations = [tokenize(load(name), text, pair) for name in ("bert-mini", "gpt2-mini", "t5-mini")]
    assert most_cut_place(tokenizations) == place
