"""What a page says of a text that is longer than its models read, or that a model knows no word of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from explainers.checkpoints import Family
from explainers.facts import fact
from explainers.language import _
from explainers.tokenization import Tokenization
from explainers.views import blocks


class Read(NamedTuple):
    """A text as one model reads it; name: what the sentence calls the model."""

    name: str
    family: Family | None
    tokenization: Tokenization


def show_cut(texts: Sequence[Read], *, template: bool = False) -> None:
    """Say how much of a long text each model reads; nothing where all read all.

    template: count the special tokens around the text, too. BERT and GPT-2 have no position for the rest. T5's
    positions are distances, so nothing ends its context but the length that it was trained on (assets/facts.toml).
    """
    cut = [each for each in texts if each.tokenization.dropped]
    said = [_first(each, template=template) for each in cut if each.family != "t5"]
    if said:
        said.append(_("The rest does not fit into the context."))
    said += [_first_of_t5(each) for each in cut if each.family == "t5"]
    if said:
        blocks.show_notice(" ".join(said))


def show_unknown(tokenization: Tokenization, name: str) -> None:
    """Say that the model knows no word of the text; nothing where it knows one, or where there is none."""
    own = [token for token in tokenization.tokens if token.source is not None]
    if own and all(token.kind == "unknown" for token in own):
        blocks.show_notice(
            _(
                "{name} has no token for any word of this text: each became {unknown}, and what it says of it means "
                "nothing. Try an English text."
            ).format(name=name, unknown=own[0].piece)
        )


def _first(each: Read, *, template: bool) -> str:
    kept = len(each.tokenization.tokens) if template else each.tokenization.counts.tokens
    return _("{name} reads the first {kept} of {all} tokens.").format(
        name=each.name, kept=f"{kept:,}", all=f"{kept + each.tokenization.dropped:,}"
    )


def _first_of_t5(each: Read) -> str:
    kept = each.tokenization.counts.tokens
    sentence = _("T5 was trained on {n} tokens at a time: here {name} reads the first {kept} of {all}, and </s>.")
    return sentence.format(
        n=fact("t5", "context").value,
        name=each.name,
        kept=f"{kept:,}",
        all=f"{kept + each.tokenization.dropped:,}",
    )
