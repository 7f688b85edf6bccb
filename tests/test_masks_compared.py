"""One model under several masks: equality with transformers, what leaks, what pads change, and work by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explainers import masks_compared
from explainers.attention import ChosenMask, causal_mask, prefix_mask, softmax
from explainers.checkpoints import Checkpoint, load
from explainers.masks_compared import Question
from explainers.tokenization import tokenize
from explainers.trace import AttentionKind, Inputs, Request, run
from tests import small_models

TEXT = "the dog saw a cat"


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    return small_models.checkpoint(tmp_path_factory.mktemp("bert"), "bert")


@pytest.fixture(scope="module")
def gpt2(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    return small_models.checkpoint(tmp_path_factory.mktemp("gpt2"), "gpt2")


def test_chosen_masks_by_hand() -> None:
    assert ChosenMask("all").array(2, 3).all()
    assert (ChosenMask("causal").array(3, 3) == causal_mask(3)).all()
    assert (ChosenMask("prefix", 2).array(4, 4) == prefix_mask(4, 2)).all()
    padded = ChosenMask("all", pads=2).array(4, 4)
    assert padded[:, :2].all()
    assert not padded[:, 2:].any()
    changed = ChosenMask("causal", flipped=((0, 1), (2, 0), (9, 9))).array(3, 3)
    assert changed.astype(int).tolist() == [[1, 1, 0], [1, 1, 0], [0, 1, 1]]
    with pytest.raises(ValueError, match="square"):
        ChosenMask("causal").array(2, 3)


@given(
    st.sampled_from(("all", "causal", "prefix")),
    st.integers(1, 6),
    st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7))),
)
def test_no_row_of_a_chosen_mask_is_ever_empty(base: Any, tokens: int, flipped: list[tuple[int, int]]) -> None:
    mask = ChosenMask(base, 2, flipped=tuple(flipped)).array(tokens, tokens)
    assert mask.any(axis=1).all()


def test_a_row_closed_by_hand_stays_as_it_was() -> None:
    mask = ChosenMask("causal", flipped=((0, 0), (1, 0))).array(2, 2)
    assert mask.astype(int).tolist() == [[1, 0], [0, 1]]


@pytest.mark.parametrize("mask", [ChosenMask("causal"), ChosenMask("all"), ChosenMask("prefix", 3)])
def test_losses_are_those_of_transformers(gpt2: Checkpoint, mask: ChosenMask) -> None:
    import torch

    ids = tokenize(gpt2, TEXT).ids
    array = mask.array(len(ids), len(ids))
    found = masks_compared.answers(gpt2, masks_compared.next_tokens(ids), {"decoder": array})
    model: Any = gpt2.model
    added = torch.where(torch.tensor(array), 0.0, torch.finfo(torch.float32).min)[None, None]
    with torch.inference_mode():
        logits = model(torch.tensor([ids]), attention_mask=added).logits[0, :-1]
        losses = torch.nn.functional.cross_entropy(logits, torch.tensor(ids[1:]), reduction="none")
    assert found.losses == pytest.approx(losses.numpy(), abs=1e-4)
    assert found.mean == pytest.approx(float(losses.mean()), abs=1e-4)


def test_bert_is_asked_with_one_token_hidden(bert: Checkpoint) -> None:
    import torch

    tokenization = tokenize(bert, TEXT)
    ids, mask_id = tokenization.ids, bert.tokenizer.token_to_id("[MASK]")
    assert mask_id is not None
    segments = [token.segment for token in tokenization.tokens]
    question = masks_compared.hidden_tokens(ids, segments, [1, 3], mask_id)
    assert (question.rows, question.truth) == ((1, 3), (ids[1], ids[3]))
    causal = causal_mask(len(ids))
    found = masks_compared.answers(bert, question, {"encoder": causal})
    model: Any = bert.model
    added = torch.where(torch.tensor(causal), 0.0, torch.finfo(torch.float32).min)[None, None]
    for at, loss in zip((1, 3), found.losses, strict=True):
        hidden = torch.tensor([[mask_id if place == at else number for place, number in enumerate(ids)]])
        with torch.inference_mode():
            logits = model(hidden, attention_mask=added).prediction_logits[0, at]
        assert loss == pytest.approx(-float(torch.log_softmax(logits, 0)[ids[at]]), abs=1e-4)


def test_many_hidden_tokens_share_a_few_passes_and_each_is_read_alone(bert: Checkpoint) -> None:
    tokens = 36
    ids = [5 + place % 18 for place in range(tokens)]
    question = masks_compared.hidden_tokens(ids, [0] * tokens, range(tokens), 4)
    assert (len(question.rows), len(masks_compared.passes(question))) == (16, 2)
    together = masks_compared.answers(bert, question, {}).losses
    alone = [
        masks_compared.answers(bert, replace(question, rows=(row,), truth=(truth,)), {}).losses[0]
        for row, truth in zip(question.rows, question.truth, strict=True)
    ]
    assert together == pytest.approx(np.array(alone), abs=1e-5)


def test_a_long_text_is_asked_at_some_places_evenly_spread() -> None:
    question = masks_compared.hidden_tokens([5] * 500, [0] * 500, range(1, 499), 4)
    assert len(question.rows) == 10
    assert (question.rows[0], question.rows[-1]) == (1, 498)
    assert masks_compared.hidden_tokens([], [], [], 4).rows == ()


def test_only_what_comes_after_a_prefix_counts() -> None:
    question = masks_compared.next_tokens([10, 11, 12, 13, 14])
    assert masks_compared.after_prefix(question, 3).truth == (13, 14)
    assert masks_compared.after_prefix(question, 1) == question
    assert masks_compared.after_prefix(question, 99).rows == ()


def test_nothing_is_asked_of_one_token(gpt2: Checkpoint) -> None:
    question = masks_compared.next_tokens([3])
    assert masks_compared.answers(gpt2, question, {}).mean is None
    assert masks_compared.leak(gpt2, [3], {}) == 0


def test_the_last_token_leaks_without_the_mask_only(gpt2: Checkpoint) -> None:
    ids = tokenize(gpt2, TEXT).ids
    tokens = len(ids)
    assert masks_compared.leak(gpt2, ids, {"decoder": causal_mask(tokens)}) < 1e-6
    assert masks_compared.leak(gpt2, ids, {"decoder": ChosenMask("all").array(tokens, tokens)}) > 1e-3


def test_predictions_sum_up_and_know_the_truth(gpt2: Checkpoint) -> None:
    ids = tuple(tokenize(gpt2, TEXT).ids)
    said = masks_compared.predict(gpt2, Inputs(decoder=ids), 1, ids[2], {})
    chances = [guess.probability for guess in said.guesses]
    assert chances == sorted(chances, reverse=True)
    assert sum(chances) < 1 + 1e-6
    assert said.truth is not None
    (loss,) = masks_compared.answers(gpt2, Question(Inputs(decoder=ids), (1,), (ids[2],)), {}).losses
    assert said.truth.probability == pytest.approx(math.exp(-loss), rel=1e-5)
    assert masks_compared.predict(gpt2, Inputs(decoder=ids), 1, None, {}).truth is None


def test_first_layer_scores_are_the_same_under_every_mask(gpt2: Checkpoint) -> None:
    ids = tuple(tokenize(gpt2, TEXT).ids)
    tokens = len(ids)
    closed, opened = (
        masks_compared.head_scores(gpt2, Inputs(decoder=ids), "decoder", 0, 1, {"decoder": mask.array(tokens, tokens)})
        for mask in (ChosenMask("causal"), ChosenMask("all"))
    )
    assert closed.scores == pytest.approx(opened.scores, abs=1e-6)
    assert closed.weights.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert closed.weights == pytest.approx(softmax(np.where(causal_mask(tokens), closed.scores, -np.inf)), abs=1e-5)


def test_masked_pads_change_nothing_and_others_do(bert: Checkpoint) -> None:
    ids = tuple(tokenize(bert, TEXT).ids)
    padded = Inputs(encoder=(*ids, *[masks_compared.pad_id(bert)] * 3))
    tokens = len(ids) + 3
    masks, without = (ChosenMask("all", pads=pads).array(tokens, tokens) for pads in (3, 0))
    found = masks_compared.pad_influence(
        bert, Inputs(encoder=ids), padded, "encoder", {"encoder": masks}, {"encoder": without}
    )
    assert found.masked < 1e-4 < found.unmasked
    assert found.size > 0


@pytest.mark.parametrize("kind", ["encoder", "cross"])
def test_pads_of_t5_are_hidden_as_transformers_hides_them(tmp_path: Path, kind: AttentionKind) -> None:
    import torch

    t5 = small_models.checkpoint(tmp_path, "t5")
    model: Any = t5.model
    alone = Inputs(encoder=(3, 4, 5), decoder=(0, 5, 4))
    padded = Inputs(encoder=(3, 4, 5, 0, 0), decoder=(0, 5, 4))
    mask = ChosenMask("all", pads=2)
    masks = {kind: mask.array(3 if kind == "cross" else 5, 5), "encoder": mask.array(5, 5)}
    found = masks_compared.pad_influence(t5, alone, padded, kind, masks, {})
    assert found.masked < 1e-5 < found.unmasked
    # Their one mask closes the pads for the encoder and for cross-attention.
    masks["cross"] = mask.array(3, 5)
    ours = run(t5, padded, Request(("hidden",), masks=masks)).hidden
    with torch.inference_mode():
        theirs = model(
            torch.tensor([padded.encoder]),
            attention_mask=torch.tensor([[1, 1, 1, 0, 0]]),
            decoder_input_ids=torch.tensor([padded.decoder]),
            output_hidden_states=True,
        )
    np.testing.assert_allclose(ours["decoder"][-1], theirs.decoder_hidden_states[-1][0], atol=1e-5)
    np.testing.assert_allclose(ours["encoder"][-1], theirs.encoder_last_hidden_state[0], atol=1e-5)


def test_pads_behind_t5_s_decoder_are_hidden_by_its_causal_mask(tmp_path: Path) -> None:
    t5 = small_models.checkpoint(tmp_path, "t5")
    alone, padded = (Inputs(encoder=(3, 4), decoder=decoder) for decoder in ((0, 5), (0, 5, 0, 0)))
    masks, without = (ChosenMask("causal", pads=pads).array(4, 4) for pads in (2, 0))
    found = masks_compared.pad_influence(t5, alone, padded, "decoder", {"decoder": masks}, {"decoder": without})
    assert found.masked < 1e-5
    assert found.unmasked < 1e-5


def test_work_by_hand(bert: Checkpoint) -> None:
    # 3 layers of d_model 15 and d_ff 22; 4 tokens: 4 x (4 x 225 + 2 x 330) in matrices, 2 x 16 x 15 in scores and mix
    assert masks_compared.multiply_adds(bert, 4) == 3 * (4 * 1_560 + 480) == 20_160
    assert masks_compared.multiply_adds(bert, 1) == 3 * (1_560 + 30) == 4_770
    work = masks_compared.batch_work(bert, (4, 1))
    assert (work.padded, work.unpadded) == (40_320, 24_930)
    assert work.wasted == pytest.approx(1 - 24_930 / 40_320)
    assert masks_compared.batch_work(bert, ()).wasted == 0


@pytest.mark.parametrize("name", ["bert-mini", "gpt2-mini", "t5-mini"])
def test_work_is_what_torch_counts_with_the_mask_or_without(name: str) -> None:
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    checkpoint = load(name)
    model: Any = checkpoint.model
    body = {"bert": "bert", "gpt2": "transformer", "t5": "encoder"}[checkpoint.family]
    counted = []
    for mask in (torch.ones(1, 9, dtype=torch.long), torch.tensor([[1] * 5 + [0] * 4])):
        with torch.inference_mode(), FlopCounterMode(display=False) as counter:
            getattr(model, body)(torch.full((1, 9), 7), attention_mask=mask)
        counted.append(counter.get_total_flops() // 2)
    assert counted[0] == counted[1]
    pooler = checkpoint.sizes.d_model**2 if checkpoint.family == "bert" else 0
    assert counted[0] - pooler == masks_compared.multiply_adds(checkpoint, 9)


def test_work_of_both_stacks_is_what_torch_counts() -> None:
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    checkpoint = load("t5-mini")
    model: Any = checkpoint.model
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        read = model.encoder(torch.full((1, 9), 7)).last_hidden_state
        model.decoder(torch.full((1, 5), 7), encoder_hidden_states=read, use_cache=False)
    assert counter.get_total_flops() // 2 == masks_compared.multiply_adds(checkpoint, 9, 5)
    work = masks_compared.batch_work(checkpoint, (9, 4), (2, 5))
    assert work.padded == 2 * masks_compared.multiply_adds(checkpoint, 9, 5)
    assert work.unpadded == sum(masks_compared.multiply_adds(checkpoint, *row) for row in ((9, 2), (4, 5)))
