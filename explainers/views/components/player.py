"""The words of the player that goes through a picture's steps (assets/components/player.js)."""

from __future__ import annotations

from explainers.language import _


def player_labels() -> dict[str, str]:
    """Every word on the buttons, in the reader's language."""
    return {
        "first": _("Start"),
        "back": _("Back"),
        "play": _("Play"),
        "pause": _("Pause"),
        "next": _("Next"),
        "last": _("End"),
        "slider": _("Step"),
        "count": _("step {n} of {count}"),
    }
