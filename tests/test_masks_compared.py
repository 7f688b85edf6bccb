"""One model under several masks: equality with transformers, what leaks, what pads change, and work by hand."""

from __future__ import annotations

import json
import math
import struct
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
from explainers.views.components.maskgrid import MOST_FLIPPED, MaskChoice, MaskedHead, grid_data, valid_choice
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
    assert (len(question.rows), masks_compared.passes(question)) == (16, 2)
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


def drawn(tokens: int) -> MaskedHead:
    numbers = (np.arange(tokens * tokens, dtype=np.float32) % 100).reshape(tokens, tokens)
    names = ["</script>"] * tokens
    return MaskedHead(names, names, numbers, None, numbers / 100, causal_mask(tokens), ((0, 1),), 0.5, 4)


def test_the_picture_travels_as_it_is() -> None:
    data, fingerprint = grid_data(drawn(3), family="gpt2", query=1, editable=True)
    (length,) = struct.unpack("<I", data[:4])
    header = json.loads(data[4 : 4 + length])
    assert (header["query"], header["long"], header["flipped"]) == (1, False, [[0, 1]])
    assert header["fingerprint"] == fingerprint
    numbers = np.frombuffer(data[4 + length : -2], "<f4")
    assert numbers[:9].tolist() == list(range(9))
    assert numbers[9:] == pytest.approx(np.arange(9) / 100)
    assert list(data[-2:]) == [0b10011011, 0b10000000]  # the mask's nine cells: 100 110 111


@pytest.mark.parametrize(("name", "kind"), [("gpt2-mini", "decoder"), ("t5-mini", "encoder"), ("t5-mini", "decoder")])
def test_the_weights_of_a_long_text_follow_from_what_is_sent(name: str, kind: AttentionKind) -> None:
    tokens = 150
    ids = tuple(300 + number * 7 % 90 for number in range(tokens))
    mask = ChosenMask("causal" if kind == "decoder" else "all").array(tokens, tokens)
    inputs = Inputs(decoder=ids) if name == "gpt2-mini" else Inputs(ids, ids)
    head = masks_compared.head_scores(load(name), inputs, kind, 1, 2, {kind: mask})
    shown = MaskedHead(
        ("a",) * tokens, ("a",) * tokens, head.scores, head.bias, head.weights, mask, (), head.scale, head.size
    )
    data = grid_data(shown, family="t5", query=1, editable=True)[0]
    (length,) = struct.unpack("<I", data[:4])
    header, numbers = json.loads(data[4 : 4 + length]), data[4 + length :]
    assert header["long"]
    assert header["keys"] is None
    if header["biased"]:
        by_distance, numbers = np.frombuffer(numbers[: 4 * 299], "<f4"), numbers[4 * 299 :]
        assert head.bias is not None
        bias = [[by_distance[key - query + tokens - 1] for key in range(tokens)] for query in range(tokens)]
        np.testing.assert_array_equal(bias, head.bias)
    low, high = np.frombuffer(numbers[: 8 * tokens], "<f4").reshape(2, tokens, 1).astype(float)
    levels = np.frombuffer(numbers[8 * tokens : 8 * tokens + 2 * tokens**2], "<u2").reshape(tokens, tokens)
    open_ = np.unpackbits(np.frombuffer(numbers[8 * tokens + 2 * tokens**2 :], "u1"))[: tokens**2].reshape(mask.shape)
    np.testing.assert_array_equal(open_, mask)
    totals = low + (high - low) * levels / 65_535
    np.testing.assert_allclose(totals, head.scores + (0 if head.bias is None else head.bias), atol=5e-3)
    np.testing.assert_allclose(softmax(np.where(mask, totals, -np.inf)), head.weights, atol=5e-4)


@pytest.mark.parametrize("biased", [False, True])
def test_512_tokens_are_at_most_600_kilobytes(biased: bool) -> None:
    head = replace(drawn(512), queries=("·understand",) * 512, keys=("·understand",) * 512)
    if biased:
        head = replace(head, bias=np.zeros((512, 512), np.float32))
    assert len(grid_data(head, family="t5", query=1, editable=True)[0]) <= 600_000


@pytest.mark.parametrize(
    "stale",
    [
        None,
        3,
        {"query": 1, "flipped": []},
        {"query": 3, "flipped": [], "fingerprint": "now"},
        {"query": True, "flipped": [], "fingerprint": "now"},
        {"query": 1, "flipped": "x", "fingerprint": "now"},
        {"query": 1, "flipped": [[0, 3]], "fingerprint": "now"},
        {"query": 1, "flipped": [[0]], "fingerprint": "now"},
        {"query": 1, "flipped": [[0, 0]] * (MOST_FLIPPED + 1), "fingerprint": "now"},
        {"query": 1, "flipped": [], "fingerprint": "then"},
    ],
)
def test_a_choice_that_does_not_fit_is_dropped(stale: object) -> None:
    assert valid_choice(stale, (3, 3), "now") is None


def test_a_choice_is_read() -> None:
    sent = {"query": 2, "flipped": [[2, 1], [0, 1]], "fingerprint": "now"}
    assert valid_choice(sent, (3, 3), "now") == MaskChoice(2, ((0, 1), (2, 1)))


def test_a_long_text_has_few_bars_with_the_means_of_runs() -> None:
    from explainers.figures.mask_losses import paired_losses

    few = paired_losses(["<b>", "c"], [1.0, 2.0], None, "bert", dark=False)
    assert [list(trace.y) for trace in few.data] == [[1.0, 2.0]]
    assert few.layout.xaxis.ticktext == ("&lt;b&gt;", "c")
    many = paired_losses(["a"] * 90, list(range(90)), [1.0] * 90, "gpt2", dark=True)
    assert [len(trace.y) for trace in many.data] == [30, 30]
    assert many.data[0].y[:2] == (1.0, 4.0)
    assert not paired_losses([], [], None, "t5", dark=False).data[0].y
