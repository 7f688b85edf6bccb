"""The algorithms' steps: numbers worked out by hand, and the library's own result for any word."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import BPE, Model, Unigram, WordLevel, WordPiece

from explainers.checkpoints import Checkpoint, load
from explainers.tokenization import (
    BpeMerge,
    BpeSteps,
    Edge,
    StepsError,
    TextError,
    TooLong,
    UnigramSteps,
    WordPieceSteps,
    WordPieceTry,
    explain,
)
from explainers.tokenization.alphabet import STAND_INS
from tests import small_tokenizers as small
from tests.strategies import texts

SEARCH = settings(
    max_examples=1_000, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def test_wordpiece_looks_for_the_longest_piece_first(tmp_path: Path) -> None:
    bert = small.checkpoint(tmp_path, "bert", small.bert("un ##aff ##able ##a"))
    steps = explain(bert, "unaff")
    assert steps == WordPieceSteps(
        "unaff",
        (
            WordPieceTry(0, 5, "unaff", found=False),
            WordPieceTry(0, 4, "unaf", found=False),
            WordPieceTry(0, 3, "una", found=False),
            WordPieceTry(0, 2, "un", found=True),
            WordPieceTry(2, 5, "##aff", found=True),
        ),
        ("un", "##aff"),
        (5, 6),
    )


def test_wordpiece_gives_a_word_up_as_a_whole(tmp_path: Path) -> None:
    bert = small.checkpoint(tmp_path, "bert", small.bert("un ##a"))
    steps = explain(bert, "unax")
    assert isinstance(steps, WordPieceSteps)
    assert (steps.pieces, steps.ids) == (("[UNK]",), (1,))
    assert steps.tries[-1] == WordPieceTry(3, 4, "##x", found=False)
    assert [look.piece for look in steps.tries if look.found] == ["un", "##a"]


@pytest.mark.parametrize(("length", "skipped"), [(100, False), (101, True)])
def test_wordpiece_does_not_look_at_words_of_more_than_100_characters(
    tmp_path: Path, length: int, skipped: bool
) -> None:
    bert = small.checkpoint(tmp_path, "bert", small.bert("a ##a"))
    steps = explain(bert, "a" * length)
    assert isinstance(steps, WordPieceSteps)
    assert steps.skipped == skipped
    assert steps.pieces == (("[UNK]",) if skipped else ("a", *["##a"] * (length - 1)))
    assert steps.ids == tuple(token.id for token in bert.tokenizer.model.tokenize("a" * length))


def test_bpe_merges_the_pair_that_was_learned_first(tmp_path: Path) -> None:
    merges = [("l", "o"), ("e", "r"), ("lo", "w"), ("n", "e"), ("low", "er")]
    steps = explain(small.checkpoint(tmp_path, "gpt2", small.gpt2(merges)), "lower")
    assert isinstance(steps, BpeSteps)
    assert (steps.data, steps.symbols) == (b"lower", ("l", "o", "w", "e", "r"))
    assert steps.merges == (
        BpeMerge(0, ("l", "o"), 0, ((0, 0), (3, 1)), ("lo", "w", "e", "r")),
        BpeMerge(2, ("e", "r"), 1, ((0, 2), (2, 1)), ("lo", "w", "er")),
        BpeMerge(0, ("lo", "w"), 2, ((0, 2),), ("low", "er")),
        BpeMerge(0, ("low", "er"), 4, ((0, 4),), ("lower",)),
    )
    assert steps.pieces == ("lower",)


def test_bpe_takes_the_leftmost_of_equal_pairs_one_at_a_time(tmp_path: Path) -> None:
    steps = explain(small.checkpoint(tmp_path, "gpt2", small.gpt2([("a", "a"), ("aa", "a")])), "aaaaa")
    assert isinstance(steps, BpeSteps)
    assert [(merge.at, merge.symbols) for merge in steps.merges] == [
        (0, ("aa", "a", "a", "a")),
        (1, ("aa", "aa", "a")),
        (1, ("aa", "aaa")),
    ]
    assert steps.merges[0].candidates == ((0, 0), (1, 0), (2, 0), (3, 0))
    assert steps.merges[1].candidates == ((0, 1), (1, 0), (2, 0))


def test_bpe_begins_with_the_bytes_of_a_character(tmp_path: Path) -> None:
    steps = explain(small.checkpoint(tmp_path, "gpt2", small.gpt2([("Ã", "©"), ("Ġ", "Ã©")])), " é\n")
    assert isinstance(steps, BpeSteps)
    assert (steps.data, steps.symbols, steps.pieces) == (b" \xc3\xa9\n", ("Ġ", "Ã", "©", "Ċ"), ("ĠÃ©", "Ċ"))


def test_bpe_may_take_a_word_whole(tmp_path: Path) -> None:
    tokenizer = small.gpt2([("h", "i")], ignore_merges=True, extra=("hihi",))
    gpt2 = small.checkpoint(tmp_path, "gpt2", tokenizer)
    whole = explain(gpt2, "hihi")
    assert isinstance(whole, BpeSteps)
    assert (whole.merges, whole.pieces, whole.whole) == ((), ("hihi",), True)
    assert explain(gpt2, "hihih").pieces == ("hi", "hi", "h")


LATTICE = {"▁": -2.0, "▁a": -2.5, "a": -3.0, "b": -3.5, "ab": -4.0, "▁ab": -7.0, "c": -6.0, "bc": -8.0}


def test_unigram_adds_up_every_way_through(tmp_path: Path) -> None:
    steps = explain(small.checkpoint(tmp_path, "t5", small.t5(LATTICE, fallback=False)), "▁abc")
    assert isinstance(steps, UnigramSteps)
    assert steps.edges == (
        Edge(0, 1, "▁", -2.0, known=True),
        Edge(0, 2, "▁a", -2.5, known=True),
        Edge(0, 3, "▁ab", -7.0, known=True),
        Edge(1, 2, "a", -3.0, known=True),
        Edge(1, 3, "ab", -4.0, known=True),
        Edge(2, 3, "b", -3.5, known=True),
        Edge(2, 4, "bc", -8.0, known=True),
        Edge(3, 4, "c", -6.0, known=True),
    )
    # Up to "▁ab": -2.5 - 3.5 = -6 and -2 - 4 = -6 tie, and the library keeps the first that it met, "▁" + "ab".
    # The whole word: -6 - 6 = -12 twice, and "▁a" + "bc" = -10.5, which is the best.
    assert steps.best_scores == (0.0, -2.0, -2.5, -6.0, -10.5)
    assert [edge.piece for edge in steps.best.edges] == ["▁a", "bc"]
    assert steps.best.score == -10.5
    assert steps.runner_up is not None
    assert [edge.piece for edge in steps.runner_up.edges] == ["▁", "ab", "c"]
    assert steps.runner_up.score == -12.0
    assert steps.pieces == ("▁a", "bc")


def test_unigram_gives_the_first_of_equal_ways(tmp_path: Path) -> None:
    t5 = small.checkpoint(tmp_path, "t5", small.t5(LATTICE, fallback=False))
    steps = explain(t5, "▁ab")
    assert isinstance(steps, UnigramSteps)
    assert (steps.pieces, steps.best.score) == (("▁", "ab"), -6.0)
    assert steps.runner_up is not None
    assert ([edge.piece for edge in steps.runner_up.edges], steps.runner_up.score) == (["▁a", "b"], -6.0)
    alone = explain(t5, "a")
    assert isinstance(alone, UnigramSteps)
    assert alone.runner_up is None


def test_unigram_s_unknown_characters_cost_ten_more_than_the_worst_piece(tmp_path: Path) -> None:
    joined = explain(small.checkpoint(tmp_path, "t5", small.t5(LATTICE, fallback=False)), "xyb")
    assert isinstance(joined, UnigramSteps)
    assert joined.edges[:2] == (Edge(0, 1, "x", -29.0, known=False), Edge(1, 2, "y", -29.0, known=False))  # -19 - 10
    assert (joined.best_scores, joined.pieces, joined.ids[0]) == ((0.0, -29.0, -58.0, -61.5), ("<unk>", "b"), 2)
    spelled = explain(small.checkpoint(tmp_path / "bytes", "t5", small.t5(LATTICE, fallback=True)), "éb")
    assert isinstance(spelled, UnigramSteps)
    assert spelled.best_scores == (0.0, -30.0, -33.5)  # the bytes are pieces of -20
    assert spelled.pieces == ("<0xC3>", "<0xA9>", "b")


@pytest.mark.parametrize("name", ["bert-mini", "gpt2-mini", "t5-mini"])
def test_long_words_and_half_characters_are_refused_in_a_sentence(name: str) -> None:
    checkpoint = load(name)
    assert explain(checkpoint, "é" * 100)
    with pytest.raises(TooLong, match=r"^This word has 201 bytes; steps are shown up to 200\.$"):
        explain(checkpoint, "é" * 100 + "a")
    with pytest.raises(TextError):
        explain(checkpoint, "\ud800")
    assert explain(checkpoint, "").ids == ()


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        (BPE({"a": 0}, [], dropout=0.1), "This tokenizer cuts at random, so there are no steps to show."),
        (Unigram([("a", -1.0)], unk_id=0, alpha=0.5), "This tokenizer cuts at random, so there are no steps to show."),
        (WordLevel({"a": 0}, unk_token="a"), "no WordPiece, BPE or Unigram, so there are no steps to show."),
        (WordPiece({"a": 0}, unk_token="[UNK]"), r"The vocabulary has no \[UNK\], so it cannot cut this word."),
        (Unigram([("a", -1.0)]), "The vocabulary has no piece for b, and none for unknown text."),
        (BPE({"a": 0}, [], unk_token="<unk>"), "The vocabulary has no <unk>, so it cannot cut this word."),
    ],
)
def test_tokenizers_without_steps_say_so(tmp_path: Path, model: Model, sentence: str) -> None:
    checkpoint = small.checkpoint(tmp_path, "bert", Tokenizer(model))
    checkpoint.tokenizer.model = model  # a file does not keep how a Unigram draws
    with pytest.raises(StepsError, match=sentence):
        explain(checkpoint, "b")


def assert_the_library_s(checkpoint: Checkpoint, word: str, *, byte_level: bool = False) -> None:
    written = "".join(STAND_INS[byte] for byte in word.encode()) if byte_level else word
    tokens = checkpoint.tokenizer.model.tokenize(written)
    steps = explain(checkpoint, word)
    assert steps.ids == tuple(token.id for token in tokens)
    assert steps.pieces == tuple(checkpoint.tokenizer.id_to_token(token.id) for token in tokens)
    if isinstance(steps, UnigramSteps):
        assert math.isclose(sum(edge.score for edge in steps.best.edges), steps.best.score, abs_tol=1e-9)
        assert steps.best.score == steps.best_scores[-1]
        assert "".join(edge.piece for edge in steps.best.edges) == word
        if steps.runner_up:
            assert steps.runner_up != steps.best
            assert steps.runner_up.score <= steps.best.score
            assert "".join(edge.piece for edge in steps.runner_up.edges) == word


WORDS = st.one_of(
    texts(),
    st.text(st.sampled_from("etaoinshr"), min_size=1, max_size=200),
    st.text(st.sampled_from("한국어ᄒ👍é<0xE2>▁ "), max_size=200),
    st.tuples(st.sampled_from(["", " ", "▁"]), st.text(st.sampled_from("abcdefghijklmnoprstuvwy"), max_size=20)).map(
        "".join
    ),
).map(lambda text: text.encode()[:200].decode(errors="ignore"))


@SEARCH
@given(word=WORDS)
def test_steps_end_in_the_library_s_result(word: str) -> None:
    for name in ("bert-mini", "gpt2-mini", "t5-mini"):
        assert_the_library_s(load(name), word, byte_level=name == "gpt2-mini")


@pytest.fixture(scope="module")
def full_of_ties(tmp_path_factory: pytest.TempPathFactory) -> list[Checkpoint]:
    """Unigram vocabularies whose pieces score the same for the same length, with and without bytes."""
    pieces = ["a", "b", "aa", "ab", "ba", "bb", "aba", "bab", "abab", "▁", "▁a", "é", "aé"]
    even = {piece: -float(len(piece)) for piece in pieces}
    odd = {piece: -1.0 - at / 10 for at, piece in enumerate(pieces)}
    return [
        small.checkpoint(tmp_path_factory.mktemp("ties"), "t5", small.t5(scores, fallback=fallback))
        for scores in (even, odd)
        for fallback in (True, False)
    ]


@SEARCH
@given(word=st.text(st.sampled_from("ab▁éxy<>unk0E2"), max_size=40))
def test_unigram_ties_and_unknowns_end_in_the_library_s_result(full_of_ties: list[Checkpoint], word: str) -> None:
    for checkpoint in full_of_ties:
        assert_the_library_s(checkpoint, word)
        assert_the_library_s(checkpoint, f"<unk>{word}</s>")


MERGES = st.lists(
    st.tuples(st.sampled_from(["a", "b", "aa", "ab", "aab", "abb"]), st.sampled_from(["a", "b", "aa", "ba"]))
)


@settings(SEARCH, max_examples=300)
@given(merges=MERGES, word=st.text(st.sampled_from("ab"), max_size=30), unknown=st.booleans(), fuse=st.booleans())
def test_bpe_of_any_merges_ends_in_the_library_s_result(
    tmp_path: Path, merges: list[tuple[str, str]], word: str, unknown: bool, fuse: bool
) -> None:
    usable, known = [], ["a", "b"]
    for left, right in merges:
        if left in known and right in known:
            usable.append((left, right))
            known.append(left + right)
    vocab = {piece: at for at, piece in enumerate(["<unk>", *dict.fromkeys(known)])}
    model = BPE(vocab, usable, unk_token="<unk>" if unknown else None, fuse_unk=fuse)
    checkpoint = small.checkpoint(tmp_path, "gpt2", Tokenizer(model))
    assert_the_library_s(checkpoint, f"x{word}yz{word[::-1]}")


def test_bpe_with_prefix_suffix_and_bytes_ends_in_the_library_s_result(tmp_path: Path) -> None:
    pieces = [
        "<unk>",
        "a",
        "##a",
        "##b",
        "a</w>",
        "##b</w>",
        "<0xC3>",
        "<0xA9>",
        "a##b</w>",
        "ab</w>",
        "##ab</w>",
        "##aab</w>",
    ]
    vocab = {piece: at for at, piece in enumerate(pieces)}
    models = [
        BPE(vocab, [("a", "##b</w>")], continuing_subword_prefix="##", end_of_word_suffix="</w>", unk_token="<unk>"),
        BPE(
            vocab, [("##a", "##b</w>"), ("##a", "##ab</w>")], continuing_subword_prefix="##", end_of_word_suffix="</w>"
        ),
        BPE(vocab, [], byte_fallback=True, unk_token="<unk>"),
        BPE(vocab, [], byte_fallback=True, unk_token="<unk>", fuse_unk=True),
    ]
    for at, model in enumerate(models):
        checkpoint = small.checkpoint(tmp_path / str(at), "gpt2", Tokenizer(model))
        for word in ("ab", "a", "aab", "aaab", "aé", "éa", "aéa", "xéa", "xéxa", "xxé", ""):
            assert_the_library_s(checkpoint, word)
