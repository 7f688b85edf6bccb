"""What answers: equal to transformers' own classes, on tiny models and on one batch of the built-in ones."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from explainers.checkpoints import Checkpoint, Family, load
from explainers.fine_tuning import Labelled, Mode, Task, modes_of
from explainers.fine_tuning.classifier import Classifier
from explainers.fine_tuning.rows import Rows, read
from tests.fine_tuning import theirs
from tests.fine_tuning.samples import TASK, Tiny

BATCHES = [(0, 7, 3), (6,), (10, 2, 4, 1, 9)]  # with pads, alone, all labels
READABLE = Task(
    "mood",
    ("good", "bad", "wonderfully indifferent"),  # of T5, labels with different numbers of tokens
    (
        Labelled("The sea was calm.", 0),
        Labelled("My birthday was not as nice as I had hoped it would be, and it rained.", 1),
        Labelled("It is what it is.", 2),
    ),
    (Labelled("The soup was cold.", 1),),
)


def with_large_head(checkpoint: Checkpoint) -> Classifier:
    """A classifier whose new numbers are so large that a wrong vector shows, with a bias that is not 0."""
    ours = Classifier(checkpoint, 3, "all", seed=5)
    if ours.head is not None:
        with torch.no_grad():
            for part in ours.head.parameters():
                part.copy_(torch.randn(part.shape, generator=torch.Generator().manual_seed(8)))
    return ours.requires_grad_(False)


def compare(checkpoint: Checkpoint, task: Task, batch: tuple[int, ...], tolerance: float) -> None:
    """Scores and loss of these rows against transformers' own."""
    ours, rows = with_large_head(checkpoint), read(checkpoint, task, task.train)
    said = ours(rows, batch)
    assert said.scores.shape == (len(batch), len(task.labels))
    assert said.vectors.shape == (len(batch), checkpoint.sizes.d_model)
    if checkpoint.family == "t5":
        model = theirs.t5(ours)
        scores = [[theirs.log_probability(model, rows.ids[row], target) for target in rows.targets] for row in batch]
        inputs, labels = theirs.padded(rows, batch), theirs.written_labels(rows, batch)
    else:
        model = theirs.sequence_classifier(checkpoint, ours)
        inputs, labels = theirs.padded(rows, batch), torch.tensor([rows.labels[row] for row in batch])
        with torch.no_grad():
            scores = model(**inputs).logits
    with torch.no_grad():
        loss = model(**inputs, labels=labels).loss
    assert said.scores.numpy() == pytest.approx(torch.as_tensor(scores).numpy(), rel=tolerance, abs=tolerance)
    assert float(ours.loss(rows, batch)) == pytest.approx(float(loss), rel=tolerance, abs=tolerance)


@pytest.mark.parametrize("batch", BATCHES)
def test_a_tiny_model_says_what_transformers_says(tiny: Tiny, family: Family, batch: tuple[int, ...]) -> None:
    compare(tiny(family), TASK, batch, 1e-5)


@pytest.mark.parametrize("name", ["bert-mini", "gpt2-mini", "t5-mini"])
def test_a_built_in_model_says_what_transformers_says(name: str) -> None:
    compare(load(name), READABLE, (0, 1, 2), 1e-4)


def vector_alone(checkpoint: Checkpoint, ids: tuple[int, ...]) -> Any:
    """What answers, of one sentence without pads, from the checkpoint's own model."""
    model: Any = checkpoint.model
    row = torch.tensor([ids])
    with torch.no_grad():
        if checkpoint.family == "bert":
            first = model.bert(row).last_hidden_state[0, 0]
            return torch.tanh(model.bert.pooler.dense.weight @ first + model.bert.pooler.dense.bias)
        if checkpoint.family == "gpt2":
            return model.transformer(row).last_hidden_state[0, -1]
        start = model(input_ids=row, decoder_input_ids=torch.tensor([[0]]), output_hidden_states=True)
        return start.decoder_hidden_states[-1][0, 0]


def test_the_vectors_are_what_answers(tiny: Tiny, family: Family) -> None:
    ours, rows = Classifier(tiny(family), 3, "head", seed=5), read(tiny(family), TASK, TASK.train)
    with torch.no_grad():
        vectors = ours(rows, range(len(rows))).vectors
    for row, ids in enumerate(rows.ids):
        assert vectors[row].numpy() == pytest.approx(vector_alone(tiny(family), ids).numpy(), rel=1e-5, abs=1e-5)


def test_the_loss_by_hand(tiny: Tiny, family: Family) -> None:
    ours, rows = with_large_head(tiny(family)), read(tiny(family), TASK, TASK.train)
    scores = ours(rows, (0, 7, 3)).scores.double().numpy()
    right = [scores[place, label] for place, label in enumerate((0, 2, 0))]
    if family == "t5":  # the mean over the tokens that write the labels, of which every label has its own number
        tokens = [len(rows.targets[label]) for label in (0, 2, 0)]
        assert tokens[0] != tokens[1]
        expected = -sum(right) / sum(tokens)
    else:
        chances = torch.tensor(scores).softmax(-1)
        expected = -float(torch.stack([chances[place, label] for place, label in enumerate((0, 2, 0))]).log().mean())
    assert float(ours.loss(rows, (0, 7, 3))) == pytest.approx(expected, rel=1e-5)


def test_the_new_numbers_are_small_and_drawn_by_the_seed(tiny: Tiny) -> None:
    one, same, other = (Classifier(tiny("bert"), 400, "all", seed) for seed in (1, 1, 2))
    assert one.head is not None
    assert same.head is not None
    assert other.head is not None
    assert one.head.bias.tolist() == [0.0] * 400
    assert torch.equal(one.head.weight, same.head.weight)
    assert not torch.equal(one.head.weight, other.head.weight)
    assert float(one.head.weight.detach().std()) == pytest.approx(0.02, rel=0.1)  # of 6,000 numbers
    assert float(one.head.weight.detach().mean()) == pytest.approx(0.0, abs=0.002)
    gpt2 = Classifier(tiny("gpt2"), 2, "all", 1)
    assert gpt2.head is not None
    assert gpt2.head.bias is None
    assert Classifier(tiny("t5"), 2, "all", 1).head is None


def numbers(model: Any) -> torch.Tensor:
    return torch.cat([part.detach().flatten() for part in model.parameters()])


def test_from_random_numbers_is_another_model_of_the_same_shape(tiny: Tiny, family: Family) -> None:
    own = numbers(tiny(family).model)
    one, same, other = (numbers(Classifier(tiny(family), 2, "scratch", seed).body) for seed in (1, 1, 2))
    assert len(one) == len(own)
    assert torch.equal(one, same)
    assert not torch.allclose(one, other)
    assert not torch.allclose(one, own)
    # The tiny models are themselves what the library makes of this seed.
    assert torch.equal(numbers(Classifier(tiny(family), 2, "scratch", 3).body), own)


def test_a_copy_has_the_checkpoints_numbers_and_its_ties(tiny: Tiny, family: Family) -> None:
    for mode in modes_of(family):
        copied = Classifier(tiny(family), 2, mode, 1)
        body: Any = copied.body
        assert not body.training
        assert all(part.requires_grad == (mode != "head") for part in body.parameters())
        assert len(list(body.parameters())) == len(list(tiny(family).model.parameters()))
        assert torch.equal(numbers(body), numbers(tiny(family).model)) == (mode != "scratch")
        assert body.get_input_embeddings().weight is body.get_output_embeddings().weight
        assert body.get_input_embeddings().weight is not tiny(family).model.get_input_embeddings().weight


def test_a_row_says_the_same_in_any_batch(tiny: Tiny, family: Family) -> None:
    ours, rows = with_large_head(tiny(family)), read(tiny(family), TASK, TASK.train)
    together = ours(rows, (6, 4, 0))
    for place, row in enumerate((6, 4, 0)):
        alone = ours(rows, (row,))
        assert alone.scores[0].numpy() == pytest.approx(together.scores[place].numpy(), rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("start", [None, 5])
def test_t5_begins_with_its_own_start_token(tiny: Tiny, start: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the configuration names none, pad, as everywhere in this project."""
    checkpoint = tiny("t5")
    monkeypatch.setattr(checkpoint, "config", {**checkpoint.config, "decoder_start_token_id": start})
    mode: Mode = "all"
    ours, rows = Classifier(checkpoint, 3, mode, 1), Rows(((7, 8, 1),), (1,), ((9, 1), (9, 6, 1), (4, 1)), 0)
    model: Any = checkpoint.model
    with torch.no_grad():
        given = torch.tensor([[start or 0, 9, 6]])
        logs = model(input_ids=torch.tensor([[7, 8, 1]]), decoder_input_ids=given).logits[0].log_softmax(-1)
        said = ours(rows, (0,)).scores[0]
        loss = ours.loss(rows, (0,))
    expected = float(logs[0, 9] + logs[1, 6] + logs[2, 1])
    assert float(said[1]) == pytest.approx(expected, rel=1e-5)
    assert float(loss) == pytest.approx(-expected / 3, rel=1e-5)
