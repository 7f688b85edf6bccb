"""Roofline: what holds a product back, arithmetic or memory; in theory, and measured live on this machine."""

from explainers.language import _
from explainers.views import blocks, controls, guide
from explainers.views import roofline as lesson

choice = controls.current()

blocks.heading(
    _("Roofline"),
    _(
        "A chip can only multiply the numbers that its memory brings. Which of the two is too slow? One number of a "
        "product tells: its **intensity**, the work for every byte."
    ),
)
guide.draw("roofline", lesson.steps())
part = lesson.switches()

if part in ("theory", "hardware"):
    lesson.linger()
if part == "theory":
    lesson.theory()
elif part == "machine":
    lesson.machine(choice)
elif part == "model":
    lesson.model(choice)
elif part == "hardware":
    lesson.hardware()
