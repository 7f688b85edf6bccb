"""The three families: what a configuration says about each, and which tensors its output heads are made of."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from explainers.language import _

Family = Literal["bert", "gpt2", "t5"]
HeadName = Literal["masked LM", "next sentence", "LM"]

FAMILIES: tuple[Family, ...] = get_args(Family)

# Where config.json says each size. All are written, but for GPT-2's n_inner and the decoder layers of older T5s.
_SIZE_KEYS: dict[Family, dict[str, str]] = {
    "bert": {
        "layers": "num_hidden_layers",
        "heads": "num_attention_heads",
        "d_model": "hidden_size",
        "d_ff": "intermediate_size",
        "vocab": "vocab_size",
    },
    "gpt2": {
        "decoder_layers": "n_layer",
        "heads": "n_head",
        "d_model": "n_embd",
        "d_ff": "n_inner",
        "vocab": "vocab_size",
    },
    "t5": {
        "layers": "num_layers",
        "decoder_layers": "num_decoder_layers",
        "heads": "num_heads",
        "d_model": "d_model",
        "d_ff": "d_ff",
        "vocab": "vocab_size",
    },
}

# How the parameters of a head begin in the transformers model: a missing one makes the head random.
HEAD_PREFIXES: dict[Family, dict[HeadName, str]] = {
    "bert": {"masked LM": "cls.predictions.", "next sentence": "cls.seq_relationship."},
    "gpt2": {"LM": "lm_head."},
    "t5": {"LM": "lm_head."},
}


class CheckpointError(ValueError):
    """A folder or name that cannot be used as a checkpoint; the message is one sentence that says what to do."""


@dataclass(frozen=True)
class Head:
    """An output head of a checkpoint: whether its numbers were trained, and if not, why it cannot be used."""

    name: HeadName
    trained: bool
    why: str = ""


@dataclass(frozen=True)
class Sizes:
    """The shape of a checkpoint, in the papers' words.

    layers: of the encoder, 0 for GPT-2. decoder_layers: of the decoder, 0 for BERT. parameters: every trained number in
    the weight file, where a tied matrix stands once.
    """

    layers: int
    decoder_layers: int
    heads: int
    d_model: int
    d_ff: int
    vocab: int
    parameters: int


def read_configuration(path: Path) -> dict[str, Any]:
    """The configuration in this file; raises CheckpointError where there is none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(
            _("{path} cannot be read: choose a folder with a config.json of transformers.").format(path=path)
        ) from error
    if not isinstance(content, dict):
        raise CheckpointError(_("{path} is not a configuration of transformers.").format(path=path))
    return content


def family_of(config: Mapping[str, Any], owner: object) -> Family:
    """The family that the configuration names; raises CheckpointError, which names the owner, for any other."""
    model_type = config.get("model_type")
    for family in FAMILIES:
        if model_type == family:
            return family
    raise CheckpointError(
        _("{owner} holds a model of type {type}: choose a BERT, GPT-2 or T5.").format(
            owner=owner, type=str(model_type)[:40]
        )
    )


def sizes_of(family: Family, config: Mapping[str, Any], parameters: int, owner: object) -> Sizes:
    """The sizes that the configuration states, with what older configurations leave out filled in as the library does.

    Raises CheckpointError, which names the owner, where one is missing or no number.
    """
    try:
        found = {name: config.get(key) for name, key in _SIZE_KEYS[family].items()}
        sizes = {name: int(value) for name, value in found.items() if value is not None}
        if family == "gpt2":
            sizes.setdefault("d_ff", 4 * sizes["d_model"])
        if family == "t5":
            sizes.setdefault("decoder_layers", sizes["layers"])
        return Sizes(**{"layers": 0, "decoder_layers": 0} | sizes, parameters=parameters)
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(
            _("The configuration of {owner} lacks a size, or has one that is no number.").format(owner=owner)
        ) from error


def heads_of(family: Family, config: Mapping[str, Any], tensors: Collection[str]) -> dict[HeadName, bool]:
    """Whether the numbers of each head are among these tensors; a tied matrix stands under the embedding's name."""
    needed: dict[HeadName, str]
    if family == "bert":
        needed = {
            "masked LM": "cls.predictions.transform.dense.weight",
            "next sentence": "cls.seq_relationship.weight",
        }
    else:
        tied = config.get("tie_word_embeddings", True)
        embedding = "wte.weight" if family == "gpt2" else "decoder.final_layer_norm.weight"
        needed = {"LM": embedding if tied else "lm_head.weight"}
    return {
        head: any(name == tensor or name.endswith("." + tensor) for name in tensors) for head, tensor in needed.items()
    }
