"""What tokenize() gives for known texts: ids as transformers, kinds, pairs, the cut, marks, counts, the vocabulary."""

from __future__ import annotations

import math
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from explainers.checkpoints import FAMILIES, Checkpoint, Family, load
from explainers.tokenization import Kind, TextError, Token, search, tokenize, vocabulary
from tests import small_tokenizers as small

NAMES = ("bert-mini", "gpt2-mini", "t5-mini")

TEXTS = (
    "",
    " ",
    "Hello, world!",
    "The unaffable  robot\tread\n\nthe naïve café's menu ",
    "e\u0301cole ﬁn ½ ＡＢＣ ß İstanbul",
    "안녕하세요 한국어 ㅋㅋㅋ \u1112\u1161\u11ab",
    "漢字かな交じり文",
    "👨\u200d👩\u200d👧 loves 🍕 and 👍🏽",
    "a [MASK] b </s> c <extra_id_5>d <0xE2> <|endoftext|> ##ing ▁x",
    "nul\x00, bell\x07, soft\xadhyphen, zero\u200bwidth, \ufeffbom",
    "مرحبا بالعالم देवनागरी ไทย",
)


def kinds(tokens: tuple[Token, ...]) -> list[tuple[str, Kind]]:
    return [(token.piece, token.kind) for token in tokens]


@pytest.mark.parametrize("name", NAMES)
def test_ids_are_those_of_transformers(name: str) -> None:
    from transformers import PreTrainedTokenizerFast

    theirs = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_file=str(load(name).folder / "tokenizer.json"), model_input_names=["input_ids", "token_type_ids"]
    )
    for text in TEXTS:
        assert list(tokenize(load(name), text).ids) == theirs(text)["input_ids"], text
        both = theirs(text, "the second text")
        ours = tokenize(load(name), text, "the second text")
        assert list(ours.ids) == both["input_ids"], text
        if name == "bert-mini":
            assert [token.segment for token in ours.tokens] == both["token_type_ids"]


def test_kinds_sources_and_words_of_bert(tmp_path: Path) -> None:
    bert = small.checkpoint(tmp_path, "bert", small.bert("un ##aff ##able dog , is"))
    result = tokenize(bert, "Unaffable, cat [MASK]", "is dog")
    assert [(token.piece, token.kind, token.source, token.segment, token.word) for token in result.tokens] == [
        ("[CLS]", "special", None, 0, None),
        ("un", "word start", 0, 0, 0),
        ("##aff", "continuation", 0, 0, 0),
        ("##able", "continuation", 0, 0, 0),
        (",", "word start", 0, 0, 1),
        ("[UNK]", "unknown", 0, 0, 2),
        ("[MASK]", "special", 0, 0, None),
        ("[SEP]", "special", None, 0, None),
        ("is", "word start", 1, 1, 3),
        ("dog", "word start", 1, 1, 4),
        ("[SEP]", "special", None, 1, None),
    ]
    assert [word.text for word in result.words] == ["unaffable", ",", "cat", "is", "dog"]
    assert [(word.source, word.start, word.end) for word in result.words][2:4] == [(0, 11, 14), (1, 0, 2)]
    assert result.tokens[2].data == b"aff"
    assert result.tokens[5].data == b""


def test_kinds_and_bytes_of_gpt2(tmp_path: Path) -> None:
    gpt2 = small.checkpoint(tmp_path, "gpt2", small.gpt2([("h", "i"), ("Ġ", "hi"), ("Ã", "©")]))
    result = tokenize(gpt2, "hi hi é한<|endoftext|>")
    assert kinds(result.tokens) == [
        ("hi", "word start"),
        ("Ġhi", "word start"),
        ("Ġ", "word start"),
        ("Ã©", "continuation"),
        ("í", "byte"),
        ("ķ", "byte"),
        ("ľ", "byte"),
        ("<|endoftext|>", "special"),
    ]
    assert b"".join(token.data for token in result.tokens) == "hi hi é한".encode()
    assert {token.segment for token in tokenize(gpt2, "hi", "hi").tokens} == {0}
    assert [token.source for token in tokenize(gpt2, "hi", "hi").tokens] == [0, 1]


def test_kinds_and_bytes_of_t5(tmp_path: Path) -> None:
    t5 = small.checkpoint(tmp_path, "t5", small.t5({"▁": -3.0, "▁hi": -4.0, "s": -5.0}, fallback=True))
    result = tokenize(t5, "his<extra_id_5>é <unk>")
    assert [(token.piece, token.kind, token.data) for token in result.tokens] == [
        ("▁hi", "word start", b" hi"),
        ("s", "continuation", b"s"),
        ("<extra_id_5>", "sentinel", b""),
        ("▁", "word start", b" "),
        ("<0xC3>", "byte", b"\xc3"),
        ("<0xA9>", "byte", b"\xa9"),
        ("▁", "word start", b" "),
        ("<unk>", "unknown", b""),
        ("</s>", "special", b""),
    ]
    plain = small.checkpoint(tmp_path / "plain", "t5", small.t5({"▁": -3.0, "a": -4.0}, fallback=False))
    assert [(token.piece, token.kind) for token in tokenize(plain, "éöa").tokens] == [
        ("▁", "word start"),
        ("<unk>", "unknown"),  # the library's own name for it is "éö", which is no piece of the vocabulary
        ("a", "continuation"),
        ("</s>", "special"),
    ]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("pair", [None, "", "x " * 3, "x " * 20, "x " * 400])
@pytest.mark.parametrize("words", [0, 5, 15, 300])
@pytest.mark.parametrize("context", [4, 20, 33])
def test_the_cut_is_the_library_s_longest_first(
    tmp_path: Path, family: Family, pair: str | None, words: int, context: int
) -> None:
    checkpoint = _tiny(tmp_path, family, context)
    text = "x " * words
    library = Tokenizer.from_file(str(checkpoint.folder / "tokenizer.json"))
    library.enable_truncation(context)
    whole = checkpoint.tokenizer.encode(text, pair)
    result = tokenize(checkpoint, text, pair)
    assert list(result.ids) == library.encode(text, pair).ids
    assert result.dropped == len(whole.ids) - len(result.ids)
    for source, cut in enumerate(result.dropped_from):
        kept = [token for token in result.tokens if token.source == source]
        spans = [offset for offset, of in zip(whole.offsets, whole.sequence_ids, strict=True) if of == source]
        assert cut == (spans[len(kept)][0] if len(kept) < len(spans) else None)
    assert {token.word for token in result.tokens} - {None} == set(range(len(result.words)))


def _tiny(folder: Path, family: Family, context: int) -> Checkpoint:
    tokenizers = {
        "bert": lambda: small.bert("x"),
        "gpt2": lambda: small.gpt2([("Ġ", "x")]),
        "t5": lambda: small.t5({"▁x": -1.0, "▁": -2.0}, fallback=True),
    }
    return small.checkpoint(folder, family, tokenizers[family](), context)


def test_special_tokens_stay_where_nothing_else_fits(tmp_path: Path) -> None:
    result = tokenize(_tiny(tmp_path, "bert", 2), "x x", "x")
    assert [token.piece for token in result.tokens] == ["[CLS]", "[SEP]", "[SEP]"]
    assert (result.dropped, result.dropped_from, result.words) == (3, (0, 0), ())


@pytest.mark.parametrize("name", NAMES)
def test_half_a_character_is_refused_in_a_sentence(name: str) -> None:
    for text, pair in (("ab\ud800", None), ("ab", "a\udfffb"), ("\udc00" * 3, None)):
        with pytest.raises(TextError, match=r"^Character \d is half of a surrogate pair .*\.$"):
            tokenize(load(name), text, pair)


def test_a_text_that_the_vocabulary_cannot_cut_is_refused_in_a_sentence(tmp_path: Path) -> None:
    from tokenizers.models import WordPiece

    tokenizer = small.bert("a")
    tokenizer.model = WordPiece({"a": 0}, unk_token="[UNK]")
    with pytest.raises(TextError, match="small-bert cannot cut this text"):
        tokenize(small.checkpoint(tmp_path, "bert", tokenizer), "b")


def test_marks_join_the_tokens_that_split_a_grapheme(tmp_path: Path) -> None:
    gpt2 = small.checkpoint(tmp_path, "gpt2", small.gpt2([]))
    marks = tokenize(gpt2, "a👍🏽 e\u0301\r\n", "b").marks
    assert [(mark.source, mark.text, mark.tokens) for mark in marks] == [
        (0, "a", (0,)),
        (0, "👍🏽", tuple(range(1, 9))),
        (0, " ", (9,)),
        (0, "e\u0301", (10, 11, 12)),
        (0, "\r\n", (13, 14)),
        (1, "b", (15,)),
    ]
    t5 = small.checkpoint(tmp_path / "t5", "t5", small.t5({"▁": -3.0, "x": -4.0}, fallback=True))
    assert [(mark.start, mark.end, mark.tokens) for mark in tokenize(t5, "x½").marks] == [
        (0, 0, (0,)),  # T5's own "▁"
        (0, 1, (1,)),
        (1, 2, (2, 3, 4, 5, 6)),  # 1, ⁄ (three bytes) and 2 from one ½
    ]


def test_counts_by_hand(tmp_path: Path) -> None:
    bert = small.checkpoint(tmp_path, "bert", small.bert("my dog is hair ##y ."), context=9)
    counts = tokenize(bert, "My dog is hairy.").counts
    assert (counts.tokens, counts.words, counts.characters, counts.unknowns) == (6, 4, 16, 0)
    assert (counts.tokens_per_word, counts.characters_per_token) == (1.5, 16 / 6)
    cut = tokenize(bert, "My  cat is hairy. My dog is hairy.")
    assert (cut.dropped, cut.dropped_from[0]) == (5, 21)
    assert (cut.counts.tokens, cut.counts.words, cut.counts.characters, cut.counts.unknowns) == (7, 5, 21, 1)
    empty = tokenize(bert, "").counts
    assert (empty.tokens_per_word, empty.characters_per_token) == (0.0, 0.0)


def test_vocabulary_shows_every_row_once(tmp_path: Path) -> None:
    for name in NAMES:
        entries = vocabulary(load(name))
        assert [entry.id for entry in entries] == list(range(load(name).tokenizer.get_vocab_size()))
        assert all(load(name).tokenizer.id_to_token(entry.id) == entry.piece for entry in entries)
    gpt2 = {
        entry.piece: entry
        for entry in vocabulary(small.checkpoint(tmp_path, "gpt2", small.gpt2([("Ġ", "a"), ("Ã", "©")])))
    }
    assert (gpt2["Ġa"].text, gpt2["Ġa"].kind) == (" a", "word start")
    assert (gpt2["Ã©"].text, gpt2["Ã©"].kind) == ("é", "continuation")
    assert (gpt2["Ã"].text, gpt2["Ã"].kind) == ("C3", "byte")
    assert (gpt2["<|endoftext|>"].text, gpt2["<|endoftext|>"].kind) == ("<|endoftext|>", "special")


def test_search_finds_pieces_texts_and_ids(tmp_path: Path) -> None:
    entries = vocabulary(small.checkpoint(tmp_path, "bert", small.bert("dog ##dogs Dogma 7 17")))
    assert [entry.piece for entry in search(entries, "DOG")] == ["dog", "##dogs", "Dogma"]
    assert [entry.piece for entry in search(entries, "##d")] == ["##dogs"]
    assert [(entry.id, entry.piece) for entry in search(entries, "7")] == [(7, "Dogma"), (8, "7"), (9, "17")]
    assert search(entries, "") == entries
    assert search(entries, "²") == search(entries, "9" * 5000) == ()


def test_results_survive_pickling_and_threads() -> None:
    with ThreadPoolExecutor(8) as pool:
        for name in NAMES:
            results = list(pool.map(lambda _, name=name: tokenize(load(name), "Hello " * 50), range(64)))
            assert len(set(results)) == 1
            again = pickle.loads(pickle.dumps(results[0]))  # noqa: S301
            assert (again, again.marks, again.words) == (results[0], results[0].marks, results[0].words)


def test_the_shared_tokenizer_is_left_as_it_was() -> None:
    for name in NAMES:
        before = load(name).tokenizer.to_str()
        tokenize(load(name), "x " * 2000, "y " * 2000)
        assert load(name).tokenizer.to_str() == before
        assert load(name).tokenizer.truncation is None
        assert math.isfinite(tokenize(load(name), "x " * 2000).counts.tokens_per_word)
