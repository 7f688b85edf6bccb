"""The `explainers` command: serve the pages, list and fetch the models, train and score them."""

from __future__ import annotations

import argparse
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from explainers import ledger_command, models_command, roofline_command
from explainers.checkpoints import CheckpointError
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
    models_command.add_server_arguments(run)
    run.set_defaults(command=_run)

    models_command.add_commands(commands)
    ledger_command.add_command(commands)
    roofline_command.add_command(commands)

    train = commands.add_parser("train", help=_("train a model"), description=_("Train a vocabulary and a model."))
    if list(command) == ["train"]:
        from explainers.training import command as training
        from explainers.training.corpus import CorpusError

        training.add_arguments(train)
        train.set_defaults(command=training.run, refusals=(CorpusError,))

    score = commands.add_parser("score", help=_("score a model"), description=_("Measure what a model has learned."))
    if list(command) == ["score"]:
        from explainers.training import scoring
        from explainers.training.corpus import CorpusError
        from explainers.training.scores import ScoreError

        scoring.add_arguments(score)
        score.set_defaults(command=scoring.run, refusals=(CorpusError, ScoreError))

    heads = commands.add_parser(
        "heads",
        help=_("find the heads that show a classic pattern"),
        description=_("Score every attention head of a model on classic patterns, and keep the best in heads.toml."),
    )
    if list(command) == ["heads"]:
        from explainers.tokenization import TextError
        from explainers.trace import TraceError
        from explainers.training import heads_command

        heads_command.add_arguments(heads)
        heads.set_defaults(command=_heads, refusals=(heads_command.HeadsError, TextError, TraceError))
    return parser


def _port(text: str) -> int:
    port = int(text) if text.isascii() and text.isdecimal() else 0
    if not 1 <= port <= 65_535:
        raise argparse.ArgumentTypeError(_("choose a number from 1 to 65535"))
    return port


def _run(options: argparse.Namespace) -> int:
    models_command.set_up(options)
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


def _heads(options: argparse.Namespace) -> int:
    from explainers.training import heads_command

    print(heads_command.run(options))
    return 0


if __name__ == "__main__":
    sys.exit(main())
