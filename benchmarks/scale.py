"""How long a file of raw rows takes to its verdict, and how much memory: beside Evidently.

    python benchmarks/scale.py
    python benchmarks/scale.py --rows 100000 1000000 --flat 500000 5000000 --write

Each figure is of a process of its own, on one core, after its imports and 2,000 rows to warm up;
the middle of three. With SAFECITY_DIR set, the rows are those of its train.csv and dev.csv: drawn,
so that most occur many times; and recombined, the beginning of one with the end of another, with
slips of the pen and foreign letters, so that nearly all differ. Without it the invented samples
serve. Evidently reads the same file with pandas, measures four cheap descriptors, and makes its
drift preset on them against those of the training texts; it classifies nothing and looks at no
words. Beside it stands its bare preset on ready columns. --flat names numbers of rows, as drawn and
as recombined, of which one process and two workers make a profile: how long, and what each process
has in memory at most. --write puts the tables into docs/performance.md, with the machine and the
versions.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
with contextlib.suppress(AttributeError):  # only Linux can pin
    # Not where two processes are measured: these import the module under another name.
    if __name__ == "__main__":
        spread = any(each.startswith("spread") for each in sys.argv)
        cores = set(range(os.cpu_count() or 1))
        os.sched_setaffinity(0, cores if spread else {max(os.sched_getaffinity(0))})

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

ROWS: Final = (100_000,)
WARM: Final = 2_000
"""Rows before those that count."""
TRIES: Final = 3
SLIPS: Final = 0.015
"""Share of longer words that are misspelt."""
FOREIGN: Final = 0.02
"""Share of rows with an accent or an emoji."""
PAGE: Final = ROOT / "docs" / "performance.md"


def main() -> None:
    """Print a table for either kind of rows, and write the page if asked for."""
    import numpy as np

    parser = argparse.ArgumentParser(description="A file of raw rows to its verdict.")
    parser.add_argument("--rows", type=int, nargs="*", default=ROWS)
    parser.add_argument("--flat", type=int, nargs="*", default=())
    parser.add_argument("--tries", type=int, default=TRIES)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--child", nargs=2, metavar=("WHAT", "FILE"))
    arguments = parser.parse_args()
    if arguments.child:
        print(json.dumps(_measure(*arguments.child)))
        return
    texts = _texts()
    lines = [_machine(), ""]
    with tempfile.TemporaryDirectory() as folder:
        for rows in arguments.rows:
            for kind in ("drawn", "recombined"):
                path = Path(folder) / f"{kind}.csv"
                different = _write(path, kind, texts, rows, np.random.default_rng(0))
                lines += [f"## {rows:,} rows, {kind}: {different:,} different texts", ""]
                lines += [*_table(path, rows, arguments.tries), ""]
        for kind in ("drawn", "recombined") if arguments.flat else ():
            lines += [f"## One process and two workers, {kind} rows", "", *_FLAT]
            for rows in arguments.flat:
                path = Path(folder) / f"{kind}.csv"
                _write(path, kind, texts, rows, np.random.default_rng(0))
                lines += _spread_rows(path, rows)
            lines.append("")
    lines.append(f"Runs of each: {arguments.tries}.\n")
    print("\n".join(lines))
    if arguments.write:
        PAGE.write_text(_INTRODUCTION + "\n".join(lines), encoding="utf-8")


_INTRODUCTION: Final = """# How fast it is

What `make bench NAME=scale ARGS="--write"` printed. Each figure is of a process of its own on one
core, after its imports and 2,000 rows to warm up; the middle of as many runs as the last line says.
*Drawn* rows are drawn from the texts of training and development, so that most occur many times.
*Recombined* ones begin as one text and end as another, with misspelt words, accents and emoji, so
that nearly all differ.

Evidently reads the same file with pandas, measures four descriptors (length, words, sentences,
share of signs that are no letters) and makes its drift preset on them. It classifies nothing, and
looks at no words.

"""


def _machine() -> str:
    import platform
    from importlib import metadata

    names = ("afterword", "evidently", "numpy", "pandas", "scipy")
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in names if _installed(name))
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, {versions}."


def _installed(name: str) -> bool:
    from importlib import metadata

    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def _write(
    path: Path, kind: str, texts: Sequence[str], rows: int, chance: np.random.Generator
) -> int:
    """Write a file of raw rows; how many different texts it has."""
    import csv

    different: set[int] = set()
    drawn = (texts[at] for at in chance.integers(0, len(texts), rows).tolist())
    found = drawn if kind == "drawn" else recombined(texts, rows, chance)
    with open(path, "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["id", "received_at", "description"])
        for number, text in enumerate(found):
            day, second = divmod(number * 7, 86_400)
            clock = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
            out.writerow([number, f"2026-03-{1 + day % 28:02}T{clock}Z", text])
            different.add(hash(text))
    return len(different)


def _table(path: Path, rows: int, tries: int) -> list[str]:
    names = {
        "afterword": "Afterword: file to verdict",
        "evidently": "Evidently: file to four descriptors and drift preset",
        "preset": "Evidently: preset on ready columns",
        "check": "Afterword: check of the profile",
    }
    runs = [{what: _child(what, path) for what in names} for _ in range(tries)]
    lines = ["| | seconds | rows/s | of Evidently's time | peak memory |", "|---|---|---|---|---|"]
    middle = {what: sorted(run[what]["seconds"] for run in runs)[tries // 2] for what in names}
    for what, told in names.items():
        peak = max(run[what]["peak_mb"] for run in runs)
        base = middle["preset" if what in ("check", "preset") else "evidently"]
        seconds = middle[what]
        share = f"{seconds / base:.2f}" if what != "check" else f"1/{base / seconds:.0f}"
        lines.append(f"| {told} | {seconds:.3g} | {rows / seconds:,.0f} | {share} | {peak:,} MB |")
    return lines


_FLAT: Final = (
    "| rows | workers | seconds, start included | rows/s | peak memory of each process |",
    "|---|---|---|---|---|",
)


def _spread_rows(path: Path, rows: int) -> list[str]:
    lines = []
    for workers in (1, 2):
        found = _child(f"spread{workers}", path)
        peaks = ", ".join(f"{peak:,} MB" for peak in found["peaks_mb"])
        seconds = found["seconds"]
        lines.append(f"| {rows:,} | {workers} | {seconds:.3g} | {rows / seconds:,.0f} | {peaks} |")
    return lines


def _spread(path: Path, workers: int) -> dict[str, Any]:
    """Seconds of a profile by so many processes, and the peak of each one's memory."""
    import afterword

    began = time.perf_counter()
    afterword.check(afterword.profile(path, workers=workers))
    seconds = time.perf_counter() - began
    own, *others = _peaks_mb()
    # Beside the workers stands a process of joblib's that only cleans up.
    others = sorted(others)[-workers:] if workers > 1 else []
    return {"seconds": seconds, "peaks_mb": [own, *others]}


def _peaks_mb() -> list[int]:
    """Most memory, in megabytes, that this process and each that it started has had; Linux only."""
    import psutil

    own = psutil.Process()
    found = []
    for process in (own, *own.children(recursive=True)):
        status = Path(f"/proc/{process.pid}/status").read_text("ascii")
        found.append(int(status.split("VmHWM:")[1].split()[0]) // 1_000)
    return found


def _child(what: str, path: Path) -> dict[str, Any]:
    command = [sys.executable, __file__, "--child", what, str(path)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _measure(what: str, file: str) -> dict[str, Any]:
    """Seconds of one way from a file, or from what was made of it, and the peak of its memory."""
    import resource

    warnings.filterwarnings("ignore")
    path = Path(file)
    if what.startswith("spread"):
        return _spread(path, int(what.removeprefix("spread")))
    with tempfile.TemporaryDirectory() as folder:
        few = Path(folder) / "few.csv"
        with open(path, encoding="utf-8") as whole:
            few.write_text("".join(islice(whole, WARM + 1)), encoding="utf-8")
        prepare, call = _WAYS[what]
        call(prepare(few))
        ready = prepare(path)
        began = time.perf_counter()
        call(ready)
        seconds = time.perf_counter() - began
    return {
        "seconds": seconds,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_000,
    }


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
            texts += afterword.read_batch(path).texts.tolist()
    return texts


def _verdict(path: Path) -> None:
    import afterword

    afterword.check(afterword.profile(path, workers=1))


def _profile(path: Path) -> Any:
    import afterword

    return afterword.profile(path, workers=1)


def _check(profile: Any) -> None:
    import afterword

    afterword.check(profile)


def _described(texts: Any) -> Any:
    """What Evidently measures of texts: length, words, sentences, signs."""
    import pandas as pd
    from evidently import DataDefinition, Dataset
    from evidently.descriptors import (
        NonLetterCharacterPercentage,
        SentenceCount,
        TextLength,
        WordCount,
    )

    found = Dataset.from_pandas(
        pd.DataFrame({"description": list(texts)}),
        data_definition=DataDefinition(text_columns=["description"]),
        descriptors=[
            TextLength("description", alias="length"),
            WordCount("description", alias="words"),
            SentenceCount("description", alias="sentences"),
            NonLetterCharacterPercentage("description", alias="signs"),
        ],
    )
    return found.as_dataframe()[["length", "words", "sentences", "signs"]]


@cache
def _trained() -> Any:
    """The same of the training texts."""
    return _described(_texts())


def _drift(frame: Any) -> None:
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    definition = DataDefinition(numerical_columns=list(frame.columns))
    sides = (Dataset.from_pandas(side, definition) for side in (frame, _trained()))
    Report([DataDriftPreset()]).run(*sides).dict()


def _ready(path: Path) -> Path:
    _trained()
    return path


def _evidently(path: Path) -> None:
    import pandas as pd

    _drift(_described(pd.read_csv(path)["description"].fillna("")))


def _columns(path: Path) -> Any:
    import pandas as pd

    _trained()
    return _described(pd.read_csv(path)["description"].fillna(""))


_WAYS: Final[Mapping[str, tuple[Callable[[Path], Any], Callable[[Any], None]]]] = {
    "afterword": (lambda path: path, _verdict),
    "check": (_profile, _check),
    "evidently": (_ready, _evidently),
    "preset": (_columns, _drift),
}
"""What is made ready of a file, and what is timed."""


if __name__ == "__main__":
    main()
