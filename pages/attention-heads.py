"""Attention heads: what every head looks at, what it is good for, and what happens without it."""

from explainers.language import _
from explainers.views import attention_heads as lesson
from explainers.views import blocks, controls, guide

choice = controls.current()

blocks.heading(
    _("Attention heads"),
    _("In every layer, each token takes in something of the others. A **head** decides from whom, and how much."),
)
guide.draw("attention-heads", lesson.steps())

if choice.text.strip():
    lesson.explore(choice)
else:
    blocks.show_empty()
