"""A small page for the components' own browser tests: rows of tokens over a text, or the steps of a word."""

import streamlit as st

from explainers.checkpoints import FAMILIES, load
from explainers.figures.palette import FAMILY_LABELS
from explainers.tokenization import explain, tokenize
from explainers.views.components import TokenRow, step_player, token_rows

st.set_page_config(layout="wide")
query = st.query_params
chosen_families = [family for family in FAMILIES if family in query.get("families", "bert gpt2 t5").split()]
names = {"bert": "bert-mini", "gpt2": "gpt2-mini", "t5": "t5-mini"}

if "word" in query:
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
