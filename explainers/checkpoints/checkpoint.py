"""One model on disk: what its folder says about it, its tokenizer, and its weights once they are asked for."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explainers.checkpoints import memory
from explainers.checkpoints.families import Head, HeadName, Sizes, family_of, heads_of, read_configuration, sizes_of
from explainers.checkpoints.tensors import tensor_shapes, trained_numbers
from explainers.checkpoints.vocabularies import read_tokenizer
from explainers.checkpoints.weights import Loaded, load_weights
from explainers.language import _

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import PreTrainedModel


class Checkpoint:
    """One model of one family on disk: what it is, its tokenizer, and its weights once they are asked for."""

    def __init__(self, name: str, folder: Path) -> None:
        """Read config.json of the folder; raise CheckpointError where the folder is no BERT, GPT-2 or T5 checkpoint."""
        self.name = name
        self.folder = folder
        self.config: Mapping[str, Any] = read_configuration(folder / "config.json")
        self.family = family_of(self.config, folder)
        self._lock = threading.Lock()
        self._loaded: Loaded | None = None
        self._random_heads: frozenset[HeadName] = frozenset()

    def __repr__(self) -> str:
        """The call that makes it again."""
        return f"load({self.name!r})"

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """The tokenizers library's own object. Shared: never change its truncation or padding."""
        return read_tokenizer(self.folder, self.family)

    @property
    def context(self) -> int:
        """The longest input in tokens; for T5, whose positions have no end, the length that it was trained at."""
        keys = {"bert": "max_position_embeddings", "gpt2": "n_positions", "t5": "n_positions"}
        return int(self.config.get(keys[self.family], 512))

    @cached_property
    def sizes(self) -> Sizes:
        """Layers, widths and parameters, from the configuration and the header of the weight file."""
        tied = bool(self.config.get("tie_word_embeddings", True))
        parameters = trained_numbers(self._tensors, self.family, tied=tied)
        return sizes_of(self.family, self.config, parameters, self.folder)

    @cached_property
    def licence(self) -> str:
        """The licence that the model card names, or "" where there is no card or it names none."""
        card = self.folder / "README.md"
        if not card.is_file():
            return ""
        lines = card.read_text(encoding="utf-8", errors="replace").splitlines()
        for line in lines[1:400] if lines[:1] == ["---"] else []:
            if line == "---":
                break
            if line.startswith("license:"):
                return line.removeprefix("license:").strip()
        return ""

    @property
    def heads(self) -> Mapping[HeadName, Head]:
        """The heads of this family, each with whether its numbers were trained.

        transformers fills a missing head with random numbers and only warns; predictions from it mean nothing. The
        weight file's header says what is missing; once the weights are loaded, the library's own report has its say.
        """
        return {
            head: Head(head, True)
            if trained and head not in self._random_heads
            else Head(head, False, _("The weight file has no {head} head, so it was not trained.").format(head=head))
            for head, trained in heads_of(self.family, self.config, self._tensors).items()
        }

    @property
    def loaded(self) -> bool:
        """Whether the weights are in memory."""
        return self._loaded is not None

    @property
    def resident_bytes(self) -> int:
        """The memory that the weights hold now; 0 where they are not loaded."""
        loaded = self._loaded
        return loaded.resident_bytes if loaded else 0

    @property
    def model(self) -> PreTrainedModel:
        """The transformers model in float32, ready for inference, with attention weights on request; loads once.

        It may be released while others are used (explainers.checkpoints.memory), and then loads again: keep it no
        longer than a computation takes.
        """
        with self._lock:
            if self._loaded is None:
                memory.make_room(self, 4 * self.sizes.parameters)
                self._loaded = load_weights(self.name, self.folder, self.family)
                self._random_heads = self._loaded.random_heads
            model = self._loaded.model
        memory.used(self)
        return model

    def release(self) -> None:
        """Let go of the weights; who computes with them now still holds them until then."""
        self._loaded = None

    @cached_property
    def _tensors(self) -> dict[str, tuple[int, ...]]:
        """Name and shape of every tensor in the weight files, from their headers."""
        return tensor_shapes(self.folder)
