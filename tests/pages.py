"""What every test of a page needs: the page as a link opens it, what it says, and texts that are hard to draw."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[1]
ROUTER = ROOT / "explainers" / "views" / "router.py"

TEXTS = {
    "plain": "My dog is hairy",
    "blank": " \t\n ",
    "script tag": "<script>alert('x')</script><img src=x onerror=alert(1)>",
    "markdown": "# not a title **nor bold** :red[nor red] $x^2$ [link](https://example.com)",
    "emoji": "👨‍👩‍👧‍👦 🏳️‍🌈 👍🏽",
    "korean": "안녕하세요, 만나서 반갑습니다",
    "arabic": "اللغة العربية تُكتب من اليمين إلى اليسار",
    "control characters": "a\x00b\x1b[31mc\u202ed\ufeff",
    "combining marks": "e" + "\u0301" * 200,
    "unbroken": "x" * 3_000,
    "lines": "one\r\ntwo\n\n\tthree ",
}


def opened(page: str = "home", **parameters: object) -> AppTest:
    """The page as a cold link with these parameters shows it."""
    app = AppTest.from_file(ROUTER, default_timeout=60)
    if page != "home":
        app.switch_page(str(ROOT / "pages" / f"{page}.py"))
    for key, value in parameters.items():
        app.query_params[key] = list(map(str, value)) if isinstance(value, list) else str(value)
    app.run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    """Everything that the page says in words, as one string."""
    return "\n".join(str(element.value) for kind in (app.header, app.markdown, app.caption) for element in kind)


def sentences(app: AppTest) -> str:
    """Everything that is said about problems, as one string."""
    return "\n".join(element.value for kind in (app.error, app.warning, app.info) for element in kind)


def html(app: AppTest) -> str:
    """Everything that the page writes as HTML of its own, as one string."""
    return "\n".join(element.proto.body for element in app.get("html"))


def charts(app: AppTest) -> list[dict[str, Any]]:
    """The figures as plotly gets them."""
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


def component(app: AppTest, name: str) -> tuple[dict[str, Any], bytes]:
    """What the browser gets for the component of that name: the data or header, and the numbers behind a header."""
    node = next(node for node in app.get("bidi_component") if node.proto.component_name.endswith(name))
    if node.proto.json:
        return json.loads(node.proto.json), b""
    data = node.proto.bytes
    (length,) = struct.unpack("<I", data[:4])
    return json.loads(data[4 : 4 + length]), data[4 + length :]
