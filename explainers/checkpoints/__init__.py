"""The models: a catalogue of names, and `load`, the only way to a tokenizer or to weights.

A checkpoint is a plain transformers folder: config.json, tokenizer.json, safetensors, README.md. Its tokenizer is there
at once; the weights are read when `Checkpoint.model` is first used, because importing torch and transformers takes
seconds that the first page must not wait for.

    families      what a configuration says; heads and sizes
    design        a model's shape without its weights: `Design`, of a checkpoint, or of the reader's own sizes
    checkpoint    one folder: tokenizer, sizes, heads, weights
    names         the catalogue (assets/models.toml), and `load`
    memory        how many models are in memory, and which is released
    settings      what the person who runs the server decides
    hub           what a model on the hub consists of, and whether it may be downloaded
    transfer      one file: in pieces, with progress, cancelled at any time, resumed where it stopped
    staging       where its files gather, and what is checked before and after
    downloads     one model: all its files, for all visitors together
    exact         the exact size, asked in the background
    offline       proof that a model loads without a network
"""

from explainers.checkpoints.checkpoint import Checkpoint
from explainers.checkpoints.families import FAMILIES, CheckpointError, Family, Head, HeadName, Sizes
from explainers.checkpoints.names import ASSETS, MODELS, Entry, built_in, catalogue, entries, load

__all__ = [
    "ASSETS",
    "FAMILIES",
    "MODELS",
    "Checkpoint",
    "CheckpointError",
    "Entry",
    "Family",
    "Head",
    "HeadName",
    "Sizes",
    "built_in",
    "catalogue",
    "entries",
    "load",
]
