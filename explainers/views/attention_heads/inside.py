"""Inside a head: how one query and one key make a weight, and how the weights mix the values; all in real numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainers import attention
from explainers.attention import InsideHead
from explainers.language import _, ngettext
from explainers.trace import AXES, HeadParts
from explainers.views import blocks, passes, saving, waiting
from explainers.views.attention_heads import state
from explainers.views.attention_heads.choosing import choose_token
from explainers.views.attention_heads.scene import Scene

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]

_SHOWN = 6  # keys in the table and in the mix


def draw(shown: Scene) -> None:
    """Choose a query and a key; then the way from their vectors to the head's output."""
    asked = (*shown.asked, shown.kind, shown.place.layer)
    if not waiting.here(passes.head_parts, shown.needed_bytes, *asked):
        return
    parts = passes.head_parts(*asked)
    if parts is None:
        blocks.show_empty()
        return
    queries, keys = shown.queries, shown.keys
    weights = parts.weights[shown.place.head]
    query, key = _pair(shown, weights)
    left, right = st.columns(2)
    with left:
        query = choose_token("att_query", _("Query: who looks"), queries, query)
    with right:
        key = choose_token("att_key", _("Key: who is looked at"), keys, key)
    found = attention.inside_head(parts, shown.place.head, query, key)
    st.markdown(
        _("**1. Multiply** the query of {query} and the key of {key}, number by number.").format(
            query=f"**“{blocks.plain(queries[query])}”**", key=f"**“{blocks.plain(keys[key])}”**"
        )
    )
    _vectors(shown, found)
    st.markdown(_largest(found))
    st.markdown(_score(found, parts))
    st.markdown(_("**3. Softmax** over all keys that the mask lets it see: shares that sum to 100 %."))
    top = _strongest(found, key)
    _shares(found, keys, top)
    st.markdown(
        _("**4. Mix the values**: each key's value vector times its share. All of them add up to what the head gives.")
    )
    _mix(shown, found, top)


def _pair(shown: Scene, weights: Floats) -> tuple[int, int]:
    """The query and the key that the reader holds on to, else the most divided word and its strongest key."""
    query = state.number("att_query", len(shown.queries))
    if query is None:
        words = attention.content_words(shown.checkpoint, shown.trace.ids[AXES[shown.kind][0]].tolist(), 3)
        query = min(words or range(len(shown.queries)), key=lambda at: float(weights[at].max()))
    key = state.number("att_key", len(shown.keys))
    return query, int(weights[query].argmax()) if key is None else key


def _vectors(shown: Scene, found: InsideHead) -> None:
    from explainers.figures.heads import vector_rows

    names = (_("query q"), _("key k"), _("q × k"))
    rows = _stack((found.q, found.k, found.pair.products))
    saving.chart(
        vector_rows(names, rows, dark=blocks.is_dark(), each=True),
        "att_vectors",
        lambda: _vector_csv(names, rows),
        alt=_("The query, the key and their product, as heat: one cell a component."),
        name=f"query-key-{shown.checkpoint.name}",
    )
    st.caption(
        _(
            "Each row has a colour scale of its own, up to the number beside its name: orange is above zero, purple "
            "below."
        )
    )


def _largest(found: InsideHead) -> str:
    """The three products that count most, in numbers."""
    products = found.pair.products
    terms = [
        f"{found.q[at]:.3f} × {found.k[at]:.3f} = **{products[at]:.3f}** ({at})"
        for at in (-abs(products)).argsort(kind="stable")[:3]
    ]
    return _("The largest, with their components: {terms}").format(terms="; ".join(terms)).replace("-", "−")


def _score(found: InsideHead, parts: HeadParts) -> str:
    """From the products to the score, with every factor."""
    pair = found.pair
    dot, scaled = f"{pair.dot:.3f}", f"{pair.dot * pair.scale:.3f}"
    if parts.scale == 1:
        said = _("**2. Add up**: the products sum to **{dot}**. T5 does not scale.").format(dot=dot)
    elif math.isclose(parts.scale, len(found.q) ** -0.5, rel_tol=1e-5):
        said = _("**2. Add up and scale**: the products sum to **{dot}**; divided by √{d}: **{scaled}**.").format(
            dot=dot, d=len(found.q), scaled=scaled
        )
    else:
        said = _("**2. Add up and scale**: the products sum to **{dot}**; times {scale} that is **{scaled}**.").format(
            dot=dot, scale=f"{parts.scale:.4g}", scaled=scaled
        )
    if parts.bias is not None:
        said += " " + _("The bias for this distance adds {bias}: **{score}**.").format(
            bias=f"{pair.bias:+.3f}", score=f"{pair.score:.3f}"
        )
    if not found.allowed:
        said += " " + _("But the **mask** forbids this key: its score becomes −∞.")
    return said.replace("-", "−")


def _strongest(found: InsideHead, key: int) -> list[int]:
    """The keys with the largest weights, and the chosen one if it is not among them."""
    top = [int(at) for at in (-found.weights).argsort(kind="stable")[:_SHOWN]]
    return top if key in top else [*top[:-1], key]


def _shares(found: InsideHead, keys: list[str], top: list[int]) -> None:
    rows = [
        (f"{at}", keys[at], _number(float(found.scores[at])), blocks.percent(float(found.weights[at]))) for at in top
    ]
    rest = 1 - float(found.weights[top].sum())
    if len(top) < len(keys):
        left = len(keys) - len(top)
        others = ngettext("{n} other key", "{n} other keys", left).format(n=left)
        rows.append(("", others, "", blocks.percent(rest) if rest > 1e-7 else "0 %"))
    blocks.text_table((_("place"), _("key"), _("score"), _("weight")), rows, numbers=(0, 2, 3))


def _number(score: float) -> str:
    return "−∞" if score == -math.inf else f"{score:.3f}".replace("-", "−")


def _mix(shown: Scene, found: InsideHead, top: list[int]) -> None:
    from explainers.figures.heads import vector_rows

    keys = shown.keys
    names = [f"{blocks.percent(float(found.weights[at]))} × v({keys[at]})" for at in top]
    vectors = [found.shares[at] for at in top]
    if len(top) < len(keys):
        names.append(_("all other keys"))
        vectors.append(found.mix - found.shares[top].sum(axis=0))
    names.append(_("= the head's output"))
    rows = _stack([*vectors, found.mix])
    saving.chart(
        vector_rows(names, rows, dark=blocks.is_dark()),
        "att_mix",
        lambda: _vector_csv(names, rows),
        alt=_("The values of the keys, each times its weight, and their sum, as heat."),
        name=f"values-{shown.checkpoint.name}",
    )
    st.caption(
        _(
            "Worked out here from q, k and v alone; the model's own weights are the same within 10⁻⁵. The outputs of "
            "all heads go side by side through one more matrix, and the result is added to the token's {n} numbers."
        ).format(n=shown.checkpoint.sizes.d_model)
        + ("" if shown.same_text else " " + _("Keys and values come from the encoder's text."))
    )


def _stack(vectors: Sequence[Floats]) -> Floats:
    import numpy as np

    return np.stack(vectors)


def _vector_csv(names: Sequence[str], rows: Floats) -> str:
    return saving.csv_text(
        ("vector", *(f"{at}" for at in range(rows.shape[1]))),
        ((name, *row) for name, row in zip(names, rows.tolist(), strict=True)),
    )
