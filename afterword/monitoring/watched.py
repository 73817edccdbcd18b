"""The numbers that are watched: how each is counted, what training says of it, and its chart."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np

from afterword.measures.definitions import FLAGS, UNSURE
from afterword.measures.null_tables import load_tables
from afterword.model.reference import CONFIDENCE, NUMBER, probability_column
from afterword.monitoring import wording
from afterword.monitoring.control_charts import Baseline, Chart
from afterword.store.tally import Layout, Tally, at_threshold
from afterword.text.descriptors import DESCRIPTORS

CONFIDENCE_LABEL: Final = "Mean confidence"
MEAN: Final = "mean"
SHARE: Final = "share"


@dataclass(frozen=True)
class Watch:
    """One number that is watched: how it is counted, and what training says of it.

    ``count`` gives the sum of the values, and ``rows`` how many there are.
    """

    name: str
    label: str
    unit: str
    group: str
    baseline: Baseline
    count: Callable[[Tally], float]

    def rows(self, tally: Tally) -> int:
        """How many descriptions were counted."""
        return tally.inputs if self.group == "input" else tally.descriptions

    def value(self, tally: Tally) -> float:
        """The mean or share; NaN without descriptions."""
        rows = self.rows(tally)
        return self.count(tally) / rows if rows else math.nan


def watches_of(layout: Layout) -> list[Watch]:
    """Everything that has a control chart, outputs first; worked out once per model."""
    with _preparing:
        if layout.model not in _prepared:
            _prepared.clear()
            _prepared[layout.model] = _new_watches(layout)
        return _prepared[layout.model]


_preparing = threading.Lock()
_prepared: dict[str, list[Watch]] = {}


def _new_watches(layout: Layout) -> list[Watch]:
    return [*_of_outputs(layout), *_of_inputs(layout)]


def _of_outputs(layout: Layout) -> list[Watch]:
    reference, rows = layout.reference, len(layout.reference)
    unsure = float(load_tables().totals.flags[0, FLAGS.index(UNSURE)])
    none = float((reference[NUMBER] == 0).sum())
    confident = reference[CONFIDENCE].to_numpy(float)
    watches = [
        Watch(
            "no_category",
            wording.given(wording.NO_CATEGORY),
            SHARE,
            "output",
            _share(none, rows),
            output(0),
        ),
        Watch("unsure", "Unsure answers", SHARE, "output", _share(unsure, rows), output(1)),
        Watch("confidence", CONFIDENCE_LABEL, "", "output", _mean_of(confident), confidence),
    ]
    for place, category in enumerate(layout.categories):
        predicted = reference[probability_column(category)].to_numpy(float)
        count = float(at_threshold(predicted, layout.thresholds[place]).sum())
        name, label = f"category:{category}", wording.given(category)
        base = _share(count, rows)
        watches.append(Watch(name, label, SHARE, "output", base, output(2 + place)))
    return watches


def _of_inputs(layout: Layout) -> list[Watch]:
    watches = []
    for each in DESCRIPTORS:
        bins, values = layout.bins[each.name], layout.reference[each.name].to_numpy(float)
        if each.seldom:
            base = _share(float((values > 0).sum()), len(values))
            above = partial(_sum, each.name, (bins.values > 0).astype(float))
            watches.append(Watch(each.name, f"{each.label}: any", SHARE, "input", base, above))
        else:
            added = partial(_sum, each.name, bins.values)
            watches.append(
                Watch(each.name, each.label, each.unit, "input", _mean_of(values), added)
            )
    return watches


def _share(count: float, rows: int) -> Baseline:
    # Jeffreys' estimate: that training had none does not make the first one impossible.
    centre = (count + 0.5) / (rows + 1)
    return Baseline(SHARE, centre, math.sqrt(centre * (1 - centre)), 0.0, rows)


def _mean_of(values: np.ndarray) -> Baseline:
    spread = float(values.std())
    centre = float(values.mean())
    skewness = float((((values - centre) / spread) ** 3).mean()) if spread else 0.0
    return Baseline(MEAN, centre, spread, skewness, len(values))


def _sum(name: str, values: np.ndarray, tally: Tally) -> float:
    return float(tally.get(name, len(values)) @ values)


def output(place: int) -> Callable[[Tally], float]:
    return lambda tally: float(tally.counts["outputs"][place]) if tally.descriptions else 0.0


def confidence(tally: Tally) -> float:
    return float(tally.get("confidence", 101) @ np.arange(101) / 100)


def with_running(chart: Chart, values: np.ndarray, rows: np.ndarray, base: Baseline) -> Chart:
    """A chart with the periods that are not over yet: drawn, and not judged."""
    if not len(values):
        return chart
    gaps = np.full(len(values), math.nan)
    no = np.zeros(len(values), bool)
    with np.errstate(divide="ignore", invalid="ignore"):
        errors = np.where(rows > 0, base.spread / np.sqrt(rows), math.nan)
    added = {
        "values": values,
        "errors": errors,
        "rows": rows,
        **dict.fromkeys(("lower", "upper", "trend", "trend_lower", "trend_upper"), gaps),
        **dict.fromkeys(("judged", "jumped", "drifted"), no),
    }
    longer = {name: np.append(getattr(chart, name), each) for name, each in added.items()}
    return replace(chart, **longer)  # type: ignore[arg-type]
