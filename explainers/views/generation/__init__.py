"""The generation lesson: its guide, and the playground of six parts around one text that the model writes on."""

from explainers.views.generation.playground import playground
from explainers.views.generation.story import SLUG, steps

__all__ = ["SLUG", "playground", "steps"]
