"""What the parts of the models are called on screen, what they do, and how formulas are written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from explainers.architecture import Group, Part, Stack
from explainers.language import _


def part_names() -> dict[str, str]:
    """A short name for every part of every family, by key."""
    return {
        "tokens": _("Token embeddings"),
        "positions": _("Position embeddings"),
        "segments": _("Segment embeddings"),
        "input_norm": _("LayerNorm of the input"),
        "encoder_attention": _("Self-attention"),
        "encoder_mlp": _("Feed-forward"),
        "encoder_norms": _("LayerNorms"),
        "encoder_last_norm": _("Last LayerNorm"),
        "encoder_distances": _("Distance bias"),
        "decoder_attention": _("Self-attention, looks back"),
        "decoder_cross": _("Cross-attention"),
        "decoder_mlp": _("Feed-forward"),
        "decoder_norms": _("LayerNorms"),
        "decoder_last_norm": _("Last LayerNorm"),
        "decoder_distances": _("Distance bias"),
        "pooler": _("Pooler"),
        "mlm_transform": _("Masked-LM transform"),
        "mlm_bias": _("Masked-LM bias"),
        "next_sentence": _("Next-sentence head"),
        "output": _("Output layer"),
    }


def part_does(part: Part) -> str:
    """What a part is for, in a sentence."""
    if part.role == "tied":
        return _("Scores the whole vocabulary with the token embeddings' own matrix: **tied**, so it counts once.")
    special = {
        "pooler": _("Makes one vector of the whole input from that of [CLS]."),
        "mlm_transform": _("Prepares a vector for the comparison with the vocabulary."),
        "mlm_bias": _("One number for each token of the vocabulary: how common it is."),
        "next_sentence": _("Two scores: the second text follows, or it does not."),
        "segments": _("One row for the first text, one for the second."),
        "output": _("Scores the whole vocabulary with a matrix of its own."),
    }
    usual = {
        "embedding": _("One row for each token of the vocabulary: what the model starts from."),
        "position": _("Tells the model where a token stands."),
        "attention": _("Queries, keys and values of all heads, and the output that mixes them: tokens look at tokens."),
        "cross": _("Its queries come from the decoder, its keys and values from the encoder."),
        "feed-forward": _("Works on each token alone: into a wider vector, an activation, and back."),
        "norm": _("Keeps the vectors in a range that later layers can work with."),
        "head": "",
    }
    return special.get(part.key) or usual[part.role]


def stack_names() -> dict[Stack, str]:
    """The four places where parts stand."""
    return {"input": _("Input"), "encoder": _("Encoder"), "decoder": _("Decoder"), "output": _("Heads")}


def group_names() -> dict[Group, str]:
    """The groups in which parameters and work are compared."""
    return {
        "embeddings": _("embeddings"),
        "attention": _("attention matrices"),
        "scores": _("scores and mixing"),
        "feed-forward": _("feed-forward"),
        "norms": _("LayerNorms"),
        "output": _("output and heads"),
    }


def formula_text(formula: str) -> str:
    """A formula as it is written on a board: L·(4d² + 4d)."""
    for letter in "dns":
        formula = formula.replace(f"{letter}*{letter}", f"{letter}²")
    return re.sub(r"(\d)\*(?=[A-Za-z])", r"\1", formula).replace("*", "·")


def letters_text(formulas: Iterable[str], sizes: Mapping[str, int]) -> str:
    """What each letter of these formulas stands for, with its number in the model that is shown."""
    meanings = {
        "L": _("encoder layers"),
        "D": _("decoder layers"),
        "d": _("width"),
        "h": _("heads"),
        "k": _("width of a head"),
        "f": _("width inside feed-forward"),
        "V": _("vocabulary"),
        "P": _("positions"),
        "S": _("segments"),
        "B": _("buckets of distances"),
        "n": _("tokens that are computed"),
        "t": _("tokens that a query can look at"),
        "s": _("tokens of the source"),
        "b": _("sequences in a batch"),
    }
    used = set().union(*formulas)
    return ", ".join(
        f"{letter} = {sizes[letter]:,} ({meaning})" for letter, meaning in meanings.items() if letter in used
    )
