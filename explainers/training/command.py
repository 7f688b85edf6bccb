"""`explainers train`: text in, a folder that `explainers.checkpoints.load` reads out. Every step is skipped when its
result is there.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from explainers.checkpoints import FAMILIES, MODELS, Family
from explainers.language import _
from explainers.training import corpus
from explainers.training.recipe import NAMES, RECIPES, Recipe, new_model

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from explainers.training.encoded import Encoded
    from explainers.training.loop import Trainer

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
        default=36.0,
        metavar="MB",
        help=_("megabytes of generated everyday English that join the corpus, 0 for none; default 36"),
    )
    parser.add_argument(
        "--tokens-per-step",
        type=int,
        metavar="N",
        help=_("tokens in a batch; the default is for a GPU, on a CPU 4096 learns more in the same time"),
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
    from explainers.training import finish

    trainer, texts = prepare(arguments)
    trainer.run()
    out = arguments.out or MODELS / NAMES[cast(Family, arguments.family)]
    finish.write(cast(Family, arguments.family), trainer, texts, out)


def prepare(arguments: argparse.Namespace) -> tuple[Trainer, Texts]:
    """Everything a run needs: vocabulary, encoded text and starting values, made now or found in the work folder."""
    import torch

    from explainers.training import pieces, start
    from explainers.training.loop import Trainer
    from explainers.training.objectives import Corpus, objective

    family = cast(Family, arguments.family)
    asked = {"tokens": int(arguments.tokens or 0), "tokens_per_step": arguments.tokens_per_step}
    recipe = replace(RECIPES[family], **{name: value for name, value in asked.items() if value})
    folder = arguments.work / NAMES[family]
    folder.mkdir(parents=True, exist_ok=True)
    if arguments.go_on_from:
        pieces.take_up(arguments.go_on_from, folder)
    texts = read_texts(arguments, recipe, folder)
    corpus_ = Corpus(list(texts.trained_on.values()), list(texts.shares.values()))
    torch.manual_seed(arguments.seed)
    device = arguments.device if arguments.device != "auto" else "cuda" if torch.cuda.is_available() else "cpu"
    model = new_model(family, recipe, texts.tokenizer)
    if not pieces.begun(folder):
        start.prepare(family, model, corpus_, device)
    task = objective(family, corpus_, texts.tokenizer, recipe.repeated)
    return Trainer(model, task, recipe, folder, device, arguments.minutes, arguments.seed), texts


@dataclass(frozen=True)
class Texts:
    """The text of a run by source: what is trained on, what is held out, and the share of each in what is read."""

    tokenizer: Tokenizer
    trained_on: dict[str, Encoded]
    held_out: dict[str, Encoded]
    shares: dict[str, float]


def read_texts(arguments: argparse.Namespace, recipe: Recipe, folder: Path) -> Texts:
    """The corpus as ids, with the generated everyday English among its sources."""
    family = cast(Family, arguments.family)
    files = corpus.sources(arguments.corpus)
    if arguments.everyday and EVERYDAY not in files:
        files[EVERYDAY] = everyday_text(arguments.work, arguments.everyday)
    tokenizer = vocabulary(family, recipe, files, folder, arguments.seed)
    trained_on, held_out = (
        {name: encoded(family, tokenizer, file, folder, held_out=held) for name, file in files.items()}
        for held in (False, True)
    )
    shares = corpus.affordable_shares({name: len(text.ids) for name, text in trained_on.items()}, recipe.tokens)
    return Texts(tokenizer, trained_on, held_out, shares)


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
