"""Texts with gaps as T5 gets them, and what it writes, against hand-written tables and against transformers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from explainers import spans
from explainers.checkpoints import Checkpoint, load
from explainers.tokenization import tokenize
from tests import small_models

TEXTS = [
    "Thank you for inviting me to your party last week.",
    "The old dog slept by the fire all afternoon and dreamed of the sea, of ships and of a long white beach.",
    "안녕하세요 🐶 اللغة",
    "x",
]


@pytest.fixture(scope="module")
def t5() -> Checkpoint:
    return load("t5-mini")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    return small_models.checkpoint(tmp_path_factory.mktemp("t5"), "t5")


def ids(checkpoint: Checkpoint, text: str) -> list[int]:
    return [token.id for token in tokenize(checkpoint, text).tokens][:-1]


def test_the_papers_example(t5: Checkpoint) -> None:
    """Figure 2 of Raffel et al. 2020, in the tokens of this vocabulary; the labels end with </s>, as released."""
    text = "Thank you for inviting me to your party last week."
    removed = spans.tokens_at(tokenize(t5, text), spans.covering(text, ("for inviting", "last")))
    example = spans.example(t5, text, removed)
    x, y = spans.sentinels(t5)[:2]
    assert (t5.tokenizer.id_to_token(x), t5.tokenizer.id_to_token(y)) == ("<extra_id_0>", "<extra_id_1>")
    assert x - y == 1  # sentinels descend
    assert [gap.text for gap in example.gaps] == ["for inviting", "last"]
    assert [gap.piece for gap in example.gaps] == ["<extra_id_0>", "<extra_id_1>"]
    taken = [ids(t5, text)[at] for at in removed]
    first, second = taken[:-1], taken[-1:]
    assert example.labels.tolist() == [x, *first, y, *second, 1]
    assert example.decoder.tolist() == [0, x, *first, y, *second]
    assert x in example.encoder
    assert example.encoder.tolist()[-1] == 1
    assert [text for text in example.label_tokens if text is not None] == list(removed)


@given(st.data())
def test_encoder_and_labels_together_hold_the_text(data: st.DataObject) -> None:
    t5 = load("t5-mini")
    text = data.draw(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
    own = ids(t5, text)
    removed = data.draw(st.sets(st.integers(0, max(len(own) - 1, 0)), max_size=len(own)))
    example = spans.example(t5, text, removed)
    marks = set(spans.sentinels(t5))
    by_mark: dict[int, list[int]] = {}
    for label in example.labels.tolist()[:-1]:
        if label in marks:
            by_mark[label] = []
        else:
            by_mark[list(by_mark)[-1]].append(label)
    rebuilt = [number for each in example.encoder.tolist()[:-1] for number in by_mark.get(each, [each])]
    assert rebuilt == own
    assert len(example.decoder) == len(example.labels) == len(example.label_tokens) == len(example.label_gaps)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30), st.sets(st.integers(0, 30)))
def test_places_bring_the_tokens_back(text: str, chosen: set[int]) -> None:
    tokenization = tokenize(load("t5-mini"), text)
    tokens = [at for at in sorted(chosen) if at < len(tokenization.tokens) - 1]
    found = spans.tokens_at(tokenization, spans.places_of(tokenization, tokens))
    assert set(tokens) <= set(found)  # tokens that share a character leave together
    assert spans.places_of(tokenization, found) == spans.places_of(
        tokenization, spans.tokens_at(tokenization, spans.places_of(tokenization, found))
    )


@pytest.mark.parametrize("places", ["", "none", "5-2", "99999-100000", "1-", "<script>", "9" * 500])
def test_nonsense_in_places_takes_nothing_out(places: str) -> None:
    assert spans.tokens_at(tokenize(load("t5-mini"), "one two three"), places) == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("alone", []),
        ("two words", ["words"]),
        ("My dog is unbelievably hairy 🐶", ["dog", "unbelievably"]),
        ("🐶 🐶 🐶", []),
    ],
)
def test_two_words_are_taken_for_a_first_look(t5: Checkpoint, text: str, words: list[str]) -> None:
    example = spans.example(t5, text, spans.two_words(tokenize(t5, text)))
    assert [gap.text for gap in example.gaps] == words


def test_a_draw_is_the_training_s_own() -> None:
    mask = spans.random_spans(40, np.random.default_rng(7))
    assert spans.drawn(40, 7) == tuple(np.flatnonzero(mask))
    assert spans.drawn(40, 7) == spans.drawn(40, 7) != spans.drawn(40, 8)


def test_typed_sentinels_are_gaps_without_labels_and_are_not_given_twice(t5: Checkpoint) -> None:
    text = "We <extra_id_0> home after a long day at school."
    last = len(ids(t5, text)) - 1
    example = spans.example(t5, text, [last])
    x, y = spans.sentinels(t5)[:2]
    assert [gap.sentinel for gap in example.all_gaps] == [x, y]
    assert example.labels.tolist()[0] == y
    assert example.encoder.tolist().count(x) == 1


def test_more_gaps_than_sentinels_are_refused_in_a_sentence(t5: Checkpoint) -> None:
    text = "a b " * 150
    with pytest.raises(spans.SpanError, match="100 sentinels"):
        spans.example(t5, text, range(0, 250, 2))


@pytest.mark.parametrize("tiny_model", [False, True])
def test_greedy_is_what_the_library_generates(t5: Checkpoint, tiny: Checkpoint, tiny_model: bool) -> None:
    """Inputs of different lengths in one batch, each as model.generate writes it alone."""
    checkpoint = tiny if tiny_model else t5
    inputs = [tokenize(checkpoint, text).ids for text in TEXTS]
    if not tiny_model:
        inputs.append(tuple(spans.example(t5, TEXTS[1], [3, 4, 8, 9, 10]).encoder.tolist()))
    written = spans.write(checkpoint, inputs, limit=20)
    for row, writing in zip(inputs, written, strict=True):
        model = checkpoint.model
        with torch.inference_mode():
            theirs = model.generate(  # type: ignore[operator]
                torch.tensor([row]), max_new_tokens=20, do_sample=False, use_cache=False, decoder_start_token_id=0
            )[0]
        assert [step.id for step in writing.steps] == theirs[1:].tolist()


def test_probabilities_are_the_models_softmax(t5: Checkpoint) -> None:
    example = spans.example(t5, TEXTS[0], [2, 3, 8])
    steps = spans.taught(t5, example)
    model = t5.model
    with torch.inference_mode():
        result = model(
            input_ids=torch.tensor(example.encoder)[None], labels=torch.tensor(example.labels)[None], use_cache=False
        )
    theirs = result.logits[0].softmax(-1).numpy()
    for step, row, label in zip(steps, theirs, example.labels, strict=True):
        assert step.probability == pytest.approx(row[label], rel=1e-4, abs=1e-9)
        assert step.rank == 1 + (row > row[label]).sum()
        assert step.best[0].id == row.argmax()
    assert spans.mean_loss(steps) == pytest.approx(float(result.loss), abs=1e-4)


def test_the_written_tokens_probabilities_are_those_of_one_pass_over_them(t5: Checkpoint) -> None:
    example = spans.example(t5, TEXTS[1], [3, 4, 8, 9, 10])
    (writing,) = spans.write(t5, [example.encoder.tolist()], limit=30, temperature=1.0, seed=5)
    decoder = [0, *(step.id for step in writing.steps[:-1])]
    model = t5.model
    with torch.inference_mode():
        logits = model(
            input_ids=torch.tensor(example.encoder)[None], decoder_input_ids=torch.tensor([decoder]), use_cache=False
        ).logits[0]
    theirs = logits.softmax(-1).numpy()
    for at, step in enumerate(writing.steps):
        assert step.probability == pytest.approx(theirs[at, step.id], rel=1e-3, abs=1e-9)


def test_draws_follow_the_seed_and_the_distribution(tiny: Checkpoint) -> None:
    row = list(tokenize(tiny, "the dog").ids)
    again = [spans.write(tiny, [row], limit=5, temperature=1.0, seed=seed)[0].steps for seed in (1, 1, 2)]
    assert again[0] == again[1]
    count = 1500
    first = spans.write(tiny, [row] * count, limit=1, temperature=1.0, seed=0)
    chances = {guess.id: guess.probability for guess in first[0].steps[0].best[:3]}
    for token, chance in chances.items():
        drawn = sum(writing.steps[0].id == token for writing in first)
        assert abs(drawn - count * chance) < 4 * (count * chance * (1 - chance)) ** 0.5


def test_a_low_temperature_is_greedy(t5: Checkpoint) -> None:
    row = spans.example(t5, TEXTS[0], [2, 3]).encoder.tolist()
    cold, greedy = (spans.write(t5, [row], limit=8, temperature=heat)[0] for heat in (1e-4, 0.0))
    assert [step.id for step in cold.steps] == [step.id for step in greedy.steps]


def test_gap_lengths_take_out_so_many_and_fit_the_text(t5: Checkpoint) -> None:
    rows = spans.gap_lengths(t5, TEXTS[0], 2)
    assert [row.length for row in rows] == [1, 2, 3, 5, 8]
    assert all(row.example.removed.sum() == row.length and len(row.example.gaps) == 1 for row in rows)
    assert [row.length for row in spans.gap_lengths(t5, TEXTS[0], len(ids(t5, TEXTS[0])) - 2)] == [1, 2]
    assert spans.gap_lengths(t5, "", 0) == ()


@pytest.mark.parametrize("text", TEXTS[:2])
def test_a_guessed_gap_is_written_as_in_the_whole_and_no_further(t5: Checkpoint, text: str) -> None:
    for row in spans.gap_lengths(t5, text, 2):
        (gap,) = row.example.gaps
        whole = spans.write(t5, [row.example.encoder.tolist()], limit=len(row.writing.steps) + 20)[0]
        short = row.writing.steps
        assert [step.id for step in short] == [step.id for step in whole.steps[: len(short)]]
        begun = [step.id for step in short].index(gap.sentinel)
        marks = [at for at, step in enumerate(short) if step.piece.startswith("<extra_id_") and at > begun]
        assert marks in ([], [len(short) - 1])


def test_one_short_gap_is_called_unusual() -> None:
    t5 = load("t5-mini")
    assert spans.lone_gap(spans.example(t5, TEXTS[0], [2, 3, 4]))
    assert not spans.lone_gap(spans.example(t5, TEXTS[0], [2, 8]))
    long = " ".join(["the dog saw a cat and ran home"] * 8)
    assert spans.lone_gap(spans.example(t5, long, [5]))
    assert not spans.lone_gap(spans.example(t5, long, range(5, 12)))


@pytest.mark.parametrize(
    ("config", "name", "first"),
    [
        ({}, "t5-mini", None),
        ({"task_specific_params": {"summarization": {"prefix": "summarize: "}}}, "t5-small", "summarize: "),
        ({"task_specific_params": None}, "flan-t5-small", "Translate to German: "),
        ({"task_specific_params": {"odd": 3}}, "t5-v1_1-small", None),
    ],
)
def test_prefixes_are_only_for_models_that_learned_some(
    config: dict[str, object], name: str, first: str | None, tiny: Checkpoint
) -> None:
    checkpoint = Checkpoint(name, tiny.folder)
    checkpoint.config = {**tiny.config, **config}
    assert (spans.task_prefixes(checkpoint) or (None,))[0] == first
