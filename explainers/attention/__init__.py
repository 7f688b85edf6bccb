"""Attention in plain numpy: the masks, the weights step by step, what heads do, and many heads as one map.

Nothing here runs a model: arrays come from `explainers.trace`, or from anywhere. Shapes are (..., queries, keys), with
(layers, heads) or (heads) in front; masks are True where a query may look.
"""

from explainers.attention.buckets import relative_distances, relative_position_buckets
from explainers.attention.chosen import Base, ChosenMask
from explainers.attention.differences import Gap, HeadDifferences, divergence_bits, head_differences
from explainers.attention.inside import InsideHead, inside_head
from explainers.attention.maps import (
    MAP_VIEWS,
    MapView,
    Thumbnails,
    as_half_floats,
    as_levels,
    attention_map,
    part_of,
    strongest_keys,
    thumbnails,
)
from explainers.attention.masks import bidirectional_mask, causal_mask, padding_mask, prefix_mask
from explainers.attention.measures import (
    MEASURES,
    HeadMeasures,
    Measure,
    distances,
    entropy_bits,
    head_measures,
    measures_of,
    share_on,
)
from explainers.attention.patterns import (
    FORMED,
    PATTERNS,
    PatternName,
    PatternSum,
    Roles,
    cross_targets,
    induction_targets,
    pattern_sum,
    roles,
    self_targets,
)
from explainers.attention.rollout import head_average, rollout
from explainers.attention.seen import SeenPattern, content_words, seen_patterns
from explainers.attention.strongest import StrongestHead, strongest_heads
from explainers.attention.weights import (
    Attention,
    PairScore,
    attention,
    attention_weights,
    masked_scores,
    pair_score,
    softmax,
)

__all__ = [
    "FORMED",
    "MAP_VIEWS",
    "MEASURES",
    "PATTERNS",
    "Attention",
    "Base",
    "ChosenMask",
    "Gap",
    "HeadDifferences",
    "HeadMeasures",
    "InsideHead",
    "MapView",
    "Measure",
    "PairScore",
    "PatternName",
    "PatternSum",
    "Roles",
    "SeenPattern",
    "StrongestHead",
    "Thumbnails",
    "as_half_floats",
    "as_levels",
    "attention",
    "attention_map",
    "attention_weights",
    "bidirectional_mask",
    "causal_mask",
    "content_words",
    "cross_targets",
    "distances",
    "divergence_bits",
    "entropy_bits",
    "head_average",
    "head_differences",
    "head_measures",
    "induction_targets",
    "inside_head",
    "masked_scores",
    "measures_of",
    "padding_mask",
    "pair_score",
    "part_of",
    "pattern_sum",
    "prefix_mask",
    "relative_distances",
    "relative_position_buckets",
    "roles",
    "rollout",
    "seen_patterns",
    "self_targets",
    "share_on",
    "softmax",
    "strongest_heads",
    "strongest_keys",
    "thumbnails",
]
