"""95 % intervals of shares and means, for the sentences that tell them."""

from __future__ import annotations

import math
from typing import Final

Z: Final = 1.959964


def wilson(share: float, n: float) -> tuple[float, float]:
    """The 95 % interval of a share after Wilson (1927); NaN without cases.

    Parameters
    ----------
    share : in [0, 1].
    n : cases that it is of; fewer than were counted where some are copies of others.

    Examples
    --------
    >>> [round(end, 2) for end in wilson(0.3, 200)]
    [0.24, 0.37]
    """
    if math.isnan(share) or not n > 0:
        return math.nan, math.nan
    shrunk = 1 + Z * Z / n
    middle = (share + Z * Z / (2 * n)) / shrunk
    reach = Z * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n)) / shrunk
    # Of all or none, an end lies a last digit beside its share.
    return max(0.0, round(middle - reach, 12)), min(1.0, round(middle + reach, 12))


def of_mean(mean: float, deviation: float, n: float) -> tuple[float, float]:
    """The 95 % interval of a mean of many values, by the normal distribution; NaN without any.

    >>> [round(end, 1) for end in of_mean(10.0, 5.0, 100)]
    [9.0, 11.0]
    """
    if not n > 0:
        return math.nan, math.nan
    reach = Z * deviation / math.sqrt(n)
    return mean - reach, mean + reach
