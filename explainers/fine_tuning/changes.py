"""What a fine-tuning did to the model: how far its tensors moved, and what is left of the pre-training."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from explainers.checkpoints import ASSETS, Checkpoint
from explainers.tokenization import Tokenization, tokenize
from explainers.trace import decoder_ids

if TYPE_CHECKING:
    from torch import Tensor

Place = Literal["embeddings", "attention", "feed-forward", "norms", "output"]

_LAYER = re.compile(r"\.(?:layer|h|block)\.(\d+)\.")
_EVERY = 7  # of a sentence's own tokens, every seventh is hidden: about the 15 % of pre-training
_SENTENCES = 160
_BATCH = 32
_IGNORED = -100


class Change(NamedTuple):
    """How far one tensor moved.

    stack: "encoder" or "decoder"; "" outside both. layer: counted from 0; None outside the layers. moved: the
    Frobenius norm of the difference; norm: of the tensor before. numbers: how many it has.
    """

    name: str
    stack: str
    layer: int | None
    place: Place
    moved: float
    norm: float
    numbers: int

    @property
    def share(self) -> float:
        """The difference as a part of what was there; 0 where nothing was."""
        return self.moved / self.norm if self.norm else 0.0


class Forgetting(NamedTuple):
    """The model's loss in its pre-training task on texts of our own, in nats a token, before and after."""

    before: float
    after: float
    tokens: int


def change(name: str, before: Tensor, after: Tensor) -> Change:
    """How far one tensor of the classifier moved."""
    found = _LAYER.search(name)
    stack = "decoder" if ".decoder." in name or ".transformer." in name else "encoder"
    return Change(
        name,
        stack if found else "",
        int(found[1]) if found else None,
        _place(name, in_layer=found is not None),
        float((after - before).norm()),
        float(before.norm()),
        before.numel(),
    )


def together(changes: Sequence[Change]) -> float:
    """How far several tensors moved as one: the root of the summed squares, moved over norm; 0 where there is none."""
    norm = sum(each.norm**2 for each in changes)
    return float((sum(each.moved**2 for each in changes) / norm) ** 0.5) if norm else 0.0


def _place(name: str, *, in_layer: bool) -> Place:
    if not in_layer:
        return "embeddings" if re.search(r"embed|wte|wpe|shared", name) else "output"
    if re.search(r"norm|\.ln_", name, re.IGNORECASE):
        return "norms"
    return "attention" if re.search(r"attention|\.attn\.", name, re.IGNORECASE) else "feed-forward"


def pretraining_loss(checkpoint: Checkpoint, model: Any) -> tuple[float, int]:
    """The model's mean loss, in nats a token, and over how many: BERT's at hidden tokens, GPT-2's at all next tokens,
    T5's in one gap a sentence; always the same ones.
    """
    import torch

    questions = [_question(checkpoint, tokenize(checkpoint, text)) for text in _texts()]
    total, count = 0.0, 0
    for start in range(0, len(questions), _BATCH):
        batch = questions[start : start + _BATCH]
        inputs = {name: _filled([given[name] for given, _truth in batch], 0) for name in batch[0][0]}
        inputs["attention_mask"] = _filled([[1] * len(given["input_ids"]) for given, _truth in batch], 0)
        truth = _filled([truth for _given, truth in batch], _IGNORED)
        with torch.inference_mode():
            output = model(**inputs)
        logits = output.prediction_logits if checkpoint.family == "bert" else output.logits
        losses = torch.nn.functional.cross_entropy(
            logits.flatten(0, 1), truth.flatten(), reduction="sum", ignore_index=_IGNORED
        )
        total, count = total + float(losses), count + int((truth != _IGNORED).sum())
    return total / max(count, 1), count


def _filled(rows: Sequence[Sequence[int]], pad: int) -> Tensor:
    import torch

    longest = max(map(len, rows))
    return torch.tensor([[*row, *[pad] * (longest - len(row))] for row in rows])


def _question(checkpoint: Checkpoint, read: Tokenization) -> tuple[Mapping[str, list[int]], list[int]]:
    """What the model gets, and what it should say at every place (-100: nothing)."""
    ids = list(read.ids)
    if checkpoint.family == "gpt2":
        return {"input_ids": ids}, [*ids[1:], _IGNORED]
    own = [place for place, token in enumerate(read.tokens) if token.source is not None]
    if checkpoint.family == "bert":
        hidden = set(own[_EVERY // 2 :: _EVERY])
        mask = int(checkpoint.tokenizer.token_to_id("[MASK]") or 0)
        asked = [mask if place in hidden else id_ for place, id_ in enumerate(ids)]
        return {"input_ids": asked}, [id_ if place in hidden else _IGNORED for place, id_ in enumerate(ids)]
    start, end = len(own) // 3, len(own) // 3 + 2
    first, second = (int(checkpoint.tokenizer.token_to_id(f"<extra_id_{n}>") or 0) for n in (0, 1))
    target = [first, *ids[start:end], second]
    return {
        "input_ids": [*ids[:start], first, *ids[end:]],
        "decoder_input_ids": decoder_ids(checkpoint, target),
    }, [_IGNORED, *target[1:-1], _IGNORED]


@lru_cache(maxsize=1)
def _texts() -> tuple[str, ...]:
    """Sentences of our own that no model was trained on, one a passage and then the next of each."""
    text = (ASSETS / "next_sentence.txt").read_text(encoding="utf-8")
    passages = [re.split(r"(?<=[.!?])\s+", passage.strip()) for passage in text.split("\n\n")]
    longest = max(map(len, passages))
    dealt = [passage[turn] for turn in range(longest) for passage in passages if turn < len(passage)]
    return tuple(dealt[:_SENTENCES])
