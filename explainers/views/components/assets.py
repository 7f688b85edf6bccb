"""The JavaScript and CSS of a component, from assets/components, given to Streamlit as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explainers.checkpoints import ASSETS

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

_FOLDER = ASSETS / "components"


def register(name: str, *parts: str) -> ComponentRenderer:
    """Declare the component of that name to Streamlit, once, when its module is imported; return what mounts it.

    parts: the names of files that components share; their text is put behind the component's own.
    """
    script, style = (
        "\n".join((_FOLDER / f"{part}{suffix}").read_text(encoding="utf-8") for part in (name, *parts))
        for suffix in (".js", ".css")
    )
    return st.components.v2.component(f"explainers.{name}", js=script, css=style)
