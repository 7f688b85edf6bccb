"""The fine-tuning lesson: a model learns a task on the page."""

from explainers.views.fine_tuning.comparing import compare
from explainers.views.fine_tuning.learning import learn
from explainers.views.fine_tuning.lesson import steps, switches
from explainers.views.fine_tuning.moved import moved
from explainers.views.fine_tuning.setup import setup
from explainers.views.fine_tuning.shape import shape

__all__ = ["compare", "learn", "moved", "setup", "shape", "steps", "switches"]
