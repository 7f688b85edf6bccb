"""Tokenization: how each model cuts the reader's text, why the three differ, and what that costs."""

import streamlit as st

from explainers.language import _
from explainers.views import blocks, controls
from explainers.views import tokenization as lesson

choice = controls.current()

blocks.heading(
    _("Tokenization"),
    _(
        "A model does not read letters. It reads **tokens**: pieces of text, each with a number, its row in the "
        "vocabulary."
    ),
)

if choice.text.strip():
    place = lesson.picture(choice)
    lesson.numbers(choice)

    st.header(_("How a word is cut"), anchor=False)
    st.markdown(_("Click a word above, choose a model, and step through its algorithm. The arrow keys work too."))
    lesson.player(choice, place)
else:
    blocks.show_empty()

st.header(_("Why the three differ"), anchor=False)
bert, gpt2, t5 = st.columns(3, gap="large")
with bert:
    blocks.family_heading("bert", _("WordPiece"))
    st.markdown(
        _(
            "Lower-cases the text, strips the accents and cuts at blanks and punctuation. From each word it takes the "
            "**longest piece** that its vocabulary has, then goes on after it. `##` marks a piece inside a word. "
            "A word that cannot be spelled becomes `[UNK]`, and what it said is lost."
        )
    )
    lesson.sizes(choice, "bert", "vocabulary", "context")
with gpt2:
    blocks.family_heading("gpt2", _("Byte-level BPE"))
    st.markdown(
        _(
            "Changes nothing in the text, cuts it into words, and starts from their **bytes**. It joins the "
            "neighbouring pair that was learned first, again and again, until no known pair is left. A blank "
            "belongs to the word after it (`Ġ`). Every text is made of bytes, so nothing is ever unknown."
        )
    )
    lesson.sizes(choice, "gpt2", "vocabulary", "context")
with t5:
    blocks.family_heading("t5", _("SentencePiece unigram"))
    st.markdown(
        _(
            "Turns blanks into `▁` and gives every piece a **probability**. Of all the ways to cut a word it takes "
            "the one whose product is highest; the player adds up logarithms instead. The built-in model falls back "
            "to bytes for letters it lacks; the released T5 has no byte pieces and says `<unk>`."
        )
    )
    lesson.sizes(choice, "t5", "vocabulary", "sentinels")

st.header(_("What a language costs"), anchor=False)
st.markdown(
    _(
        "The same two sentences, written in twelve languages. The built-in vocabularies learned from **English** text, "
        "so every other language that they can spell falls into more pieces: more to compute, and less that fits."
    )
)
lesson.languages(choice)
st.caption(
    _("Hatched: some of the text became unknown tokens. One of them can hide a whole word, so the count is not ranked.")
)

st.header(_("The vocabulary"), anchor=False)
st.markdown(_("Everything that a model can read, by number. Search it for a piece of a word."))
lesson.vocabulary(choice)
