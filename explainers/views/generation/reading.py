"""What reading tells: how surprised the model is by each token, and what each layer would already say."""

from __future__ import annotations

import streamlit as st

from explainers.generation import layer_lens
from explainers.language import _
from explainers.views import blocks, cached, saving
from explainers.views.generation.scene import Scene

_COLUMNS = 7  # positions of the lens that can be read side by side


def draw_surprise(scene: Scene) -> None:
    """Bits a token of the reader's own text, and the perplexity."""
    from explainers.figures.generation import surprise_bars

    ids = scene.continuation.prompt
    if len(ids) < 2:
        st.info(_("One token has nothing before it, so nothing could be expected. Type more."), icon=":material/edit:")
        return
    found = cached.surprise(scene.checkpoint.name, ids)
    seen, whole = sum(scene.prompt.sizes[1:]), found.bits.sum()
    perplexity = _three_digits(found.perplexity)
    numbers = (
        (_("Perplexity"), perplexity, _("as if it chose among so many equally likely tokens")),
        (_("Mean surprise"), f"{found.mean:.2f}", _("bits a token")),
        (
            _("Sum"),
            f"{whole:,.0f}",
            _("bits, without the first token; {n} a byte").format(n=f"{whole / seen:.2f}" if seen else "–"),
        ),
    )
    names = [scene.name(at) for at in range(1, len(ids))]
    guesses = [scene.names.get(int(id_), "") for id_ in found.guess]
    saving.chart(
        surprise_bars(found, names, guesses, scene.at, dark=blocks.is_dark()),
        "gen_surprise",
        lambda: saving.csv_text(
            ("position", "token", "bits", "rank", "likeliest token", "its probability"),
            zip(range(1, len(ids)), names, found.bits, found.rank, guesses, found.guess_probability, strict=True),
        ),
        alt=_("Bars of the surprise of {n} tokens; perplexity {value}.").format(n=len(names), value=perplexity),
        name="surprise",
        fit=True,
    )
    for column, (title, value, unit) in zip(st.columns(3), numbers, strict=True):
        column.markdown(f"{title} **{value}**  \n:small[{unit}]")
    st.markdown(
        _(
            "A token that had a probability of a half surprises by **1 bit**, a quarter by 2, 1 in 1,024 by 10. Pieces "
            "inside a word are often easy once the word has begun; names and odd words are hard. The first token has "
            "nothing before it: it is in no mean and no sum. Perplexity = 2 to the mean number of bits."
        )
    )


def _three_digits(number: float) -> str:
    """A number of 1 or more in three significant digits: "3.46", "34.6", "2,490"."""
    rounded = float(f"{number:.3g}")
    return f"{rounded:,.{max(3 - len(f'{rounded:.0f}'), 0)}f}"


def draw_lens(scene: Scene) -> None:
    """What every layer would predict at the last places up to the one that is looked at."""
    from explainers.figures.generation import lens_heatmap

    last = scene.at - 1
    positions = list(range(max(last - _COLUMNS + 1, 0), last + 1))
    lens = layer_lens(scene.memory, scene.memory.read(scene.ids[: scene.at]), positions)
    tokens = [scene.name(at) for at in positions]
    saving.chart(
        lens_heatmap(lens, scene.names, tokens, last, dark=blocks.is_dark()),
        "gen_lens",
        lambda: saving.csv_text(
            ("layer", "position", "after token", "predicted", "probability", "probability of the last layer's", "rank"),
            (
                (layer, at, tokens[column], scene.names.get(int(lens.ids[layer, column, 0]), ""),
                 lens.probabilities[layer, column, 0], lens.final[layer, column], lens.final_rank[layer, column])
                for layer in range(len(lens.ids))
                for column, at in enumerate(positions)
            ),
        ),
        alt=_("What {layers} layers would predict after {n} tokens.").format(layers=len(lens.ids), n=len(positions)),
        name="layer-lens",
        fit=True,
    )  # fmt: skip
    st.markdown(
        _(
            "Read a column from below: what would each layer say comes after that token, if it were the last layer? A "
            "frame marks what the model says in the end. Click a token above to move the window."
        )
    )
    st.markdown(
        _(
            "**What it means:** each layer adds to the same vector, so a layer's vector can be put through the final "
            "norm and the output matrix as if the work were done. **What it does not mean:** no layer but the last was "
            "trained to be read so. Nonsense below is no proof that the layer knows nothing, and a good word is no "
            "proof that the layers above do nothing. The input row mostly says the token itself, or what often "
            "stands beside it: its vectors are the rows of the output matrix."
        )
    )
    blocks.source("gpt2", "lens")
