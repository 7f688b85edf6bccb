"""Finding the word at a place in the text."""

import pytest

from explainers.checkpoints import load
from explainers.tokenization import most_cut_word, tokenize, word_at


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
    assert most_cut_word(empty) is None


@pytest.mark.parametrize(("name", "word"), [("bert-mini", "xqzzvb"), ("gpt2-mini", " xqzzvb"), ("t5-mini", "▁xqzzvb")])
def test_the_most_cut_word_is_found(name: str, word: str) -> None:
    found = most_cut_word(tokenize(load(name), "the xqzzvb is the the"))
    assert found is not None
    assert found.text == word
