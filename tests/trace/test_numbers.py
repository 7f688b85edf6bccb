"""trace() keeps transformers' own numbers, to the last bit, for any text."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from explainers.checkpoints import FAMILIES, Checkpoint, Sizes
from explainers.tokenization import tokenize
from explainers.trace import (
    KINDS,
    STACKS,
    Part,
    attention_bytes,
    trace,
)
from tests.trace.theirs import (
    EVERYTHING,
    NAMES,
    SENTENCE,
    assert_same,
    bare,
    their_attentions,
    there,
)


@pytest.mark.parametrize(
    ("text", "pair"),
    [(SENTENCE, None), (SENTENCE, "the bank saw it"), ("a", None), ("dog " * 11, None), ("안녕 🐶", None)],
    ids=["sentence", "pair", "one token", "repeated", "bytes"],
)
def test_the_numbers_are_transformers_own(checkpoint: Checkpoint, text: str, pair: str | None) -> None:
    text = text[:20] if checkpoint.name == "tiny-gpt2" else text
    keep: list[Part] = ["attentions", "hidden", "logits"]
    keep += ["next sentence"] if checkpoint.family == "bert" else []
    passed = trace(checkpoint, text, pair, keep=keep)
    output = bare(passed, checkpoint)
    assert_same(passed, output)
    tokenization = tokenize(checkpoint, text, pair)
    assert passed.tokenization == tokenization
    first = STACKS[checkpoint.family][0]
    assert passed.pieces[first] == tuple(token.piece for token in tokenization.tokens)
    assert tuple(passed.ids[first]) == tokenization.ids
    if checkpoint.family == "bert":
        np.testing.assert_allclose(there(passed.next_sentence), output.seq_relationship_logits[0], atol=1e-6)


@pytest.mark.parametrize("family", FAMILIES)
def test_512_tokens(family: str, checkpoints: dict[str, Checkpoint]) -> None:
    checkpoint = checkpoints[f"mini-{family}"]
    passed = trace(checkpoint, "The old dog saw a cat and ran home. " * 100, target="<extra_id_0> one dog")
    assert passed.tokenization
    assert passed.tokenization.dropped > 0
    kind, sizes = KINDS[checkpoint.family][0], checkpoint.sizes
    assert passed.attentions[kind].shape == (sizes.layers or sizes.decoder_layers, sizes.heads, 512, 512)
    output = bare(passed, checkpoint)
    for kind in KINDS[checkpoint.family]:
        np.testing.assert_array_equal(passed.attentions[kind], their_attentions(output, kind, family))
    sizes = checkpoint.sizes
    assert passed.bytes - sum(ids.nbytes for ids in passed.ids.values()) == attention_bytes(
        sizes, 512, len(passed.pieces["decoder"]) if family == "t5" else 0
    )


@pytest.mark.parametrize("checkpoint_name", NAMES)
def test_embeddings_sum_to_what_the_first_layer_gets(checkpoint_name: str, checkpoints: dict[str, Checkpoint]) -> None:
    import torch

    checkpoint = checkpoints[checkpoint_name]
    passed = trace(checkpoint, "the dog saw", "a cat", keep=("embeddings", "hidden"))
    assert set(passed.embeddings) == set(STACKS[checkpoint.family])
    for stack, parts in passed.embeddings.items():
        np.testing.assert_array_equal(parts.output, passed.hidden[stack][0])
        total = parts.token.copy()
        for part in (parts.segment, parts.position):
            total += 0 if part is None else part
        np.testing.assert_allclose(total, parts.total, atol=1e-6)
        assert (parts.segment is None) == (checkpoint.family != "bert")
        assert (parts.position is None) == (checkpoint.family == "t5")
        if checkpoint.family == "bert":
            with torch.inference_mode():
                model: Any = checkpoint.model
                normed = model.bert.embeddings.LayerNorm(torch.tensor(total)).numpy()
                second = model.bert.embeddings.token_type_embeddings.weight[1].numpy()
            np.testing.assert_allclose(normed, parts.output, atol=1e-5)
            assert parts.segment is not None
            np.testing.assert_array_equal(parts.segment[-1], second)
        else:
            np.testing.assert_allclose(total, parts.output, atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_text(name: str, checkpoints: dict[str, Checkpoint]) -> None:
    checkpoint = checkpoints[name]
    kind = KINDS[checkpoint.family][0]
    passed = trace(checkpoint, "", keep=EVERYTHING, layer=(kind, 0))
    tokens = {"bert": 2, "gpt2": 0, "t5": 1}[checkpoint.family]
    assert passed.attentions[kind].shape[2:] == (tokens, tokens)
    assert passed.hidden[STACKS[checkpoint.family][0]].shape[1] == tokens
    assert np.shape(there(passed.logits)) == (tokens, checkpoint.sizes.vocab)
    assert (passed.heads is None) == (tokens == 0)


def test_only_what_is_asked_for_is_kept_and_nobody_can_change_it(checkpoint: Checkpoint) -> None:
    kind = KINDS[checkpoint.family][0]
    passed = trace(checkpoint, "the dog", keep=())
    assert not passed.attentions
    assert not passed.hidden
    assert not passed.embeddings
    assert (passed.heads, passed.logits, passed.next_sentence) == (None, None, None)
    for part, field in (("hidden", "hidden"), ("logits", "logits"), ("heads", "heads"), ("embeddings", "embeddings")):
        one = trace(checkpoint, "the dog", keep=[part], layer=(kind, 0))  # type: ignore[list-item]
        assert one.bytes > passed.bytes
        assert getattr(one, field) is not None
    with pytest.raises(ValueError, match="read-only"):
        trace(checkpoint, "the dog").attentions[kind][0, 0, 0, 0] = 1


def test_logits_at_some_positions(checkpoint: Checkpoint) -> None:
    whole = trace(checkpoint, "the dog saw", keep=("logits",))
    some = trace(checkpoint, "the dog saw", keep=("logits",), logits_at=[2, 0])
    assert some.logits_at == (2, 0)
    assert whole.logits is not None
    assert some.logits is not None
    np.testing.assert_allclose(some.logits, whole.logits[[2, 0]], atol=1e-5)


def test_half_precision_is_for_storing_only(checkpoint: Checkpoint) -> None:
    kind = KINDS[checkpoint.family][0]
    whole = trace(checkpoint, "the dog saw", keep=("attentions", "hidden"))
    half = trace(checkpoint, "the dog saw", keep=("attentions", "hidden"), precision="float16")
    assert half.attentions[kind].dtype == np.float16
    np.testing.assert_array_equal(half.attentions[kind], whole.attentions[kind].astype(np.float16))
    for stack in STACKS[checkpoint.family]:
        np.testing.assert_array_equal(half.hidden[stack], whole.hidden[stack])


def test_attention_bytes_by_hand() -> None:
    bert_base = Sizes(12, 0, 12, 768, 3072, 30_522, 1)
    assert attention_bytes(bert_base, 512) == 12 * 12 * 512 * 512 * 4 == 150_994_944
    assert attention_bytes(bert_base, 1024, precision="float16") == 301_989_888
    gpt2 = Sizes(0, 12, 12, 768, 3072, 50_257, 1)
    assert attention_bytes(gpt2, 512) == 150_994_944
    t5 = Sizes(2, 3, 4, 10, 14, 99, 1)
    assert attention_bytes(t5, 5, 7) == 4 * 4 * (2 * 25 + 3 * 49 + 3 * 35)
