"""`explainers roofline`: measure this machine's roofs and a model's operations under them, on the command line."""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections.abc import Callable
from typing import Any, cast

from explainers.checkpoints.design import Design, of_checkpoint
from explainers.checkpoints.text import size_text
from explainers.language import _, ngettext
from explainers.roofline import (
    GPT2_SMALL,
    TYPES,
    NumberType,
    Point,
    Request,
    Result,
    RooflineError,
    Roofs,
    Update,
    csv_rows,
    keep,
    roofs,
    sweep,
    to_json,
)

_MOST_TOKENS, _MOST_BATCH = 1024, 64


def add_command(commands: Any) -> None:
    """Add `roofline` to the commands."""
    parser = commands.add_parser(
        "roofline",
        help=_("measure this machine's roofline"),
        description=_(
            "Measure the bandwidth of every level of memory, the peak of every type, and products under these roofs."
        ),
    )
    formats = parser.add_mutually_exclusive_group()
    formats.add_argument("--json", action="store_true", help=_("print JSON"))
    formats.add_argument("--csv", action="store_true", help=_("print the points as a table"))
    names = _("some of {names}, with commas").format(names=", ".join(TYPES))
    parser.add_argument("--types", type=_types, default=Request().types, metavar="LIST", help=names)
    parser.add_argument("--threads", type=_number(1024), default=0, metavar="N", help=_("threads of the processor"))
    parser.add_argument("--device", default="cpu", help=_("cpu, cuda or mps (default: cpu)"))
    parser.add_argument("--model", default="", metavar="NAME", help=_("a name of `explainers models` or `ledger`"))
    parser.add_argument("--tokens", type=_number(_MOST_TOKENS), default=128, metavar="N", help=_("tokens of a text"))
    parser.add_argument("--batch", type=_number(_MOST_BATCH), default=1, metavar="N", help=_("texts at a time"))
    parser.set_defaults(command=_run, refusals=(RooflineError,))


def _types(text: str) -> tuple[NumberType, ...]:
    names = tuple(dict.fromkeys(text.split(",")))
    if not set(names) <= set(TYPES):
        raise argparse.ArgumentTypeError(_("choose from {names}").format(names=",".join(TYPES)))
    return cast("tuple[NumberType, ...]", names)


def _number(most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        found = int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else 0
        if not 1 <= found <= most:
            raise argparse.ArgumentTypeError(_("choose a number from 1 to {most}").format(most=most))
        return found

    return number


def _run(options: argparse.Namespace) -> int:
    request = Request(
        types=options.types,
        threads=options.threads,
        device=options.device,
        shape=_shape(options.model),
        tokens=options.tokens,
        batch=options.batch,
    )
    result: Result | None = None
    for update in sweep(request):
        result = update.result
        _show(update)
    if sys.stderr.isatty():
        sys.stderr.write("\n")
    if result is None:
        raise RooflineError(_("Nothing could be measured on this machine."))
    keep(result)
    if options.json:
        sys.stdout.write(to_json(result, indent=1) + "\n")
    elif options.csv:
        text = io.StringIO()
        header, rows = csv_rows(result)
        csv.writer(text, lineterminator="\n").writerows([header, *rows])
        sys.stdout.write(text.getvalue())
    else:
        _print(result)
    return 0


def _shape(name: str) -> Design:
    """The sizes of a published model or of one on this computer; raises CheckpointError where there is none."""
    if not name:
        return GPT2_SMALL
    from explainers.architecture import published
    from explainers.checkpoints import CheckpointError, catalogue, load

    known = published().get(name)
    if known is None:
        if name not in catalogue():
            raise CheckpointError(
                _("There is no model named {name}: choose one of {names}.").format(
                    name=name[:100], names=", ".join([*published(), *catalogue()])
                )
            )
        return of_checkpoint(load(name))
    return known.design


def _show(update: Update) -> None:
    """How far it is, for who watches."""
    if sys.stderr.isatty() and update.point is not None:
        task = update.point.task
        said = _("{done} of {steps}, about {seconds} s left: {group} {role}").format(
            done=update.done,
            steps=update.steps,
            seconds=round(update.seconds_left),
            group=task.group,
            role=task.role,
        )
        sys.stderr.write(f"\r{said:<79}")
        sys.stderr.flush()


def _print(result: Result) -> None:
    machine, conditions, found = result.machine, result.conditions, roofs(result.points, result.machine)
    lines = [
        f"{machine.name}: {machine.processor}, {machine.device}",
        ngettext(
            "{threads} thread of {cores} cores, {memory} of memory, {system}",
            "{threads} threads of {cores} cores, {memory} of memory, {system}",
            machine.threads,
        ).format(
            threads=machine.threads, cores=machine.cores, memory=size_text(machine.memory_bytes), system=machine.system
        ),
        ", ".join(f"{name} {version}" for name, version in machine.versions.items()),
        _("{started}, measured for {seconds} s; a call that computes nothing takes {overhead} µs").format(
            started=result.started,
            seconds=round(result.seconds),
            overhead=f"{1e6 * conditions.overhead_seconds:.1f}",
        ),
        *_warnings(result),
        "",
        *(
            f"{level.name:<8} {level.bytes_per_second / 1e9:10.1f} GB/s"
            + (f"  ({size_text(level.size_bytes)})" if level.size_bytes else "")
            for level in found.levels
        ),
        *(
            _("{type:<8} {rate:10.1f} GFLOP/s, ridge at {ridge:.1f} FLOPs per byte of memory").format(
                type=type, rate=peak / 1e9, ridge=found.ridge(type)
            )
            for type, peak in found.peaks.items()
        ),
        "",
        *(_line(point, found) for point in result.points if point.task.group not in ("bandwidth", "peak")),
    ]
    sys.stdout.write("\n".join(lines) + "\n")


def _warnings(result: Result) -> list[str]:
    found, conditions = [], result.conditions
    if conditions.busy:
        found.append(
            _("Other programs used {percent} % of the processors: measure again when the machine is quiet.").format(
                percent=round(100 * conditions.other_load)
            )
        )
    if conditions.drifted:
        found.append(
            _("The same small product took up to {times} times as long as at the start: the clock changed.").format(
                times=f"{conditions.drift:.2f}"
            )
        )
    if result.refused:
        found.append(_("Could not be measured: {names}").format(names=", ".join(result.refused)))
    return found


def _line(point: Point, found: Roofs) -> str:
    task = point.task
    sides = f"{task.batch} x " * (task.batch > 1) + f"({task.m}, {task.k}) x ({task.k}, {task.n})"
    return (
        f"{task.group:<8} {task.stack:<8} {task.role:<14} {task.type:<5} {task.state:<5} "
        f"{sides if task.is_product else f'({task.m}, {task.n})':<34} {task.intensity:8.2f} FLOPs/B "
        f"{1e6 * point.seconds:12.1f} µs {point.flops_per_second / 1e9:9.1f} GFLOP/s "
        f"{100 * found.share(point):5.0f} % {point.level}" + (" " + _("(cut)") if task.cut else "")
    )
