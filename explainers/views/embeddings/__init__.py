"""The parts of the embeddings lesson: the sum, positions, neighbours, one token in two texts, the whole map."""

from explainers.views.embeddings.contexts import two_contexts
from explainers.views.embeddings.inputs import input_parts
from explainers.views.embeddings.lesson import steps, switches
from explainers.views.embeddings.neighbours import nearest
from explainers.views.embeddings.positions import position_codes, relative_positions
from explainers.views.embeddings.vocabulary import whole_vocabulary

__all__ = [
    "input_parts",
    "nearest",
    "position_codes",
    "relative_positions",
    "steps",
    "switches",
    "two_contexts",
    "whole_vocabulary",
]
