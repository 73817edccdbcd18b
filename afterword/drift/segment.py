"""What a check found in one part of a batch."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

from afterword.model.reference import category_of

MOVED: Final = "moved"
STAYED: Final = "within chance"
FEW: Final = "too few"


@dataclass(frozen=True)
class Segment:
    """What the check found in the rows with one value of a column.

    Values of a category are estimated shares of the rows that report it, those of no category mean
    probabilities; None where there are too few rows.

    Attributes
    ----------
    rows : accepted ones.
    level : "moved", "within chance", or "too few" below 30 rows.
    value : of the column; "" where it may not be shown, or where cells are empty.
    label : what it is called: “Harbourtown”, "no value", "a value that is not shown".
    measure : that moved most: "<category> probability" or "no_category".
    batch, low, high : what these rows have, with its 95 % interval.
    reference : what training rows of such lengths have.
    chance_low, chance_high : between which chance, or a change too small to matter, explains it.
    excess : how far it is from the reference, in thresholds: 1 or more where it moved.
    of_change : what part of the whole's change in this measure these rows hold; None where the
        whole has hardly changed.
    rest_moved : whether the other rows moved in this measure beyond chance, too.
    sentence : all of it.
    place : of its value among the column's, sorted; it is told to nobody.
    """

    rows: int
    level: str
    value: str = ""
    label: str = ""
    measure: str = ""
    batch: float | None = None
    low: float | None = None
    high: float | None = None
    reference: float | None = None
    chance_low: float | None = None
    chance_high: float | None = None
    excess: float | None = None
    of_change: float | None = None
    rest_moved: bool | None = None
    sentence: str = ""
    place: int = -1

    def to_dict(self) -> dict[str, Any]:
        """What may be told, ready for JSON."""
        found = asdict(self)
        del found["place"]
        return found

    @property
    def category(self) -> str | None:
        """Whose share it is; None for no category, and where there are too few rows."""
        return category_of(self.measure)
