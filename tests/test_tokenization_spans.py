"""Where tokens came from: by hand in small tokenizers, and as promised for any string in the built-in ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import groupby, pairwise
from pathlib import Path

import pytest
import regex
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explainers.checkpoints import Checkpoint, load
from explainers.tokenization import Token, Tokenization, explain, tokenize
from explainers.tokenization.reading import Reading, read
from explainers.tokenization.spans import Located
from tests import small_tokenizers as small
from tests.strategies import seeded_texts, texts

NAMES = ("bert-mini", "gpt2-mini", "t5-mini")
EXAMPLES = 9_000
SEEDED = 1_000

HEALTHY = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def unbounded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Checkpoint]:
    """The built-in tokenizers in front of models that take texts of any length."""
    checkpoints = {}
    for name in NAMES:
        source = load(name)
        folder = tmp_path_factory.mktemp(name)
        (folder / "tokenizer.json").write_bytes((source.folder / "tokenizer.json").read_bytes())
        config = {"model_type": source.family, small.CONTEXT[source.family]: 10**6}
        (folder / "config.json").write_text(json.dumps(config))
        checkpoints[name] = Checkpoint(name, folder)
    return checkpoints


def cut(checkpoint: Checkpoint, text: str) -> list[tuple[str, str]]:
    """Every token of the text with the characters that it covers."""
    return [
        (token.piece, text[token.start : token.end]) for token in tokenize(checkpoint, text).tokens if token.source == 0
    ]


BERT_PIECES = (
    "un ##aff ##able e ##le a ##b ab x ß i 漢 . \u1112\u1161 ##\u11ab ##\u1100\u116e\u11a8 👨 ##👩 ½ 한 \u0934 ##\u093e"
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("UNAFFABLE", [("un", "UN"), ("##aff", "AFF"), ("##able", "ABLE")]),
        ("E\u0301le e\u0301le", [("e", "E\u0301"), ("##le", "le"), ("e", "e\u0301"), ("##le", "le")]),
        ("é\u0323\u0301 e", [("e", "é\u0323\u0301"), ("e", "e")]),
        ("a\x00b \x00x\x00", [("ab", "a\x00b"), ("x", "x")]),
        ("\u200dx\u200d x", [("x", "x"), ("x", "x")]),
        ("İ i", [("i", "İ"), ("i", "i")]),
        ("ß", [("ß", "ß")]),
        ("x漢x", [("x", "x"), ("漢", "漢"), ("x", "x")]),
        ("한국", [("\u1112\u1161", "한"), ("##\u11ab", "한"), ("##\u1100\u116e\u11a8", "국")]),
        ("\u1112\u1161\u11ab", [("\u1112\u1161", "\u1112\u1161"), ("##\u11ab", "\u11ab")]),
        ("👨\u200d👩", [("👨", "👨"), ("##👩", "👩")]),
        ("\u0934\u093e", [("[UNK]", "\u0934\u093e")]),  # the dot below is stripped, so this is another word
        ("½ \t\r\n x", [("½", "½"), ("x", "x")]),
        (" [MASK]x [mask] ", [("[MASK]", "[MASK]"), ("x", "x"), ("[UNK]", "["), ("[UNK]", "mask"), ("[UNK]", "]")]),
        ("q\u0301z.", [("[UNK]", "q\u0301z"), (".", ".")]),
        ("x" * 101, [("[UNK]", "x" * 101)]),
    ],
)
def test_bert(tmp_path: Path, text: str, expected: list[tuple[str, str]]) -> None:
    assert cut(small.checkpoint(tmp_path, "bert", small.bert(BERT_PIECES)), text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hi hi", [("hi", "hi"), ("Ġhi", " hi")]),
        (" \x00\r", [("Ġ", " "), ("Ā", "\x00"), ("č", "\r")]),
        ("é", [("Ã©", "é")]),
        ("한hi", [("í", "한"), ("ķ", "한"), ("ľ", "한"), ("hi", "hi")]),
        ("漢字", [("æ", "漢"), ("¼", "漢"), ("¢å", "漢字"), ("Ń", "字"), ("Ĺ", "字")]),
        ("Ġ▁", [("Ä", "Ġ"), ("ł", "Ġ"), ("â", "▁"), ("ĸ", "▁"), ("ģ", "▁")]),
        ("hi<|endoftext|> hi", [("hi", "hi"), ("<|endoftext|>", "<|endoftext|>"), ("Ġhi", " hi")]),
    ],
)
@pytest.mark.parametrize("trim_offsets", [False, True])
def test_gpt2(tmp_path: Path, text: str, expected: list[tuple[str, str]], trim_offsets: bool) -> None:
    merges = [("h", "i"), ("Ġ", "hi"), ("Ã", "©"), ("¢", "å")]
    assert cut(small.checkpoint(tmp_path, "gpt2", small.gpt2(merges, trim_offsets=trim_offsets)), text) == expected


T5_SCORES = {"▁": -3.0, "hi": -3.5, "▁hi": -4.0, "fi": -4.5, "1": -5.0, "⁄": -5.0, "é": -5.0, "ガ": -5.0, "▁한": -5.0}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hi hi", [("▁hi", "hi"), ("▁hi", " hi")]),
        ("hi  hi", [("▁hi", "hi"), ("▁", " "), ("▁hi", " hi")]),
        ("▁hi", [("▁hi", "▁hi")]),
        ("ﬁé", [("▁", ""), ("fi", "ﬁ"), ("é", "é")]),
        ("½", [("▁", ""), ("1", "½"), ("⁄", "½"), ("<0x32>", "½")]),
        ("e\u0301 ｶﾞ", [("▁", ""), ("é", "e\u0301"), ("▁", " "), ("ガ", "ｶﾞ")]),
        ("\u1112\u1161\u11ab한", [("▁한", "\u1112\u1161\u11ab"), ("<0xED>", "한"), ("<0x95>", "한"), ("<0x9C>", "한")]),
        ("öä", [("▁", ""), ("<0xC3>", "ö"), ("<0xB6>", "ö"), ("<0xC3>", "ä"), ("<0xA4>", "ä")]),
        ("<0xE2>hi", [("▁", ""), ("<0xE2>", "<0xE2>"), ("hi", "hi")]),
        ("hi</s> hi<extra_id_7>hi",
         [("▁hi", "hi"), ("</s>", "</s>"), ("▁hi", " hi"), ("<extra_id_7>", "<extra_id_7>"), ("▁hi", "hi")]),
        ("\x00hi", [("▁", ""), ("<0x00>", "\x00"), ("hi", "hi")]),
    ],
)  # fmt: skip
def test_t5(tmp_path: Path, text: str, expected: list[tuple[str, str]]) -> None:
    assert cut(small.checkpoint(tmp_path, "t5", small.t5(T5_SCORES, fallback=True)), text) == expected


def _normalizer(checkpoint: Checkpoint) -> Callable[[str], str]:
    normalizer = checkpoint.tokenizer.normalizer
    return normalizer.normalize_str if normalizer else str


def assert_promises(checkpoint: Checkpoint, text: str, result: Tokenization) -> None:
    """What the package's docstring promises of spans, and that the tokens are the library's."""
    assert list(result.ids) == checkpoint.tokenizer.encode(text).ids
    own = [token for token in result.tokens if token.source == 0]
    assert all((token.start, token.end, token.data) == (0, 0, b"") for token in result.tokens if token.source is None)
    assert all(0 <= token.start <= token.end <= len(text) for token in own)
    assert all(one.start <= other.start and one.end <= other.end for one, other in pairwise(own))
    assert all(token.end > token.start or token.data == b" " for token in own)
    assert_words(result, own)
    assert_marks(text, result, own)
    if checkpoint.family == "gpt2":
        assert_bytes(text, own)
    else:
        assert_letters(_normalizer(checkpoint), text, own)


def assert_words(result: Tokenization, own: list[Token]) -> None:
    in_words = [token for token in own if token.word is not None]
    groups = [list(group) for _word, group in groupby(in_words, key=lambda token: token.word)]
    assert [group[0].word for group in groups] == list(range(len(result.words)))
    for word, inside in zip(result.words, groups, strict=True):
        assert (word.start, word.end) == (inside[0].start, inside[-1].end)
        assert inside[0].kind != "continuation"
        assert all(token.kind != "word start" for token in inside[1:])


def assert_marks(text: str, result: Tokenization, own: list[Token]) -> None:
    edges = {0, *(match.end() for match in regex.finditer(r"\X", text))}
    assert [token for mark in result.marks for token in mark.tokens] == [
        at for at, token in enumerate(result.tokens) if token.source == 0
    ]
    assert all(one.end <= other.start for one, other in pairwise(result.marks))
    for mark in result.marks:
        assert mark.start in edges
        assert mark.end in edges
        assert mark.text == text[mark.start : mark.end]
        assert all(mark.start <= result.tokens[at].start <= result.tokens[at].end <= mark.end for at in mark.tokens)
    assert sum(len(mark.tokens) for mark in result.marks) == len(own)


def assert_bytes(text: str, own: list[Token]) -> None:
    """GPT-2 changes nothing: every token covers exactly the characters that it has a byte of."""
    character = [at for at, char in enumerate(text) for _ in char.encode()]
    at = 0
    for token in own:
        length = len(token.data or token.piece.encode())
        assert (token.start, token.end) == (character[at], character[at + length - 1] + 1)
        at += length
    assert at == len(character)


def assert_letters(normalize: Callable[[str], str], text: str, own: list[Token]) -> None:
    """Every token's letters come out of what it covers, and nothing that comes to a letter is left out."""
    for token in own:
        if token.data and token.kind in ("word start", "continuation"):
            letters = token.data.decode().strip(" ")
            assert letters in normalize(text[token.start : token.end])
    covered = {at for token in own for at in range(token.start, token.end)}
    left_out = {char for at, char in enumerate(text) if at not in covered}
    assert not "".join(map(normalize, left_out)).strip(" ")


@HEALTHY
@given(text=texts())
def test_any_string_keeps_the_promises(unbounded: dict[str, Checkpoint], text: str) -> None:
    for checkpoint in unbounded.values():
        assert_promises(checkpoint, text, tokenize(checkpoint, text))


@pytest.mark.parametrize("name", NAMES)
def test_long_strings_keep_the_promises(unbounded: dict[str, Checkpoint], name: str) -> None:
    for text in seeded_texts(SEEDED, seed=20_181_011):
        assert_promises(unbounded[name], text, tokenize(unbounded[name], text))


@settings(HEALTHY, max_examples=500)
@given(text=texts())
def test_bert_s_short_cut_gives_what_the_general_way_gives(unbounded: dict[str, Checkpoint], text: str) -> None:
    bert = unbounded["bert-mini"]
    encoding = bert.tokenizer.encode(text)
    own = slice(1, len(encoding.ids) - 1)
    short, general = read(bert), Reading(bert)
    general.bert = False
    ids = encoding.ids[own]
    data = [short.pieces[id_].data for id_ in ids]
    ours, theirs = (Located(reading, encoding, own, text, ids, data) for reading in (short, general))
    assert (ours.starts, ours.ends, ours.words) == (theirs.starts, theirs.ends, theirs.words)


@settings(HEALTHY, max_examples=500)
@given(text=texts(), pair=texts())
def test_a_pair_is_placed_as_each_text_alone(unbounded: dict[str, Checkpoint], text: str, pair: str) -> None:
    for checkpoint in unbounded.values():
        both = tokenize(checkpoint, text, pair)
        assert list(both.ids) == checkpoint.tokenizer.encode(text, pair).ids
        for source, alone in enumerate((text, pair)):
            spans = [(token.id, token.start, token.end, token.kind) for token in both.tokens if token.source == source]
            assert spans == [
                (token.id, token.start, token.end, token.kind)
                for token in tokenize(checkpoint, alone).tokens
                if token.source == 0
            ]
            words = [(word.start, word.end, word.text) for word in both.words if word.source == source]
            assert words == [(word.start, word.end, word.text) for word in tokenize(checkpoint, alone).words]


@settings(HEALTHY, max_examples=600)
@given(text=texts(parts=4))
def test_a_word_s_steps_end_in_its_tokens(unbounded: dict[str, Checkpoint], text: str) -> None:
    for checkpoint in unbounded.values():
        result = tokenize(checkpoint, text)
        for at, word in enumerate(result.words):
            if len(word.text.encode()) <= 200:
                tokens = [token for token in result.tokens if token.word == at]
                steps = explain(checkpoint, word.text)
                assert steps.ids == tuple(token.id for token in tokens)
                assert steps.pieces == tuple(token.piece for token in tokens)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(text=st.text(st.characters(codec="utf-8"), max_size=60))
def test_the_context_only_drops_the_end(text: str) -> None:
    for name in NAMES:
        long = text * 60
        whole, result = load(name).tokenizer.encode(long), tokenize(load(name), long)
        assert len(result.tokens) == min(len(whole.ids), load(name).context)
        assert result.dropped == len(whole.ids) - len(result.tokens)
        own = [token for token in result.tokens if token.source == 0]
        first = result.dropped_from[0]
        assert (first is None) == (result.dropped == 0)
        assert first is None or own[-1].start <= first <= len(long)
