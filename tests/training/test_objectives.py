"""Batches of the three objectives: what the models are asked during pre-training."""

from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from explainers.checkpoints import Family, load
from explainers.training import corpus
from explainers.training.encoded import Encoded, encode
from explainers.training.objectives import IGNORED, Corpus, MaskedAndNext, NextToken, objective, raw_length

NAMES: dict[Family, str] = {"bert": "bert-mini", "gpt2": "gpt2-mini", "t5": "t5-mini"}


def encoded(family: Family, folder: Path) -> tuple[Corpus, Tokenizer]:
    tokenizer = load(NAMES[family]).tokenizer
    files = corpus.sources(folder).values()
    return Corpus([encode(family, tokenizer, file) for file in files], [0.5, 0.5]), tokenizer


def test_encoding_survives_the_disk_and_its_units_are_sentences(corpus_folder: Path, tmp_path: Path) -> None:
    texts, tokenizer = encoded("bert", corpus_folder)
    source = texts.sources[0]
    source.save(tmp_path / "first.npz")
    again = Encoded.read(tmp_path / "first.npz")
    assert (again.ids == source.ids).all()
    assert (again.units == source.units).all()
    assert len(source.documents) - 1 == 398
    assert len(source.units) - 1 == 398 * 12
    sentence = tokenizer.decode(source.ids[: source.units[1]].tolist())
    assert sentence.endswith(".")
    assert sentence.count(".") == 1


def consecutive(source: Encoded, a: np.ndarray, b: np.ndarray) -> bool:
    """Whether b stands right behind a in the source."""
    whole = np.concatenate([a, b])
    windows = np.lib.stride_tricks.sliding_window_view(source.ids.astype(np.int64), len(whole))
    return bool((windows == whole).all(1).any())


def test_next_sentences_follow_and_negatives_come_from_elsewhere(corpus_folder: Path) -> None:
    texts, tokenizer = encoded("bert", corpus_folder)
    task = objective("bert", Corpus(texts.sources[:1], [1.0]), tokenizer)
    assert isinstance(task, MaskedAndNext)
    rng = np.random.default_rng(0)
    for follows in (True, False):
        found = []
        for _ in range(40):
            a, b = task.pair(rng, 60, follows)
            assert len(a) > 0
            assert len(b) > 0
            assert len(a) + len(b) <= 60
            found.append(consecutive(texts.sources[0], a, b))
        assert all(found) if follows else np.mean(found) < 0.3  # this corpus says the same short things often


def test_a_bert_batch_is_framed_masked_and_labelled(corpus_folder: Path) -> None:
    texts, tokenizer = encoded("bert", corpus_folder)
    batch = objective("bert", texts, tokenizer).batch(np.random.default_rng(0), 48, 64)
    ids, labels, kept = batch["input_ids"], batch["labels"], batch["attention_mask"] == 1
    assert (ids[:, 0] == tokenizer.token_to_id("[CLS]")).all()
    original = np.where(labels == IGNORED, ids, labels)
    single = batch["next_sentence_label"] == IGNORED
    assert 0 < single.sum() < 16
    assert ((original == tokenizer.token_to_id("[SEP]")).sum(1) == np.where(single, 1, 2)).all()
    assert ((batch["token_type_ids"].sum(1) > 0) == ~single).all()
    assert (ids[~kept] == 0).all()
    assert (labels[~kept] == IGNORED).all()
    chosen = labels != IGNORED
    assert 0.10 < chosen[kept].mean() < 0.18
    assert 0.6 < (ids[chosen] == tokenizer.token_to_id("[MASK]")).mean() < 0.95
    assert set(np.flatnonzero(chosen)) <= set(batch["predicted"])
    assert 0.25 < batch["next_sentence_label"][~single].mean() < 0.75
    positions = batch["position_ids"]
    assert (np.diff(positions, axis=1) == 1).all()
    assert 0.5 < (positions[:, 0] == 0).mean() < 0.9
    assert 448 >= positions[:, 0].max() > 64


def test_lengths_do_not_tell_what_follows() -> None:
    rng = np.random.default_rng(3)
    sizes = rng.geometric(0.08, 4_000) + 2
    units = np.concatenate([[0], np.cumsum(sizes)])
    documents = np.concatenate([[0], np.sort(rng.choice(np.arange(2, 3_999), 500, replace=False)), [4_000]])
    source = Encoded(rng.integers(5, 99, units[-1]).astype(np.uint16), units, documents, 0)
    task = MaskedAndNext(Corpus([source], [1.0]), 99, 5, 2, 3, 4)
    lengths = {
        follows: np.array([[len(part) for part in task.pair(rng, 61, follows)] for _ in range(2_000)])
        for follows in (True, False)
    }
    for part in (0, 1):
        of_true, of_false = lengths[True][:, part], lengths[False][:, part]
        error = np.sqrt((of_true.var() + of_false.var()) / 2_000)
        assert abs(of_true.mean() - of_false.mean()) < 4 * error


def test_gpt2_is_asked_for_the_token_ahead(corpus_folder: Path) -> None:
    texts, tokenizer = encoded("gpt2", corpus_folder)
    task = objective("gpt2", texts, tokenizer)
    assert isinstance(task, NextToken)
    batch = task.batch(np.random.default_rng(0), 9, 33)
    ids, labels = batch["input_ids"], batch["labels"]
    assert ids.shape == labels.shape == (9, 33)
    asked = labels[:, :-1] != IGNORED
    assert (ids[:, 1:][asked] == labels[:, :-1][asked]).all()
    assert (labels[:, 0] != IGNORED).all()


def test_t5_reads_the_gaps_and_is_asked_for_the_spans(corpus_folder: Path) -> None:
    texts, tokenizer = encoded("t5", corpus_folder)
    batch = objective("t5", texts, tokenizer).batch(np.random.default_rng(0), 33, 64)
    first, end = (tokenizer.get_vocab()[piece] for piece in ("<extra_id_0>", "</s>"))
    assert batch["input_ids"].shape == (33, 64)
    assert (batch["labels"][:, 0] == first).all()
    assert (batch["decoder_input_ids"][:, 0] == 0).all()
    assert ((batch["input_ids"] == end).sum(1) == 1).all()
    assert ((batch["labels"] == end).sum(1) == 1).all()
    for row in range(33):
        sentinels = [number for number in batch["input_ids"][row] if first - 100 < number <= first]
        assert sentinels == [number for number in batch["labels"][row] if first - 100 < number <= first]
        assert sentinels == sorted(sentinels, reverse=True)


@pytest.mark.parametrize(("length", "tokens"), [(64, 70), (128, 141), (512, 568)])
def test_the_raw_text_fills_the_encoder(length: int, tokens: int) -> None:
    assert raw_length(length) == tokens


def test_rows_of_sentences_are_whole_until_they_are_long() -> None:
    units = np.arange(0, 901, 9)
    texts = Corpus([Encoded(np.arange(900, dtype=np.uint16), units, np.array([0, 100]), 900)], [1.0])
    rng = np.random.default_rng(0)
    rows = [texts.sentences(rng, 500, 6) for _draw in range(300)]
    assert all((np.diff(row) == 1).all() and row[0] % 9 == 0 for row in rows)
    assert {len(row) for row in rows} == {9, 18, 27, 36}
    assert {len(texts.sentences(rng, 500, 12)) for _draw in range(200)} - {9} == {12, 18, 27, 36}  # 9: the last of all
    assert {len(texts.sentences(rng, 7, 6)) for _draw in range(50)} == {7}
