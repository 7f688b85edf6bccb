"""The `explainers` command: serve the pages, list the models, train them."""

from __future__ import annotations

import argparse
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from explainers.checkpoints import Checkpoint, CheckpointError, catalogue, load
from explainers.language import _

APP = Path(__file__).resolve().parents[1] / "app.py"


class CommandError(ValueError):
    """A command that cannot be carried out as it was given; the message is one sentence that says what to do."""


def main(argv: Sequence[str] | None = None) -> int:
    """Carry out one command; 0 where it worked, 2 (and a sentence) where it could not, 130 where Ctrl+C ended it."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    options = _parser(arguments[:1]).parse_args(arguments)
    try:
        return int(options.command(options) or 0)
    except (CommandError, CheckpointError, *getattr(options, "refusals", ())) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _parser(command: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="explainers", description=_("See how BERT, GPT-2 and T5 work."))
    commands = parser.add_subparsers(title=_("commands"), required=True, metavar="COMMAND")

    run = commands.add_parser("run", help=_("serve the pages"), description=_("Serve the pages until Ctrl+C."))
    run.add_argument("--port", type=_port, default=8501, help=_("the port to listen on (default: 8501)"))
    run.add_argument("--address", default="localhost", help=_("the address to listen on; 0.0.0.0 lets others in"))
    run.add_argument("--watch", action="store_true", help=_("read a page again when its file changes"))
    run.set_defaults(command=_run)

    models = commands.add_parser("models", help=_("list the models"), description=_("List the models by name."))
    models.set_defaults(command=_models)

    train = commands.add_parser("train", help=_("train a model"), description=_("Train a vocabulary and a model."))
    if list(command) == ["train"]:
        from explainers.training import command as training
        from explainers.training.corpus import CorpusError

        training.add_arguments(train)
        train.set_defaults(command=training.run, refusals=(CorpusError,))
    return parser


def _port(text: str) -> int:
    port = int(text) if text.isascii() and text.isdecimal() else 0
    if not 1 <= port <= 65_535:
        raise argparse.ArgumentTypeError(_("choose a number from 1 to 65535"))
    return port


def _run(options: argparse.Namespace) -> int:
    _check_free(options.address, options.port)
    command = serving_command(options.address, options.port, watch=options.watch)
    sys.stdout.flush()
    os.execv(command[0], command)  # noqa: S606 - the server takes this process's place, and its signals with it


def serving_command(address: str, port: int, *, watch: bool = False) -> list[str]:
    """The command line of the server, the same from any working directory; .streamlit/config.toml does the rest."""
    if not APP.is_file():
        raise CommandError(_("There is no {path}: install the project with `pip install -e .`.").format(path=APP))
    flags = {"server.address": address, "server.port": port, "server.headless": "true"}
    if watch:
        flags["server.fileWatcherType"] = "auto"
    return [sys.executable, "-m", "streamlit", "run", str(APP), *(f"--{name}={value}" for name, value in flags.items())]


def _check_free(address: str, port: int) -> None:
    """Raise CommandError where the server could not listen there."""
    try:
        family, kind, protocol, _name, where = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
    except OSError as error:
        raise CommandError(
            _("Nothing can listen on {address}, port {port} ({why}): choose others with --address and --port.").format(
                address=address, port=port, why=error.strerror or error
            )
        ) from error


def _models(_options: argparse.Namespace) -> int:
    header = (_("name"), _("family"), _("parameters"), _("context"), _("licence"), _("trained heads"))
    rows = [header, *(_row(load(name)) for name in catalogue())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(header))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    return 0


def _row(checkpoint: Checkpoint) -> tuple[str, ...]:
    heads = [head.name if head.trained else _("no {head}").format(head=head.name) for head in checkpoint.heads.values()]
    return (
        checkpoint.name,
        checkpoint.family,
        f"{checkpoint.sizes.parameters:,}",
        str(checkpoint.context),
        checkpoint.licence or _("unknown"),
        ", ".join(heads),
    )


if __name__ == "__main__":
    sys.exit(main())
