"""What a shared pass takes, known before it runs: the FLOPs of its steps, in the order in which they are done."""

from __future__ import annotations

import pytest

from explainers import architecture, masks_compared
from explainers.architecture import layer_flops
from explainers.attention import ChosenMask
from explainers.checkpoints import load
from explainers.checkpoints.design import Design, of_checkpoint
from explainers.trace import Inputs, seconds_per_flop
from explainers.views import passes


def design(kind: str, layers: int, decoder_layers: int) -> Design:
    return Design(kind, layers, decoder_layers, heads=2, d_model=4, d_head=2, d_ff=8, vocab=10, context=16)  # type: ignore[arg-type]


def test_the_layers_of_each_family_by_hand() -> None:
    """Three tokens: projections 8·3·4·4 = 384, q·k and the mix 4·3·3·4 = 144, feed-forward 4·3·4·8 = 384."""
    assert layer_flops(design("gpt2", 0, 2), 3, rows=1) == (912, 912, 2 * 10 * 4)
    assert layer_flops(design("gpt2", 0, 2), 3) == (912, 912, 0)
    # BERT's head: a dense layer 2·3·4·4, the vocabulary 2·3·10·4, and next sentence 2·4·2
    assert layer_flops(design("bert", 2, 0), 3, rows=3) == (912, 912, 96 + 240 + 16)
    # T5's encoder reads five tokens: 8·5·16 + 4·25·4 + 4·5·32; cross-attention adds 4·(3 + 5)·16 + 4·3·5·4 = 752
    assert layer_flops(design("t5", 1, 2), 3, source=5, rows=3) == (1680, 912 + 752, 912 + 752, 240)
    assert layer_flops(design("gpt2", 0, 2), 0, rows=0) == (0, 0, 0)


@pytest.mark.parametrize("family", ["bert", "gpt2"])
def test_the_steps_of_a_pass_are_its_layers_and_its_predictions(family: str) -> None:
    name, layers = (
        f"{family}-mini",
        max(load(f"{family}-mini").sizes.layers, load(f"{family}-mini").sizes.decoder_layers),
    )
    inputs = Inputs(**{"encoder" if family == "bert" else "decoder": (5, 6, 7, 8)})
    kind = "encoder" if family == "bert" else "decoder"
    steps = passes.mask_prediction.steps(name, inputs, 1, None, kind, ChosenMask("all"))  # type: ignore[arg-type]
    whole = architecture.work(of_checkpoint(load(name)), 4)
    assert len(steps) == layers + 1
    assert sum(steps[:-1]) == pytest.approx(sum(part.flops for part in whole if part.role != "head"), abs=layers)
    assert steps[-1] == sum(part.flops for part in whole if part.stack == "output") // 4
    assert passes.masked_head.steps(name, inputs, kind, 1, 0, ChosenMask("all")) == steps[:2]  # type: ignore[arg-type]


def test_t5_s_decoder_comes_after_its_encoder() -> None:
    sizes = load("t5-mini").sizes
    inputs = Inputs(encoder=(5, 6, 7, 8), decoder=(0, 5))
    of = {
        kind: passes.masked_head.steps("t5-mini", inputs, kind, 0, 0, ChosenMask("all"))
        for kind in ("encoder", "decoder", "cross")
    }
    assert [len(of[kind]) for kind in of] == [1, sizes.layers + 1, sizes.layers + 1]


def test_hidden_tokens_are_read_as_often_as_there_are_tokens() -> None:
    question = masks_compared.hidden_tokens((5, 6, 7, 8), (0, 0, 0, 0), (1, 2), 4)
    one = passes.mask_prediction.flops("bert-mini", question.inputs, 1, None, "encoder", ChosenMask("all"))
    assert passes.mask_answers.flops("bert-mini", question, "encoder", ChosenMask("all")) == 2 * one
    text = ("gpt2-mini", "A dog ran", None, None)
    assert passes.every_head_out.flops(*text, 0, "decoder") % passes.prediction.flops(*text, 0, ()) == 0


def test_a_product_of_matrices_is_timed() -> None:
    assert seconds_per_flop() > 0
