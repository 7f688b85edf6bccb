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

    parts: the names of files whose text is put before the component's own, each after those that it needs. Components
    share those that stand beside them; a folder with a component's name holds the parts that it alone has. A part may
    have no style.
    """
    files = [_FOLDER / f"{part}{suffix}" for suffix in (".js", ".css") for part in (*parts, name)]
    texts = {file: file.read_text(encoding="utf-8") for file in files if file.suffix == ".js" or file.is_file()}
    script, style = ("\n".join(texts[file] for file in texts if file.suffix == suffix) for suffix in (".js", ".css"))
    return st.components.v2.component(f"explainers.{name}", js=script, css=style)
