"""The heads lesson: all heads as a grid, one of them opened, known patterns, measures, its inside, and knocking out."""

from explainers.views.attention_heads.lesson import explore, steps

__all__ = ["explore", "steps"]
