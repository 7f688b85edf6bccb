"""The parts of the architecture lesson: the drawing, the ledger, the work, the memory, two stacks, the history."""

from explainers.views.architecture.costs import memory, work
from explainers.views.architecture.drawing import three_models
from explainers.views.architecture.history import history
from explainers.views.architecture.ledger import ledger
from explainers.views.architecture.lesson import steps, switches
from explainers.views.architecture.stacks import two_stacks

__all__ = ["history", "ledger", "memory", "steps", "switches", "three_models", "two_stacks", "work"]
