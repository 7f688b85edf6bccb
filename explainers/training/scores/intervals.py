"""A measured number and how sure it is: 95 % intervals for independent trials and for sums over clusters."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from explainers.intervals import Z


class Estimate(NamedTuple):
    """A measured number; low and high are its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Score:
    """One measured number of a model, beside what the baselines got on the same positions.

    key: its name in JSON. low and high are its 95 % interval, samples what it is a mean over. share: a share of 1,
    else a number with a unit of its own.
    """

    key: str
    name: str
    value: float
    low: float
    high: float
    samples: int
    share: bool = True
    baselines: Mapping[str, Estimate] = field(default_factory=dict)


def ratio(above: NDArray[Any], below: NDArray[Any], clusters: NDArray[np.int64]) -> Estimate:
    """The ratio of two sums whose terms are alike within a cluster, for example the tokens of one window.

    above, below, clusters (n,): each term and the cluster that it belongs to. The interval is linearised over clusters
    (Cochran 1977, section 6.4); it has no end (nan) where there is one cluster only.
    """
    each, inverse = np.unique(clusters, return_inverse=True)
    tops, bottoms = (np.bincount(inverse, weights=values, minlength=len(each)) for values in (above, below))
    value = float(tops.sum() / bottoms.sum())
    if len(each) < 2:
        return Estimate(value, math.nan, math.nan)
    spread = ((tops - value * bottoms) ** 2).sum() * len(each) / (len(each) - 1)
    half = Z * math.sqrt(spread) / float(bottoms.sum())
    return Estimate(value, value - half, value + half)


def share(hits: NDArray[np.bool_], clusters: NDArray[np.int64]) -> Estimate:
    """The share of hits, with its interval over clusters, kept within 0 and 1."""
    value, low, high = ratio(hits, np.ones(len(hits)), clusters)
    return Estimate(value, max(low, 0.0) if low == low else low, min(high, 1.0) if high == high else high)
