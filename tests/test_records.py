"""The records that everything passes round."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest

import afterword
from afterword import records
from afterword.drift.result import CheckResult
from afterword.quality.labelling import Comparison

TEXTS = [f"He stared at me near the station, day {n}." for n in range(40)]
RECORDS = [one for one in vars(records).values() if dataclasses.is_dataclass(one)]


@pytest.fixture(scope="module")
def made() -> list[tuple[Any, Any]]:
    """Two of each record that a caller gets, of the same texts."""
    batches = [afterword.read_batch(TEXTS) for _ in range(2)]
    scored = [afterword.score(batch) for batch in batches]
    return [
        (batches[0], batches[1]),
        (scored[0], scored[1]),
        (scored[0].texts, scored[1].texts),
        (afterword.classify(batches[0]), afterword.classify(batches[1])),
        (afterword.check(scored[0]), afterword.check(scored[1])),
    ]


def test_a_record_of_tables_is_itself_and_no_other(made: list[tuple[Any, Any]]) -> None:
    for one, other in made:
        assert one == one
        assert one != other
        assert one != "text"
        assert len({one, other, one}) == 2
        assert [other, one].index(one) == 1


@pytest.mark.parametrize("record", [*RECORDS, CheckResult, Comparison])
def test_no_record_compares_tables_or_arrays(record: Any) -> None:
    held = [str(field.type) for field in dataclasses.fields(record)]
    tables = any(re.search(r"DataFrame|Series|ndarray|Index", kind) for kind in held)
    assert record.__dataclass_params__.eq != tables
