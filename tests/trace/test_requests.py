"""What stops a pass, what does not disturb it, and what is refused in a sentence."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from explainers.attention import (
    causal_mask,
)
from explainers.checkpoints import Checkpoint
from explainers.trace import (
    KINDS,
    AttentionKind,
    Inputs,
    Request,
    TraceError,
    TraceStopped,
    run,
    trace,
)
from tests.trace.theirs import (
    EVERYTHING,
    SENTENCE,
    assert_same,
    bare,
)


def test_a_pass_stops_between_layers(checkpoint: Checkpoint) -> None:
    asked = []

    def stop_at_the_second() -> bool:
        asked.append(True)
        return len(asked) == 2

    with pytest.raises(TraceStopped):
        trace(checkpoint, "the dog", stop=stop_at_the_second)
    assert len(asked) == 2
    asked.clear()
    passed = trace(checkpoint, "the dog", keep=EVERYTHING, layer=(KINDS[checkpoint.family][0], 0), stop=lambda: False)
    assert_same(passed, bare(passed, checkpoint))


def test_a_pass_ends_with_the_layer_whose_heads_are_all_that_is_asked_for(checkpoint: Checkpoint) -> None:
    for kind in KINDS[checkpoint.family]:
        asked: list[bool] = []

        def count(asked: list[bool] = asked) -> bool:
            asked.append(True)
            return False

        found = trace(checkpoint, "the dog saw", keep=("heads",), layer=(kind, 0), stop=count)
        whole = trace(checkpoint, "the dog saw", keep=("heads", "attentions"), layer=(kind, 0))
        before = checkpoint.sizes.layers if kind in ("decoder", "cross") and checkpoint.family == "t5" else 0
        assert len(asked) == before + 2  # before the first layer and before the second, or at the end
        assert found.heads is not None
        assert whole.heads is not None
        np.testing.assert_array_equal(found.heads.weights, whole.attentions[kind][0])
        np.testing.assert_array_equal(found.heads.outputs, whole.heads.outputs)


def test_passes_in_other_threads_are_not_disturbed(checkpoints: dict[str, Checkpoint]) -> None:
    checkpoint = checkpoints["mini-gpt2"]
    out: list[tuple[AttentionKind, int, int]] = [("decoder", 0, head) for head in range(8)]
    alone = {
        knocked: trace(checkpoint, SENTENCE, knocked_out=out if knocked else ()).attentions["decoder"]
        for knocked in (True, False)
    }
    wrong: list[bool] = []

    def again(knocked: bool) -> None:
        for _ in range(8):
            found = trace(checkpoint, SENTENCE, knocked_out=out if knocked else ()).attentions["decoder"]
            if not np.allclose(found, alone[knocked], atol=1e-6):
                wrong.append(knocked)

    threads = [threading.Thread(target=again, args=(knocked,)) for knocked in (True, False, True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert not np.allclose(alone[True], alone[False], atol=1e-3)


@pytest.mark.parametrize("name", ["mini-t5", "tiny-t5"])
def test_an_encoder_alone_gives_what_it_gives_in_the_whole_model(checkpoints: dict[str, Checkpoint], name: str) -> None:
    checkpoint = checkpoints[name]
    whole = trace(checkpoint, SENTENCE, keep=("attentions", "hidden", "embeddings"))
    alone = trace(checkpoint, SENTENCE, keep=("attentions", "hidden", "embeddings"), encoder_only=True)
    assert list(alone.ids) == list(alone.hidden) == list(alone.embeddings) == list(alone.attentions) == ["encoder"]
    np.testing.assert_array_equal(alone.hidden["encoder"], whole.hidden["encoder"])
    np.testing.assert_array_equal(alone.attentions["encoder"], whole.attentions["encoder"])
    np.testing.assert_array_equal(alone.embeddings["encoder"].output, whole.embeddings["encoder"].output)


def test_a_pass_for_the_embeddings_ends_with_the_first_layer_s_input(checkpoint: Checkpoint) -> None:
    asked = []

    def never() -> bool:
        asked.append(True)
        return False

    found = trace(checkpoint, SENTENCE, keep=("embeddings",), stop=never)
    whole = trace(checkpoint, SENTENCE, keep=("embeddings", "hidden"))
    stacks = list(whole.embeddings)
    assert len(asked) == (1 if len(stacks) == 1 else checkpoint.sizes.layers + 1)
    for stack in stacks:
        np.testing.assert_array_equal(found.embeddings[stack].output, whole.hidden[stack][0])


@pytest.mark.parametrize(
    ("name", "options", "sentence"),
    [
        ("tiny-gpt2", {"encoder_only": True}, "tiny-gpt2 has no encoder"),
        ("tiny-t5", {"encoder_only": True, "keep": ("logits",)}, "Let the decoder run"),
        ("tiny-t5", {"encoder_only": True, "knocked_out": [("cross", 0, 0)]}, "no layer 0 of cross attention"),
        ("tiny-bert", {"keep": ("heads",)}, "Choose the layer"),
        ("tiny-bert", {"layer": ("encoder", 3), "keep": ("heads",)}, "tiny-bert has no layer 3 of encoder attention"),
        ("tiny-bert", {"layer": ("decoder", 0), "keep": ("heads",)}, "no layer 0 of decoder attention"),
        ("tiny-t5", {"knocked_out": [("cross", 3, 0)]}, "no layer 3 of cross attention"),
        ("tiny-gpt2", {"knocked_out": [("decoder", 0, 3)]}, "no head 3: choose one from 0 to 2"),
        ("tiny-bert", {"masked": {4}}, "no token 4 to mask: the last is 3"),
        ("tiny-gpt2", {"masked": {0}}, "tiny-gpt2 has no mask token"),
        ("tiny-bert", {"ids": [1, 2]}, "has 4 tokens, and 2 ids are to replace them"),
        ("tiny-bert", {"ids": [1, 2, 3, 99]}, "99 is no id of tiny-bert: choose ids from 0 to"),
        ("tiny-bert", {"logits_at": [4], "keep": ("logits",)}, "positions from 0 to 3"),
        ("tiny-gpt2", {"keep": ("next sentence",)}, "tiny-gpt2 has no next sentence head"),
        ("tiny-bert", {"masks": {"decoder": causal_mask(4)}}, "tiny-bert has no decoder attention"),
        ("tiny-bert", {"masks": {"encoder": causal_mask(3)}}, "must be (4, 4) truth values"),
        ("tiny-bert", {"masks": {"encoder": np.ones((4, 4))}}, "must be (4, 4) truth values"),
        ("tiny-bert", {"masks": {"encoder": np.tri(4, k=-1, dtype=bool)}}, "a row of the mask is empty"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(
    name: str, options: dict[str, Any], sentence: str, checkpoints: dict[str, Checkpoint]
) -> None:
    with pytest.raises(TraceError, match=re.escape(sentence)):
        trace(checkpoints[name], "the dog", **options)


def test_ids_beyond_the_positions_are_refused(checkpoints: dict[str, Checkpoint]) -> None:
    with pytest.raises(TraceError, match="positions for 29 tokens, and there are 30"):
        run(checkpoints["tiny-gpt2"], Inputs(decoder=[1] * 30), Request())
    with pytest.raises(TraceError, match="a segment from 0 to 1"):
        run(checkpoints["tiny-bert"], Inputs(encoder=[1, 2], segments=[0, 2]), Request())
    assert run(checkpoints["tiny-t5"], Inputs([5] * 40, [0]), Request()).attentions["cross"].shape == (3, 4, 1, 40)


def test_a_head_that_was_not_trained_gives_no_logits(checkpoints: dict[str, Checkpoint], tmp_path: Path) -> None:
    from transformers import BertModel

    checkpoint = checkpoints["tiny-bert"]
    model: Any = checkpoint.model
    assert isinstance(model.bert, BertModel)
    model.bert.save_pretrained(tmp_path)
    checkpoint.tokenizer.save(str(tmp_path / "tokenizer.json"))
    headless = Checkpoint("headless", tmp_path)
    assert headless.sizes.layers == 3
    with pytest.raises(TraceError, match="no masked LM head, so it was not trained"):
        trace(headless, "the dog", keep=("logits",))
    with pytest.raises(TraceError, match="no next sentence head"):
        trace(headless, "the dog", keep=("next sentence",))
