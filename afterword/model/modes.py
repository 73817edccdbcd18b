"""Three ways to decide: which thresholds each has, and what each finds and costs.

``balanced``
    best for F1, which counts a missed report and a needless alert alike.
``find-more``
    best for F2, which counts recall four times as much as precision (van Rijsbergen 1979).
``be-sure``
    the lowest threshold whose alerts are right in at least 90 of 100 cases, beyond chance.

Thresholds and the bands in which an answer is called unsure are chosen in training:
:mod:`afterword.training.mode_choice`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from afterword.arrays import Floats
from afterword.errors import AfterwordError, ModelError
from afterword.model import wording
from afterword.model.evaluation import Estimate

SURE: Final = 0.9
"""Precision that "be sure" promises."""


@dataclass(frozen=True)
class CategoryMode:
    """What one category's threshold finds, and what it costs, measured out of fold.

    Attributes
    ----------
    category : its name.
    threshold : probability from which it is predicted; None where the promise cannot be kept.
    low, high : the band in which it is called unsure.
    precision : share of its alerts that are right; None without a threshold.
    recall : share of its reports that are found; None without a threshold.
    decided : share of descriptions outside the band.
    accuracy : share of these that are decided rightly; None if all are within it.
    right_no, right_yes : share of the answers "no", and "yes", outside the band that is promised
        to be right; None if each of them lies within it.
    works : whether any way to decide predicts it.
    """

    category: str
    threshold: float | None
    low: float
    high: float
    precision: Estimate | None
    recall: Estimate | None
    decided: Estimate
    accuracy: Estimate | None
    right_no: float | None = None
    right_yes: float | None = None
    works: bool = True

    @property
    def cost(self) -> str:
        """What to expect, in plain words."""
        if not self.works:
            return wording.never_works(self.category)
        if self.precision is None or self.recall is None:
            return wording.not_attainable(self.category, SURE)
        found, wrong = _hundred(self.recall.value), _hundred(1 - self.precision.value)
        return wording.cost(self.category, found, wrong)


@dataclass(frozen=True)
class ModeQuality:
    """What a way to decide finds and costs: one :class:`CategoryMode` per category.

    Attributes
    ----------
    name : of the mode.
    categories : in the model's order.
    wanted : share of sure answers that was to be promised; None of a model that was trained before
        anything was promised.
    """

    name: str
    categories: tuple[CategoryMode, ...]
    wanted: float | None = None

    @property
    def promise(self) -> str:
        """What is promised of answers that are not called unsure; "" of an older model."""
        if self.wanted is None:
            return ""
        unsure = 1 - sum(each.decided.value for each in self.categories) / len(self.categories)
        sides = (
            {each.category: each.right_no for each in self.categories},
            {each.category: each.right_yes for each in self.categories if each.works},
        )
        return wording.promise(*sides, self.wanted, _hundred(unsure))

    def to_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        return asdict(self)


def read_modes(stored: Sequence[Mapping[str, Any]]) -> tuple[ModeQuality, ...]:
    """Make what :meth:`ModeQuality.to_dict` gave, as a manifest keeps it.

    Raises
    ------
    ModelError
        Something is missing, or is not what it should be.
    """
    try:
        return _adapter().validate_python(stored)
    except ValidationError:
        raise ModelError(wording.MODES_DAMAGED) from None


@cache
def _adapter() -> TypeAdapter[tuple[ModeQuality, ...]]:
    # Making it takes longer than reading all modes with it.
    return TypeAdapter(tuple[ModeQuality, ...])


def _hundred(value: float) -> int:
    return round(100 * value)


class ModeError(AfterwordError, ValueError):
    """A way to decide that the model does not have."""


@dataclass(frozen=True, eq=False)
class Mode:
    """How probabilities become decisions. Made by
    :func:`afterword.training.mode_choice.choose_modes`.

    Attributes
    ----------
    name : one of :data:`afterword.settings.MODES`.
    thresholds : (k,) probability from which a category is predicted, in (0, 1); NaN where no
        threshold keeps the mode's promise, and the category is then never predicted.
    bands : (k, 2) a probability p with low <= p < high is called unsure.
    """

    name: str
    thresholds: Floats
    bands: Floats

    def decide(self, probabilities: Floats) -> NDArray[np.bool_]:
        """Whether each of (n, k) probabilities reaches its threshold."""
        reached: NDArray[np.bool_] = np.asarray(probabilities) >= self.thresholds
        return reached

    def unsure(self, probabilities: Floats) -> NDArray[np.bool_]:
        """Whether each of (n, k) probabilities lies within its band."""
        found: NDArray[np.bool_] = (probabilities >= self.bands[:, 0]) & (
            probabilities < self.bands[:, 1]
        )
        return found
