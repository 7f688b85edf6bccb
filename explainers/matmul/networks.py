"""The networks whose work is counted and measured: a multilayer perceptron, a convolutional one, and transformers.

Each is built from its sizes alone, with random weights, or with none on torch's "meta" device, where sizes are worked
out and nothing is computed. Time and work do not depend on what the weights are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from explainers.checkpoints.design import Design
from explainers.checkpoints.weights import one_at_a_time

if TYPE_CHECKING:
    from torch import Tensor, nn

Kind = Literal["mlp", "cnn", "transformer"]

MLP_WIDTHS = (784, 2048, 2048, 10)  # from the pixels of a small picture to ten classes
CNN_CHANNELS = ((3, 64, 64), (64, 128, 128), (128, 256, 256))  # three stages, each with a pooling behind it
CNN_SIDE = 32
CNN_CLASSES = 10


@dataclass(frozen=True)
class Network:
    """One network to count or measure; design: of a transformer, and of nothing else."""

    kind: Kind
    design: Design | None = None

    @property
    def blocks(self) -> int:
        """The layers of a transformer's stacks; 0 in the small networks."""
        return self.design.layers + self.design.decoder_layers if self.design else 0


@dataclass(frozen=True)
class Load:
    """What goes in at once: sequences (or pictures), and the tokens of each; T5 reads and writes as many."""

    batch: int
    tokens: int


def build(network: Network, device: str = "cpu") -> nn.Module:
    """The network with random weights, on "meta" with none; its attention is written out in products and a softmax."""
    import torch

    if network.design is not None:
        with one_at_a_time, torch.device(device):
            return _transformer(network.design)
    with torch.device(device):
        return _mlp() if network.kind == "mlp" else _cnn()


def inputs(network: Network, load: Load, device: str = "cpu") -> dict[str, Tensor]:
    """What the network is called with: pictures (batch, ...), or ids (batch, tokens) by the library's names."""
    import torch

    if network.kind == "mlp":
        return {"input": torch.rand(load.batch, MLP_WIDTHS[0], device=device)}
    if network.kind == "cnn":
        return {"input": torch.rand(load.batch, CNN_CHANNELS[0][0], CNN_SIDE, CNN_SIDE, device=device)}
    design = _design(network)
    ids = torch.randint(design.vocab, (load.batch, load.tokens), device=device)
    if design.kind == "t5":
        return {"input_ids": ids, "decoder_input_ids": ids.clone(), "decoder_attention_mask": _looks_back(load, device)}
    if design.kind == "gpt2":
        return {"input_ids": ids, "attention_mask": _looks_back(load, device)}
    return {"input_ids": ids}


def outputs(network: Network, model: nn.Module, given: Mapping[str, Tensor]) -> tuple[Tensor, ...]:
    """The scores of every class for each picture or token; BERT also scores whether the second text follows."""
    if network.design is None:
        return (model(given["input"]),)
    more = {} if network.design.kind == "bert" else {"use_cache": False}
    found = model(**given, **more)
    if network.design.kind == "bert":
        return found.prediction_logits, found.seq_relationship_logits
    return (found.logits,)


def loss(scores: tuple[Tensor, ...], labels: tuple[Tensor, ...]) -> Tensor:
    """The mean cross-entropy of every picture or token; of both heads in BERT."""
    from torch.nn.functional import cross_entropy

    parts = [cross_entropy(each.flatten(0, -2), label.flatten()) for each, label in zip(scores, labels, strict=True)]
    return parts[0] if len(parts) == 1 else parts[0] + parts[1]


def labels(network: Network, load: Load, device: str = "cpu") -> tuple[Tensor, ...]:
    """Random right answers for the loss, in the shape of the scores."""
    import torch

    if network.design is None:
        return (torch.randint(10, (load.batch,), device=device),)
    tokens = torch.randint(network.design.vocab, (load.batch, load.tokens), device=device)
    if network.design.kind == "bert":
        return tokens, torch.randint(2, (load.batch,), device=device)
    return (tokens,)


def optimizer(model: nn.Module) -> Any:
    """AdamW as torch runs it on a processor by default, and its two numbers a parameter already in memory.

    What it allocates in a first step belongs to no other step, so that step is taken here, with gradients of zero.
    """
    import torch

    chosen = torch.optim.AdamW(model.parameters(), lr=1e-5)
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    chosen.step()
    chosen.zero_grad()
    return chosen


def _design(network: Network) -> Design:
    if network.design is None:
        raise ValueError("a transformer needs a design")
    return network.design


def _looks_back(load: Load, device: str) -> Tensor:
    """A causal mask (1, 1, tokens, tokens) to add to scores; a library that makes its own would look into the ids."""
    import torch

    shape = (load.tokens, load.tokens)
    return torch.full(shape, float("-inf"), device=device).triu(1)[None, None]


def _mlp() -> nn.Module:
    from torch import nn

    layers: list[nn.Module] = []
    for narrow, wide in pairwise(MLP_WIDTHS):
        layers += [nn.Linear(narrow, wide), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def _cnn() -> nn.Module:
    from torch import nn

    layers: list[nn.Module] = []
    for channels in CNN_CHANNELS:
        for narrow, wide in pairwise(channels):
            layers += [nn.Conv2d(narrow, wide, 3, padding=1), nn.BatchNorm2d(wide), nn.ReLU()]
        layers.append(nn.MaxPool2d(2))
    side = CNN_SIDE // 2 ** len(CNN_CHANNELS)
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(CNN_CHANNELS[-1][-1] * side * side, CNN_CLASSES))


def _transformer(design: Design) -> nn.Module:
    import transformers as library

    model: Any
    if design.kind == "bert":
        model = library.BertForPreTraining(
            library.BertConfig(
                vocab_size=design.vocab, hidden_size=design.d_model, num_hidden_layers=design.layers,
                num_attention_heads=design.heads, intermediate_size=design.d_ff, type_vocab_size=design.segments,
                max_position_embeddings=design.context, tie_word_embeddings=design.tied,
            )
        )  # fmt: skip
    elif design.kind == "t5":
        model = _t5(design)
    else:
        sizes: dict[str, Any] = {
            "vocab_size": design.vocab, "n_embd": design.d_model, "n_layer": design.decoder_layers,
            "n_head": design.heads, "n_positions": design.context, "bos_token_id": None, "eos_token_id": None,
        }  # fmt: skip
        if design.kind == "gpt1":
            model = library.OpenAIGPTLMHeadModel(library.OpenAIGPTConfig(**sizes))
        else:
            model = library.GPT2LMHeadModel(library.GPT2Config(**sizes, n_inner=design.d_ff))
    model.set_attn_implementation("eager")
    return model  # type: ignore[no-any-return]


def _t5(design: Design) -> Any:
    import torch
    import transformers as library

    config: Any = library.T5Config(
        vocab_size=design.vocab, d_model=design.d_model, d_kv=design.d_head, d_ff=design.d_ff,
        num_layers=design.layers, num_decoder_layers=design.decoder_layers, num_heads=design.heads,
        relative_attention_num_buckets=design.buckets,
        feed_forward_proj="gated-gelu" if design.gated else "relu",
    )  # fmt: skip
    model = library.T5ForConditionalGeneration(config)
    if not design.tied:  # as the library does once it has read a file with both matrices
        model.lm_head = torch.nn.Linear(design.d_model, design.vocab, bias=False)
    return model
