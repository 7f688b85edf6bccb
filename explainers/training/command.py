"""`explainers train`: text in, a folder that `explainers.checkpoints.load` reads out. Every step is skipped when its
result is there.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from explainers.checkpoints import FAMILIES, MODELS, Family
from explainers.language import _
from explainers.training import corpus
from explainers.training.recipe import NAMES, RECIPES, Recipe, new_model

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from explainers.training.encoded import Encoded

EVERYDAY = "everyday"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("family", choices=FAMILIES, help=_("which model to train"))
    parser.add_argument("--corpus", type=Path, required=True, metavar="DIR", help=_("folder of .txt or .txt.xz files"))
    parser.add_argument(
        "--minutes", type=float, help=_("stop after this much training time; the schedule adapts to it")
    )
    parser.add_argument("--tokens", type=float, help=_("stop after this many tokens, for example 12e6"))
    parser.add_argument(
        "--everyday",
        type=float,
        default=12.0,
        metavar="MB",
        help=_("megabytes of generated everyday English that join the corpus, 0 for none; default 12"),
    )
    parser.add_argument("--device", default="auto", help=_("auto, cpu or cuda"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--work", type=Path, default=Path(".training"), metavar="DIR", help=_("where pieces of the run are kept")
    )
    parser.add_argument(
        "--go-on-from", type=Path, metavar="DIR", help=_("a model that this command wrote: train its weights further")
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help=_("where the model goes; default assets/models/<name>"))


def run(arguments: argparse.Namespace) -> None:
    """Train one family from the first step or from where the work folder left off, then score and write the model."""
    import torch

    from explainers.training import finish, pieces, start
    from explainers.training.loop import Trainer
    from explainers.training.objectives import Corpus, objective

    family = cast(Family, arguments.family)
    recipe = RECIPES[family]
    if arguments.tokens:
        recipe = replace(recipe, tokens=int(arguments.tokens))
    folder = arguments.work / NAMES[family]
    folder.mkdir(parents=True, exist_ok=True)
    if arguments.go_on_from:
        pieces.take_up(arguments.go_on_from, folder)
    files = corpus.sources(arguments.corpus)
    if arguments.everyday:
        files.setdefault(EVERYDAY, everyday_text(arguments.work, arguments.everyday))
    tokenizer = vocabulary(family, recipe, files, folder, arguments.seed)
    trained_on = {name: encoded(family, tokenizer, file, folder, held_out=False) for name, file in files.items()}
    held_out = {name: encoded(family, tokenizer, file, folder, held_out=True) for name, file in files.items()}
    shares = corpus.shares(list(files))
    text = Corpus(list(trained_on.values()), list(shares.values()))
    task = objective(family, text, tokenizer, recipe.repeated)
    torch.manual_seed(arguments.seed)
    device = arguments.device if arguments.device != "auto" else "cuda" if torch.cuda.is_available() else "cpu"
    model = new_model(family, recipe, tokenizer)
    if not pieces.begun(folder):
        start.prepare(family, model, text)
    trainer = Trainer(model, task, recipe, folder, device, arguments.minutes, arguments.seed)
    trainer.run()
    out = arguments.out or MODELS / NAMES[family]
    finish.write(family, trainer, tokenizer, trained_on, held_out, shares, out)


def everyday_text(folder: Path, megabytes: float) -> Path:
    """The source of generated everyday English: found in the folder, or written there, always from the same seed."""
    from explainers.training import everyday

    path = folder / f"{EVERYDAY}.txt"
    if not path.is_file():
        print(_("writes {n:g} MB of everyday English").format(n=megabytes))
        everyday.write(everyday.read(everyday.FOLDER), path, seed=0, megabytes=megabytes)
    return path


def vocabulary(family: Family, recipe: Recipe, files: dict[str, Path], folder: Path, seed: int) -> Tokenizer:
    """The family's tokenizer: read from the folder, or trained on a sample of every source and kept there."""
    from tokenizers import Tokenizer

    from explainers.training import vocabularies

    path = folder / "tokenizer.json"
    if not path.is_file():
        print(_("{name}: learns its vocabulary").format(name=NAMES[family]))
        tokenizer = vocabularies.train(family, _sample(files, recipe.vocabulary_characters, seed))
        tokenizer.save(str(path))
    return Tokenizer.from_file(str(path))


def encoded(family: Family, tokenizer: Tokenizer, file: Path, folder: Path, *, held_out: bool) -> Encoded:
    """One source as ids: read from the folder, or encoded and kept there."""
    from explainers.training.encoded import Encoded, encode

    path = folder / f"{file.name.split('.')[0]}{'.held-out' if held_out else ''}.npz"
    if not path.is_file():
        print(_("{name}: encodes {source}").format(name=NAMES[family], source=path.stem))
        encode(family, tokenizer, file, held_out=held_out).save(path)
    return Encoded.read(path)


def _sample(files: dict[str, Path], characters: int, seed: int) -> Iterator[str]:
    """Paragraphs of whole documents, from every source as many characters as its share of training."""
    rng = random.Random(seed)  # noqa: S311 - a sample of texts, nothing secret
    for name, share in corpus.shares(list(files)).items():
        documents = list(corpus.documents(files[name]))
        rng.shuffle(documents)
        left = characters * share
        for document in documents:
            if left <= 0:
                break
            yield from document
            left -= sum(map(len, document))
