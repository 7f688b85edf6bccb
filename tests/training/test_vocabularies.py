"""The three vocabularies that training learns, and those of the built-in models."""

from pathlib import Path

import pytest
from tokenizers import Tokenizer

from explainers.checkpoints import FAMILIES, Family, load
from explainers.training import corpus, vocabularies

SIZES: dict[Family, int] = {"bert": 3_000, "gpt2": 300, "t5": 420}


@pytest.fixture(scope="module")
def trained(corpus_folder: Path) -> dict[Family, Tokenizer]:
    files = corpus.sources(corpus_folder).values()
    paragraphs = [paragraph for file in files for document in corpus.documents(file) for paragraph in document]
    return {family: vocabularies.train(family, paragraphs, SIZES[family]) for family in FAMILIES}


def test_ids_have_no_holes(trained: dict[Family, Tokenizer]) -> None:
    for tokenizer in trained.values():
        assert sorted(tokenizer.get_vocab().values()) == list(range(tokenizer.get_vocab_size()))


@pytest.mark.parametrize("text", ["straße", "ΕΛΛΗΝΙΚΑ", "привет", "한국어", "łódź", "ñandú"])
def test_bert_spells_latin_greek_cyrillic_and_korean_words(trained: dict[Family, Tokenizer], text: str) -> None:
    for tokenizer in (trained["bert"], load("bert-mini").tokenizer):
        assert "[UNK]" not in tokenizer.encode(text).tokens


def test_bert_frames_one_text_and_two(trained: dict[Family, Tokenizer]) -> None:
    pair = trained["bert"].encode("The cat", "A bird")
    assert [token for token in pair.tokens if token.startswith("[")] == ["[CLS]", "[SEP]", "[SEP]"]
    assert pair.type_ids == [0] * (pair.tokens.index("[SEP]") + 1) + [1] * (len(pair) - pair.tokens.index("[SEP]") - 1)


@pytest.mark.parametrize("text", ["The cat saw the moon.", " two  blanks\n", "naïve 한국 😀\x00"])
def test_gpt2_gives_back_every_byte(trained: dict[Family, Tokenizer], text: str) -> None:
    for tokenizer in (trained["gpt2"], load("gpt2-mini").tokenizer):
        assert tokenizer.decode(tokenizer.encode(text).ids, skip_special_tokens=False) == text


def test_t5_has_a_piece_for_every_byte_and_descending_sentinels_at_the_end(trained: dict[Family, Tokenizer]) -> None:
    for tokenizer in (trained["t5"], load("t5-mini").tokenizer):
        size = tokenizer.get_vocab_size()
        assert [tokenizer.token_to_id(f"<extra_id_{number}>") for number in range(100)] == list(
            range(size - 1, size - 101, -1)
        )
        assert "<unk>" not in tokenizer.encode("😀 한국어 \u0b85").tokens
        assert tokenizer.decode(tokenizer.encode("Thé 😀 cat").ids) == "Thé 😀 cat"
        assert tokenizer.encode("The cat").tokens[-1] == "</s>"
