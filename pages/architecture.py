"""Architecture: the three models from their configuration, to the last parameter, product and byte."""

from explainers.language import _
from explainers.views import architecture as lesson
from explainers.views import blocks, controls, guide

choice = controls.current()

blocks.heading(
    _("Architecture"),
    _("What are the three models made of? A few sizes settle it all: every **parameter**, every product, every byte."),
)
guide.draw("architecture", lesson.steps())
part = lesson.switches()

if part == "drawing":
    lesson.three_models(choice)
elif part == "ledger":
    lesson.ledger(choice)
elif part == "work":
    lesson.work(choice)
elif part == "memory":
    lesson.memory(choice)
elif part == "stacks":
    lesson.two_stacks(choice)
elif part == "history":
    lesson.history()
