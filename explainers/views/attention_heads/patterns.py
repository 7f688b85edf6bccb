"""The strongest known patterns of a model, as `explainers heads` has measured them, each with a sentence."""

from __future__ import annotations

import streamlit as st

from explainers.attention import PatternName, StrongestHead
from explainers.language import _
from explainers.views import blocks
from explainers.views.attention_heads.scene import Scene, go_to
from explainers.views.components.heads import Place


def draw(shown: Scene) -> None:
    """A button for every pattern, the clearest first, with what it is and how clear it is in this model."""
    known = sorted(shown.patterns, key=lambda found: -found.strength)
    if not known:
        blocks.show_notice(
            _("Nobody has measured the heads of {name} yet: the command “explainers heads {name}” does.").format(
                name=shown.checkpoint.name
            )
        )
        return
    st.markdown(
        _(
            "Each pattern's best head, measured on {n} tokens or more of other texts. In brackets: what a head would "
            "have that looks everywhere alike."
        ).format(n=f"{min(found.queries for found in known):,}")
    )
    with st.container(key="att_patterns", gap="xsmall"):
        seen = shown.seen
        for found in known:
            _one(shown, found, here=found in seen)
    st.caption(
        _(
            "Patterns: Clark et al. 2019, section 3; rest on the first token: Xiao et al. 2023; induction: Olsson et "
            "al. 2022. A pattern counts as formed where its best head is at least a quarter of the way from uniform "
            "attention to attention on it alone."
        )
    )


def pattern_names() -> dict[PatternName, str]:
    """Every pattern's name as it is printed."""
    return {
        "previous token": _("Previous token"),
        "next token": _("Next token"),
        "itself": _("Itself"),
        "first token": _("First token"),
        "delimiter": _("Delimiter"),
        "punctuation": _("Punctuation"),
        "same word": _("Same word"),
        "induction": _("Induction"),
        "own sentinel": _("Own sentinel"),
        "beside the sentinel": _("Beside the sentinel"),
        "copied token": _("Copied token"),
    }


def _sentences() -> dict[PatternName, str]:
    return {
        "previous token": _("Every token looks at the one before it: how a model puts pieces and phrases together."),
        "next token": _("Every token looks at the one after it. Only where the mask lets it: in an encoder."),
        "itself": _("Every token keeps to itself."),
        "first token": _("Tokens rest on the first one when the head has nothing to do: a place to put unused weight."),
        "delimiter": _("Tokens look at the end mark. Clark et al. read this as “nothing to do here”."),
        "punctuation": _("Words look at commas and full stops, which divide the text."),
        "same word": _("A word looks at the other places where it stands."),
        "induction": _("At a token that came before, the head looks at what followed it then: it can go on copying."),
        "own sentinel": _("A token that is written looks at the sentinel of its gap: that is where it belongs."),
        "beside the sentinel": _("A token that is written looks at the words around its gap."),
        "copied token": _("A token that is written looks at the same token in the text that was read."),
    }


def _one(shown: Scene, found: StrongestHead, *, here: bool) -> None:
    place = Place(found.layer, found.head)
    button, said = st.columns([2, 3], vertical_alignment="center", gap="small")
    button.button(
        _("{pattern}: layer {layer}, head {head}").format(
            pattern=pattern_names()[found.pattern], layer=found.layer, head=found.head
        ),
        key=f"att_pattern_{found.kind}_{found.pattern}",
        type="primary" if place == shown.place else "secondary",
        on_click=go_to,
        args=(place,),
        help=_("Open layer {layer}, head {head}").format(layer=found.layer, head=found.head),
        width="stretch",
    )
    share = f"**{blocks.percent(found.score)}** ({blocks.percent(found.baseline)})"
    formed = "" if found.formed else _("**Not formed** in this model.") + " "
    absent = "" if here else " " + _("**Your text** has nothing for it.")
    said.markdown(f"{share} {formed}{_sentences()[found.pattern]}{absent}")
