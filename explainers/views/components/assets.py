"""The JavaScript and CSS of a component, from assets/components, given to Streamlit as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explainers.checkpoints import ASSETS

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

_FOLDER = ASSETS / "components"


def register(name: str) -> ComponentRenderer:
    """Declare the component of that name to Streamlit, once, when its module is imported; return what mounts it."""
    script, style = (_FOLDER / f"{name}{suffix}" for suffix in (".js", ".css"))
    return st.components.v2.component(
        f"explainers.{name}", js=script.read_text(encoding="utf-8"), css=style.read_text(encoding="utf-8")
    )
