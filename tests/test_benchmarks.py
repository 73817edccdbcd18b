"""The benchmarks measure what they say: a row keeps its labels through all that is done to it."""

from __future__ import annotations

import numpy as np

from afterword.model.registry import load_model
from benchmarks.drift_quality import held_out
from tests.conftest import invented


def test_rows_in_any_order_keep_their_labels_beside_their_texts() -> None:
    rows = invented(200)
    texts = [f"{text} Stop {number}." for number, text in enumerate(rows["description"])]
    texts[50] = " "  # such a row is rejected, and those after it must not move up
    labels = rows[["Remarks", "Staring"]].to_numpy()
    half = held_out(texts, labels, np.random.default_rng(0).permutation(150), load_model())
    told = dict(zip(texts, labels.tolist(), strict=True))
    assert [told[text] for text in half["texts"]] == half["labels"].tolist()
    assert len(half["texts"]) == len(half["scored"].frame) == 149
