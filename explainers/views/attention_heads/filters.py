"""What of a map is left out: special tokens, one side of a pair, weak weights."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

import streamlit as st

from explainers.attention import roles
from explainers.language import _
from explainers.trace import AXES, Stack
from explainers.views.attention_heads.scene import Scene

Side = Literal["all", "A to A", "A to B", "B to A", "B to B"]
SIDES: tuple[Side, ...] = get_args(Side)


class Filter(NamedTuple):
    """hide: special tokens are left out. side: of a pair, whose queries look at whose keys. threshold: percent."""

    hide: bool
    side: Side
    threshold: int


def draw(shown: Scene) -> Filter:
    """The filters, folded away; what is left out is never counted into the rest."""
    side: Side = "all"
    with st.popover(_("Filter"), icon=":material/filter_alt:", key="att_filter"):
        hide = st.toggle(_("Hide special tokens"), key="att_hide", bind="query-params", persist_state="session")
        threshold = st.slider(
            _("Leave out weights below, %"), 0, 50, 0, key="att_least", bind="query-params", persist_state="session"
        )
        if _is_pair(shown):
            names: dict[Side, str] = {
                "all": _("Both sentences"),
                "A to A": "A → A",
                "A to B": "A → B",
                "B to A": "B → A",
                "B to B": "B → B",
            }
            side = (
                st.segmented_control(
                    _("Who looks at whom"),
                    SIDES,
                    default=SIDES[0],
                    required=True,
                    key="att_side",
                    bind="query-params",
                    persist_state="session",
                    format_func=names.__getitem__,
                )
                or SIDES[0]
            )
        st.caption(_("The shares that stay are as they were: they no longer sum to 100 %."))
    return Filter(hide, side, threshold)


def places(shown: Scene, chosen: Filter) -> tuple[list[int], list[int]]:
    """The places of the queries and of the keys that the filter leaves."""
    query_side, key_side = chosen.side.split(" to ") if chosen.side != "all" else ("", "")
    queries, keys = AXES[shown.kind]
    return _left(shown, queries, query_side, hide=chosen.hide), _left(shown, keys, key_side, hide=chosen.hide)


def _left(shown: Scene, stack: Stack, side: str, *, hide: bool) -> list[int]:
    left = list(range(len(shown.trace.ids[stack])))
    if hide:
        found = roles(shown.checkpoint, shown.trace.ids[stack].tolist())
        left = [at for at in left if found.ordinary[at] or found.sentinel[at]]
    if side and shown.trace.tokenization is not None:
        tokens = shown.trace.tokenization.tokens
        left = [at for at in left if "AB"[min(tokens[at].segment, 1)] == side]
    return left


def _is_pair(shown: Scene) -> bool:
    return shown.family == "bert" and shown.pair is not None
