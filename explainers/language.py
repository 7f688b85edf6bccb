"""The language of every sentence that a user reads: gettext over assets/locale, English where nothing is translated."""

from __future__ import annotations

import gettext
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

LOCALE = Path(__file__).resolve().parents[1] / "assets" / "locale"
DOMAIN = "explainers"

_language: ContextVar[str] = ContextVar("language", default="en")


def use(language: str) -> None:
    """Answer in this language, for example "ko", from here on in the current context (one script run)."""
    _language.set(language)


def current() -> str:
    """The language in which the current context is answered."""
    return _language.get()


def _(message: str) -> str:
    """The message in the current language. Fill placeholders after translating: `_("{n} tokens").format(n=3)`."""
    return _catalogue(_language.get()).gettext(message) if message else ""


def ngettext(singular: str, plural: str, n: int) -> str:
    """The singular or plural form that the current language uses for n, not yet filled in."""
    return _catalogue(_language.get()).ngettext(singular, plural, n)


@lru_cache(maxsize=8)
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, LOCALE, languages=[language], fallback=True)
