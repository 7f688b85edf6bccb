"""Everyday English, generated: hand-written frames filled from hand-written words with true relations.

inflection   the forms of English words
lexicon      typed entries and their relations, from assets/everyday/*.toml
grammar      frames: sentences with slots, parsed once
generate     frames filled with words: texts, and the gaps in them whose answers are known
documents    related texts as documents, written as a source to train on
"""

from __future__ import annotations

from explainers.checkpoints import ASSETS
from explainers.training.everyday.documents import documents, write
from explainers.training.everyday.generate import Everyday, Gap, Split, Text, read
from explainers.training.everyday.lexicon import EverydayError

FOLDER = ASSETS / "everyday"

__all__ = ["FOLDER", "Everyday", "EverydayError", "Gap", "Split", "Text", "documents", "read", "write"]
