"""Steps, looks and rates: literal. And the work of every step, by hand."""

from __future__ import annotations

import pytest

from explainers.checkpoints import Family, load
from explainers.fine_tuning import MODES, Labelled, Load, Mode, Settings, Task, loads, modes_of, task, usual
from explainers.fine_tuning.rows import batches, read
from tests.fine_tuning.samples import TASK, Tiny

PAIR = Task(
    "pets",
    ("dog", "cat"),
    (Labelled("dog", 0), Labelled("the dog saw it", 0), Labelled("a cat", 1)),
    (Labelled("the cat", 1), Labelled("it saw a dog", 0)),
)


@pytest.mark.parametrize(
    ("examples", "epochs", "batch", "steps"),
    [(11, 3, 4, 9), (8, 3, 4, 6), (100, 1, 16, 1), (100, 2, 3, 8), (1, 5, 16, 5), (11, 1, 1, 11)],
)
def test_steps(examples: int, epochs: int, batch: int, steps: int) -> None:
    assert Settings(examples=examples, epochs=epochs, batch=batch).steps(TASK) == steps


def test_steps_of_our_own_tasks() -> None:
    assert Settings().steps(task("mood")) == 32  # 4 x 128 / 16
    assert Settings(examples=512, epochs=6).steps(task("topic")) == 48


@pytest.mark.parametrize(
    ("epochs", "looks"),
    [
        (1, (0, 1)),
        (2, (0, 1, 2)),
        (4, (0, 1, 2, 3, 4)),
        (8, (0, 1, 2, 3, 4, 5, 6, 7, 8)),
        (9, (0, 1, 2, 3, 4, 6, 7, 8, 9)),  # 9 looks at most, 4.5 is rounded to the even 4 and 5.6 to 6
        (80, (0, 10, 20, 30, 40, 50, 60, 70, 80)),
    ],
)
def test_looks_from_none_to_all(epochs: int, looks: tuple[int, ...]) -> None:
    assert Settings(examples=2, epochs=epochs, batch=2).looks(TASK) == looks


def test_rates() -> None:
    assert usual("bert", 7_634_946, "all") == 5e-4
    assert usual("gpt2", 6_967_296, "scratch") == 5e-4
    assert usual("t5", 9_508_864, "all") == 1e-3
    assert usual("bert", 110_000_000, "all") == 5e-5
    assert usual("gpt2", 30_000_000, "scratch") == 5e-5
    assert usual("gpt2", 29_999_999, "scratch") == 5e-4
    assert usual("t5", 60_000_000, "all") == 1e-4
    assert {usual(family, size, "head") for family in ("bert", "gpt2") for size in (1, 10**9)} == {1e-2}


def test_modes() -> None:
    assert MODES == ("all", "head", "scratch")
    assert modes_of("bert") == modes_of("gpt2") == MODES
    assert modes_of("t5") == ("all", "scratch")


@pytest.mark.parametrize(("mode", "passes"), [("all", 3), ("head", 1), ("scratch", 3)])
def test_the_work_of_bert_by_hand(tiny: Tiny, mode: Mode, passes: int) -> None:
    found = loads(tiny("bert"), PAIR, Settings(mode, examples=3, epochs=1, batch=3))
    look = Load(2, 6, 0, 1)  # [CLS] the cat [SEP], filled up to the 6 of [CLS] it saw a dog [SEP]
    assert found == (look, Load(3, 6, 0, passes), look)


def test_the_work_of_t5_by_hand(tiny: Tiny) -> None:
    found = loads(tiny("t5"), PAIR, Settings(examples=3, epochs=1, batch=3))
    # "pets: it saw a dog" has 6 tokens, ▁ i t, ▁ saw, ▁ a, ▁dog and the end: 15. A look writes both labels for each
    # sentence, and the longer label has 5 tokens; a step writes one.
    # "pets: the dog saw it": 6, ▁the, ▁dog, ▁ saw, ▁ i t and the end: 14.
    look = Load(2, 15, 2 * 5, 1)
    assert found == (look, Load(3, 14, 5, 3), look)


def test_the_last_batch_is_smaller_and_every_batch_as_long_as_its_longest(tiny: Tiny) -> None:
    settings = Settings(examples=3, epochs=2, batch=2, seed=4)
    lengths = [len(ids) for ids in read(tiny("bert"), PAIR, PAIR.drawn(3, 4)).ids]
    assert sorted(lengths) == [3, 4, 6]
    steps = [each for each in loads(tiny("bert"), PAIR, settings) if each.passes == 3]
    assert [each.rows for each in steps] == [2, 1, 2, 1]
    made = batches(3, 2, 2, 4)
    assert [each.tokens for each in steps] == [max(lengths[row] for row in batch) for batch in made]


def test_a_load_for_every_step_and_look(family: Family) -> None:
    settings = Settings(examples=20, epochs=3, batch=8)
    checkpoint = load({"bert": "bert-mini", "gpt2": "gpt2-mini", "t5": "t5-mini"}[family])
    found = loads(checkpoint, task("mood"), settings)
    looks = settings.looks(task("mood"))
    assert len(found) == settings.steps(task("mood")) + len(looks)
    at = [place for place, each in enumerate(found) if each.passes == 1]
    assert at == [step + place for place, step in enumerate(looks)]
    assert len({found[place] for place in at}) == 1
