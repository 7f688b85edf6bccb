"""Reading the training text: documents, the held-out part, sentences, shares."""

import lzma
from pathlib import Path

import pytest

from explainers.training.corpus import CorpusError, affordable_shares, documents, sentences, shares, sources


def test_validation_is_no_source_and_packed_files_are(corpus_folder: Path, tmp_path: Path) -> None:
    assert list(sources(corpus_folder)) == ["first", "second"]
    with lzma.open(tmp_path / "packed.txt.xz", "wt", encoding="utf-8") as file:
        file.write("One.\nTwo.\n\n\nThree.\n")
    assert list(documents(sources(tmp_path)["packed"])) == [["One.", "Two."], ["Three."]]


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="to train on"):
        sources(tmp_path)


def test_one_document_in_200_is_held_out_and_none_is_lost(corpus_folder: Path) -> None:
    file = sources(corpus_folder)["second"]
    kept, held_out = list(documents(file)), list(documents(file, held_out=True))
    assert (len(kept), len(held_out)) == (597, 3)
    assert not [document for document in held_out if document in kept]


@pytest.mark.parametrize(
    ("paragraph", "parts"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ('"Go!" he said. "Why?" she asked.', ['"Go!" he said.', '"Why?" she asked.']),
        ("It cost 3.50 dollars. 5 men paid.", ["It cost 3.50 dollars.", "5 men paid."]),
        ("no capital. follows here", ["no capital. follows here"]),
        ("", []),
    ],
)
def test_sentences_end_at_punctuation_before_a_capital(paragraph: str, parts: list[str]) -> None:
    assert sentences(paragraph) == parts


def test_shares_sum_to_one_and_follow_the_mix() -> None:
    known = shares(["childrens_books", "wikipedia_plain", "everyday"])
    assert known == pytest.approx({"childrens_books": 32 / 69, "wikipedia_plain": 23 / 69, "everyday": 14 / 69})
    assert shares(["mine", "yours"]) == {"mine": 0.5, "yours": 0.5}


def test_no_source_is_read_more_than_ten_times() -> None:
    sizes = {"childrens_books": 1_000, "wikipedia_plain": 1_000, "everyday": 10}
    assert affordable_shares(sizes, 400) == pytest.approx(shares(list(sizes)))
    found = affordable_shares(sizes, 1_000)  # 100 tokens of everyday at most; the rest as 32 to 23
    assert found == pytest.approx({"everyday": 0.1, "childrens_books": 0.9 * 32 / 55, "wikipedia_plain": 0.9 * 23 / 55})
    assert affordable_shares({"a": 30, "b": 10}, 1_000) == {"a": 0.75, "b": 0.25}


def test_what_one_source_gives_up_can_be_too_much_for_another() -> None:
    sizes = {"childrens_books": 100, "wikipedia_plain": 39, "everyday": 1}
    found = affordable_shares(sizes, 1_000)
    assert found == pytest.approx({"everyday": 0.01, "wikipedia_plain": 0.39, "childrens_books": 0.60})
