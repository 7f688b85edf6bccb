"""A pass that trace() changes equals the same change made in another way."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from explainers.attention import (
    bidirectional_mask,
    causal_mask,
    padding_mask,
    prefix_mask,
)
from explainers.checkpoints import Checkpoint
from explainers.tokenization import tokenize
from explainers.trace import (
    KINDS,
    STACKS,
    AttentionKind,
    Inputs,
    Request,
    run,
    trace,
)
from tests.trace.theirs import (
    EVERYTHING,
    SENTENCE,
    additive,
    assert_same,
    bare,
    projection_of,
    their_attentions,
    their_logits,
    there,
)


def test_a_knocked_out_head_equals_a_head_without_output_matrix(checkpoint: Checkpoint) -> None:
    out: list[tuple[AttentionKind, int, int]] = [(kind, 1, 2) for kind in KINDS[checkpoint.family]]
    out += [(KINDS[checkpoint.family][0], 0, 0), (KINDS[checkpoint.family][0], 0, 1)]
    passed = trace(checkpoint, SENTENCE[:18], keep=EVERYTHING, layer=out[0][:2], knocked_out=out)
    model = copy.deepcopy(checkpoint.model)
    for kind, layer, head in out:
        projection = projection_of(model, checkpoint.family, kind, layer)
        weight = projection.weight.data if checkpoint.family == "gpt2" else projection.weight.data.T
        size = len(weight) // checkpoint.sizes.heads
        weight[head * size : (head + 1) * size] = 0
    output = bare(passed, checkpoint, model)
    for kind in KINDS[checkpoint.family]:
        theirs = their_attentions(output, kind, checkpoint.family)
        np.testing.assert_allclose(passed.attentions[kind], theirs, atol=1e-5)
    np.testing.assert_allclose(there(passed.logits), their_logits(output, checkpoint.family), atol=1e-4, rtol=1e-4)
    assert passed.heads is not None
    assert not passed.heads.mix[2].any()
    assert not passed.heads.outputs[2].any()
    assert passed.heads.outputs[1].any()
    whole = trace(checkpoint, SENTENCE[:18], keep=("logits",))
    assert np.abs(there(whole.logits) - there(passed.logits)).max() > 1e-3


@pytest.mark.parametrize("name", ["mini-bert", "tiny-bert", "mini-gpt2", "tiny-gpt2"])
def test_another_mask_equals_transformers_4d_mask(name: str, checkpoints: dict[str, Checkpoint]) -> None:
    checkpoint = checkpoints[name]
    kind = KINDS[checkpoint.family][0]
    tokens = len(tokenize(checkpoint, "the dog saw a cat").tokens)
    odd = np.random.default_rng(0).random((tokens, tokens)) < 0.5
    odd |= np.eye(tokens, dtype=np.bool_)
    for mask in (causal_mask(tokens), bidirectional_mask(tokens), prefix_mask(tokens, 2), odd):
        passed = trace(checkpoint, "the dog saw a cat", keep=EVERYTHING, layer=(kind, 0), masks={kind: mask})
        assert_same(passed, bare(passed, checkpoint, masks={"attention_mask": additive(mask)}))
        assert not passed.attentions[kind][:, :, ~mask].any()
        assert passed.heads is not None
        np.testing.assert_array_equal(passed.heads.mask, mask)
    own = causal_mask(tokens) if kind == "decoder" else bidirectional_mask(tokens)
    plain = trace(checkpoint, "the dog saw a cat", keep=EVERYTHING, layer=(kind, 0))
    same = trace(checkpoint, "the dog saw a cat", masks={kind: own})
    np.testing.assert_array_equal(plain.attentions[kind], same.attentions[kind])
    assert plain.heads is not None
    np.testing.assert_array_equal(plain.heads.mask, own)


@pytest.mark.parametrize("name", ["mini-t5", "tiny-t5"])
def test_t5_takes_a_mask_for_each_kind(name: str, checkpoints: dict[str, Checkpoint]) -> None:
    import torch

    checkpoint = checkpoints[name]
    plain = trace(checkpoint, "the dog saw", target="the dog")
    encoder, decoder = (len(plain.pieces[stack]) for stack in STACKS["t5"])
    cross = np.tile(np.arange(encoder) % 2 == 0, (decoder, 1))
    masks: dict[AttentionKind, Any] = {
        "encoder": causal_mask(encoder), "decoder": bidirectional_mask(decoder), "cross": cross
    }  # fmt: skip
    passed = trace(checkpoint, "the dog saw", target="the dog", keep=("attentions", "logits", "hidden"), masks=masks)
    model: Any = checkpoint.model
    ids = {stack: torch.tensor(array)[None] for stack, array in passed.ids.items()}
    with torch.inference_mode():
        read = model.encoder(ids["encoder"], attention_mask=additive(masks["encoder"]), output_attentions=True)
        output = model(
            encoder_outputs=(read.last_hidden_state, None, read.attentions), decoder_input_ids=ids["decoder"],
            attention_mask=additive(cross), decoder_attention_mask=additive(masks["decoder"]), output_attentions=True,
        )  # fmt: skip
    for kind in KINDS["t5"]:
        np.testing.assert_array_equal(passed.attentions[kind], their_attentions(output, kind, "t5"))
        assert not passed.attentions[kind][:, :, ~masks[kind]].any()
    np.testing.assert_allclose(there(passed.logits), output.logits[0], atol=1e-6)


def test_bert_under_a_causal_mask_cannot_see_the_future(checkpoints: dict[str, Checkpoint]) -> None:
    checkpoint = checkpoints["mini-bert"]
    mask = causal_mask(7)
    hidden = [
        trace(checkpoint, text, keep=("hidden",), masks={"encoder": mask}).hidden["encoder"]
        for text in ("the dog saw the cat", "the dog saw the boat")
    ]
    np.testing.assert_allclose(hidden[0][:, :5], hidden[1][:, :5], atol=1e-6)
    assert np.abs(hidden[0][-1, 5:] - hidden[1][-1, 5:]).max() > 1e-2


@pytest.mark.parametrize("name", ["mini-bert", "tiny-bert"])
def test_padding_under_its_mask_changes_nothing(name: str, checkpoints: dict[str, Checkpoint]) -> None:
    checkpoint = checkpoints[name]
    short = trace(checkpoint, "the dog saw", keep=("hidden",))
    ids = [*short.ids["encoder"].tolist(), 0, 0, 0]
    mask = padding_mask(np.array(ids) != 0)
    padded = run(checkpoint, Inputs(encoder=ids), Request(("hidden", "attentions"), masks={"encoder": mask}))
    np.testing.assert_allclose(padded.hidden["encoder"][:, :5], short.hidden["encoder"], atol=1e-4)
    assert not padded.attentions["encoder"][..., 5:].any()
    assert padded.pieces["encoder"][5:] == ("[PAD]",) * 3


def test_masked_and_replaced_ids(checkpoints: dict[str, Checkpoint]) -> None:
    checkpoint = checkpoints["tiny-bert"]
    passed = trace(checkpoint, "the dog saw", masked={2})
    assert passed.pieces["encoder"] == ("[CLS]", "the", "[MASK]", "saw", "[SEP]")
    assert passed.tokenization is not None
    assert passed.tokenization.tokens[2].piece == "dog"
    typed = trace(checkpoint, "the [MASK] saw")
    np.testing.assert_array_equal(passed.attentions["encoder"], typed.attentions["encoder"])
    ids = [*passed.ids["encoder"].tolist()]
    ids[1] = 9
    assert trace(checkpoint, "the dog saw", ids=ids).ids["encoder"].tolist() == [2, 9, 4, 7, 3]


@pytest.mark.parametrize(
    ("text", "target", "expected"),
    [
        ("the dog", "<extra_id_0> dog", ["<pad>", "<extra_id_0>", "▁dog"]),
        ("the <extra_id_0> saw <extra_id_1>", None, ["<pad>", "<extra_id_0>", "<extra_id_1>"]),
        ("the dog", None, ["<pad>", "▁the", "▁dog"]),
        ("the dog", "", ["<pad>"]),
        ("", None, ["<pad>"]),
    ],
)
def test_what_t5_s_decoder_gets(
    text: str, target: str | None, expected: list[str], checkpoints: dict[str, Checkpoint]
) -> None:
    passed = trace(checkpoints["tiny-t5"], text, target=target)
    assert list(passed.pieces["decoder"]) == expected
    assert passed.target is not None
    assert [token.piece for token in passed.target.tokens] == [*expected[1:], "</s>"]
    assert passed.queries("cross") == passed.pieces["decoder"]
    assert passed.keys("cross") == passed.pieces["encoder"]
