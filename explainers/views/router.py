"""The script that Streamlit runs for every page: the navigation, the shared controls, and then the page itself."""

from __future__ import annotations

import streamlit as st

from explainers import warming
from explainers.checkpoints import ASSETS, CheckpointError
from explainers.language import _
from explainers.tokenization import TextError
from explainers.views import address, blocks, controls, guide, lessons

ICON = ASSETS / "images" / "icon.svg"
STYLES = (ASSETS / "style.css", ASSETS / "lessons.css")


def main() -> None:
    """Draw the page that the address names; what a reader can put right is told in one sentence."""
    # Before the navigation, and a file of ours: for a page's Material icon the browser would be sent to a font server.
    st.set_page_config(page_icon=ICON, layout="wide")
    page = st.navigation(groups(), position="top")
    st.set_page_config(page_title=f"{page.title} · {_('BERT, GPT-2 and T5')}")
    st.logo(ICON, size="large")
    for style in STYLES:
        st.html(style)
    address.begin()
    try:
        guide.apply_pending()
        controls.draw()
        page.run()
        guide.remember()
        address.settle()
    except (CheckpointError, TextError) as error:
        blocks.show_problem(str(error))
    warming.built_in().page_served()


def groups() -> dict[str, list[st.Page]]:
    """The pages under their groups' names, in reading order."""
    found: dict[str, list[st.Page]] = {}
    for lesson in (lessons.home(), *lessons.lessons()):
        found.setdefault(lesson.group, []).append(lessons.page(lesson))
    return found


main()
