"""Tokenizers as people have them: cased, with added tokens, from the hub's older files, with holes in their bytes."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from tokenizers import AddedToken, Regex, Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import BPE, Unigram

from explainers.checkpoints import Checkpoint, Family
from explainers.tokenization import tokenize
from tests import small_tokenizers as small
from tests.strategies import texts

RULES = {"ﬁ": "fi", "½": "1⁄2", "e\u0301": "é", "\x01": "", "\xa0": " ", "\t": " ", "…": "...", "Ａ": "A"}
SCORES = {"▁": -2.0, "a": -3.0, "▁a": -3.5, "b": -4.0, "é": -4.0, "fi": -4.5, ".": -4.5, "1": -5.0}


def cut(checkpoint: Checkpoint, text: str) -> list[tuple[str, str]]:
    """Every token of the text with the characters that it covers."""
    return [
        (token.piece, text[token.start : token.end]) for token in tokenize(checkpoint, text).tokens if token.source == 0
    ]


def cased_bert() -> Tokenizer:
    return small.bert("É é Éc ##ole a ##\u0301 İ", lowercase=False)


def bert_with_compatibility() -> Tokenizer:
    tokenizer = small.bert("a / c fi 1 2")
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.BertNormalizer()])
    return tokenizer


def bert_with_added_tokens() -> Tokenizer:
    tokenizer = small.bert("a b covid ##s")
    tokenizer.add_tokens([AddedToken("Covid"), AddedToken("b", single_word=True), AddedToken("É\u0323x")])
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, rstrip=True, special=True)])
    return tokenizer


def gpt2_with_prefix_space() -> Tokenizer:
    return small.gpt2([("Ġ", "a"), ("a", "b")], add_prefix_space=True, trim_offsets=True)


def gpt2_with_holes() -> Tokenizer:
    return small.gpt2([("a", "b")], alphabet="abĠ")


def gpt2_with_holes_and_unknown() -> Tokenizer:
    return small.gpt2([("a", "b")], alphabet="abĠ", unk_token="<unk>", extra=("<unk>",))


def gpt2_with_normalizer() -> Tokenizer:
    tokenizer = small.gpt2([("a", "b"), ("Ã", "©")])
    tokenizer.normalizer = normalizers.NFC()
    return tokenizer


def t5_of_the_hub() -> Tokenizer:
    return small.t5(SCORES, small.hub_normalizer(RULES), fallback=False)


def t5_of_the_hub_s_older_files() -> Tokenizer:
    tokenizer = small.t5(SCORES, normalizers.Precompiled(small.charsmap(RULES)), fallback=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    return tokenizer


def t5_with_first_prefix_only() -> Tokenizer:
    tokenizer = small.t5(SCORES, fallback=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
    return tokenizer


def t5_without_pre_tokenizer() -> Tokenizer:
    tokenizer = small.t5(SCORES, fallback=True)
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    return Tokenizer.from_str(tokenizer.to_str().replace(tokenizer.pre_tokenizer.__getstate__().decode(), "null"))


def split_at_dashes() -> Tokenizer:
    tokenizer = Tokenizer(BPE({"<unk>": 0, "a": 1, "b": 2, "ab": 3}, [("a", "b")], unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("-+"), "removed")
    return tokenizer


@pytest.mark.parametrize(
    ("family", "tokenizer", "text", "expected"),
    [
        ("bert", cased_bert(), "École e\u0301 é", [("Éc", "Éc"), ("##ole", "ole"), ("[UNK]", "e\u0301"), ("é", "é")]),
        ("bert", cased_bert(), "a\u0301 İ", [("a", "a"), ("##\u0301", "\u0301"), ("İ", "İ")]),
        ("bert", bert_with_compatibility(), "x℀ ﬁ½", [("[UNK]", "x℀"), ("/", "℀"), ("c", "℀"), ("[UNK]", "ﬁ½")]),
        ("bert", bert_with_added_tokens(), "a cOVIDs b", [("a", "a"), ("Covid", "cOVID"), ("[UNK]", "s"), ("b", "b")]),
        ("bert", bert_with_added_tokens(), "bb ab b.", [("[UNK]", "bb"), ("[UNK]", "ab"), ("b", "b"), ("[UNK]", ".")]),
        ("bert", bert_with_added_tokens(), "a  <mask>\n b", [("a", "a"), ("<mask>", "  <mask>\n "), ("b", "b")]),
        ("bert", bert_with_added_tokens(), "ae\u0323\u0301x", [("a", "a"), ("É\u0323x", "e\u0323\u0301x")]),
        ("gpt2", gpt2_with_prefix_space(), "ab a", [("Ġa", "a"), ("b", "b"), ("Ġa", " a")]),
        ("gpt2", gpt2_with_prefix_space(), "é", [("Ġ", ""), ("Ã", "é"), ("©", "é")]),
        ("gpt2", gpt2_with_holes(), "xab éaxb", [("ab", "xab"), ("Ġ", " "), ("ab", "éaxb")]),
        ("gpt2", gpt2_with_holes_and_unknown(), "xab\x00 é",
         [("<unk>", "x"), ("ab", "ab"), ("<unk>", "\x00"), ("Ġ", " "), ("<unk>", "é"), ("<unk>", "é")]),
        ("gpt2", gpt2_with_normalizer(), "abe\u0301\u0323",
         [("ab", "ab"), *[(byte, "e\u0301\u0323") for byte in ("á", "º", "¹", "Ì", "ģ")]]),
        ("t5", t5_of_the_hub(), "\x01\x01a  \xa0 b½ ",
         [("▁a", "a"), ("▁", "  \xa0 "), ("b", "b"), ("1", "½"), ("<unk>", "½")]),
        ("t5", t5_of_the_hub(), "…ﬁxy", [("▁", ""), (".", "…"), (".", "…"), (".", "…"), ("fi", "ﬁ"), ("<unk>", "xy")]),
        ("t5", t5_of_the_hub_s_older_files(), " a   xa\tb",
         [("▁a", "a"), ("▁", ""), ("<unk>", "x"), ("a", "a"), ("▁", ""), ("b", "b")]),
        ("t5", t5_with_first_prefix_only(), "a<extra_id_1>xa</s> a",
         [("▁a", "a"), ("<extra_id_1>", "<extra_id_1>"), ("<unk>", "x"), ("a", "a"), ("</s>", "</s>"), ("▁a", " a")]),
        ("t5", t5_without_pre_tokenizer(), "a ya", [("▁a", "a"), ("▁", " "), ("<0x79>", "y"), ("a", "a")]),
        ("gpt2", split_at_dashes(), "ab--axb-", [("ab", "ab"), ("a", "a"), ("<unk>", "x"), ("b", "b")]),
    ],
)  # fmt: skip
def test_spans_by_hand(
    tmp_path: Path, family: Family, tokenizer: Tokenizer, text: str, expected: list[tuple[str, str]]
) -> None:
    assert cut(small.checkpoint(tmp_path, family, tokenizer), text) == expected


ODD: tuple[tuple[Family, Tokenizer], ...] = (
    ("bert", cased_bert()),
    ("bert", bert_with_compatibility()),
    ("bert", bert_with_added_tokens()),
    ("gpt2", gpt2_with_prefix_space()),
    ("gpt2", gpt2_with_holes()),
    ("gpt2", gpt2_with_holes_and_unknown()),
    ("gpt2", gpt2_with_normalizer()),
    ("t5", t5_of_the_hub()),
    ("t5", t5_of_the_hub_s_older_files()),
    ("t5", t5_with_first_prefix_only()),
    ("t5", t5_without_pre_tokenizer()),
    ("gpt2", split_at_dashes()),
)


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> list[Checkpoint]:
    return [small.checkpoint(tmp_path_factory.mktemp("odd"), family, tokenizer) for family, tokenizer in ODD]


def test_added_tokens_are_words_of_their_own(tmp_path: Path) -> None:
    result = tokenize(small.checkpoint(tmp_path, "bert", bert_with_added_tokens()), "COVID a <mask>")
    assert [(token.piece, token.kind, token.word, token.data) for token in result.tokens[1:-1]] == [
        ("Covid", "word start", None, b"Covid"),
        ("a", "word start", 0, b"a"),
        ("<mask>", "special", None, b""),
    ]


def assert_sound(checkpoint: Checkpoint, text: str) -> None:
    result = tokenize(checkpoint, text)
    own = [token for token in result.tokens if token.source == 0]
    assert all(0 <= token.start <= token.end <= len(text) for token in own)
    assert all(one.start <= other.start and one.end <= other.end for one, other in pairwise(own))
    assert [token for mark in result.marks for token in mark.tokens] == [
        at for at, token in enumerate(result.tokens) if token.source == 0
    ]
    assert {token.word for token in own} - {None} == set(range(len(result.words)))


@settings(
    max_examples=600, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=texts(parts=5))
def test_any_string_is_placed_in_the_text(odd: list[Checkpoint], text: str) -> None:
    for checkpoint in odd:
        assert list(tokenize(checkpoint, text).ids) == checkpoint.tokenizer.encode(text).ids
        assert_sound(checkpoint, text)


def test_a_tokenizer_that_cuts_at_random_is_placed_by_the_library_s_spans(tmp_path: Path) -> None:
    pieces = [
        ("<unk>", 0.0),
        *((f"<0x{byte:02X}>", -9.0) for byte in range(256)),
        *SCORES.items(),
        ("aa", -4.0),
        ("<0x", -4.0),
    ]
    tokenizer = Tokenizer(Unigram(pieces, unk_id=0, byte_fallback=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    checkpoint = small.checkpoint(tmp_path, "t5", tokenizer)
    checkpoint.tokenizer.model = Unigram(pieces, unk_id=0, byte_fallback=True, alpha=0.1)
    for _ in range(50):
        assert_sound(checkpoint, "aaaaaaaaaaaaaa<0xE2>aaaaaaaaé é")
