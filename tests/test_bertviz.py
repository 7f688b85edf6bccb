"""BertViz' pages fed by us: the numbers of its own pages, once, rounded, and nothing that a text can break out of."""

from __future__ import annotations

import base64
import html
import json
from importlib.metadata import version
from importlib.resources import files
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from explainers.attention import as_levels
from explainers.views.bertviz_limits import MOST_ELEMENTS, MOST_NUMBERS, Extent, elements, fits, fitting, numbers
from explainers.views.bertviz_page import VIEWS, Drawn, View, document

HOSTILE = "</script><img src=x onerror=alert(1)> const params = <!-- \u2028 \ud800 &amp;"
HEADS, D_HEAD = 5, 3

Floats = NDArray[np.float32]


def weights(layers: int, queries: int, keys: int, heads: int = HEADS) -> Floats:
    """Shares that sum to 1 in every row."""
    drawn = np.random.default_rng(4).random((layers, heads, queries, keys)) ** 4
    shares: Floats = (drawn / drawn.sum(axis=-1, keepdims=True)).astype(np.float32)
    return shares


def drawn(view: View, queries: int = 7, keys: int = 7, *, second: int | None = None, causal: bool = False) -> Drawn:
    """Layers 1 and 2 (of the neuron view layer 2) and heads 1 to 3 of five."""
    vectors = np.random.default_rng(5).normal(size=(2, 3, max(queries, keys), D_HEAD)).astype(np.float32)
    neuron = view == "neuron"
    return Drawn(
        view,
        weights(3, queries, keys)[2 if neuron else 1 :, 1:4],
        layers=range(2 if neuron else 1, 3),
        heads=range(1, 4),
        all_heads=HEADS,
        queries=[f"q{at}" for at in range(queries)],
        keys=[f"{'q' if queries == keys else 'k'}{at}" for at in range(keys)],
        second=second,
        causal=causal,
        open=(2, 3),
        family="gpt2" if causal else "bert",
        q=vectors[0, :, :queries] if neuron else None,
        k=vectors[1, :, :keys] if neuron else None,
    )


def given(page: str) -> dict[str, Any]:
    """What the page's script reads."""
    _before, _start, rest = page.partition('id="given">')
    found: dict[str, Any] = json.loads(rest.partition("</script>")[0])
    return found


def numbers_of(packed: dict[str, Any], dtype: str) -> NDArray[Any]:
    return np.frombuffer(base64.b64decode(packed["bytes"]), dtype).reshape(packed["shape"])


def filled(page: str) -> dict[str, Any]:
    """The parameters of the page with the numbers in their places, as assets/components/bertviz.js puts them there."""
    found = given(page)
    parameters: dict[str, Any] = found["parameters"]
    entries = parameters["attention"]
    for entry in entries.values() if isinstance(entries, dict) else entries:
        rows, columns = slice(*entry.pop("rows")), slice(*entry.pop("columns"))
        entry["attn"] = numbers_of(found["weights"], "u1")[:, :, rows, columns] / 255
        if "queries" in found:
            entry["queries"] = numbers_of(found["queries"], "<f2")[:, :, rows]
            entry["keys"] = numbers_of(found["keys"], "<f2")[:, :, columns]
    return parameters


def own_parameters(page: str, marker: str) -> dict[str, Any]:
    found: dict[str, Any] = json.JSONDecoder().raw_decode(page, page.index(marker) + len(marker))[0]
    return found


def assert_same(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    """The same parameters, but for the name of the element and the rounding."""
    ours, theirs = dict(ours), dict(theirs)
    mine, its = ours.pop("attention"), theirs.pop("attention")
    assert ours.pop("root_div_id") == "bertviz"
    assert theirs.pop("root_div_id")
    assert ours == theirs
    pairs = [(mine[key], its[key]) for key in its] if isinstance(its, dict) else list(zip(mine, its, strict=True))
    assert len(mine) == len(its)
    for entry, other in pairs:
        assert (entry["left_text"], entry["right_text"]) == (other["left_text"], other["right_text"])
        assert entry.get("name") == other.get("name")
        np.testing.assert_allclose(entry["attn"], other["attn"], rtol=0, atol=0.5 / 255 + 1e-7)
        for name in {"queries", "keys"} & other.keys():
            np.testing.assert_allclose(entry[name], other[name], rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("second", [None, 4])
@pytest.mark.parametrize("view", ["head", "model"])
def test_the_parameters_are_those_of_bertviz_own_page(view: View, second: int | None) -> None:
    import torch
    from bertviz import head_view, model_view

    tokens = [f"q{at}" for at in range(7)]
    whole = [torch.tensor(layer)[None] for layer in weights(3, 7, 7)]
    chosen: dict[str, Any] = {"sentence_b_start": second, "include_layers": [1, 2], "html_action": "return"}
    if view == "head":  # which cannot leave heads out, so that it gets no others
        page = head_view([layer[:, 1:4] for layer in whole], tokens, layer=2, heads=[2], **chosen).data
    else:
        page = model_view(whole, tokens, include_heads=[1, 2, 3], **chosen).data
    assert_same(filled(document(drawn(view, second=second), "")), own_parameters(page, "const params = "))


@pytest.mark.parametrize(("kind", "second"), [("bert", None), ("bert", 4), ("gpt2", None)])
def test_the_neuron_view_s_parameters_are_those_of_its_own_page(kind: str, second: int | None) -> None:
    import torch
    from bertviz.neuron_view import show

    ours = drawn("neuron", second=second, causal=kind == "gpt2")

    class Model:
        cls_token = sep_token = ""

        def eval(self) -> None:
            pass

        def tokenize(self, text: str) -> list[str]:
            return text.split("|")

        def convert_tokens_to_ids(self, tokens: list[str]) -> list[int]:
            return [0] * len(tokens)

        def __call__(self, _ids: object, token_type_ids: object = None) -> tuple[list[dict[str, Any]]]:
            assert ours.q is not None
            assert ours.k is not None
            named = {"attn": ours.weights[0], "queries": ours.q, "keys": ours.k}
            return ([{key: torch.tensor(value)[None] for key, value in named.items()}],)

    # It puts an (empty) token at the beginning and at the end of every sentence.
    names = ours.queries if kind == "gpt2" else ["", *ours.queries[1:3], "", *ours.queries[4:6], ""]
    if kind == "bert":
        names = names if second else ["", *ours.queries[1:6], ""]
        ours = Drawn(**{**ours.__dict__, "queries": names, "keys": names})
    a, b = ("|".join(ours.queries), None) if kind == "gpt2" else ("|".join(ours.queries[1:6]), None)
    if second:
        a, b = "|".join(ours.queries[1:3]), "|".join(ours.queries[4:6])
    page = show(Model(), kind, Model(), a, b, layer=0, head=2, html_action="return").data
    assert_same(filled(document(ours, "")), own_parameters(page, "window.bertviz_params = "))


def test_the_colours_mean_what_they_mean_on_every_page() -> None:
    neuron = document(drawn("neuron", causal=True), "")
    light, dark = neuron.index("'light': {"), neuron.index("'dark': {")
    for start, colours in (
        (light, {"attn": "#D55E00", "connector": "#D55E00", "pos": "#E08214", "neg": "#54278F"}),
        (dark, {"attn": "#F0894A", "connector": "#F0894A", "pos": "#FDB863", "neg": "#B9A3F5"}),
    ):
        palette = neuron[start : neuron.index("}", start)]
        for name, colour in colours.items():
            assert f"'{name}': '{colour}'" in palette
    assert given(document(drawn("model"), ""))["colours"] == {"light": ["#0072B2"] * 10, "dark": ["#56B4E9"] * 10}
    heads = given(document(drawn("head"), ""))["colours"]
    assert len(set(heads["light"])) == len(set(heads["dark"])) == 10


def test_weights_are_sent_once_as_levels_of_255() -> None:
    by_hand = np.array([[[[0.0, 1.0], [0.2, 0.8]]]], np.float32)
    assert as_levels(by_hand) == bytes([0, 255, 51, 204])
    names = ["a", "b"]
    page = document(
        Drawn("model", by_hand, range(1), range(1), 1, names, names, None, causal=False, open=(0, 0), family="bert"), ""
    )
    assert page.count(base64.b64encode(bytes([0, 255, 51, 204])).decode()) == 1
    assert page.count("PYTHON_PARAMS") == 0
    assert given(page)["weights"]["shape"] == [1, 1, 2, 2]


@pytest.mark.parametrize("second", [None, 20])
def test_144_heads_at_64_tokens_take_less_than_a_twentieth_of_bertviz_own_bytes(second: int | None) -> None:
    names = [f"t{at}" for at in range(64)]
    many = weights(12, 64, 64, heads=12).astype(np.float16)
    whole = Drawn("model", many, range(12), range(12), 12, names, names, second, False, (0, 0), "bert")
    page = document(whole, "")
    assert len(given(page)["weights"]["bytes"]) == 12 * 12 * 64 * 64 * 4 / 3
    assert len(page) < 23_000_000 / 20  # what BertViz writes for numbers like these (make bench)


def test_only_the_chosen_layers_and_heads_are_sent() -> None:
    found = given(document(drawn("model"), ""))
    assert found["parameters"]["include_layers"] == [1, 2]
    assert found["parameters"]["include_heads"] == [1, 2, 3]
    assert found["parameters"]["total_heads"] == HEADS
    assert found["weights"]["shape"] == [2, 3, 7, 7]
    np.testing.assert_array_equal(
        numbers_of(found["weights"], "u1"), np.rint(255 * weights(3, 7, 7)[1:, 1:4]).astype(int)
    )
    head = given(document(drawn("head"), ""))["parameters"]
    assert (head["layer"], head["heads"], head["include_layers"]) == (2, [2], [1, 2])
    neuron = given(document(drawn("neuron"), ""))
    assert (neuron["parameters"]["layer"], neuron["parameters"]["head"]) == (0, 2)
    assert (neuron["layers"], neuron["heads"]) == ([2], [1, 2, 3])


@pytest.mark.parametrize("view", VIEWS)
def test_cross_attention_has_other_keys_than_queries(view: View) -> None:
    parameters = filled(document(drawn(view, 4, 6), ""))
    entry = parameters["attention"]["all"] if view == "neuron" else parameters["attention"][0]
    assert entry["left_text"] == ["q0", "q1", "q2", "q3"]
    assert entry["right_text"] == ["k0", "k1", "k2", "k3", "k4", "k5"]
    assert np.shape(entry["attn"])[2:] == (4, 6)


@pytest.mark.parametrize("view", VIEWS)
def test_no_token_and_no_sentence_gets_out_of_its_place(view: View) -> None:
    harmless = document(drawn(view), "plain")
    hostile_drawn = Drawn(**{**drawn(view).__dict__, "queries": [HOSTILE] * 7, "keys": [HOSTILE] * 7})
    page = document(hostile_drawn, HOSTILE)
    assert page.count("</script>") == harmless.count("</script>")
    assert page.count("<script") == harmless.count("<script")
    assert page.count("<!--") == harmless.count("<!--")
    assert "<img" not in page
    assert f'<p class="spoken">{html.escape(HOSTILE)}</p>' in page
    entries = given(page)["parameters"]["attention"]
    entry = entries["all"] if view == "neuron" else entries[0]
    assert entry["left_text"] == entry["right_text"] == [HOSTILE] * 7


@pytest.mark.parametrize("view", VIEWS)
def test_the_page_is_whole_in_itself_and_stays_the_same(view: View) -> None:
    page = document(drawn(view), "")
    assert page == document(drawn(view), "")
    assert page.count("</script>") == (6 if view == "neuron" else 5)
    assert not [tag for tag in ("<script src", "<link rel", "<iframe", "@import", "url(") if tag in page]
    assert "default-src 'none'" in page


def test_the_libraries_are_those_that_bertviz_asks_for() -> None:
    asked = files("bertviz").joinpath("head_view.js").read_text(encoding="utf-8")
    page = document(drawn("head"), "")
    assert "/d3/5.7.0/" in asked
    assert "https://d3js.org v5.7.0 " in page
    assert "jQuery v3.7.1 " in page
    assert version("bertviz") == "1.4.1"


@pytest.mark.parametrize(
    ("view", "extent", "layers", "heads", "counted"),
    [  # counted in Chromium
        ("head", Extent(12, 12), 4, 8, 1_553),
        ("head", Extent(9, 5), 4, 8, 627),
        ("model", Extent(12, 12), 4, 8, 5_103),
        ("model", Extent(9, 5), 4, 8, 1_839),
        ("neuron", Extent(12, 12, 32), 1, 8, 2_568),
        ("neuron", Extent(9, 5, 32), 1, 8, 1_194),
        ("model", Extent(64, 64), 12, 12, 599_499),
        ("head", Extent(160, 160), 1, 12, 313_977),
        ("neuron", Extent(160, 160, 64), 1, 12, 214_916),
    ],
)
def test_elements_are_counted_as_the_browser_counts_them(
    view: View, extent: Extent, layers: int, heads: int, counted: int
) -> None:
    assert elements(view, extent, layers, heads) == counted


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("tokens", [1, 40, 64, 110, 137, 300, 380])
def test_as_much_as_fits_is_chosen_and_no_more(view: View, tokens: int) -> None:
    extent = Extent(tokens, tokens, 64)
    part = fitting(view, extent, 12, 12, 11, 3)
    if part is None:
        assert not fits(view, extent, 1, 1)
        return
    assert (11 in part.layers, 3 in part.heads) == (True, True)
    assert (part.layers[0] >= 0, part.layers[-1] < 12, part.heads[0] >= 0, part.heads[-1] < 12) == (True,) * 4
    layers, heads = len(part.layers), len(part.heads)
    assert elements(view, extent, layers, heads) <= MOST_ELEMENTS
    assert numbers(view, extent, layers, heads) <= MOST_NUMBERS
    assert heads == 12 or not fits(view, extent, 1, heads + 1)
    assert layers == (1 if view == "neuron" else 12) or not fits(view, extent, layers + 1, heads)


def test_a_text_of_512_tokens_is_too_long_for_every_view() -> None:
    for view in VIEWS:
        assert fitting(view, Extent(512, 512, 64), 12, 12, 0, 0) is None
