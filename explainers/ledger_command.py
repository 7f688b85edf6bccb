"""`explainers ledger`: a model's parameters, products and bytes on the command line."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from explainers.architecture import BYTES, Ledger, ledger, memory, published, work
from explainers.checkpoints import CheckpointError, catalogue, load
from explainers.checkpoints.design import Design, of_checkpoint
from explainers.checkpoints.text import size_text
from explainers.figures.labels import percent
from explainers.language import _

_MOST_TOKENS = 1_000_000


def add_command(commands: Any) -> None:
    """Add `ledger` to the commands."""
    parser = commands.add_parser(
        "ledger",
        help=_("count a model's parameters and FLOPs"),
        description=_("Count every parameter, matrix product and byte of a model, from its configuration alone."),
    )
    parser.add_argument("name", metavar="NAME", help=", ".join(published()) + _(", or a name of `explainers models`"))
    parser.add_argument(
        "--tokens", type=_tokens, metavar="N", help=_("the tokens of a sequence (default: the context)")
    )
    parser.add_argument(
        "--source", type=_tokens, metavar="N", help=_("the tokens that T5's encoder reads (default: the same)")
    )
    parser.add_argument(
        "--cache", type=_tokens, default=0, metavar="N", help=_("earlier tokens whose keys and values a decoder keeps")
    )
    parser.add_argument("--json", action="store_true", help=_("print JSON"))
    parser.set_defaults(command=_run)


def _tokens(text: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else 0
    if not 1 <= number <= _MOST_TOKENS:
        raise argparse.ArgumentTypeError(_("choose a number from 1 to 1000000"))
    return number


def _run(options: argparse.Namespace) -> int:
    design = _design(options.name)
    tokens = options.tokens or max(1, design.context - options.cache)
    source = (options.source or tokens) if design.kind == "t5" else 0
    if options.cache and design.kind == "bert":
        raise CheckpointError(_("{name} is an encoder and keeps no keys and values.").format(name=options.name))
    if design.kind != "t5" and tokens + options.cache > design.context:
        raise CheckpointError(
            _("{name} has {n} positions: choose at most so many tokens.").format(name=options.name, n=design.context)
        )
    counted = ledger(design)
    if options.json:
        sys.stdout.write(json.dumps(_content(options.name, counted, tokens, source, options.cache), indent=2) + "\n")
    else:
        _print(options.name, counted, tokens, source, options.cache)
    return 0


def _design(name: str) -> Design:
    """The design of a published model or of one on this computer; raises CheckpointError where there is none."""
    known = published().get(name)
    if known is not None:
        return known.design
    if name not in catalogue():
        raise CheckpointError(
            _("There is no model named {name}: choose one of {names}.").format(
                name=name[:100], names=", ".join([*published(), *catalogue()])
            )
        )
    return of_checkpoint(load(name))


def _content(name: str, counted: Ledger, tokens: int, source: int, cache: int) -> dict[str, Any]:
    known = published().get(name)
    products = work(counted.design, tokens, source=source, cache=cache)
    return {
        "name": name,
        "sizes": {key: value for key, value in counted.design.__dict__.items() if key not in ("kind", "name")},
        "parameters": counted.total,
        "encoder_parameters": counted.encoder if counted.design.kind == "bert" else None,
        "printed": known and {"figure": known.printed, "why": known.text, "source": known.source, "link": known.link},
        "parts": [
            {
                "part": entry.part.key,
                "stack": entry.part.stack,
                "layers": entry.part.copies,
                "formula": entry.part.formula,
                "parameters": entry.count,
                "share": entry.share,
                "tied": entry.part.role == "tied",
                "tensors": [{"name": tensor.name, "shape": tensor.shape} for tensor in entry.part.tensors],
            }
            for entry in counted.entries
        ],
        "forward": {
            "tokens": tokens,
            "source": source,
            "cache": cache,
            "flops": sum(each.flops for each in products),
            "groups": [
                {"part": each.key, "what": each.role, "formula": each.formula, "flops": each.flops} for each in products
            ],
        },
        "bytes": {number: memory(counted.design, number, tokens + cache, source=source).__dict__ for number in BYTES},
    }


def _print(name: str, counted: Ledger, tokens: int, source: int, cache: int) -> None:
    rows: list[tuple[str, ...]] = [(_("part"), _("formula"), _("parameters"), _("share"))]
    for entry in counted.entries:
        tied = entry.part.role == "tied"
        number = _("tied") if tied else f"{entry.count:,}"
        rows.append((entry.part.key, entry.part.formula, number, "" if tied else percent(entry.share, 2)))
    rows.append((_("all"), "", f"{counted.total:,}", "100 %"))
    if counted.design.kind == "bert":
        rows.append((_("encoder alone"), "", f"{counted.encoder:,}", ""))
    _table(rows)
    known = published().get(name)
    if known is not None:
        printed = _("As printed: {figure} ({source}). {why}")
        sys.stdout.write(printed.format(figure=known.printed, source=known.source, why=_(known.text)) + "\n")
    products = work(counted.design, tokens, source=source, cache=cache)
    sys.stdout.write("\n")
    _table(
        [(_("products"), _("of"), _("formula"), "FLOPs")]
        + [(each.role, each.key, each.formula, f"{each.flops:,}") for each in products]
        + [(_("all"), "", "", f"{sum(each.flops for each in products):,}")]
    )
    letters = {**counted.design.symbols, "n": tokens, "t": tokens + cache, **({"s": source} if source else {})}
    sys.stdout.write(", ".join(f"{letter} = {value:,}" for letter, value in letters.items()) + "\n\n")
    header = ("", _("weights"), _("keys and values"), _("activations"), _("gradients"), "Adam")
    found = [(number, memory(counted.design, number, tokens + cache, source=source)) for number in BYTES]
    _table([header, *((number, *(size_text(size) for size in each.__dict__.values())) for number, each in found)])


def _table(rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    numbers = (len(rows[0]) - 1,) if rows[0][-1] == "FLOPs" else (2, 3)
    for row in rows:
        cells = [
            cell.rjust(width) if column in numbers else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        sys.stdout.write("  ".join(cells).rstrip() + "\n")
