"""Finds the Chromium or Chrome of this machine; `python -m tests.browser.chromium` prints where it is, or fails."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def find() -> str | None:
    """The path of the browser: the one named by EXPLAINERS_CHROMIUM, else the first that is installed, else None."""
    named = os.environ.get("EXPLAINERS_CHROMIUM")
    if named:
        return shutil.which(named)
    installed = (shutil.which(name) for name in NAMES)
    return next((path for path in installed if path), None) or next((p for p in PLACES if Path(p).is_file()), None)


if __name__ == "__main__":
    found = find()
    sys.stdout.write(f"{found or 'No Chromium or Chrome was found.'}\n")
    sys.exit(found is None)
