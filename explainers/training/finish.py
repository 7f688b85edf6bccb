"""The end of a run: the score, and a folder with weights in bfloat16, configuration, tokenizer and card."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from explainers.checkpoints import Family
from explainers.language import _
from explainers.training import card
from explainers.training.encoded import Encoded
from explainers.training.scores import scores

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from explainers.training.loop import Trainer


def write(
    family: Family,
    trainer: Trainer,
    tokenizer: Tokenizer,
    held_out: Mapping[str, Encoded],
    shares: Mapping[str, float],
    out: Path,
) -> None:
    """Score the trained model as it will be read back, then write the folder that `explainers.checkpoints.load`
    reads.
    """
    import torch

    model = trainer.model.to("cpu", torch.bfloat16)
    out.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(out)
    tokenizer.save(str(out / "tokenizer.json"))
    trainer.report(_("scores the model on held-out text"))
    measured = scores(family, model.float(), tokenizer, held_out, shares)
    sources = {name: (encoded.bytes, shares[name]) for name, encoded in held_out.items()}
    (out / "README.md").write_text(
        card.card(family, trainer, model.config.to_dict(), measured, sources), encoding="utf-8"
    )
    for score in measured:
        trainer.report(
            f"{score.name}: {score.value:.3f} ({score.low:.3f} to {score.high:.3f}, {score.samples:,} samples)"
        )
    trainer.report(_("wrote {folder}").format(folder=out))
