"""How long a batch of 100,000 rows takes to score: at once, and as each row by itself.

    python benchmarks/scale.py
    python benchmarks/scale.py --rows 20000

Everything runs on one core, and processor time counts. With SAFECITY_DIR set, the rows are those of
its train.csv and dev.csv: drawn, so that most occur many times; and recombined, the beginning of
one with the end of another, with slips of the pen and foreign letters, so that nearly all differ.
Without it the invented samples serve. Beside them stands what Evidently takes to measure four
descriptors of the same rows.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

if TYPE_CHECKING:
    import numpy as np

    from afterword.records import Batch

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
with contextlib.suppress(AttributeError):  # only Linux can pin
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

ROWS: Final = 100_000
SLICE: Final = 10_000
"""Rows of which each is looked at by itself, which takes in proportion to their number."""
TRIES: Final = 3
SLIPS: Final = 0.015
"""Share of longer words that are misspelt."""
FOREIGN: Final = 0.02
"""Share of rows with an accent or an emoji."""


def main() -> None:
    """Print a table for either kind of rows."""
    import numpy as np
    import pandas as pd

    import afterword

    warnings.filterwarnings("ignore")
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=ROWS)
    rows = parser.parse_args().rows
    texts = _texts()
    chance = np.random.default_rng(0)
    kinds = {
        "drawn": [texts[at] for at in chance.integers(0, len(texts), rows)],
        "recombined": list(recombined(texts, rows, chance)),
    }
    for kind, drawn in kinds.items():
        batch = afterword.read_batch(pd.DataFrame({"description": drawn}))
        some = afterword.read_batch(pd.DataFrame({"description": drawn[:SLICE]}))
        print(f"{rows:,} rows, {kind}: {len(set(drawn)):,} different texts, one core")
        print(f"{'':44}{'rows/s':>10}{'s per 100,000':>16}{'of scoring':>12}")
        calls: dict[str, tuple[int, Callable[[], object]]] = {
            "scoring at once": (rows, partial(afterword.score, batch)),
            "scoring each row by itself": (min(rows, SLICE), partial(_score_each, some)),
            "Evidently, four descriptors and their report": (rows, partial(_evidently, drawn)),
        }
        took = _least({name: call for name, (_, call) in calls.items()})
        for name, (number, _) in calls.items():
            seconds = took[name] / number
            ratio = seconds * rows / took["scoring at once"]
            print(f"{name:44}{1 / seconds:>10,.0f}{100_000 * seconds:>16.2f}{ratio:>12.2f}")
        print()


def recombined(texts: Sequence[str], number: int, chance: np.random.Generator) -> Iterator[str]:
    """Texts that begin as one does and end as another, some words misspelt.

    >>> import numpy as np
    >>> [one] = recombined(["He left."], 1, np.random.default_rng(0))
    """
    words = [text.split() for text in texts]
    for first, second in chance.integers(0, len(texts), (number, 2)).tolist():
        begin, end = words[first], words[second]
        cuts = chance.random(2)
        joined = begin[: 1 + int(cuts[0] * len(begin))] + end[int(cuts[1] * len(end)) :]
        slips = chance.random(len(joined)) < SLIPS
        for at in slips.nonzero()[0].tolist():
            joined[at] = _misspelt(joined[at], int(chance.integers(1 << 30)))
        text = " ".join(joined)
        if chance.random() < FOREIGN:
            text = text.replace("e", "é", 1) if chance.random() < 0.5 else f"{text} \U0001f621"
        yield text


def _misspelt(word: str, number: int) -> str:
    """The word with two letters exchanged, one left out, or one that does not belong there."""
    at = number % max(len(word) - 1, 1)
    return (
        word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :],
        word[:at] + word[at + 1 :],
        word[:at] + "abcdefghijklmnopqrstuvwxyz"[number % 26] + word[at + 1 :],
    )[number % 3] or word


def _texts() -> list[str]:
    import afterword
    from afterword.model.registry import load_manifest
    from afterword.training.dataset import read_dataset

    folder = os.environ.get("SAFECITY_DIR")
    texts: list[str] = []
    if folder:
        names = {column: name for name, column in load_manifest().columns.items()}
        categories = afterword.load_model().categories
        for file in ("train.csv", "dev.csv"):
            texts += read_dataset(Path(folder) / file, names, categories=categories).texts
        return texts
    for path in sorted((ROOT / "data" / "samples").iterdir()):
        if path.suffix in (".csv", ".jsonl"):
            texts += afterword.read_batch(path).texts
    return texts


def _score_each(batch: Batch) -> None:
    """Score a batch as a few rows are scored: what is done to a text is done to it alone."""
    import afterword
    from afterword.model import classifier
    from afterword.text import analysis, word_uses, words

    with ExitStack() as changed:
        for module in (analysis, classifier, word_uses, words):
            changed.enter_context(patch.object(module, "FEW", len(batch.texts)))
        afterword.score(batch)


def _evidently(texts: Sequence[str]) -> Any:
    """Measure length, words, sentences and signs as Evidently does, and make its report."""
    import pandas as pd
    from evidently import DataDefinition, Dataset, Report
    from evidently.descriptors import (
        NonLetterCharacterPercentage,
        SentenceCount,
        TextLength,
        WordCount,
    )
    from evidently.presets import TextEvals

    measured = Dataset.from_pandas(
        pd.DataFrame({"description": texts}),
        data_definition=DataDefinition(text_columns=["description"]),
        descriptors=[
            TextLength("description", alias="length"),
            WordCount("description", alias="words"),
            SentenceCount("description", alias="sentences"),
            NonLetterCharacterPercentage("description", alias="signs"),
        ],
    )
    return Report([TextEvals()]).run(measured, None)


def _least(calls: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """Seconds of processor time of each call: the least of some turns, after one not counted."""
    took = dict.fromkeys(calls, float("inf"))
    for turn in range(TRIES + 1):
        for name, call in calls.items():
            started = time.process_time()
            call()
            if turn:
                took[name] = min(took[name], time.process_time() - started)
    return took


if __name__ == "__main__":
    main()
