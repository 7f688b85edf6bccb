"""The application: `streamlit run app.py`, `uvicorn app:app` and `explainers run` all serve this object."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from explainers import warming
from explainers.views import blocks

# Under `uvicorn app:app` Streamlit would look for .streamlit beside the router; `streamlit run` sets the same value.
if st.config._main_script_path is None:
    st.config._main_script_path = __file__


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[dict[str, Any]]:
    """Warm the built-in models while the server runs."""
    models = warming.built_in()
    models.start()
    yield {}
    models.stop()


async def healthz(_request: Request) -> JSONResponse:
    """Every model's state as JSON; status 503 until all of them are in memory, then 200."""
    models = warming.built_in()
    states = {model.name: {"state": model.state, "sentence": model.sentence} for model in models.states}
    return JSONResponse({"ready": models.ready, "models": states}, status_code=200 if models.ready else 503)


app = st.App(
    Path(__file__).resolve().parent / "explainers" / "views" / "router.py",
    lifespan=lifespan,
    routes=[Route("/healthz", healthz)],
    on_script_error=blocks.show_failure,
)
