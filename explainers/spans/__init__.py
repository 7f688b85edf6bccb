"""T5's span corruption: runs of tokens leave the input, a sentinel in their place, and are the target (Raffel et al.
2020, section 3.3.4); and how a model fills the gaps.
"""

from explainers.spans.corruption import DENSITY, MEAN_LENGTH, SpanCorruption, random_spans, span_corruption, span_counts
from explainers.spans.example import Example, Gap, SpanError, drawn, example, lone_gap, sentinels
from explainers.spans.filling import LONGEST, Filling, Guess, Step, Writing, filled, mean_loss, taught, write
from explainers.spans.lengths import GapLength, gap_lengths
from explainers.spans.places import covering, places_in, places_of, tokens_at, two_words
from explainers.spans.tasks import answer, task_prefixes

__all__ = [
    "DENSITY",
    "LONGEST",
    "MEAN_LENGTH",
    "Example",
    "Filling",
    "Gap",
    "GapLength",
    "Guess",
    "SpanCorruption",
    "SpanError",
    "Step",
    "Writing",
    "answer",
    "covering",
    "drawn",
    "example",
    "filled",
    "gap_lengths",
    "lone_gap",
    "mean_loss",
    "places_in",
    "places_of",
    "random_spans",
    "sentinels",
    "span_corruption",
    "span_counts",
    "task_prefixes",
    "taught",
    "tokens_at",
    "two_words",
    "write",
]
