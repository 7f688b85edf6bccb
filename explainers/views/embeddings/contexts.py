"""One token in two texts: a map of both texts' tokens at any layer, and how alike its two vectors stay."""

from __future__ import annotations

import math

import streamlit as st

from explainers.checkpoints import Checkpoint, Family
from explainers.embeddings import Contexts, Shared
from explainers.examples import examples
from explainers.language import _
from explainers.views import blocks, cached, saving
from explainers.views.controls import Choice
from explainers.views.embeddings.tokens import say_what_is_cut

_MOST_SHARED = 10
_NARROW = 0.5  # a mean cosine of any two tokens from which on they plainly point the same way
_NO_MORE = 0.05  # how much a cosine must stand out from that of any two tokens to say anything


@st.fragment
def two_contexts(choice: Choice, family: Family) -> None:
    """A shared token of the reader's two texts, or else of an example's, through the layers."""
    checkpoint = choice.checkpoints[family]
    found = _contexts(choice, checkpoint)
    for tokenization in found.tokenizations:
        say_what_is_cut(tokenization, checkpoint.name)
    shared = found.shared[:_MOST_SHARED]
    drawn = cached.drawn_vocabulary(checkpoint.name)
    if st.session_state.get("emb_shared") not in [each.id for each in shared]:
        st.session_state.pop("emb_shared", None)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="large"):
        wanted = st.segmented_control(
            _("Token in both"),
            [each.id for each in shared],
            default=shared[0].id,
            required=True,
            key="emb_shared",
            bind="query-params",
            format_func=lambda id_: blocks.plain(drawn[id_]),
        )
        layer = _layer(found.layers)
    token = next((each for each in shared if each.id == wanted), shared[0])
    _pictures(found, token, layer, family, drawn)
    st.markdown(_narrow_cone(found, token, layer, drawn[token.id]))
    st.markdown(_what_it_reads(family))


def _contexts(choice: Choice, checkpoint: Checkpoint) -> Contexts:
    """The reader's two texts if they share a token, else the example's."""
    if choice.pair is not None and choice.text.strip():
        found = cached.two_contexts(checkpoint.name, choice.text, choice.pair)
        if found.shared:
            return found
        st.caption(_("Your two sentences share no token, so two others are shown that do."))
    else:
        st.caption(
            _("These two sentences are an example. Write a second one with a word of yours, and it is shown instead.")
        )
    example = next(example for example in examples() if example.pair)
    return cached.two_contexts(checkpoint.name, example.text, example.pair or "")


def _layer(layers: int) -> int:
    state = st.session_state
    if "emb_layer" in state:
        state["emb_layer"] = min(state["emb_layer"], layers)
    return st.slider(
        _("After layer (0: at the input)"), 0, layers, 0, key="emb_layer", bind="query-params", persist_state="session"
    )


def _pictures(found: Contexts, token: Shared, layer: int, family: Family, drawn: dict[int, str]) -> None:
    from explainers.figures.vectors import Cloud, layer_map, similarity_by_layer

    clouds: list[Cloud] = []
    for tokenization, kept in zip(found.tokenizations, found.kept, strict=True):
        start = sum(len(cloud.rows) for cloud in clouds)
        labels = [drawn[tokenization.tokens[at].id] for at in kept]
        clouds.append(Cloud(_short(tokenization.text), range(start, start + len(kept)), labels))
    first, second = found.kept
    marked = (first.index(token.first), len(first) + second.index(token.second))
    similarity, usual = found.similarity(token), found.usual_similarity()
    name = drawn[token.id]
    projection = found.picture(layer)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        saving.chart(
            layer_map(projection, (clouds[0], clouds[1]), marked, family, dark=blocks.is_dark()),
            "emb_layer_map",
            lambda: saving.csv_text(
                ("text", "piece", "direction 1", "direction 2"),
                (
                    (index + 1, label, *projection.points[row].tolist())
                    for index, cloud in enumerate(clouds)
                    for row, label in zip(cloud.rows, cloud.labels, strict=True)
                ),
            ),
            alt=_("A map of the tokens of both texts after layer {layer}; “{token}” is marked in both.").format(
                layer=layer, token=name
            ),
            name=f"contexts-layer-{layer}",
            fit=True,
        )
        st.caption(
            _("PCA of this layer's vectors: the two directions shown hold {share} of their variance.").format(
                share=blocks.percent(float(sum(projection.shares)))
            )
        )
    with right:
        names = (_("“{token}” here and “{token}” there").format(token=name), _("two different tokens, on average"))
        saving.chart(
            similarity_by_layer(similarity, usual, layer, names, family, dark=blocks.is_dark()),
            "emb_similarity",
            lambda: saving.csv_text(
                ("layer", "cosine", "cosine of other tokens"),
                zip(range(len(similarity)), similarity.tolist(), usual.tolist(), strict=True),
            ),
            alt=_("The cosine of the token's two vectors, at the input and after each layer: {cosines}.").format(
                cosines=", ".join(f"{cosine:.2f}" for cosine in similarity.tolist())
            ),
            name="contexts-similarity",
            fit=True,
        )
        st.caption(_cosines(name, float(similarity[layer]), float(usual[layer])))


def _cosines(name: str, own: float, usual: float) -> str:
    """The numbers at the marked layer; of texts without two different tokens only the first."""
    said = _("Cosine at the marked layer: **{own}** for “{token}”").format(own=f"{own:.2f}", token=blocks.plain(name))
    if math.isnan(usual):
        return f"{said}."
    return f"{said}, " + _("**{usual}** for two different tokens on average.").format(usual=f"{usual:.2f}")


def _narrow_cone(found: Contexts, token: Shared, layer: int, name: str) -> str:
    """What the token's cosine is worth where all cosines are high, and the same without what all tokens share."""
    own, usual = float(found.similarity(token)[layer]), float(found.usual_similarity()[layer])
    if math.isnan(usual):
        return ""
    said = []
    if usual >= _NARROW:
        said.append(
            _(
                "Here any two tokens have a cosine of about **{usual}**: the vectors of a layer lie in a **narrow "
                "cone** (anisotropy; Ethayarajh 2019, section 4.1)."
            ).format(usual=f"{usual:.2f}")
        )
        if own - usual < _NO_MORE:
            said.append(_("The two vectors of “{token}” are hardly more alike.").format(token=blocks.plain(name)))
    centred = found.centred()
    said.append(
        _(
            "The curves show the cosines as they are. **Centred**, with the mean of these {count} tokens taken away: "
            "**{own}** for “{token}”, **{usual}** for two different tokens."
        ).format(
            count=sum(map(len, found.kept)),
            own=_rounded(float(centred.similarity(token)[layer])),
            token=blocks.plain(name),
            usual=_rounded(float(centred.usual_similarity()[layer])),
        )
    )
    return " ".join(said)


def _rounded(cosine: float) -> str:
    return f"{round(cosine, 2) + 0.0:.2f}".replace("-", "−")


def _what_it_reads(family: Family) -> str:
    """Why the two vectors start as they do, and which words can change them."""
    return {
        "bert": _(
            "At the input the two differ by their **positions** alone. BERT looks both ways, so words before and after "
            "the token change it."
        ),
        "gpt2": _(
            "At the input the two differ by their **positions** alone. GPT-2 looks back only: words **after** the "
            "token cannot change its vector, even where they settle what it means."
        ),
        "t5": _("At the input the two are **equal**: T5 adds no positions. Its encoder, shown here, looks both ways."),
    }[family]


def _short(text: str, limit: int = 40) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[:limit]}…"
