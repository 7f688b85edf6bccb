"""Everyday English of a few words, made in a test's own folder."""

import random
from itertools import islice
from pathlib import Path

from explainers.training.everyday import Everyday, Split, Text, read
from explainers.training.everyday.generate import Plan

ANIMALS = """
[words.animal]
ape = {eats = ["fruit"], home = ["old tree"], they = "any", sound = "cry out"}

[words.food]
fruit = {mass = true, kept = "bowl", colour = "orange"}

[words.thing]
bowl = {plural = "bowlfuls"}
scissors = {plural_only = true, use = "cut paper"}

[words.woman]
Ada = {proper = true, they = "she"}

[words.man]
Bo = {proper = true, they = "he"}

[types]
person = ["man", "woman"]
mortal = ["person", "animal"]

[verbs]
cut = ["cut", "cut"]
"""


def everyday(folder: Path, *frames: str, words: str = ANIMALS) -> Everyday:
    lines = "\n".join(f"  '''{frame}'''," for frame in frames)
    (folder / "words.toml").write_text(words, encoding="utf-8")
    (folder / "frames.toml").write_text(f"[frames]\ngroup = [\n{lines}\n]\n", encoding="utf-8")
    return read(folder)


def filled(folder: Path, frame: str) -> Text:
    """The frame with whatever its slots allow, held out or not."""
    made = everyday(folder, frame)
    plan = Plan(made.frames[0], made.lexicon, new_relations=False)
    text = made.fill(plan, random.Random(0))
    assert text is not None
    return text


def take(made: Everyday, split: Split, count: int, seed: int = 0) -> list[Text]:
    return list(islice(made.texts(random.Random(seed), split), count))
