"""Embeddings: the vectors that a model's input is made of, and how they lie to each other."""

from explainers.language import _
from explainers.views import blocks, controls, guide
from explainers.views import embeddings as lesson

choice = controls.current()

blocks.heading(
    _("Embeddings"),
    _("A model computes with numbers. So each token becomes a **vector**: a row of numbers that training has chosen."),
)
guide.draw("embeddings", lesson.steps())
family, part = lesson.switches()
written = bool(choice.text.strip())
if not written:
    blocks.show_empty()

if part == "sum" and written:
    lesson.input_parts(choice, family)
elif part == "position" and family == "t5":
    lesson.relative_positions(choice)
elif part == "position":
    lesson.position_codes(choice, family)
elif part == "neighbours" and written:
    lesson.nearest(choice, family)
elif part == "contexts":
    lesson.two_contexts(choice, family)
elif part == "map":
    lesson.whole_vocabulary(choice, family)
