"""Sentences and labels as ids: literal on the tiny tokenizers, cut, and in batches."""

from __future__ import annotations

from pathlib import Path

import pytest

from explainers.checkpoints import Family, load
from explainers.fine_tuning import Labelled, Task, TaskError, prefixed
from explainers.fine_tuning.rows import MOST_TOKENS, Rows, batches, end_of_text, ids_of, read
from explainers.tokenization import TextError
from tests import small_tokenizers
from tests.fine_tuning.samples import TASK, Tiny

# BERT: the words in their order from id 5. GPT-2: the printable bytes from "!" on, then the merges do, dog and " c",
# then the end of text. T5: pad, end, unknown, the bytes from id 3, then ▁ (259), ▁the, ▁dog, saw and the full stop.
EXPECTED: dict[Family, tuple[int, ...]] = {
    "bert": (2, 5, 9, 7, 6, 1, 19, 20, 21, 16, 3),
    "gpt2": (
        *(83, 71, 68, 258, 64, 83, 220, 82, 64, 86, 220, 257, 0),  # "the cat saw dog!"
        *(220, 84, 77, 64, 69, 69, 64, 65, 75, 68, 13, 259),
    ),
    "t5": (
        *(259, 115, 104, 119, 118, 61),  # "▁pets:", of which only ▁ is a piece
        *(260, 259, 102, 100, 119, 259, 262, 261, 36),  # "▁the▁cat▁saw▁dog!"
        *(259, 120, 113, 100, 105, 105, 100, 101, 111, 104, 263, 1),
    ),
}  # fmt: skip


def test_ids_by_hand(tiny: Tiny, family: Family) -> None:
    found = read(tiny(family), TASK, [Labelled("the cat saw dog! unaffable.", 2)])
    assert found.ids == (EXPECTED[family],)
    assert found.labels == (2,)
    assert found.pad == 0
    assert found.targets == (((261, 1), (259, 102, 100, 119, 1), (259, 120, 113, 1)) if family == "t5" else ())
    assert len(found) == 1


def test_only_t5_reads_the_name_of_the_task() -> None:
    assert prefixed("mood", "a: b") == "mood: a: b"
    for name in ("bert-mini", "gpt2-mini"):
        assert ids_of(load(name), "mood", "It rains.") == ids_of(load(name), "topic", "It rains.")
    t5 = load("t5-mini")
    assert ids_of(t5, "mood", "It rains.") == tuple(t5.tokenizer.encode("mood: It rains.").ids)


@pytest.mark.parametrize("name", ["bert-mini", "gpt2-mini", "t5-mini"])
def test_a_long_sentence_is_cut_before_its_last_special_token(name: str) -> None:
    checkpoint = load(name)
    long = "the old man " * 60
    whole = checkpoint.tokenizer.encode(prefixed("mood", long) if name == "t5-mini" else long).ids
    cut = ids_of(checkpoint, "mood", long)
    last = 8191 if name == "gpt2-mini" else whole[-1]
    assert len(cut) == MOST_TOKENS == 96
    assert cut == (*whole[:95], last)


def test_a_sentence_that_just_fits_is_whole(tiny: Tiny) -> None:
    for checkpoint, count, around in ((load("bert-mini"), 94, 2), (load("gpt2-mini"), 95, 1), (tiny("t5"), 89, 7)):
        dogs = [
            " ".join(["dog" if checkpoint.family == "t5" else "the"] * words) for words in (count - 1, count, count + 1)
        ]
        lengths = [len(ids_of(checkpoint, "pets", text)) for text in dogs]
        assert lengths == [95, 96, 96]
        assert count + around == 96


def test_what_the_context_cannot_hold_is_cut_too(tiny: Tiny, family: Family) -> None:
    ids = ids_of(tiny(family), "pets", "dog " * 300)
    assert len(ids) == {"bert": 37, "gpt2": 29, "t5": 96}[family]
    assert ids[-1] == {"bert": 3, "gpt2": 259, "t5": 1}[family]


def test_nothing_but_what_the_family_puts_around_it(tiny: Tiny, family: Family) -> None:
    assert ids_of(tiny(family), "", "") == {"bert": (2, 3), "gpt2": (259,), "t5": (259, 61, 259, 1)}[family]
    with pytest.raises(TextError):
        read(tiny(family), TASK, [Labelled("\ud800", 0)])


@pytest.mark.parametrize(("named", "found"), [(7, 7), (0, 0), (None, 259)])
def test_the_end_of_a_text(tiny: Tiny, named: int | None, found: int, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint = tiny("gpt2")
    monkeypatch.setattr(checkpoint, "config", {**checkpoint.config, "eos_token_id": named})
    assert end_of_text(checkpoint) == found
    assert ids_of(checkpoint, "pets", "!")[-1] == found


def labelled(*labels: str) -> Task:
    return Task("pets", labels, (Labelled("a", 0),), (Labelled("a", 0),))


@pytest.mark.parametrize("labels", [("dog", "ﬁ", "fi"), ("½", "1⁄2")])
def test_labels_that_t5_writes_alike_are_refused(tiny: Tiny, labels: tuple[str, ...]) -> None:
    task = labelled(*labels)
    with pytest.raises(TaskError) as raised:
        read(tiny("t5"), task, task.train)
    assert str(raised.value) == f"tiny-t5 writes the label {labels[-2]} like another one: use a word that it knows."
    for family in ("bert", "gpt2"):
        assert read(tiny(family), task, task.train).targets == ()


def test_unknown_labels_are_alike_where_no_bytes_spell_them(tiny: Tiny, tmp_path: Path) -> None:
    task = labelled("dog", "好", "坏")
    assert len(set(read(tiny("t5"), task, []).targets)) == 3
    bare = small_tokenizers.checkpoint(tmp_path, "t5", small_tokenizers.t5({"▁": -1, "▁dog": -2}, fallback=False))
    with pytest.raises(TaskError, match="writes the label 好 like another one"):
        read(bare, task, [])


def test_pads_and_counts_by_hand() -> None:
    rows = Rows(((5, 6, 7), (8,), (9, 4)), (0, 1, 1), ((3, 1), (4, 2, 1)), 11)
    ids, seen = rows.matrix((1, 2))
    assert ids.tolist() == [[8, 11], [9, 4]]
    assert seen.tolist() == [[1, 0], [1, 1]]
    ids, seen = rows.target_matrix()
    assert ids.tolist() == [[3, 1, 11], [4, 2, 1]]
    assert seen.tolist() == [[1, 1, 0], [1, 1, 1]]
    assert rows.longest((1, 2)) == 2
    assert rows.longest((0, 1, 2)) == 3
    assert rows.longest_target == 3
    assert Rows(((5,),), (0,), (), 0).longest_target == 0


@pytest.mark.parametrize(("rows", "size"), [(11, 4), (8, 4), (3, 16), (1, 1)])
def test_every_row_once_an_epoch(rows: int, size: int) -> None:
    found = list(batches(rows, 3, size, seed=7))
    an_epoch = -(-rows // size)
    assert len(found) == 3 * an_epoch
    epochs = [found[at : at + an_epoch] for at in range(0, len(found), an_epoch)]
    for epoch in epochs:
        assert sorted(row for batch in epoch for row in batch) == list(range(rows))
        assert [len(batch) for batch in epoch[:-1]] == [size] * (an_epoch - 1)
    assert list(batches(rows, 3, size, seed=7)) == found
    if rows > 4:
        assert epochs[0] != epochs[1]
        assert list(batches(rows, 3, size, seed=8)) != found
