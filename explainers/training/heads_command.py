"""`explainers heads NAME`: reads the text, scores the heads, writes heads.toml, and says what was found."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from explainers.attention import FORMED, StrongestHead
from explainers.attention.strongest import FILE, weights_fingerprint
from explainers.checkpoints import ASSETS, Checkpoint, load
from explainers.language import _, ngettext
from explainers.training.heads import HeadScores, head_scores

TEXT = ASSETS / "heads_text.txt"
MOST_PARAGRAPHS = 300

_HEADER = """\
# The head that shows each classic pattern best, written by `explainers heads {name}`: run it again for new weights.
# layer and head count from 0. score: mean share of attention on the pattern's targets, over so many queries; baseline:
# what attention to all allowed tokens alike would give there. formed: (score - baseline) / (1 - baseline) >= threshold.

weights = "{weights}"
text = {text}
paragraphs = {paragraphs}
tokens = {tokens}
threshold = {threshold}
"""

_ENTRY = """
[[head]]
pattern = "{head.pattern}"
kind = "{head.kind}"
layer = {head.layer}
head = {head.head}
score = {head.score:.4f}
baseline = {head.baseline:.4f}
queries = {head.queries}
formed = {formed}
"""


class HeadsError(ValueError):
    """Heads that cannot be measured as it was asked; the message is one sentence that says what to do."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("name", help=_("a model's name, or the path of a folder"))
    parser.add_argument(
        "--text",
        type=Path,
        default=TEXT,
        metavar="FILE",
        help=_("text to measure on, one paragraph a line; no text that the model was trained on"),
    )
    parser.add_argument("--json", action="store_true", help=_("print the scores of all heads as JSON"))


def run(arguments: argparse.Namespace) -> str:
    """Measure, write heads.toml into the model's folder, and give back what is to be printed."""
    checkpoint = load(arguments.name)
    paragraphs = read_paragraphs(arguments.text)
    scores = head_scores(checkpoint, paragraphs[:MOST_PARAGRAPHS])
    if not scores.sums:
        raise HeadsError(
            _("{file} has no paragraph of three tokens: choose a longer text.").format(file=arguments.text)
        )
    path = checkpoint.folder / FILE
    try:
        path.write_text(heads_toml(checkpoint, scores, arguments.text), encoding="utf-8")
    except OSError as error:
        raise HeadsError(
            _("{path} cannot be written: {why}.").format(path=path, why=error.strerror or error)
        ) from error
    return as_json(checkpoint, scores) if arguments.json else report(scores, path)


def read_paragraphs(file: Path) -> list[str]:
    """The lines of the file that are not empty."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise HeadsError(_("{file} cannot be read: choose a text file in UTF-8.").format(file=file)) from error
    return [line.strip() for line in lines if line.strip()]


def heads_toml(checkpoint: Checkpoint, scores: HeadScores, text: Path) -> str:
    """The content of heads.toml."""
    inside = text.resolve().is_relative_to(ASSETS.parent)
    shown = text.resolve().relative_to(ASSETS.parent).as_posix() if inside else text.name
    header = _HEADER.format(
        name=checkpoint.name,
        weights=weights_fingerprint(checkpoint.folder),
        text=json.dumps(shown, ensure_ascii=True),  # a JSON string is a TOML string
        paragraphs=scores.paragraphs,
        tokens=scores.tokens,
        threshold=FORMED,
    )
    entries = [_ENTRY.format(head=head, formed=str(head.formed).lower()) for head in scores.strongest()]
    return header + "".join(entries)


def report(scores: HeadScores, path: Path) -> str:
    """A table of the strongest heads, and a sentence on what the numbers are."""
    heads = scores.strongest()
    header = (_("attention"), _("pattern"), _("layer"), _("head"), _("score"), _("baseline"), "")
    rows = [header, *(_row(head) for head in heads)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(header))]
    table = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    measured = ngettext(
        "Measured on {paragraphs} paragraph, {tokens} tokens.",
        "Measured on {paragraphs} paragraphs, {tokens} tokens.",
        scores.paragraphs,
    ).format(paragraphs=scores.paragraphs, tokens=scores.tokens)
    return "\n".join([*table, "", measured, _("Wrote {path}.").format(path=path)])


def as_json(checkpoint: Checkpoint, scores: HeadScores) -> str:
    """Every score: kind and pattern -> scores (layers x heads), baseline and queries; and the strongest heads."""
    patterns = [
        {
            "kind": kind,
            "pattern": pattern,
            "scores": [[round(float(score), 4) for score in layer] for layer in found.score],
            "baseline": round(found.baseline, 4),
            "queries": found.queries,
        }
        for (kind, pattern), found in scores.sums.items()
    ]
    content = {
        "model": checkpoint.name,
        "paragraphs": scores.paragraphs,
        "tokens": scores.tokens,
        "threshold": FORMED,
        "patterns": patterns,
        "strongest": [_entry(head) for head in scores.strongest()],
    }
    return json.dumps(content, indent=1)


def _entry(head: StrongestHead) -> dict[str, object]:
    return {
        "kind": head.kind,
        "pattern": head.pattern,
        "layer": head.layer,
        "head": head.head,
        "score": round(head.score, 4),
        "baseline": round(head.baseline, 4),
        "formed": head.formed,
    }


def _row(head: StrongestHead) -> Sequence[str]:
    formed = "" if head.formed else _("has not formed")
    return (
        *(head.kind, head.pattern, str(head.layer), str(head.head)),
        *(f"{head.score:.3f}", f"{head.baseline:.3f}", formed),
    )
