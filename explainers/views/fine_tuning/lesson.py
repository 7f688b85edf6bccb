"""The guided steps of the fine-tuning lesson, and its switch."""

from __future__ import annotations

from typing import Literal

from explainers.language import _
from explainers.views.fine_tuning.setup import EPOCHS, FEW_EPOCHS
from explainers.views.guide import Step, parts

SLUG = "fine-tuning"
SWITCH = "ft_part"

Part = Literal["learn", "compare", "moved", "shape"]


def steps() -> tuple[Step, ...]:
    """The lesson in six steps."""
    return (
        Step(
            _("Before"),
            _(
                "Nobody has told this model what **good** and **bad** are. Each point is a sentence of the test: are "
                "the two colours apart?"
            ),
            {SWITCH: "learn", "ft_family": "bert", "ft_task": "mood", "ft_mode": "all", "ft_epochs": EPOCHS},
        ),
        Step(
            _("Train"),
            _(
                "Press **Train**: it reads 128 sentences with their labels, and every number moves a little. That is "
                "**fine-tuning**. Play the picture, then type a sentence of your own at the top."
            ),
            {SWITCH: "learn", "ft_family": "bert", "ft_task": "mood", "ft_mode": "all", "ft_epochs": EPOCHS},
        ),
        Step(
            _("From nothing"),
            _(
                "Now another task, four topics. What if there had been no pre-training: the same shape, sentences and "
                "steps, but from **random** numbers? Guess first how often it will be right. Then train all three."
            ),
            {SWITCH: "compare", "ft_family": "bert", "ft_task": "topic", "ft_epochs": EPOCHS},
        ),
        Step(
            _("What moved"),
            _(
                "How far did the numbers move? Every cell is one part of one layer, its change as a share of its size. "
                "And something is lost: see how much worse the model is now at its old game."
            ),
            {SWITCH: "moved", "ft_family": "bert", "ft_task": "mood", "ft_mode": "all", "ft_epochs": EPOCHS},
        ),
        Step(
            _("Three ways to ask"),
            _(
                "BERT and GPT-2 get a new layer that reads **one** vector; T5 gets nothing new, it **writes** the "
                "label as a word. See what each reads of your sentence, and how few numbers are new."
            ),
            {SWITCH: "shape"},
        ),
        Step(
            _("Your own task"),
            _(
                "Paste sentences with labels of your own: two to six labels, a dozen sentences each or more. Every "
                "fourth is kept for the test. The fewer they are, the more often each has to be read."
            ),
            {SWITCH: "learn", "ft_task": "own", "ft_epochs": FEW_EPOCHS},
        ),
    )


def switches() -> Part:
    """The part of the lesson that the reader has chosen."""
    names: dict[Part, str] = {
        "learn": _("Train"),
        "compare": _("With and without pre-training"),
        "moved": _("What moved"),
        "shape": _("How it is asked"),
    }
    return parts(names, SWITCH, steps(), "ft_task")
