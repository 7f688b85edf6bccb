"""The parts of the tokenization lesson: the picture, its numbers, the step player, the languages and the vocabulary."""

from __future__ import annotations

from functools import partial

import streamlit as st

from explainers.checkpoints import FAMILIES, Family
from explainers.facts import fact
from explainers.figures.palette import FAMILY_LABELS
from explainers.language import _
from explainers.tokenization import Place, StepsError, Tokenization, explain, most_cut_place, search, word_at
from explainers.views import address, blocks, cached, saving
from explainers.views.components import TokenChoice, TokenRow, step_player
from explainers.views.controls import Choice
from explainers.views.cuts import Read, show_cut
from explainers.views.rows import draw_rows, rows_of
from explainers.views.tokenization_csv import languages_csv, steps_csv

_FOLLOWED = "followed_choice"

ALGORITHMS: dict[Family, str] = {"bert": "WordPiece", "gpt2": "byte-level BPE", "t5": "SentencePiece unigram"}


def picture(choice: Choice) -> Place | None:
    """The rows of tokens; returns the place of the token that was clicked last, which the address keeps as `word`.

    A click on a token of the template, which stands for no text, leaves the place as it was.
    """
    rows = rows_of(choice)
    show_cut([Read(FAMILY_LABELS[row.family], row.family, row.tokenization) for row in rows])
    before = _place_in_address((choice.text, choice.pair or ""))
    kept = _token_of(before, rows[0].tokenization)
    chosen = draw_rows(rows, key="tokens", name="tokens", selected=kept)
    place = _place_of(chosen, rows) or before
    if place is not None:
        address.keep("word", f"{place.source}.{place.position}")
    _follow_click(chosen if chosen != kept else None, rows)
    return place


def numbers(choice: Choice) -> None:
    """How many tokens each model needs for the text, one row a family."""
    rows = {}
    for family, checkpoint in choice.checkpoints.items():
        counts = cached.tokenized(checkpoint.name, choice.text, choice.pair).counts
        rows[family] = (
            f"{counts.tokens:,}",
            f"{counts.tokens_per_word:.2f}",
            f"{counts.characters_per_token:.2f}",
            f"{counts.unknowns:,}",
        )
    blocks.family_table((_("tokens"), _("tokens a word"), _("characters a token"), _("unknown tokens")), rows)
    st.caption(_("Without the special tokens that the model puts around a text. A word is what stands between blanks."))


def player(choice: Choice, place: Place | None) -> None:
    """The steps by which one model cuts the word at this place, or else the word that all three together cut most."""
    family = st.segmented_control(
        _("Algorithm of"),
        FAMILIES,
        default=FAMILIES[0],
        required=True,
        key="family",
        bind="query-params",
        format_func=FAMILY_LABELS.__getitem__,
        label_visibility="collapsed",
    )
    family = family or FAMILIES[0]
    checkpoint = choice.checkpoints[family]
    tokenizations = {
        name: cached.tokenized(other.name, choice.text, choice.pair) for name, other in choice.checkpoints.items()
    }
    place = place or most_cut_place(list(tokenizations.values()))
    word = word_at(tokenizations[family], *place) if place else None
    if word is None:
        nothing = _("{name} finds no word to cut in this text.")
        st.info(blocks.plain(nothing.format(name=checkpoint.name)), icon=":material/edit:")
        return
    blocks.family_heading(
        family,
        _("{algorithm} cuts {word}").format(algorithm=ALGORITHMS[family], word=word.text.strip(" ▁") or word.text),
    )
    try:
        steps = explain(checkpoint, word.text)
        with saving.picture("steps", partial(steps_csv, steps), name=f"{family}-steps"):
            step_player(steps, key="steps")
    except StepsError as error:
        st.info(blocks.plain(str(error)), icon=":material/straighten:")


def sizes(choice: Choice, family: Family, *topics: str) -> None:
    """The vocabulary of the model in use, and what the papers say of the family's own, each number with its source."""
    checkpoint = choice.checkpoints[family]
    entries = _("**{count}** entries in {name}, the model in use here.")
    st.markdown(entries.format(count=f"{checkpoint.tokenizer.get_vocab_size():,}", name=blocks.plain(checkpoint.name)))
    for topic in topics:
        number = fact(family, topic)
        st.markdown(f"**{number.value}** {blocks.plain(_(number.text))}")
        st.caption(f"[{blocks.plain(number.source)}]({number.link})")


@st.fragment
def languages(choice: Choice) -> None:
    """Tokens needed for one small text in several languages, by each of the chosen models."""
    from explainers.figures.languages import language_bars

    costs = {family: cached.language_costs(checkpoint.name) for family, checkpoint in choice.checkpoints.items()}
    cheapest = ", ".join(f"{FAMILY_LABELS[family]}: {_(rows[0].language)}" for family, rows in costs.items())
    saving.chart(
        language_bars(costs, dark=blocks.is_dark()),
        "languages",
        partial(languages_csv, costs),
        alt=_("Tokens for one text in {n} languages. The fewest, {cheapest}.").format(
            n=len(next(iter(costs.values()))), cheapest=cheapest
        ),
        name="languages",
    )


@st.fragment
def vocabulary(choice: Choice) -> None:
    """A table of one model's whole vocabulary, with a search by text or id."""
    left, right = st.columns([1, 2], vertical_alignment="bottom")
    family = left.segmented_control(
        _("Vocabulary of"),
        FAMILIES,
        default=FAMILIES[0],
        required=True,
        key="vocabulary",
        format_func=FAMILY_LABELS.__getitem__,
    )
    query = right.text_input(
        _("Search"),
        key="search",
        live="250ms",
        placeholder=_("Part of a piece, or an id"),
        label_visibility="collapsed",
    )
    checkpoint = choice.checkpoints[family or FAMILIES[0]]
    entries = cached.vocabulary(checkpoint.name)
    found = search(entries, query or "")
    st.caption(
        _("{found} of {all} entries of {name}").format(
            found=f"{len(found):,}", all=f"{len(entries):,}", name=checkpoint.name
        )
    )
    columns = {
        _("id"): [entry.id for entry in found],
        _("piece"): [entry.piece for entry in found],
        _("stands for"): [entry.text for entry in found],
        _("kind"): [_(entry.kind) for entry in found],
    }
    st.dataframe(columns, hide_index=True, height=420, width="stretch", key="entries")


def _follow_click(chosen: TokenChoice | None, rows: list[TokenRow]) -> None:
    """Show the algorithm of the row that was clicked, once a click: after that the reader may choose another."""
    state = st.session_state
    if _FOLLOWED in state and chosen is not None and chosen != state[_FOLLOWED]:
        state["family"] = rows[chosen.row].family
    state[_FOLLOWED] = chosen


def _place_in_address(texts: tuple[str, str]) -> Place | None:
    """The place that the address names, for example word=0.12; None where it names none, or one outside the texts."""
    source, _dot, position = address.read("word").partition(".")
    if source in ("0", "1") and position.isascii() and position.isdigit() and len(position) < 7:
        place = Place(int(source), int(position))
        if place.position < len(texts[place.source]):
            return place
    address.keep("word", "")
    return None


def _token_of(place: Place | None, tokenization: Tokenization) -> TokenChoice | None:
    """The token of the first row that covers the place."""
    if place is None:
        return None
    for index, token in enumerate(tokenization.tokens):
        if token.source == place.source and token.start <= place.position < token.end:
            return TokenChoice(0, index)
    return None


def _place_of(chosen: TokenChoice | None, rows: list[TokenRow]) -> Place | None:
    """Where the chosen token stands in the text; None for a token of the template."""
    if chosen is None:
        return None
    token = rows[chosen.row].tokenization.tokens[chosen.token]
    if token.source is None:
        return None
    # A token may begin with the blank before its word: its last character is in the word for certain.
    return Place(token.source, max(token.start, token.end - 1))
