"""How far two passes differ, head by head: hand-worked divergences, measures, and what the page says of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from explainers.attention import HeadDifferences, divergence_bits, head_differences, head_measures, measures_of
from explainers.checkpoints import load
from explainers.trace import AttentionKind, trace
from tests.pages import component, opened, said

# Two heads in one layer; in the first text every token looks at itself, in the second the second head does not.
SAME = np.eye(2)
HALVES = np.full((2, 2), 0.5)
SWAPPED = np.eye(2)[::-1]


def differences(first: list[np.ndarray], second: list[np.ndarray]) -> HeadDifferences:
    one, two = np.array([first]), np.array([second])
    return head_differences(one, two, *(head_measures(each, np.zeros(each.shape[-1])) for each in (one, two)))


@pytest.mark.parametrize(
    ("first", "second", "bits"),
    [
        ([1, 0], [1, 0], 0),
        ([1, 0], [0, 1], 1),
        ([0.5, 0.5, 0, 0], [0, 0, 0.5, 0.5], 1),
        # the mean is (3/4, 1/4): 3/4·log2(4/3) + 1/4·log2(4) = 0.8113; less half of the second row's 1 bit
        ([1, 0], [0.5, 0.5], 0.8112781 - 0.5),
        # (3/8, 5/8) has 0.9544 bits; 1/4 and 3/4 have 0.8113, 1/2 and 1/2 have 1
        ([0.25, 0.75], [0.5, 0.5], 0.9544340 - (0.8112781 + 1) / 2),
    ],
)
def test_divergences_by_hand(first: list[float], second: list[float], bits: float) -> None:
    assert float(divergence_bits(np.array(first), np.array(second))) == pytest.approx(bits, abs=1e-6)


SHARES = st.lists(st.tuples(st.floats(0.01, 1), st.floats(0.01, 1)), min_size=1, max_size=6)


@given(SHARES)
def test_a_divergence_is_the_same_both_ways_and_lies_between_0_and_1(pairs: list[tuple[float, float]]) -> None:
    p, q = (np.array(row) / sum(row) for row in zip(*pairs, strict=True))
    assert 0 <= float(divergence_bits(p, q)) <= 1
    assert float(divergence_bits(p, q)) == pytest.approx(float(divergence_bits(q, p)))
    assert float(divergence_bits(p, p)) == pytest.approx(0, abs=1e-12)


def test_heads_are_compared_and_the_furthest_comes_first() -> None:
    found = differences([SAME, SAME, SAME], [SAME, SWAPPED, HALVES])
    assert found.divergence is not None
    np.testing.assert_allclose(found.divergence, [[0, 1, 0.3112781]], atol=1e-6)
    assert found.furthest("divergence", 2) == [(0, 1), (0, 2)]
    np.testing.assert_allclose(found.values("entropy"), [[0, 0, 1]])
    np.testing.assert_allclose(found.values("itself"), [[0, -1, -0.5]])
    assert found.furthest("itself", 9) == [(0, 1), (0, 2), (0, 0)]
    assert found.gaps[0] == "divergence"


def test_other_lengths_leave_the_measures_and_other_models_the_heads_that_both_have() -> None:
    one, two = np.array([[SAME, SAME]]), np.array([[np.full((3, 3), 1 / 3)], [np.eye(3)]])
    found = head_differences(one, two, *(head_measures(each, np.zeros(each.shape[-1])) for each in (one, two)))
    assert found.divergence is None
    assert "divergence" not in found.gaps
    np.testing.assert_allclose(found.values("entropy"), [[np.log2(3)]])
    np.testing.assert_allclose(found.values("first"), [[1 / 3 - 1 / 2]])
    with pytest.raises(ValueError, match="not the same tokens"):
        found.values("divergence")


def compared(text: str, pair: str, **parameters: str) -> AppTest:
    return opened("attention-heads", text=text, pair=pair, att_part="Compare", **parameters)


def of_texts(name: str, first: str, second: str) -> HeadDifferences:
    checkpoint = load(name)
    kind: AttentionKind = "encoder" if checkpoint.family == "bert" else "decoder"
    passes = [trace(checkpoint, text, precision="float16") for text in (first, second)]
    one, two = (each.attentions[kind] for each in passes)
    return head_differences(one, two, *(measures_of(checkpoint, each, kind) for each in passes))


def test_texts_of_one_length_are_compared_row_by_row() -> None:
    app = compared("the dog ran", "the cat ran")
    found = of_texts("bert-mini", "the dog ran", "the cat ran")
    assert found.divergence is not None
    assert "Jensen–Shannon" in said(app)
    assert f"**{found.divergence.mean():.2f} bits**" in said(app)
    notes = [[cell["note"] for cell in row] for row in component(app, "head_grid")[0]["cells"]]
    assert notes == [[f"{bits:.2f}" for bits in row] for row in found.divergence]
    layer, head = found.furthest("divergence", 1)[0]
    app.button(key=f"att_furthest_{layer}_{head}").click().run()
    assert component(app, "head_grid")[0]["selected"] == [layer, head]


def test_texts_of_two_lengths_are_compared_by_their_measures() -> None:
    app = compared("the dog ran", "the old cat ran home", att_family="GPT-2", att_gap="first")
    assert "cannot be laid on each other" in said(app)
    assert app.selectbox(key="att_gap").value == "entropy"  # a link names an option as it is printed
    app.selectbox(key="att_gap").set_value("first").run()
    found = of_texts("gpt2-mini", "the dog ran", "the old cat ran home")
    layer, head = found.furthest("first", 1)[0]
    left, right = (f"{100 * side[layer, head]:.0f} %" for side in found.measures["first"])
    assert f"{left} → {right}" in app.button(key=f"att_furthest_{layer}_{head}").label


@pytest.mark.parametrize("kind", ["Encoder", "Decoder", "Cross-attention"])
def test_every_kind_of_attention_is_compared(kind: str) -> None:
    app = compared("the dog ran", "the old cat ran home", att_family="T5", att_kind=kind)
    assert "They differ most in" in said(app)
    assert not app.error
