"""How fast the shipped model, the check and the reports are, each against a peer in one run.

    python benchmarks/throughput.py

Everything runs on one core. With SAFECITY_DIR set, the texts are those of its dev.csv and the
peer is fitted on its train.csv; without it, the invented samples serve for both, with the shipped
model's decisions as labels: speeds are of the same order, and quality is not at issue.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from afterword.drift.result import CheckResult
    from afterword.model.classifier import Classifier
    from afterword.model.scored import Scored
    from afterword.reports.evidently import Kind

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
with contextlib.suppress(AttributeError):  # only Linux can pin
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

BATCH = 20_000
SINGLES = 500
ROWS = (1_000, 100_000)


def main() -> None:
    """Print the three tables."""
    warnings.filterwarnings("ignore")
    import numpy as np

    import afterword

    print(
        f"import afterword: {_import_seconds('afterword') * 1000:.0f} ms "
        f"(import streamlit: {_import_seconds('streamlit') * 1000:.0f} ms)\n"
    )

    model = afterword.load_model()
    training, labels, texts = _texts(model)
    peer = _plain_model(training, labels)
    print(f"Classification on one core, {len(texts):,} different texts")
    print(f"{'':34}{'texts/s':>10}{'p50 of one, ms':>16}")
    rows: dict[str, Callable[[Sequence[str]], Any]] = {
        "Afterword, predict_proba": model.predict_proba,
        "Afterword, predict": model.predict,
        "plain TF-IDF + LogisticRegression": peer,
    }
    speeds = {
        name: (_texts_per_second(call, texts), _p50(call, texts)) for name, call in rows.items()
    }
    for name, (speed, p50) in speeds.items():
        print(f"{name:34}{speed:>10,.0f}{p50 * 1000:>16.2f}")
    ours, theirs = speeds["Afterword, predict_proba"], speeds["plain TF-IDF + LogisticRegression"]
    print(
        f"ratio: {ours[0] / theirs[0]:.1f} times as many texts/s, "
        f"{theirs[1] / ours[1]:.1f} times as fast for one\n"
    )

    from afterword.drift.checking import check

    started = time.perf_counter()
    import evidently  # noqa: F401

    print(f"importing Evidently: {time.perf_counter() - started:.1f} s, once")
    for number in ROWS:
        scored = _scored(number)
        bare = _bare_preset(scored)
        bare()  # the first run imports what it needs
        seconds = {
            "bare Evidently preset, run": _median(bare, 3),
            "Afterword check, all measures": _median(partial(check, scored), 5),
        }
        result = check(scored)
        kinds: tuple[Kind, ...] = ("data", "prediction") if number == ROWS[0] else ()
        for kind in kinds:
            took = _median(partial(_report, result, kind), 3)
            seconds[f"{kind} drift report, run and HTML"] = took
        print(f"{number:,} scored rows against {len(result.reference):,}, one core")
        print(f"{'':34}{'seconds':>10}{'of the preset':>16}")
        for name, value in seconds.items():
            share = value / seconds["bare Evidently preset, run"]
            print(f"{name:34}{value:>10.3f}{share:>16.3f}")
        assert np.isfinite(list(seconds.values())).all()


def _report(result: CheckResult, kind: Kind) -> str:
    from afterword.reports.evidently import report, to_html

    return to_html(report(result, kind=kind), kind)


def _import_seconds(module: str) -> float:
    code = f"import time; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"
    runs = [
        float(
            subprocess.run(
                [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
            ).stdout
        )
        for _ in range(3)
    ]
    return sorted(runs)[1]


def _texts(model: Classifier) -> tuple[list[str], Any, list[str]]:
    """Descriptions and labels to fit the peer on, and descriptions to classify."""
    import numpy as np

    from afterword.model.registry import load_manifest
    from afterword.training.dataset import read_dataset

    folder = os.environ.get("SAFECITY_DIR")
    if folder:
        names = {column: name for name, column in load_manifest().columns.items()}
        train = read_dataset(Path(folder) / "train.csv", names, categories=model.categories)
        dev = read_dataset(Path(folder) / "dev.csv", names, categories=model.categories)
        return list(train.texts), train.labels, list(dev.texts)
    import afterword

    texts: list[str] = []
    for path in sorted((ROOT / "data" / "samples").iterdir()):
        if path.suffix in (".csv", ".jsonl"):
            texts += list(afterword.read_batch(path).texts)
    labels = model.predict_proba(texts) >= np.median(model.predict_proba(texts), axis=0)
    return texts, labels.astype(int), texts


def _plain_model(training: Sequence[str], labels: Any) -> Callable[[Sequence[str]], Any]:
    """The recipe that most people would start from, words and character n-grams."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multioutput import MultiOutputClassifier
    from sklearn.pipeline import make_pipeline, make_union

    features = make_union(
        TfidfVectorizer(ngram_range=(1, 2), min_df=5, sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=5, sublinear_tf=True),
    )
    pipeline = make_pipeline(
        features, MultiOutputClassifier(LogisticRegression(C=2, solver="liblinear"))
    )
    pipeline.fit(training, labels)
    return pipeline.predict_proba  # type: ignore[no-any-return]


def _texts_per_second(call: Callable[[Sequence[str]], Any], texts: Sequence[str]) -> float:
    many = (list(texts) * (BATCH // len(texts) + 1))[:BATCH]
    return BATCH / _median(lambda: call(many), 3)


def _p50(call: Callable[[Sequence[str]], Any], texts: Sequence[str]) -> float:
    times = []
    for text in texts[:SINGLES]:
        started = time.perf_counter()
        call([text])
        times.append(time.perf_counter() - started)
    return sorted(times)[len(times) // 2]


def _scored(rows: int) -> Scored:
    """Scored rows with their profile, drawn with replacement from an ordinary batch."""
    import afterword
    from afterword.model.scored import Scored

    sample = afterword.read(ROOT / "data" / "samples" / "ordinary-week.parquet")
    assert isinstance(sample, Scored)
    assert sample.texts is not None
    frame = sample.frame.sample(rows, replace=True, random_state=0).reset_index(drop=True)
    # As many counts as before: the time of a check does not depend on them.
    return replace(sample, frame=frame, texts=replace(sample.texts, rows=rows))


def _bare_preset(scored: Scored) -> Callable[[], Any]:
    """Evidently's preset with its own defaults, on the same columns."""
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    from afterword.model.registry import load_reference

    definition = DataDefinition(numerical_columns=list(scored.frame.columns))
    current = Dataset.from_pandas(scored.frame, data_definition=definition)
    reference = Dataset.from_pandas(
        load_reference()[scored.frame.columns], data_definition=definition
    )
    return lambda: Report([DataDriftPreset()]).run(current, reference)


def _median(call: Callable[[], Any], times: int) -> float:
    measured = []
    for _ in range(times):
        started = time.perf_counter()
        call()
        measured.append(time.perf_counter() - started)
    return sorted(measured)[times // 2]


if __name__ == "__main__":
    main()
