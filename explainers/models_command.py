"""`explainers models` and `explainers fetch`: what there is, and how to have it here before a lecture."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any, TextIO

from explainers.checkpoints import Checkpoint, CheckpointError, Entry, entries, load, settings
from explainers.checkpoints.text import count_text, size_text, time_text
from explainers.language import _

_LOOK_SECONDS = 0.5


def add_commands(commands: Any) -> None:
    """Add `models` and `fetch` to the commands."""
    listing = commands.add_parser("models", help=_("list the models"), description=_("List the models by name."))
    _add_folder(listing)
    listing.set_defaults(command=_models)

    fetch = commands.add_parser(
        "fetch",
        help=_("download models, before a lecture"),
        description=_(
            "Download models from the hub and prove that each loads without a network. Run it again to go on where it "
            "stopped."
        ),
    )
    fetch.add_argument("names", nargs="+", metavar="NAME", help=_("a name of `explainers models`, or owner/name"))
    _add_folder(fetch)
    fetch.set_defaults(command=_fetch)


def add_server_arguments(run: argparse.ArgumentParser) -> None:
    """Add what the person who runs the server decides about models."""
    _add_folder(run)
    run.add_argument(
        "--any-model", action="store_true", help=_("let visitors download any BERT, GPT-2 or T5 by its hub id")
    )
    run.add_argument("--local-folder", type=Path, metavar="DIR", help=_("offer the checkpoints in this folder, too"))
    run.add_argument(
        "--largest", type=_megabytes, metavar="MB", help=_("the most that a model may have (default: 3000 megabytes)")
    )
    run.add_argument("--most-models", type=int, metavar="N", help=_("how many models to keep in memory (default: 6)"))
    run.add_argument(
        "--model-memory",
        type=_megabytes,
        metavar="MB",
        help=_("the most that all models in memory may take together (default: 6000 megabytes)"),
    )


def set_up(options: argparse.Namespace) -> None:
    """Put the settings of the command line into the environment, where the server reads them."""
    given = {
        settings.FOLDER: options.folder and options.folder.expanduser().absolute(),
        settings.ANY_MODEL: "1" if getattr(options, "any_model", False) else None,
        settings.LOCAL_FOLDER: (local := getattr(options, "local_folder", None)) and local.expanduser().absolute(),
        settings.LARGEST_BYTES: getattr(options, "largest", None),
        settings.MOST_MODELS: getattr(options, "most_models", None),
        settings.MODEL_BYTES: getattr(options, "model_memory", None),
    }
    os.environ.update({name: str(value) for name, value in given.items() if value is not None})


def _add_folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--folder",
        type=Path,
        metavar="DIR",
        help=_("where downloaded models are, for example on a USB stick (default: {folder})").format(
            folder=settings.folder()
        ),
    )


def _megabytes(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text)):
        raise argparse.ArgumentTypeError(_("choose a number of megabytes"))
    return int(text) * 10**6


def _models(options: argparse.Namespace) -> int:
    set_up(options)
    header = (_("name"), _("family"), _("parameters"), _("size"), _("licence"), _("where"), _("trained heads"))
    rows = [header, *map(_row, entries())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(header))]
    for row in rows:
        sys.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n")
    sys.stdout.write(_("Downloaded models are in {folder}.").format(folder=settings.folder()) + "\n")
    return 0


def _row(entry: Entry) -> tuple[str, ...]:
    if not entry.here:
        size = _("about {size}").format(size=size_text(entry.download_bytes))
        return entry.name, str(entry.family), count_text(entry.parameters), size, entry.licence, _("on the hub"), ""
    checkpoint = load(entry.name)
    where = _("built in") if entry.built_in else _("on this computer")
    try:
        return (
            entry.name,
            checkpoint.family,
            count_text(checkpoint.sizes.parameters),
            size_text(sum(file.stat().st_size for file in checkpoint.folder.iterdir())),
            checkpoint.licence or entry.licence or _("unknown"),
            where,
            _heads(checkpoint),
        )
    except CheckpointError as error:
        return entry.name, checkpoint.family, "", "", entry.licence, where, str(error)


def _heads(checkpoint: Checkpoint) -> str:
    heads = checkpoint.heads.values()
    return ", ".join(head.name if head.trained else _("no {head}").format(head=head.name) for head in heads)


def _fetch(options: argparse.Namespace) -> int:
    """Every model in turn; 0 where all of them load, else 2, with a sentence for each that does not."""
    set_up(options)
    failed = 0
    for name in options.names:
        try:
            _fetch_one(name)
        except CheckpointError as error:
            failed += 1
            sys.stderr.write(f"{name}: {error}\n")
    return 2 if failed else 0


def _fetch_one(name: str) -> None:
    from explainers.checkpoints import downloads, names, offline

    entry = names.entry_of(name)
    if not entry.here:
        download = downloads.Download(entry, token=None)
        download.start()
        shown = ""
        try:
            while not download.wait(_LOOK_SECONDS):
                shown = _show(sys.stderr, entry.name, download.progress, shown)
        except KeyboardInterrupt:
            download.cancel()
            sys.stderr.write("\n" + _("Stopped: run the same command again to go on.") + "\n")
            raise
        if shown:
            sys.stderr.write("\n")
        if download.progress.state != "done":
            raise CheckpointError(download.progress.sentence)
    offline.prove(entry.name)
    size = size_text(sum(file.stat().st_size for file in entry.folder.iterdir()))
    ready = _("{name}: {size} in {folder}, loads without a network.")
    sys.stdout.write(ready.format(name=entry.name, size=size, folder=entry.folder) + "\n")


def _show(stream: TextIO, name: str, progress: Any, shown: str) -> str:
    """Write how far it is over what was written before; where nobody watches, only every tenth of the way."""
    if not progress.total_bytes:
        return shown
    percent = int(100 * progress.fraction)
    if not stream.isatty():
        tenth = f"{percent // 10}"
        if tenth != shown:
            stream.write(f"{name}: {percent} %\n")
        return tenth
    left = progress.seconds_left
    line = _("{name}: {done} of {total}, {percent} %").format(
        name=name, done=size_text(progress.done_bytes), total=size_text(progress.total_bytes), percent=percent
    ) + (_(", {time} left").format(time=time_text(left)) if left is not None else "")
    stream.write("\r" + line.ljust(len(shown)))
    stream.flush()
    return line
