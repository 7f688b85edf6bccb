"""The models: a catalogue of names, and `load`, the only way to a tokenizer or to weights.

A checkpoint is a plain transformers folder: config.json, tokenizer.json, safetensors, README.md. Its tokenizer is there
at once; the weights are read when `Checkpoint.model` is first used, because importing torch and transformers takes
seconds that the first page must not wait for.
"""

from __future__ import annotations

import json
import math
import threading
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from tokenizers import Tokenizer

from explainers.language import _

if TYPE_CHECKING:
    from transformers import PreTrainedModel

Family = Literal["bert", "gpt2", "t5"]
HeadName = Literal["masked LM", "next sentence", "LM"]

FAMILIES: tuple[Family, ...] = get_args(Family)
ASSETS = Path(__file__).resolve().parents[1] / "assets"
MODELS = ASSETS / "models"

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

# The tensors without which transformers would fill a head with random numbers. A tied matrix is not in the file: then
# the
# embedding that it is tied to must be.
_HEAD_TENSORS: dict[Family, dict[HeadName, str]] = {
    "bert": {
        "masked LM": "cls.predictions.transform.dense.weight",
        "next sentence": "cls.seq_relationship.weight",
    },
    "gpt2": {"LM": "wte.weight"},
    "t5": {"LM": "decoder.final_layer_norm.weight"},
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

    layers: of the encoder, 0 for GPT-2. decoder_layers: of the decoder, 0 for BERT. parameters: every number in the
    weight file, where a tied matrix stands once.
    """

    layers: int
    decoder_layers: int
    heads: int
    d_model: int
    d_ff: int
    vocab: int
    parameters: int


class Checkpoint:
    """One model of one family on disk: what it is, its tokenizer, and its weights once they are asked for."""

    def __init__(self, name: str, folder: Path) -> None:
        """Read config.json of the folder; raise CheckpointError where the folder is no BERT, GPT-2 or T5 checkpoint."""
        self.name = name
        self.folder = folder
        self.config: Mapping[str, Any] = _read_json(folder / "config.json")
        self.family = _family(self.config, folder)
        self._lock = threading.Lock()
        self._model: PreTrainedModel | None = None

    def __repr__(self) -> str:
        """The call that makes it again."""
        return f"load({self.name!r})"

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """The tokenizers library's own object. Shared: never change its truncation or padding."""
        path = self.folder / "tokenizer.json"
        if not path.is_file():
            raise CheckpointError(
                _("{folder} has no tokenizer.json: choose a folder that holds one.").format(folder=self.folder)
            )
        try:
            tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises a bare Exception for any fault of the file
            raise CheckpointError(
                _("{path} is not a tokenizer that can be read: {error}.").format(path=path, error=error)
            ) from error
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    @property
    def context(self) -> int:
        """The longest input in tokens; for T5, whose positions have no end, the length that it was trained at."""
        keys = {"bert": "max_position_embeddings", "gpt2": "n_positions", "t5": "n_positions"}
        return int(self.config.get(keys[self.family], 512))

    @cached_property
    def sizes(self) -> Sizes:
        """Layers, widths and parameters, from the configuration and the header of the weight file."""
        parameters = sum(math.prod(shape) for shape in self._tensors.values())
        found = {name: self.config.get(key) for name, key in _SIZE_KEYS[self.family].items()}
        sizes = {name: int(value) for name, value in found.items() if value is not None}
        if self.family == "gpt2":
            sizes.setdefault("d_ff", 4 * sizes["d_model"])
        if self.family == "t5":
            sizes.setdefault("decoder_layers", sizes["layers"])
        return Sizes(**{"layers": 0, "decoder_layers": 0} | sizes, parameters=parameters)

    @cached_property
    def licence(self) -> str:
        """The licence that the model card names, or "" where there is no card or it names none."""
        card = self.folder / "README.md"
        if not card.is_file():
            return ""
        lines = card.read_text(encoding="utf-8", errors="replace").splitlines()
        for line in lines[1:40] if lines[:1] == ["---"] else []:
            if line == "---":
                break
            if line.startswith("license:"):
                return line.removeprefix("license:").strip()
        return ""

    @cached_property
    def heads(self) -> Mapping[HeadName, Head]:
        """The heads of this family, each with whether its numbers are in the weight file.

        transformers fills a missing head with random numbers and only warns; predictions from it mean nothing.
        """
        names = set(self._tensors)
        return {
            head: Head(head, True)
            if any(name == tensor or name.endswith("." + tensor) for name in names)
            else Head(head, False, _("The weight file has no {head} head, so it was not trained.").format(head=head))
            for head, tensor in _HEAD_TENSORS[self.family].items()
        }

    @property
    def loaded(self) -> bool:
        """Whether the weights are in memory."""
        return self._model is not None

    @property
    def model(self) -> PreTrainedModel:
        """The transformers model in float32, ready for inference, with attention weights on request; loads once."""
        with self._lock:
            if self._model is None:
                self._model = _load_weights(self)
            return self._model

    @cached_property
    def _tensors(self) -> dict[str, tuple[int, ...]]:
        """Name and shape of every tensor in the weight files, from their headers."""
        from safetensors import SafetensorError, safe_open

        files = sorted(self.folder.glob("*.safetensors"))
        if not files:
            raise CheckpointError(
                _("{folder} has no .safetensors file, the only kind of weights that is loaded here.").format(
                    folder=self.folder
                )
            )
        shapes: dict[str, tuple[int, ...]] = {}
        try:
            for file in files:
                with safe_open(file, framework="numpy") as tensors:
                    shapes |= {name: tuple(tensors.get_slice(name).get_shape()) for name in tensors.keys()}  # noqa: SIM118
        except (OSError, SafetensorError) as error:
            raise _unreadable(self, error) from error
        return shapes


def catalogue() -> Mapping[str, Family]:
    """The names that `load` knows, in the order of assets/models.toml, each with its family."""
    return dict(_catalogue())


@lru_cache(maxsize=1)
def _catalogue() -> dict[str, Family]:
    entries = tomllib.loads((ASSETS / "models.toml").read_text(encoding="utf-8"))
    return {name: entry["family"] for name, entry in entries.items()}


@lru_cache(maxsize=16)
def load(name_or_path: str) -> Checkpoint:
    """The checkpoint of that name in the catalogue, or in that local folder; cheap, and the same object every time.

    Raises CheckpointError where there is none.
    """
    if name_or_path in _catalogue():
        return Checkpoint(name_or_path, MODELS / name_or_path)
    folder = Path(name_or_path).expanduser()
    if not folder.is_dir():
        raise CheckpointError(
            _("There is no model named {name}: choose one of {names}, or the path of a folder.").format(
                name=name_or_path, names=", ".join(_catalogue())
            )
        )
    return Checkpoint(folder.name, folder)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(
            _("{path} cannot be read: choose a folder with a config.json of transformers.").format(path=path)
        ) from error
    if not isinstance(content, dict):
        raise CheckpointError(_("{path} is not a configuration of transformers.").format(path=path))
    return content


def _family(config: Mapping[str, Any], folder: Path) -> Family:
    model_type = config.get("model_type")
    for family in FAMILIES:
        if model_type == family:
            return family
    raise CheckpointError(
        _("{folder} holds a model of type {type}: choose a BERT, GPT-2 or T5.").format(folder=folder, type=model_type)
    )


def _load_weights(checkpoint: Checkpoint) -> PreTrainedModel:
    import torch
    from safetensors import SafetensorError
    from transformers import BertForPreTraining, GPT2LMHeadModel, T5ForConditionalGeneration
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    classes: dict[Family, Any] = {"bert": BertForPreTraining, "gpt2": GPT2LMHeadModel, "t5": T5ForConditionalGeneration}
    try:
        model, report = classes[checkpoint.family].from_pretrained(
            checkpoint.folder,
            dtype=torch.float32,
            attn_implementation="eager",
            use_safetensors=True,
            local_files_only=True,
            output_loading_info=True,
        )
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise _unreadable(checkpoint, error) from error
    missing = [name for name in report["missing_keys"] if not name.startswith("cls.")]
    if missing:
        raise CheckpointError(
            _(
                "The weight file of {name} lacks {count} tensors, among them {example}: it is not a whole "
                "{family} model."
            ).format(name=checkpoint.name, count=len(missing), example=missing[0], family=checkpoint.family)
        )
    return model.eval()  # type: ignore[no-any-return]


def _unreadable(checkpoint: Checkpoint, error: Exception) -> CheckpointError:
    return CheckpointError(_("The weights of {name} cannot be read: {error}").format(name=checkpoint.name, error=error))
