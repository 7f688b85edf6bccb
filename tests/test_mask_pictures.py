"""What the picture of a masked head is given: small, exact, and a choice that fits."""

from __future__ import annotations

import json
import struct
from dataclasses import replace

import numpy as np
import pytest

from explainers import masks_compared
from explainers.attention import ChosenMask, causal_mask, softmax
from explainers.checkpoints import load
from explainers.trace import AttentionKind, Inputs
from explainers.views.components.maskgrid import MOST_FLIPPED, MaskChoice, MaskedHead, grid_data, valid_choice

TEXT = "the dog saw a cat"


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
