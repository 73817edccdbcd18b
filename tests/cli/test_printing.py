"""Output that is not UTF-8 changes no exit status."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
@pytest.mark.parametrize("options", [[], ["--json"]], ids=["words", "json"])
def test_a_check_ends_with_its_own_status_in_any_encoding(
    encoding: str, options: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "few \u4e2d.csv"
    file.write_text("description\nA man kept staring at me.\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "afterword", "check", str(file), *options],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout
