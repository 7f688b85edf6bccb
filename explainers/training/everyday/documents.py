"""The source of training text named everyday: documents of texts that hang together, in the corpus's own format."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path

from explainers.training.everyday.generate import Everyday, Plan, Text
from explainers.training.everyday.lexicon import PEOPLE, Entry

_SAME_GROUP = 0.55
_SAME_FILE = 0.3


def documents(everyday: Everyday, rng: random.Random) -> Iterator[list[str]]:
    """Documents without end, as paragraphs: 6 to 14 texts of training, mostly from the first one's group or file.

    No frame comes twice in a document, and its people come back.
    """
    pools = _Pools(everyday.plans("training"))
    while True:
        texts = _related(everyday, pools, rng, rng.randint(6, 14))
        paragraphs: list[str] = []
        while texts:
            size = rng.randint(2, 5)
            paragraphs.append(" ".join(text.text for text in texts[:size]))
            texts = texts[size:]
        yield paragraphs


def write(everyday: Everyday, path: Path, seed: int, megabytes: float) -> None:
    """Write that much text, whole or not at all: one paragraph a line, a blank line between documents."""
    rng = random.Random(seed)  # noqa: S311 - text to train on, nothing secret
    left = megabytes * 1e6
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8", newline="\n") as file:
        for document in documents(everyday, rng):
            text = "\n".join(document) + "\n\n"
            file.write(text)
            left -= len(text.encode())
            if left <= 0:
                break
    part.replace(path)


class _Pools:
    """The plans by name of file and group, each pool with its cumulative weights."""

    def __init__(self, plans: Sequence[Plan]) -> None:
        pools: dict[tuple[str, ...], list[Plan]] = defaultdict(list)
        for plan in plans:
            for key in ((), (plan.frame.file,), (plan.frame.file, plan.frame.group)):
                pools[key].append(plan)
        self._pools = {key: (pool, list(accumulate(plan.weight for plan in pool))) for key, pool in pools.items()}

    def draw(self, rng: random.Random, *key: str) -> Plan:
        """A plan of everything (), of a (file,) or of a (file, group)."""
        pool, weights = self._pools[key]
        return rng.choices(pool, cum_weights=weights)[0]


def _related(everyday: Everyday, pools: _Pools, rng: random.Random, count: int) -> list[Text]:
    """Texts of different frames; the first sets the group and the file that most others come from."""
    texts: list[Text] = []
    cast: dict[Entry, None] = {}
    first = pools.draw(rng).frame
    used = set()
    for _try in range(8 * count):
        chance = rng.random()
        if chance < _SAME_GROUP:
            plan = pools.draw(rng, first.file, first.group)
        elif chance < _SAME_GROUP + _SAME_FILE:
            plan = pools.draw(rng, first.file)
        else:
            plan = pools.draw(rng)
        if plan.frame in used or (text := everyday.fill(plan, rng, cast)) is None:
            continue
        used.add(plan.frame)
        texts.append(text)
        cast.update(dict.fromkeys(entry for entry in text.words if entry.type in PEOPLE))
        if len(texts) == count:
            break
    return texts
