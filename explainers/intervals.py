"""How sure a measured share is."""

from __future__ import annotations

import math

Z = 1.959964  # 95 % of a normal distribution lie within this many standard deviations of its mean


def share_interval(hits: int, samples: int) -> tuple[float, float]:
    """The 95 % interval of a share of independent trials (Wilson 1927); from 0 to 1 where nothing was tried."""
    if samples == 0:
        return 0.0, 1.0
    share, z2 = hits / samples, Z * Z
    middle = (share + z2 / (2 * samples)) / (1 + z2 / samples)
    half = Z / (1 + z2 / samples) * math.sqrt(share * (1 - share) / samples + z2 / (4 * samples**2))
    return max(middle - half, 0.0), min(middle + half, 1.0)
