"""The model card: what a built-in model was made of and how, what it scores, and what it cannot do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from explainers.checkpoints import Family
from explainers.training import comparisons
from explainers.training.pieces import read_log
from explainers.training.recipe import NAMES, Recipe

if TYPE_CHECKING:
    from explainers.training.loop import Trainer
    from explainers.training.scores import Estimate, Score
    from explainers.training.scores.gaps import Verdict


class Origin(NamedTuple):
    """Where a source of text comes from; the attribution that its licence asks for."""

    what: str
    source: str
    licence: str


ORIGINS: Mapping[str, Origin] = {
    "childrens_books": Origin("children's fiction, mostly 1860 to 1955", "Project Gutenberg", "public domain (USA)"),
    "wikipedia_plain": Origin("plainer paragraphs of English Wikipedia, 2015", "Wikipedia authors", "CC BY-SA 3.0"),
    "wikinews": Origin("short modern news", "English Wikinews", "CC BY 2.5"),
    "dialogues": Origin("everyday service dialogue", "Schema-Guided Dialogue, Google Research", "CC BY-SA 4.0"),
    "tinystories": Origin("very simple stories", "TinyStories (Eldan and Li, 2023)", "CDLA-Sharing-1.0"),
    "storybooks": Origin("very simple stories", "African Storybook and others, see NOTICE", "CC BY 4.0"),
    "everyday": Origin("everyday sentences, generated", "this project's own words and frames", "Apache-2.0"),
}

_OBJECTIVE: Mapping[Family, str] = {
    "bert": (
        "Masked LM and next sentence together, as in Devlin et al. 2019: 15 % of the ordinary tokens are chosen; of "
        "these 80 % become [MASK], 10 % a random token, 10 % stay; the loss is over all chosen ones. Half of the "
        "pairs are consecutive text, half take the second part from another document of the same source."
    ),
    "gpt2": "Causal LM, as in Radford et al. 2019: at every position, the next token.",
    "t5": "Span corruption, as in Raffel et al. 2020: 15 % of the tokens in spans of mean length 3, a sentinel each.",
}

_TOKENIZER: Mapping[Family, str] = {
    "bert": "WordPiece, uncased, accents stripped; all letters of the Latin, Greek and Cyrillic alphabets, all jamo",
    "gpt2": "byte-level BPE: 256 bytes, merges, one token for the end of a text",
    "t5": "SentencePiece-style unigram with byte fallback and 100 descending sentinels",
}

_KIND: Mapping[Family, str] = {
    "bert": "BertForPreTraining",
    "gpt2": "GPT2LMHeadModel",
    "t5": "T5ForConditionalGeneration",
}

_COUNTED = (
    "Token embeddings do not start from noise but from counts of which tokens stand near each other in the training "
    "text, factorised (Levy and Goldberg 2014)"
)
_START: Mapping[Family, str] = {
    "bert": f"{_COUNTED}; position embeddings start as sinusoids, the output bias at each token's frequency, the "
    "prediction head's matrix as the identity. All are trained on from there. The published BERT starts from noise.",
    "gpt2": f"{_COUNTED}; position embeddings start as sinusoids. All are trained on from there; the published GPT-2 "
    "starts from noise. In 3 % of the rows a run of shuffled tokens repeats, so that heads learn to copy.",
    "t5": f"{_COUNTED}. They are trained on from there; the published T5 starts from noise.",
}

_SHIFTED = (
    "- In three of ten rows the positions start anywhere in the context instead of at 0, so that short rows train all "
    "positions; the published model did not do so.\n"
)
_ROWS: Mapping[Family, str] = {
    "bert": _SHIFTED + "- A tenth of the rows is one text alone, without the second task, and one in seven pairs is "
    "two single sentences, because that is what people type.\n",
    "gpt2": _SHIFTED,
    "t5": "",
}

_SETTINGS = (
    *("vocab_size", "hidden_size", "n_embd", "d_model", "num_hidden_layers", "n_layer", "num_layers"),
    *("num_decoder_layers", "num_attention_heads", "n_head", "num_heads", "intermediate_size", "d_ff"),
    *("max_position_embeddings", "n_positions"),
)

_POINTS = 16


def card(
    family: Family,
    trainer: Trainer,
    config: Mapping[str, Any],
    scores: Sequence[Score],
    filled: Sequence[Verdict],
    sources: Mapping[str, tuple[int, float]],
) -> str:
    """The card as Markdown. filled: what the model puts in the gaps of everyday sentences. sources: the tokens of each
    source and its share of what was read.
    """
    log = read_log(trainer.folder)
    return (
        "\n\n".join(
            [
                f"---\nlicense: apache-2.0\nlanguage: en\nlibrary_name: transformers\n---\n\n# {NAMES[family]}",
                f"A small {_KIND[family]} that was trained for teaching and runs on any laptop. It is part of an "
                f"interactive "
                "explainer of BERT, GPT-2 and T5, and it is good for seeing how such a model works, not for using one.",
                "## The model\n\n" + _shape(family, config),
                "## The text\n\n" + _text(sources, trainer.state.tokens),
                "## How it was trained\n\n" + _training(family, trainer, log),
                "## What was compared\n\n" + comparisons.compared(family),
                "## Loss against tokens\n\n" + _curve(log),
                "## Scores\n\n" + _scores(scores),
                "## Gaps in everyday sentences\n\n" + _gaps(filled),
                "## What it cannot do\n\n" + _limits(),
            ]
        )
        + "\n"
    )


def _shape(family: Family, config: Mapping[str, Any]) -> str:
    rows = [f"| {name} | {config[name]:,} |" for name in _SETTINGS if isinstance(config.get(name), int)]
    return "\n".join(["| setting | value |", "| --- | ---: |", *rows, f"| tokenizer | {_TOKENIZER[family]} |"])


def _text(sources: Mapping[str, tuple[int, float]], read: int) -> str:
    rows = []
    for name, (tokens, share) in sorted(sources.items(), key=lambda item: -item[1][1]):
        origin = ORIGINS.get(name, Origin("not described", "not described", "not described"))
        times = f"{share * read / max(tokens, 1):.1f}"
        rows.append(f"| {name} | {origin.what} | {origin.source} | {origin.licence} | {share:.0%} | {times} |")
    return "\n".join(
        [
            "| source | what | from | licence | share of sequences | times read |",
            "| --- | --- | --- | --- | ---: | ---: |",
            *rows,
        ]
    )


def _training(family: Family, trainer: Trainer, log: Sequence[Mapping[str, float]]) -> str:
    recipe, state = trainer.recipe, trainer.state
    return (
        f"{_OBJECTIVE[family]}\n\n"
        f"- {state.tokens / 1e6:.1f} million tokens in {state.step:,} steps, {state.seconds / 60:.0f} minutes on "
        f"{state.device}; seed {trainer.seed}.\n"
        f"{_end(trainer)}"
        f"- Steps of about {recipe.tokens_per_step:,} tokens: {_lengths(recipe)}.\n"
        f"- {_rates(recipe)}\n"
        f"- {_START[family]}\n"
        f"{_ROWS[family]}"
        "- Computed in bfloat16 with float32 weights; saved in bfloat16. No dropout.\n"
        f"- Made with `explainers train {family} --corpus DIR{_minutes(trainer)}`."
    )


def _end(trainer: Trainer) -> str:
    """Whether the clock ended the run, and not the tokens."""
    if trainer.state.tokens >= trainer.recipe.tokens:
        return ""
    return (
        f"- The time that was given ended the run, with the schedule of its rate complete, before the "
        f"{trainer.recipe.tokens / 1e6:.0f} million tokens of the recipe.\n"
    )


def _minutes(trainer: Trainer) -> str:
    return f" --minutes {trainer.minutes:g}" if trainer.minutes else ""


def _lengths(recipe: Recipe) -> str:
    parts = [
        f"sequences of {length} tokens" + (f" in {share:.0%} of the steps" if share < 1 else "")
        for share, length in recipe.lengths
    ]
    return ", ".join(parts)


def _rates(recipe: Recipe) -> str:
    return (
        f"Muon on the matrices inside the blocks (peak rate {recipe.muon_rate}), AdamW on the rest (peak rate "
        f"{recipe.adamw_rate}), "
        f"weight decay {recipe.weight_decay}, gradients clipped at {recipe.clip}; warmed up over {recipe.warm_up} "
        f"steps, then flat, then linearly to zero over the last {recipe.decay:.0%}."
    )


def _curve(log: Sequence[Mapping[str, float]]) -> str:
    """A table of about 16 points of the training loss, each a mean over the steps since the log row before."""
    names = [name for name in log[0] if name not in ("step", "tokens", "seconds")]
    stride = max(len(log) // _POINTS, 1)
    picked = [*log[::stride], *([log[-1]] if (len(log) - 1) % stride else [])]
    rows = [
        f"| {row['tokens'] / 1e6:.2f} | " + " | ".join(f"{row[name]:.3f}" for name in names) + " |" for row in picked
    ]
    axis = ", ".join(f'"{row["tokens"] / 1e6:.1f}"' for row in picked)
    line = ", ".join(f"{row[names[0]]:.3f}" for row in picked)
    return "\n".join(
        [
            "Training loss in nats.",
            "",
            "```mermaid",
            "xychart-beta",
            f'    x-axis "million tokens" [{axis}]',
            f'    y-axis "{names[0]} loss, nats"',
            f"    line [{line}]",
            "```",
            "",
            f"| million tokens | {' | '.join(names)} |",
            f"| ---: | {' | '.join('---:' for _ in names)} |",
            *rows,
        ]
    )


def _scores(scores: Sequence[Score]) -> str:
    others = list(dict.fromkeys(name for score in scores for name in score.baselines))
    rows = []
    for score in scores:
        cells = [_number(score, score), *(_number(score, score.baselines.get(name)) for name in others)]
        rows.append(f"| {score.name} | {' | '.join(cells)} | {score.samples:,} |")
    return "\n".join(
        [
            "On the held-out documents, with the weights as they are in this folder; 95 % intervals over windows or "
            "sentences. Beside it, on the same tokens, baselines counted in the same training text: how common a token "
            "is (unigram), and Kneser-Ney trigrams, which for BERT see both sides of a token.",
            "",
            f"| score | this model | {''.join(name + ' | ' for name in others)}samples |",
            f"| --- | {'---: | ' * len(others)}---: | ---: |",
            *rows,
        ]
    )


def _number(score: Score, estimate: Score | Estimate | None) -> str:
    """The value with its interval: a share in percent, other numbers with three decimals."""
    if estimate is None:
        return ""
    form = "{:.1%}" if score.share else "{:.3f}"
    value, low, high = (form.format(number) for number in (estimate.value, estimate.low, estimate.high))
    return f"{value} ({low} to {high})"


def _gaps(filled: Sequence[Verdict]) -> str:
    """Sentences that were picked before training, the model's guesses, and whether one of them fits."""
    fit = sum(verdict.fits for verdict in filled)
    rows = []
    for verdict in filled:
        guesses = " · ".join(verdict.guesses).replace("|", "\\|")
        rows.append(f"| {verdict.gap.text} | {guesses} | {'yes' if verdict.fits else 'no'} |")
    return "\n".join(
        [
            f"A word that fits is among the five best guesses in {fit} of {len(filled)} sentences. They were written "
            "before training, each with all words that fit (assets/everyday_gaps.toml).",
            "",
            "| sentence | guesses | fits |",
            "| --- | --- | --- |",
            *rows,
        ]
    )


def _limits() -> str:
    return (
        "It is many times smaller than the models that it stands for, and it read far less. "
        "It knows few facts, "
        "loses the thread after a sentence or two, does no arithmetic, follows no instructions and speaks English "
        "only; text in "
        "other languages is spelled out in small pieces that it never learned to use.\n\n"
        "Much of its text is old fiction. It has taken in how that fiction speaks of women and men, of peoples "
        "and of work, and it "
        "repeats that. Do not decide anything about anyone with it."
    )
