"""Fine-tuning: a pre-trained model learns a task from a few labelled sentences, on the page."""

from explainers.language import _
from explainers.views import blocks, controls, guide
from explainers.views import fine_tuning as lesson

choice = controls.current()

blocks.heading(
    _("Fine-tuning"),
    _(
        "Pre-training makes a model that knows language; **fine-tuning** gives it a task, with a few examples. Watch "
        "one learn."
    ),
)
guide.draw("fine-tuning", lesson.steps())
part = lesson.switches()
chosen = lesson.setup(choice, with_mode=part in ("learn", "moved"), task_only=part == "shape")

if chosen and part == "learn":
    lesson.learn(choice, chosen)
elif chosen and part == "compare":
    lesson.compare(chosen)
elif chosen and part == "moved":
    lesson.moved(chosen)
elif chosen and part == "shape":
    lesson.shape(choice, chosen.task)
