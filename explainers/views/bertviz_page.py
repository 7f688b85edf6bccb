"""BertViz' own three views, fed from our trace: every number sent once and rounded, and nothing fetched.

The package writes a whole HTML page, with its parameters in it twice, and has the browser fetch three libraries. Here
it writes that page for a text of one token a sentence; then the tokens and the numbers of the real text are put into
the parameters, packed as bytes, and assets/components/bertviz.js hands them and the libraries to BertViz' script. Its
palettes get the colours that these mean on every other page.

This file must not be named like the package: Streamlit puts the router's folder first on the import path.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from explainers.attention import as_half_floats, as_levels
from explainers.checkpoints import ASSETS, Family
from explainers.figures.palette import ABOVE, BELOW, FAMILY_COLOURS, HEADS, Colour
from explainers.language import _

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]

View = Literal["head", "model", "neuron"]
VIEWS: tuple[View, ...] = get_args(View)

# What BertViz' pages ask a network for, in packages that are installed: d3 is the very version that it names.
_LIBRARIES = (
    ("XStatic-jQuery", "xstatic/pkg/jquery/data/jquery.min.js"),
    ("mpld3", "mpld3/js/d3.v5.min.js"),
)
_ASSET = ASSETS / "components" / "bertviz"
_HIGHLIGHT = Colour("#E5E5E5", "#39434F")  # behind a token that is pointed at
_HALF = "80"  # of a colour's strength, behind a token that is looked at: it must be legible
_ID = "bertviz"  # of the element that it draws in; its own is drawn by lot, and a page that changes is loaded again

# Nothing may leave the frame, whatever is in it.
_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'"


@dataclass(frozen=True, eq=False)
class Drawn:
    """What a view draws.

    weights (layers, heads, queries, keys): of the chosen layers and heads alone; `layers` and `heads` are their numbers
    in the model, which has all_heads a layer. queries, keys: the tokens. second: the place of the second sentence's
    first token, None without one. causal: whether a query sees no key after it. open: the layer and the head that are
    shown first. family: the model's, which gives the colour of attention. q (heads, queries, d_head),
    k (heads, keys, d_head): the neuron view's, whose layer is one alone.
    """

    view: View
    weights: Floats
    layers: Sequence[int]
    heads: Sequence[int]
    all_heads: int
    queries: Sequence[str]
    keys: Sequence[str]
    second: int | None
    causal: bool
    open: tuple[int, int]
    family: Family
    q: Floats | None = None
    k: Floats | None = None


def document(drawn: Drawn, alternative: str) -> str:
    """The HTML of one view, whole in itself; the same picture gives the same text.

    alternative: what the picture says, for those who listen to it. The theme is that of the page around it, which its
    script looks up, since a reader may change it at any time.
    """
    page, parameters = _bertviz_page(drawn)
    given = {
        "parameters": _filled(parameters, drawn),
        "weights": _packed(drawn.weights.shape, as_levels(drawn.weights)),
        **{name: _packed(part.shape, as_half_floats(part)) for name, part in _vectors(drawn)},
        "view": drawn.view,
        "layers": list(drawn.layers),
        "heads": list(drawn.heads),
        "colours": _scheme(drawn),
        "failed": _("BertViz could not draw this. The other parts of this page show the same numbers."),
    }
    return "\n".join(
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            f"<style>{_asset('.css')}</style></head><body>",
            f'<p class="spoken">{html.escape(alternative)}</p>',
            f'<p id="drawing" role="status">{html.escape(_("BertViz is drawing…"))}</p>',
            f'<script type="application/json" id="given">{_script_safe(given)}</script>',
            *(f"<script>{source}</script>" for source in (*_libraries(), _asset(".js"))),
            f"<main>{page}</main></body></html>",
        )
    )


def _bertviz_page(drawn: Drawn) -> tuple[str, dict[str, Any]]:
    """BertViz' page without parameters and without what it fetches, and the parameters, both for the tokens A and B."""
    written = _neuron_page(drawn) if drawn.view == "neuron" else _attention_page(drawn)
    _fetched, _end, page = written.partition("</script>")
    if drawn.view == "neuron":
        marker, instead = "window.bertviz_params = ", ""
    else:
        marker, instead = "const params = ", "const params = window.bertviz_params;"
    start = page.index(marker)
    parameters, end = json.JSONDecoder().raw_decode(page, start + len(marker))
    page = page[:start] + instead + page[page.index("\n", end) :]  # the rest of the line says it all a second time
    page = page.replace(parameters["root_div_id"], _ID)
    if drawn.view == "neuron":
        page = _recoloured(page, FAMILY_COLOURS[drawn.family])
    return page, parameters | {"root_div_id": _ID}


def _scheme(drawn: Drawn) -> dict[str, list[str]]:
    """The ten colours that BertViz takes by number: in the head view a head's, in the model view a layer's.

    A head's only tells it from the others; every layer has the family's, as all pictures of weights here.
    """
    if drawn.view == "head":
        return {"light": list(HEADS), "dark": list(HEADS)}
    colour = FAMILY_COLOURS[drawn.family]
    return {"light": [colour.light] * len(HEADS), "dark": [colour.dark] * len(HEADS)}


def _recoloured(page: str, attention: Colour) -> str:
    """The neuron view's page with our colours in its two palettes: attention, and numbers above and below zero."""
    colours = {
        "attn": attention,
        "connector": attention,
        "text_highlight_left": _HIGHLIGHT,
        "text_highlight_right": Colour(*(f"{colour}{_HALF}" for colour in attention)),
        "pos": ABOVE,
        "neg": BELOW,
    }
    for theme in ("light", "dark"):
        start = page.index(f"'{theme}': {{")
        end = page.index("}", start)
        palette = page[start:end]
        for name, colour in colours.items():
            palette = re.sub(rf"(?<='{name}': )(['\"]).*?\1", f"'{colour.on(dark=theme == 'dark')}'", palette)
        page = page[:start] + palette + page[end:]
    return page


def _attention_page(drawn: Drawn) -> str:
    import torch
    from bertviz import head_view, model_view

    tokens = ["A", "B"] if drawn.second else ["A"]
    nothing = torch.zeros(1, drawn.all_heads, len(tokens), len(tokens))
    given: dict[str, Any] = {
        "attention": [nothing] * (max(drawn.layers) + 1),
        "tokens": tokens,
        "sentence_b_start": 1 if drawn.second else None,
        "include_layers": list(drawn.layers),
        "html_action": "return",
    }
    if drawn.view == "head":
        layer, head = drawn.open
        return str(head_view(**given, layer=layer, heads=[drawn.heads.index(head)]).data)
    return str(model_view(**given, include_heads=list(drawn.heads)).data)


class _Nobody:
    """The model and the tokenizer that the neuron view asks for: all it learns is how many heads there are."""

    cls_token = sep_token = ""

    def __init__(self, heads: int) -> None:
        self.heads = heads

    def eval(self) -> None:
        pass

    def tokenize(self, text: str) -> list[str]:
        return [text]

    def convert_tokens_to_ids(self, tokens: list[str]) -> list[int]:
        return [0 for _token in tokens]

    def __call__(self, ids: Any, **_segments: Any) -> tuple[list[dict[str, Any]]]:
        import torch

        tokens = ids.shape[1]
        vectors = torch.zeros(1, self.heads, tokens, 1)
        return ([{"attn": torch.zeros(1, self.heads, tokens, tokens), "queries": vectors, "keys": vectors}],)


def _neuron_page(drawn: Drawn) -> str:
    from bertviz.neuron_view import show

    nobody = _Nobody(len(drawn.heads))
    page = show(
        nobody,
        "gpt2" if drawn.causal else "bert",
        nobody,
        "A",
        "B" if drawn.second else None,
        layer=0,
        head=drawn.heads.index(drawn.open[1]),
        html_action="return",
    )
    return str(page.data)


def _filled(parameters: dict[str, Any], drawn: Drawn) -> dict[str, Any]:
    """The parameters with our tokens, and, for every choice of sentences, the range of places to take numbers from."""
    whole = parameters["attention"]
    entries = whole.items() if isinstance(whole, dict) else enumerate(whole)
    filled = {}
    for key, entry in entries:
        rows = _places(entry["left_text"], drawn.second, len(drawn.queries))
        columns = _places(entry["right_text"], drawn.second, len(drawn.keys))
        filled[key] = {
            "name": entry.get("name"),
            "rows": rows,
            "columns": columns,
            "left_text": list(drawn.queries[slice(*rows)]),
            "right_text": list(drawn.keys[slice(*columns)]),
        }
    return parameters | {"attention": filled if isinstance(whole, dict) else list(filled.values())}


def _places(sides: Sequence[str], second: int | None, tokens: int) -> tuple[int, int]:
    """From where to where the sentences stand whose names are among these."""
    middle = tokens if second is None else second
    return (0 if "A" in sides else middle, tokens if "B" in sides else middle)


def _vectors(drawn: Drawn) -> list[tuple[str, Floats]]:
    """The queries and keys, if there are any, as those of one layer."""
    return [(name, part[None]) for name, part in (("queries", drawn.q), ("keys", drawn.k)) if part is not None]


def _packed(shape: Sequence[int], numbers: bytes) -> dict[str, Any]:
    return {"shape": list(shape), "bytes": base64.b64encode(numbers).decode()}


def _script_safe(given: object) -> str:
    """JSON in which no text can end the script that it stands in, or begin another."""
    written = json.dumps(given, separators=(",", ":"))
    return written.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


@lru_cache(maxsize=1)
def _libraries() -> tuple[str, ...]:
    """What BertViz' pages would fetch, from where the packages were installed; the packages are not imported."""
    places = (Path(str(distribution(name).locate_file(file))) for name, file in _LIBRARIES)
    return tuple(place.read_text(encoding="utf-8") for place in places)


@lru_cache(maxsize=2)
def _asset(suffix: str) -> str:
    return _ASSET.with_suffix(suffix).read_text(encoding="utf-8")
