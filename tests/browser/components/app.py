"""A small page for the components' own browser tests: rows of tokens over a text, the steps of a word, or a mask."""

import numpy as np
import streamlit as st

from explainers.checkpoints import FAMILIES, load
from explainers.figures.palette import FAMILY_LABELS
from explainers.tokenization import explain, tokenize
from explainers.views.components import TokenRow, step_player, token_rows
from explainers.views.components.maskgrid import MaskedHead, mask_grid

st.set_page_config(layout="wide")
query = st.query_params
chosen_families = [family for family in FAMILIES if family in query.get("families", "bert gpt2 t5").split()]
names = {"bert": "bert-mini", "gpt2": "gpt2-mini", "t5": "t5-mini"}


def numbers(written: str) -> np.ndarray:
    """Two rows, of two queries, with three numbers each, for the keys."""
    return np.array([float(number) for number in written.split()]).reshape(2, 3)


if "mask" in query:
    head = MaskedHead(
        queries=["one", "two"],
        keys=["a", "b", "c"],
        scores=numbers(query["mask"]),
        bias=numbers(query["bias"]) if "bias" in query else None,
        weights=numbers("0.5 0.5 0 0.25 0.25 0.5"),
        base=numbers("1 1 0 1 1 1").astype(bool),
        flipped=(),
        scale=1,
        size=4,
    )
    mask_grid(head, key="grid", family="t5", query=1, editable=True, on_choice=lambda choice: None)
elif "word" in query:
    word = st.text_input("Word", query["word"], live="100ms")
    step_player(explain(load(names[chosen_families[0]]), word), key="steps")
else:
    text = st.text_input("Text", query.get("text", "The unbelievable tokenizers."), live="100ms")
    text = text.replace("\\n", "\n").replace("\\0", "\x00") * int(query.get("times", "1"))
    rows = [
        TokenRow(
            f"{FAMILY_LABELS[family]} · {names[family]}",
            family,
            tokenize(load(names[family]), text, query.get("pair")),
        )
        for family in chosen_families
    ]
    st.write(f"chosen: {token_rows(rows, key='rows')}")
