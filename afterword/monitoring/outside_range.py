"""How many descriptions lie outside the range of training, descriptor by descriptor."""

from __future__ import annotations

import math

import scipy

from afterword.monitoring.windows import Outside
from afterword.store.tally import Layout, Tally
from afterword.text.descriptors import DESCRIPTORS


def outside_training(layout: Layout, now: Tally) -> tuple[Outside, ...]:
    """Share of descriptions outside each descriptor's training range, farthest first."""
    n = now.inputs
    found = []
    for each in DESCRIPTORS:
        bins = layout.bins[each.name]
        count = int(now.get(each.name, len(bins.values))[bins.outside].sum())
        low, high = _exact_interval(count, n)
        training = float(bins.shares[bins.outside].sum())
        share = count / n if n else math.nan
        found.append(Outside(each.name, each.label, share, low, high, training))
    return tuple(sorted(found, key=lambda one: -abs(one.now - one.training) if n else 0))


def _exact_interval(count: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share after Clopper and Pearson (1934)."""
    if not n:
        return math.nan, math.nan
    low = float(scipy.special.betaincinv(count, n - count + 1, 0.025)) if count else 0.0
    high = float(scipy.special.betaincinv(count + 1, n - count, 0.975)) if count < n else 1.0
    return low, high
