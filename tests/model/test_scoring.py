"""From a batch to numbers."""

import numpy as np
import pandas as pd

import afterword
from afterword.records import Batch

TEXTS = [
    "He kept staring at me on the bus and winked.",
    "",
    "A boy shouted comments about my dress near the market.",
    "n/a",
    "Someone touched me in the crowd at the station.",
]


def batch(**columns: list[str]) -> Batch:
    return afterword.read_batch(pd.DataFrame({"id": range(5), "description": TEXTS, **columns}))


def test_scored_rows_hold_numbers_only_and_count_what_was_rejected() -> None:
    scored = afterword.score(batch())
    assert len(scored.frame) == 3
    assert (scored.rows, scored.rejected) == (5, 2)
    assert all(dtype == np.float32 for dtype in scored.frame.dtypes)
    assert set(scored.frame) == {*scored.descriptors, *scored.outputs}


def test_probabilities_have_two_digits() -> None:
    scored = afterword.score(batch())
    values = scored.frame["Ogling probability"].to_numpy(dtype=float)
    assert np.allclose(values, np.round(values, 2), atol=1e-6)
