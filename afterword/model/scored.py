"""Scored rows: a batch as numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from afterword.model.deployed import Deployed
from afterword.text.counts import TextCounts
from afterword.text.distinct import DistinctTexts

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Scored:
    """A batch as numbers: descriptors and probabilities of each accepted row, and no text.

    Attributes
    ----------
    frame : one line per accepted row; the columns are ``descriptors`` and ``outputs``.
    descriptors : names of the input measures' columns.
    categories : names of the categories; their probabilities are among ``outputs``.
    outputs : names of the output measures' columns.
    rejections : reason → number of rejected rows.
    period : first and last time in the batch, if it has a time column.
    sample : True for a sample that the repository ships; no file can say so of itself.
    texts : what was counted in the texts; None if the rows came without it.
    labels : (n, k) true labels, 1, 0, or NaN where there is none; None if the batch has none.
    label_doubt : a sentence why columns that could hold labels were not taken for them; "" where
        there are none, or they were.
    inclusion : (n,) probability with which a row was drawn to be labelled, NaN where it was not;
        None if nothing is known of it.
    deployed : predictions that rows came with; None if there are none.
    pieces : what of the texts is needed to join these rows with others; in memory only, None where
        it is not known any more.
    """

    frame: pd.DataFrame
    descriptors: tuple[str, ...]
    categories: tuple[str, ...]
    outputs: tuple[str, ...]
    rejections: Mapping[str, int] = field(default_factory=dict)
    period: tuple[datetime, datetime] | None = None
    sample: bool = False
    texts: TextCounts | None = None
    deployed: Deployed | None = None
    labels: np.ndarray | None = None
    inclusion: np.ndarray | None = None
    label_doubt: str = ""
    pieces: DistinctTexts | None = None

    @property
    def rejected(self) -> int:
        """Number of rows that were read and rejected."""
        return sum(self.rejections.values())

    @property
    def rows(self) -> int:
        """Number of rows that were read, the rejected ones included."""
        return len(self.frame) + self.rejected
