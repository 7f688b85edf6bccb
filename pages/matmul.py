"""Matrix products: one of them tile by tile, and what part of a network's work and time they all are."""

from explainers.language import _
from explainers.views import blocks, controls, guide
from explainers.views import matmul as lesson

choice = controls.current()

blocks.heading(
    _("Matrix products"),
    _("Almost all of a neural network's work is one operation, the **matrix product**. Is almost all its time, too?"),
)
guide.draw("matmul", lesson.steps())
part = lesson.switches()

if part == "product":
    lesson.product()
elif part == "convolution":
    lesson.convolution()
elif part == "work":
    lesson.work(choice)
elif part == "time":
    lesson.timing(choice)
