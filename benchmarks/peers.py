"""What other methods say of the same batches.

Evidently is a part of the app. The kernel tests of Alibi Detect and the estimate of NannyML need
libraries that do not belong beside it; each has an environment of its own, which ``make peers``
makes. ``ALIBI_PYTHON`` and ``NANNYML_PYTHON`` name another one. Where there is none, the benchmark
says so, and its columns stay empty.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.halves import ALPHA, Half

if TYPE_CHECKING:
    import pandas as pd

HERE = Path(__file__).resolve().parent
PLACE = HERE.parent / "scratch" / "peers"
LIBRARIES = {"alibi": "Alibi Detect", "nannyml": "NannyML"}
EVIDENTLY = ("Evidently's preset", "KS, Bonferroni", "PSI > .2")
KERNELS = ("MMD", "LSDD")
KERNEL_ROWS = 1_000
QUIET = {
    "NML_DISABLE_USAGE_LOGGING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
}
"""NannyML would report its use to its makers; TensorFlow would take every core."""


def evidently(reference: pd.DataFrame, batch: pd.DataFrame) -> tuple[bool, bool, bool]:
    """What Evidently's own tests say of the columns, by the three rules of :data:`EVIDENTLY`."""
    from evidently.legacy.calculations.stattests import get_stattest

    def drifted(method: str | None, threshold: float | None) -> int:
        found = 0
        for name in reference:
            sides = reference[name], batch[name]
            test = get_stattest(*sides, "num", method)
            found += bool(test(*sides, "num", threshold).drifted)
        return found

    columns = len(reference.columns)
    with np.errstate(all="ignore"):
        return (
            drifted(None, None) >= columns / 2,
            drifted("ks", ALPHA / columns) > 0,
            drifted("psi", 0.2) > 0,
        )


def kernel_tests(half: Half, batches: Sequence[np.ndarray]) -> np.ndarray | None:
    """Whether MMD and LSDD find drift in dense representations: (batches, 2), or None.

    The reference are :data:`KERNEL_ROWS` of the trained rows: the tests take the square of them.

    Parameters
    ----------
    batches : of (m, d) each.
    """
    if half.trained is None:
        return None
    rows = np.random.default_rng(0).permutation(len(half.trained.content))[:KERNEL_ROWS]
    arrays = {f"batch{place}": batch for place, batch in enumerate(batches)}
    found = _called("alibi", arrays | {"reference": half.trained.content[rows]})
    return None if found is None else np.array(found) < ALPHA


def expected_quality(half: Half, windows: np.ndarray) -> np.ndarray | None:
    """Accuracy, recall and F1 that CBPE expects, (windows, k, 3), or None.

    Parameters
    ----------
    windows : (windows, rows, k) probabilities.
    """
    if half.trained is None:
        return None
    arrays = {
        "probabilities": half.trained.probabilities,
        "labels": half.trained.labels,
        "thresholds": np.asarray(half.model.thresholds, dtype=float),
        "windows": windows,
    }
    found = _called("nannyml", arrays)
    return None if found is None else np.array(found, dtype=float)


def missing(*names: str) -> list[str]:
    """A sentence for each of the named peers, "alibi" or "nannyml", without an environment."""
    return [
        f"{LIBRARIES[name]} is missing, and its columns are empty: `make peers` installs it."
        for name in names
        if not _python(name).exists()
    ]


def _python(name: str) -> Path:
    named = os.environ.get(f"{name.upper()}_PYTHON")
    return Path(named) if named else PLACE / name / "bin" / "python"


def _called(name: str, arrays: Mapping[str, np.ndarray]) -> Any:
    """What the script for an environment printed; None where there is no such environment.

    Raises
    ------
    subprocess.CalledProcessError : the script failed.
    """
    python = _python(name)
    if not python.exists():
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "arrays.npz"
        np.savez(path, **arrays)  # type: ignore[arg-type]
        command = [str(python), str(HERE / f"peer_{name}.py"), str(path)]
        quiet = os.environ | QUIET
        told = subprocess.run(command, check=True, capture_output=True, env=quiet, text=True)
    return json.loads(told.stdout.splitlines()[-1])
