"""BERT's next sentence task: the way to the answer against transformers, and the test against counting by hand."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from explainers import next_sentence
from explainers.checkpoints import ASSETS, Checkpoint, load
from explainers.intervals import share_interval
from explainers.next_sentence import Pair, SampleError, judging
from explainers.tokenization import tokenize
from explainers.trace import TraceError
from tests import small_models

STORE, MILK = "The man went to the store.", "He bought a gallon of milk."
STORY = "One came. Two went. Three saw! Four? Five ate. Six slept."


@pytest.fixture(scope="module")
def bert() -> Checkpoint:
    return load("bert-mini")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    return small_models.checkpoint(tmp_path_factory.mktemp("bert"), "bert")


def theirs(checkpoint: Checkpoint, first: str, second: str) -> torch.Tensor:
    """The library's own logits (2,) for a pair."""
    tokens = tokenize(checkpoint, first, second).tokens
    with torch.inference_mode():
        result = checkpoint.model(
            input_ids=torch.tensor([[token.id for token in tokens]]),
            token_type_ids=torch.tensor([[token.segment for token in tokens]]),
        )
    logits: torch.Tensor = result.seq_relationship_logits[0]
    return logits


@pytest.mark.parametrize("pair", [(STORE, MILK), ("x", "안녕 🐶"), ("<b>", "y " * 900)])
@pytest.mark.parametrize("small", [False, True])
def test_the_way_is_the_models_own(bert: Checkpoint, tiny: Checkpoint, pair: tuple[str, str], small: bool) -> None:
    checkpoint = tiny if small else bert
    judgement = next_sentence.judge(checkpoint, *pair)
    logits = theirs(checkpoint, *pair)
    np.testing.assert_allclose(judgement.logits, logits, atol=1e-5)
    np.testing.assert_allclose(judgement.weights @ judgement.pooled + judgement.bias, judgement.logits, atol=1e-5)
    np.testing.assert_allclose(judgement.probabilities, logits.softmax(-1), atol=1e-6)
    assert judgement.is_next == pytest.approx(float(logits.softmax(-1)[0]), abs=1e-6)
    difference = judgement.contributions.sum() + judgement.bias[0] - judgement.bias[1]
    assert difference == pytest.approx(float(logits[0] - logits[1]), abs=1e-4)
    assert abs(judgement.pooled).max() <= 1


def test_many_pairs_at_once_get_the_answer_of_each_alone(bert: Checkpoint) -> None:
    """Padding and batches change nothing."""
    pairs = [(STORE, MILK), ("a", "b"), (STORE * 20, MILK), (MILK, STORE), ("🐶", "x y z")] * 5
    alone = [float(theirs(bert, *pair).softmax(-1)[0]) for pair in pairs[:5]] * 5
    assert next_sentence.chances(bert, pairs) == pytest.approx(alone, abs=1e-5)
    assert next_sentence.chances(bert, []) == ()


def test_a_head_that_was_not_trained_is_refused(tiny: Checkpoint, tmp_path_factory: pytest.TempPathFactory) -> None:
    from transformers import BertModel

    folder = tmp_path_factory.mktemp("headless")
    BertModel(tiny.model.config).save_pretrained(folder)  # type: ignore[arg-type]
    (folder / "tokenizer.json").write_bytes((tiny.folder / "tokenizer.json").read_bytes())
    with pytest.raises(TraceError, match="next sentence"):
        next_sentence.judge(Checkpoint("headless", folder), STORE, MILK)


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("", ()),
        ("One.", ("One.",)),
        ("One. Two! Three? Four… Five", ("One.", "Two!", "Three?", "Four…", "Five")),
        ("Mr. Smith met Dr. Lee. They spoke.", ("Mr. Smith met Dr. Lee.", "They spoke.")),
        ('He said "no." She left.', ('He said "no."', "She left.")),
        ("It costs 3.50 today. i.e. little", ("It costs 3.50 today. i.e. little",)),
        ("one line\nanother line\r\n\r\n***", ("one line", "another line")),
        ("안녕하세요. 반갑습니다.", ("안녕하세요.", "반갑습니다.")),
        ("你好。再见！", ("你好。", "再见！")),
        ("هل أنت هنا؟ نعم.", ("هل أنت هنا؟", "نعم.")),
    ],
)
def test_sentences_end_where_a_reader_says(text: str, cut: tuple[str, ...]) -> None:
    assert next_sentence.sentences(text) == cut


@given(st.text(max_size=200))
def test_no_letter_is_lost_between_sentences(text: str) -> None:
    kept = Counter(character for part in next_sentence.sentences(text) for character in part if character.isalnum())
    assert kept == Counter(character for character in text if character.isalnum())


@pytest.mark.parametrize("seed", range(20))
def test_a_sample_is_balanced_and_says_the_truth(seed: int) -> None:
    own = next_sentence.sentences(STORY)
    pairs = next_sentence.sample(STORY, seed)
    assert len(pairs) == 10
    assert sum(pair.follows for pair in pairs) == 5
    for pair in pairs:
        at = own.index(pair.first)
        assert (own[at + 1] == pair.second) == pair.follows
        assert pair.second != pair.first
    assert pairs == next_sentence.sample(STORY, seed)


def test_a_sample_has_a_most_and_another_seed_another_order() -> None:
    text = " ".join(f"Sentence number {n} stands here." for n in range(300))
    assert len(next_sentence.sample(text, 1)) == next_sentence.MOST_PAIRS
    assert next_sentence.sample(text, 1) != next_sentence.sample(text, 2)


def test_a_sentence_that_stands_twice_is_never_called_false() -> None:
    text = "The cat sat. The dog ran. " * 3 + "The sun rose. The rain fell."
    for seed in range(30):
        for pair in next_sentence.sample(text, seed):
            assert pair.follows or (pair.first, pair.second) not in (
                ("The cat sat.", "The dog ran."),
                ("The dog ran.", "The cat sat."),
            )


@pytest.mark.parametrize("text", ["", "One. Two. Three.", "Same. " * 50])
def test_too_few_sentences_are_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(SampleError, match="at least 4"):
        next_sentence.sample(text, 0)


def test_hits_are_counted_as_by_hand(monkeypatch: pytest.MonkeyPatch, bert: Checkpoint) -> None:
    monkeypatch.setattr(judging, "chances", lambda _checkpoint, _pairs: (0.9, 0.9, 0.2, 0.5, 0.4))
    pairs = [Pair("a", "b", follows) for follows in (True, False, False, True, True)]
    test = next_sentence.mini_test(bert, pairs)
    assert test.right == (True, False, True, True, False)
    assert test.hits == 3


@pytest.mark.parametrize(
    ("is_next", "common"),
    [
        ((), None),
        ((0.9, 0.5, 0.7), (0, 3)),
        ((0.1, 0.2), (1, 2)),
        ((0.9,) * 9 + (0.1,), (0, 9)),
        ((0.9,) * 8 + (0.1,) * 2, None),
    ],
)
def test_nearly_equal_answers_are_noticed(is_next: tuple[float, ...], common: tuple[int, int] | None) -> None:
    assert next_sentence.one_sided(is_next) == common


@pytest.mark.parametrize(
    ("hits", "samples", "low", "high"),
    [(0, 0, 0.0, 1.0), (0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662)],
)
def test_wilson_s_interval(hits: int, samples: int, low: float, high: float) -> None:
    """The last is Newcombe 1998's example, 81 of 263."""
    assert share_interval(hits, samples) == pytest.approx((low, high), abs=1e-4)


def test_tricks_change_one_thing_each() -> None:
    changed = next_sentence.tricks(STORE, MILK, "A stranger.", "milk", r"\1 piano")
    assert changed["typed"] == (STORE, MILK)
    assert changed["swapped"] == (MILK, STORE)
    assert changed["twice"] == (STORE, STORE)
    assert changed["backwards"] == (STORE, "milk. of gallon a bought He")
    assert changed["word"] == (STORE, r"He bought a gallon of \1 piano.")
    assert "word" not in next_sentence.tricks(STORE, MILK, "A stranger.", "ilk", "piano")
    assert "word" not in next_sentence.tricks(STORE, MILK, "A stranger.", " ", "piano")


def test_our_own_text_gives_enough_pairs_of_every_length() -> None:
    text = (ASSETS / "next_sentence.txt").read_text(encoding="utf-8")
    assert len(next_sentence.passages(text)) >= 20
    for length, fewest in ((1, 200), (2, 200), (3, 90)):
        for origin in ("elsewhere", "same"):
            pairs = next_sentence.sample(text, 1, origin=origin, length=length)
            assert len(pairs) >= fewest


PASSAGES = "A one. A two. A three. A four. A five.\n \nB one. B two. B three. B four. B five.\r\n\r\n\r\nC one. C two."


def test_empty_lines_part_passages_and_line_ends_do_not() -> None:
    assert next_sentence.passages(PASSAGES) == (
        ("A one.", "A two.", "A three.", "A four.", "A five."),
        ("B one.", "B two.", "B three.", "B four.", "B five."),
        ("C one.", "C two."),
    )
    assert next_sentence.passages("one\ntwo\n\n***\n\nthree") == (("one", "two"), ("three",))
    assert next_sentence.passages(" \n\n ") == ()


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("length", [1, 2])
def test_a_false_second_is_of_the_passage_that_was_asked_for(seed: int, length: int) -> None:
    for origin in ("elsewhere", "same"):
        pairs = next_sentence.sample(PASSAGES, seed, origin=origin, length=length)
        assert 2 * sum(pair.follows for pair in pairs) == len(pairs) > 0
        for first, second, follows in pairs:
            assert first.count(".") == second.count(".") == length
            assert (first[0] == second[0]) == (follows or origin == "same")
            assert not set(first.split(". ")) & set(second.split(". ")) - {""}


def test_no_true_pair_goes_over_the_end_of_a_passage() -> None:
    for seed in range(20):
        true = [pair for pair in next_sentence.sample(PASSAGES, seed) if pair.follows]
        assert true
        assert all(pair.first[0] == pair.second[0] for pair in true)


def test_a_text_of_one_passage_has_no_other() -> None:
    with pytest.raises(SampleError, match="one passage"):
        next_sentence.sample(STORY, 0, origin="elsewhere")
    with pytest.raises(SampleError, match="fewer sentences"):
        next_sentence.sample("One. Two.\n\nThree. Four.", 0, length=2)


def test_a_score_counts_one_kind_of_pair_alone(monkeypatch: pytest.MonkeyPatch, bert: Checkpoint) -> None:
    monkeypatch.setattr(judging, "chances", lambda _checkpoint, _pairs: (0.9, 0.9, 0.2, 0.5, 0.4))
    test = next_sentence.mini_test(bert, [Pair("a", "b", follows) for follows in (True, False, False, True, True)])
    assert (test.score(follows=True).hits, test.score(follows=True).count) == (2, 3)
    assert (test.score(follows=False).hits, test.score(follows=False).count) == (1, 2)
    assert (test.score(follows=False).low, test.score(follows=False).high) == share_interval(1, 2)
