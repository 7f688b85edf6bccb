"""How far tensors moved, by hand; where every tensor of the built-in models is; and what is left of pre-training."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
import torch

from explainers.checkpoints import ASSETS, Checkpoint, Family, load
from explainers.fine_tuning import Change, changes, modes_of, together
from explainers.fine_tuning.changes import change, pretraining_loss
from explainers.fine_tuning.classifier import Classifier
from tests.fine_tuning.samples import Tiny, Tuner


def test_a_change_by_hand() -> None:
    before, after = torch.tensor([[3.0, 0.0], [0.0, 4.0]]), torch.tensor([[3.0, 0.3], [0.4, 4.0]])
    found = change("body.bert.encoder.layer.12.attention.self.query.weight", before, after)
    assert found[:4] == ("body.bert.encoder.layer.12.attention.self.query.weight", "encoder", 12, "attention")
    assert found.moved == pytest.approx(0.5)
    assert found.norm == 5.0
    assert found.numbers == 4
    assert found.share == pytest.approx(0.1)
    new = change("head.bias", torch.zeros(2), torch.tensor([0.6, 0.8]))
    assert new[1:4] == ("", None, "output")
    assert new.moved == pytest.approx(1.0)
    assert (new.norm, new.share) == (0.0, 0.0)


def moved(moved: float, norm: float) -> Change:
    return Change("", "", None, "output", moved, norm, 1)


def test_changes_together_by_hand() -> None:
    assert together([moved(0.5, 5.0)]) == pytest.approx(0.1)
    assert together([moved(3.0, 6.0), moved(4.0, 8.0)]) == pytest.approx(0.5)
    assert together([moved(1.0, 0.0), moved(0.0, 2.0)]) == pytest.approx(0.5)
    assert together([moved(1.0, 0.0)]) == 0.0
    assert together([]) == 0.0
    halves = torch.randn(2, 30, generator=torch.Generator().manual_seed(1))
    whole = change("head.weight", halves, halves + 0.1)
    assert together([change("head.weight", half, half + 0.1) for half in halves]) == pytest.approx(whole.share)


# Of one layer: attention, norms, feed-forward. T5's first layer holds the position bias of all.
LAYERS: dict[Family, dict[str, tuple[int, int, int]]] = {
    "bert": {"encoder": (8, 4, 4)},
    "gpt2": {"decoder": (4, 4, 4)},
    "t5": {"encoder": (4, 2, 3), "decoder": (8, 3, 3)},
}
OUTSIDE: dict[Family, dict[str, list[str]]] = {
    "bert": {
        "embeddings": [
            "body.bert.embeddings.word_embeddings.weight",
            "body.bert.embeddings.position_embeddings.weight",
            "body.bert.embeddings.token_type_embeddings.weight",
            "body.bert.embeddings.LayerNorm.weight",
            "body.bert.embeddings.LayerNorm.bias",
        ],
        "output": ["body.bert.pooler.dense.weight", "body.bert.pooler.dense.bias", "head.weight", "head.bias"],
    },
    "gpt2": {
        "embeddings": ["body.transformer.wte.weight", "body.transformer.wpe.weight"],
        "output": ["body.transformer.ln_f.weight", "body.transformer.ln_f.bias", "head.weight"],
    },
    "t5": {
        "embeddings": ["body.shared.weight"],
        "output": ["body.encoder.final_layer_norm.weight", "body.decoder.final_layer_norm.weight"],
    },
}


def test_every_tensor_of_the_built_in_models_has_its_place(family: Family) -> None:
    checkpoint = load({"bert": "bert-mini", "gpt2": "gpt2-mini", "t5": "t5-mini"}[family])
    none = torch.zeros(1)
    found = [
        change(name, none, none)
        for name, _part in Classifier(checkpoint, 2, "all", 1).named_parameters()
        if not name.startswith("body.cls.")
    ]
    outside: dict[str, list[str]] = {"embeddings": [], "output": []}
    for each in found:
        if each.layer is None:
            assert each.stack == ""
            outside[each.place].append(each.name)
    assert outside == OUTSIDE[family]
    counts = Counter((each.stack, each.layer, each.place) for each in found if each.layer is not None)
    gated = "gated" in str(checkpoint.config.get("feed_forward_proj", ""))
    expected: dict[tuple[str, int, str], int] = {}
    for stack, (attention, norms, forward) in LAYERS[family].items():
        layers = checkpoint.sizes.layers if stack == "encoder" else checkpoint.sizes.decoder_layers
        for layer in range(layers):
            bias = int(family == "t5" and layer == 0)
            expected[stack, layer, "attention"] = attention + bias
            expected[stack, layer, "norms"] = norms
            expected[stack, layer, "feed-forward"] = forward - (family == "t5" and not gated)
    assert counts == expected


def test_what_moved_is_what_was_kept(tiny: Tiny, tuned: Tuner, family: Family) -> None:
    found = tuned(family)
    assert found.tuned is not None
    own = {f"body.{name}": part.detach() for name, part in tiny(family).model.named_parameters()}
    for each in found.changes:
        if each.name in own:
            last = torch.from_numpy(found.tuned.snapshots[-1][each.name])
            assert each.moved == pytest.approx(float((last - own[each.name]).norm()), rel=1e-5)
            assert each.norm == pytest.approx(float(own[each.name].norm()), rel=1e-5)
            assert each.numbers == own[each.name].numel()


def sentences() -> list[str]:
    """The first of our own: the first of each passage, then the second of each, and so on."""
    passages = [
        re.findall(r"\S.*?[.!?](?=\s|$)", " ".join(passage.split()))
        for passage in (ASSETS / "next_sentence.txt").read_text(encoding="utf-8").strip().split("\n\n")
    ]
    dealt = [passage[turn] for turn in range(99) for passage in passages if turn < len(passage)]
    return dealt[: changes._SENTENCES]


def their_loss(checkpoint: Checkpoint) -> tuple[float, int]:
    """The same loss from transformers' own labels, one sentence at a time: the mean over all tokens asked."""
    from transformers import BertForMaskedLM

    model: Any = checkpoint.model
    if checkpoint.family == "bert":
        model = BertForMaskedLM(model.config)
        model.eval()
        model.load_state_dict(checkpoint.model.state_dict(), strict=False)  # it has no pooler
    id_of: Any = checkpoint.tokenizer.token_to_id
    total, count = 0.0, 0
    for text in sentences():
        ids = checkpoint.tokenizer.encode(text).ids[: checkpoint.context if checkpoint.family == "gpt2" else None]
        given: dict[str, Any] = {"input_ids": list(ids), "labels": list(ids)}
        asked = len(ids) - 1
        if checkpoint.family == "bert":
            hidden = range(4, len(ids) - 1, 7)  # the 4th, 11th, ... after [CLS]
            asked = len(hidden)
            for place in range(len(ids)):
                if place in hidden:
                    given["input_ids"][place] = id_of("[MASK]")
                else:
                    given["labels"][place] = -100
        elif checkpoint.family == "t5":
            first, asked = (len(ids) - 1) // 3, 2
            gap = ids[first : first + 2]
            given["input_ids"] = [*ids[:first], id_of("<extra_id_0>"), *ids[first + 2 :]]
            given["decoder_input_ids"] = [0, id_of("<extra_id_0>"), *gap]
            given["labels"] = [-100, *gap, -100]
        if asked:
            with torch.no_grad():
                loss = model(**{name: torch.tensor([each]) for name, each in given.items()}).loss
            total, count = total + asked * float(loss), count + asked
    return total / count, count


def test_the_pretraining_loss_is_transformers_own(tiny: Tiny, family: Family) -> None:
    loss, count = their_loss(tiny(family))
    found, tokens = pretraining_loss(tiny(family), tiny(family).model)
    assert tokens == count > len(sentences()) > 9
    assert found == pytest.approx(loss, rel=1e-5)


def test_what_is_forgotten_is_that_of_the_trained_copy(tiny: Tiny, tuned: Tuner, family: Family) -> None:
    for mode in modes_of(family):
        found = tuned(family, mode)
        assert found.tuned is not None
        if mode == "scratch":
            assert found.forgetting is None
            continue
        assert found.forgetting is not None
        before, count = pretraining_loss(tiny(family), tiny(family).model)
        after, _count = pretraining_loss(tiny(family), found.tuned.classifier.body)
        assert found.forgetting == (before, after, count)
        assert (before == after) == (mode == "head")
