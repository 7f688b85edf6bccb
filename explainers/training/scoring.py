"""`explainers score`: what a checkpoint has learned, measured on text files and on sentences with a gap."""

from __future__ import annotations

import argparse
import json
import lzma
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explainers.checkpoints import Checkpoint, load
from explainers.language import _
from explainers.training import corpus

if TYPE_CHECKING:
    from explainers.training.encoded import Encoded
    from explainers.training.scores import Estimate, Score
    from explainers.training.scores.baselines import Baselines
    from explainers.training.scores.gaps import Verdict


@dataclass
class Measured:
    """Everything that was measured in one run; notes: how, a sentence each."""

    model: str
    family: str
    texts: dict[str, dict[str, int]] = field(default_factory=dict)
    scores: list[Score] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("name", metavar="NAME", help=_("a model by name, or the path of a folder"))
    parser.add_argument(
        *("--text",), type=Path, nargs="+", action="extend", default=[], metavar="FILE",
        help=_("text to score it on; each file is one source: .txt or .txt.xz, a paragraph a line, a blank line "
               "between documents"),
    )  # fmt: skip
    parser.add_argument(
        *("--baseline-text",), type=Path, nargs="+", action="extend", default=[], metavar="PATH",
        help=_("training text (files or a folder) in which the baselines are counted"),
    )  # fmt: skip
    parser.add_argument("--gaps", action="store_true", help=_("fill the gaps of fifty everyday sentences"))
    parser.add_argument("--everyday", type=int, metavar="N", help=_("ask for N gaps of generated everyday sentences"))
    parser.add_argument("--windows", type=_count, metavar="N", help=_("score at most N windows of the text"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help=_("print JSON instead of a table"))


def run(options: argparse.Namespace) -> None:
    """Measure what was asked for and print it."""
    from explainers.training.scores import ScoreError

    if not (options.text or options.gaps or options.everyday):
        raise ScoreError(_("There is nothing to score: give --text FILE, --gaps or --everyday N."))
    checkpoint = load(options.name)
    measured = Measured(checkpoint.name, checkpoint.family)
    if options.text:
        _score_text(checkpoint, options, measured)
    if options.gaps or options.everyday:
        _check_head(checkpoint)
    if options.gaps:
        _fill_gaps(checkpoint, measured)
    if options.everyday:
        _fill_everyday(checkpoint, options, measured)
    print(_as_json(measured) if options.json else "\n".join(_as_table(measured)))


def read_text(checkpoint: Checkpoint, file: Path, *, held_out: bool | None = None) -> Encoded:
    """One file as this checkpoint's ids; held_out as in `corpus.documents`. Raises ScoreError where that fails."""
    from explainers.training.encoded import encode
    from explainers.training.scores import ScoreError

    try:
        return encode(checkpoint.family, checkpoint.tokenizer, file, held_out=held_out)
    except (OSError, UnicodeError, lzma.LZMAError, EOFError) as error:
        why = getattr(error, "strerror", None) or error
        raise ScoreError(_("{file} cannot be read as text ({why}).").format(file=file, why=why)) from error


def _score_text(checkpoint: Checkpoint, options: argparse.Namespace, measured: Measured) -> None:
    from explainers.training.scores import Most, scores

    texts = {str(file): read_text(checkpoint, file) for file in options.text}
    measured.texts = {
        name: {"documents": len(text.documents) - 1, "tokens": len(text.ids), "bytes": text.bytes}
        for name, text in texts.items()
    }
    counted = _baselines(checkpoint, options.baseline_text)
    most = Most()
    if options.windows:
        most = Most(**{name: min(number, options.windows) for name, number in asdict(most).items()})
    alone = len(texts) == 1
    measured.scores = scores(checkpoint, texts, counted, most=most, nearby=alone, seed=options.seed)
    measured.notes += _notes(checkpoint, measured.scores, counted, alone=alone)


def _baselines(checkpoint: Checkpoint, paths: Sequence[Path]) -> Baselines | None:
    """Counted in the part of these texts that training would read; None where there are none."""
    from explainers.training.scores import baselines

    files = [file for path in paths for file in (corpus.sources(path).values() if path.is_dir() else [path])]
    if not files:
        return None
    texts = []
    for file in files:
        print(_("reads {file} for the baselines").format(file=file), file=sys.stderr)
        texts.append(read_text(checkpoint, file, held_out=False))
    return baselines(checkpoint, texts)


def _notes(checkpoint: Checkpoint, scores: Sequence[Score], counted: Baselines | None, *, alone: bool) -> Iterator[str]:
    yield _(
        "Intervals are of 95 %; what stands in one window or sentence counts as alike. Large samples are spread evenly."
    )
    if counted is None:
        yield _("Baselines were left out: name the training text with --baseline-text to measure them in the same run.")
    else:
        text = _("Baselines are counted in {tokens:,} tokens: unigram, how common a token is; trigram, Kneser-Ney.")
        yield text.format(tokens=counted.forward.tokens)
        if checkpoint.family == "bert":
            yield _("The trigrams see both sides of a masked token, and the same masks as the model.")
        if checkpoint.family == "t5":
            yield _("The trigrams see what stands before a token of a span; to write spans, they are told the length.")
    yield from (head.why for head in checkpoint.heads.values() if not head.trained)
    keys = {score.key for score in scores}
    if checkpoint.family == "bert" and checkpoint.heads["next sentence"].trained:
        if "next_sentence" not in keys:
            yield _("Next sentences were left out: they need two documents of two sentences each.")
        elif alone:
            yield _(
                "False next sentences are from one of the three documents before or after in the file, "
                "which is nearly always of the same source; half of all answers are right by chance."
            )
        else:
            yield _("Each file is a source of its own; half of the answers about next sentences are right by chance.")


def _check_head(checkpoint: Checkpoint) -> None:
    """Raise ScoreError where the head that fills gaps was not trained."""
    from explainers.training.scores import ScoreError

    head = checkpoint.heads["masked LM" if checkpoint.family == "bert" else "LM"]
    if not head.trained:
        raise ScoreError(_("{name} cannot be scored. {why}").format(name=checkpoint.name, why=head.why))


def _fill_gaps(checkpoint: Checkpoint, measured: Measured) -> None:
    from explainers.training.scores.gaps import everyday_gaps, gap_score, scorable, verdicts

    gaps = everyday_gaps()
    asked = [gap for gap in gaps if scorable(checkpoint, gap)]
    measured.verdicts = verdicts(checkpoint, asked)
    measured.scores.append(gap_score(measured.verdicts))
    if len(asked) < len(gaps):
        text = _(
            "{name} reads the left side only: it was asked where at most two words stand behind, {asked} of {all}."
        )
        measured.notes.append(text.format(name=checkpoint.name, asked=len(asked), all=len(gaps)))


def _fill_everyday(checkpoint: Checkpoint, options: argparse.Namespace, measured: Measured) -> None:
    from explainers.training.everyday import FOLDER, EverydayError, read
    from explainers.training.scores import ScoreError
    from explainers.training.scores.everyday import everyday_scores

    try:
        measured.scores += everyday_scores(checkpoint, read(FOLDER), options.everyday, options.seed)
    except EverydayError as error:
        raise ScoreError(str(error)) from error


def _count(text: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() else 0
    if number < 2:
        raise argparse.ArgumentTypeError(_("choose a whole number from 2 on"))
    return number


def _as_json(measured: Measured) -> str:
    content: dict[str, Any] = {
        "model": measured.model,
        "family": measured.family,
        "texts": measured.texts,
        "scores": {
            score.key: {"value": score.value, "low": score.low, "high": score.high, "samples": score.samples}
            | {"baselines": {who: estimate._asdict() for who, estimate in score.baselines.items()}}
            for score in measured.scores
        },
        "gaps": [
            {"text": verdict.gap.text, "guesses": verdict.guesses, "fits": verdict.fits}
            for verdict in measured.verdicts
        ],
        "notes": measured.notes,
    }
    return json.dumps(content, indent=2, ensure_ascii=False)


def _as_table(measured: Measured) -> Iterator[str]:
    for name, sizes in measured.texts.items():
        text = _("{file}: {documents:,} documents, {tokens:,} tokens, {bytes:,} bytes")
        yield text.format(file=name, **sizes)
    if measured.verdicts:
        yield from ("", *map(_line, measured.verdicts))
    who = list(dict.fromkeys(name for score in measured.scores for name in score.baselines))
    rows = [("", measured.model, *who, _("samples"))]
    for score in measured.scores:
        cells = [_shown(score, score)]
        cells += [_shown(score, score.baselines[name]) if name in score.baselines else "" for name in who]
        rows.append((score.name, *cells, f"{score.samples:,}"))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    yield ""
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    yield from ("", *measured.notes)


def _line(verdict: Verdict) -> str:
    return f"{_('fits') if verdict.fits else _('no'):5}{verdict.gap.text}  {' · '.join(verdict.guesses)}"


def _shown(score: Score, estimate: Score | Estimate) -> str:
    """The value with its interval: a share in percent, other numbers with three decimals."""
    form = "{:.1%}" if score.share else "{:.3f}"
    value, low, high = (form.format(number) for number in (estimate.value, estimate.low, estimate.high))
    return value if math.isnan(estimate.low) else f"{value} ({low} – {high})"
