"""Texts that many people write: which are kept, and that they are found in any batch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from afterword.text.cleaning import clean, tokenise
from afterword.text.common_texts import are_common, common_texts
from afterword.text.words import read_tokens

OFTEN = "Noise at night!"
TEXTS = [
    *[OFTEN] * 5,
    *["loud music"] * 4,
    *["seven words are more than many write"] * 9,
    *["shouting"] * 8,
]


class Known:
    """A vocabulary."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = tuple(sorted(words))
        self.vocabulary = {word: place for place, word in enumerate(self.words)}


def kept(texts: Sequence[str]) -> tuple[int, ...]:
    words = [tokenise(clean(text)) for text in texts]
    groups = np.unique([" ".join(each) for each in words], return_inverse=True)[1]
    return common_texts(words, groups)


def test_texts_of_few_words_in_five_rows_are_kept_and_nothing_else() -> None:
    wanted = [OFTEN, "NOISE   at night", "shouting", "loud music", "night at noise"]
    wanted += ["seven words are more than many write", "", "noise at night noise at night"]
    found = are_common(read_tokens(wanted, Known([])), kept(TEXTS))
    assert found.tolist() == [True, True, True, False, False, False, False, False]


@pytest.mark.parametrize("known", [[], ["noise"], ["at", "night", "noise", "shouting"]])
def test_what_a_model_knows_and_what_else_is_in_the_batch_makes_no_difference(
    known: list[str],
) -> None:
    common = kept(TEXTS)
    batch = [f"{word} and something else" for word in ("bell", "horn")] * 100
    found = are_common(read_tokens([*batch, "shouting", *batch, OFTEN], Known(known)), common)
    assert np.flatnonzero(found).tolist() == [200, 401]


def test_a_digest_has_16_bits_and_an_order_that_tells_nothing() -> None:
    found = kept([f"place number {number}" for number in range(500) for _ in range(5)])
    assert 0 <= min(found) < max(found) < 2**16
    assert list(found) == sorted(found)
    # So few bits that two of some hundred texts may share them: a guess proves little.
    assert len(found) < 500


def test_without_common_texts_none_is_found() -> None:
    assert kept(["a bell", "a horn"]) == ()
    assert not are_common(read_tokens(["a bell"], Known([])), ()).any()
