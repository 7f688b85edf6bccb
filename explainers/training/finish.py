"""The end of a run: the score, and a folder with weights in bfloat16, configuration, tokenizer and card."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from explainers.checkpoints import Checkpoint, Family
from explainers.language import _
from explainers.training import card, pieces
from explainers.training.recipe import NAMES
from explainers.training.scores import Score, baselines, scores

if TYPE_CHECKING:
    from explainers.training.command import Texts
    from explainers.training.loop import Trainer
    from explainers.training.scores.gaps import Verdict

_EVERYDAY_SENTENCES = 400


def write(
    family: Family,
    trainer: Trainer,
    run_texts: Texts,
    out: Path,
) -> None:
    """Write the folder that `explainers.checkpoints.load` reads, score the model as it is read back from there, and
    write its card. The generated sentences are scored by their gaps, not as text.
    """
    import torch

    from explainers.training.command import EVERYDAY

    model = trainer.model.to("cpu", torch.bfloat16)
    out.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(out)
    run_texts.tokenizer.save(str(out / "tokenizer.json"))
    pieces.ship_log(trainer.folder, out)
    trainer.report(_("scores the model on held-out text"))
    checkpoint = Checkpoint(NAMES[family], out)
    texts = {name: encoded for name, encoded in run_texts.held_out.items() if name != EVERYDAY}
    measured = scores(checkpoint, texts, baselines(checkpoint, list(run_texts.trained_on.values())))
    filled = _filled(checkpoint)
    measured += _everyday(checkpoint)
    sources = {name: (len(text.ids), run_texts.shares[name]) for name, text in run_texts.trained_on.items()}
    (out / "README.md").write_text(
        card.card(family, trainer, model.config.to_dict(), measured, filled, sources), encoding="utf-8"
    )
    for score in measured:
        trainer.report(
            f"{score.name}: {score.value:.3f} ({score.low:.3f} to {score.high:.3f}, {score.samples:,} samples)"
        )
    trainer.report(_("wrote {folder}").format(folder=out))


def _filled(checkpoint: Checkpoint) -> list[Verdict]:
    """What the model puts in the gaps of the fifty everyday sentences."""
    from explainers.training.scores.gaps import everyday_gaps, scorable, verdicts

    return verdicts(checkpoint, [gap for gap in everyday_gaps() if scorable(checkpoint, gap)])


def _everyday(checkpoint: Checkpoint) -> list[Score]:
    """The gaps of generated everyday sentences, of frames and relations that were trained on and of others."""
    from explainers.training.everyday import FOLDER, read
    from explainers.training.scores.everyday import everyday_scores

    return everyday_scores(checkpoint, read(FOLDER), _EVERYDAY_SENTENCES)
