"""Large files on the pages: another process works on them, and the page tells where they are."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

import afterword
from afterword.drift.checking import check
from afterword.model.answers import classify
from afterword.model.classifier import Classifier
from afterword.store import get_store
from afterword.ui.copy import classify as classify_copy
from afterword.ui.copy import review as review_copy
from afterword.ui.copy import uploads as copy
from afterword.ui.drift import view as drift_view
from afterword.ui.shared import waiting
from afterword.workers import Workers
from tests.conftest import invented
from tests.pages.conftest import CLASSIFY, DRIFT, REVIEW, Open, labels, said, upload

WAIT_S = 60
ROWS = 4_000
LARGE = b"description\n" + b"".join(
    f"{text} Stop {number}.\n".encode() for number, text in enumerate(invented(ROWS)["description"])
)


def test_a_large_file_is_checked_and_reviewed_without_this_process(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = check(afterword.read_batch(LARGE, name="week.csv"))
    monkeypatch.setattr(drift_view, "score", None)
    page = upload(open_page(DRIFT), "drift_file", LARGE)
    assert expected.headline in said(page).replace("\\", "").replace("\xa0", " ")
    (trial,) = get_store().checks.list(trial=True)
    assert dict(trial.content)["reasons"] == list(expected.reasons)
    monkeypatch.setattr(Classifier, "predict_proba", None)
    page = page.switch_page(REVIEW).run()
    assert not page.exception
    assert review_copy.START_BUTTON in labels(page, "button")


def test_a_large_file_is_classified_and_counted_without_this_process(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = afterword.read_batch(LARGE, name="week.csv")
    expected = classify(batch)
    monkeypatch.setattr("afterword.model.answers.classify", None)
    monkeypatch.setattr("afterword.streams.recording.analyse", None)
    page = upload(open_page(CLASSIFY), "classify_file", LARGE)
    (button,) = (
        one for one in page.button if one.label == classify_copy.classify_rows_button(ROWS)
    )
    page = button.click().run()
    found = _made(page, "classified")
    pd.testing.assert_frame_equal(found.table, expected.table)
    assert _made(page, "recorded_file") is True


def _made(page: AppTest, name: str) -> Any:
    made = page.session_state["_made"]
    return next(content for (of, _), content in made.items() if of == name)


def test_the_page_tells_how_many_files_wait_before_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said_of_it: list[str] = []
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    workers = Workers(1)

    class Place:
        def caption(self, text: str) -> None:
            said_of_it.append(text)
            if len(said_of_it) == 1:
                gate.write_bytes(b"")  # lets the first job end

        def empty(self) -> None:
            pass

    monkeypatch.setattr("streamlit.empty", Place)
    workers.submit("", Path.read_bytes, gate)
    for _ in range(2):
        workers.submit("", pow, 2, 3)
    assert waiting.wait(workers.submit("", pow, 2, 3)) == 8
    assert said_of_it[0] == "2 files wait before yours."
    workers.close()


@pytest.mark.parametrize(
    ("jobs", "said"),
    [(0, "next"), (1, "One file waits before yours."), (12, "12 files wait before yours.")],
)
def test_the_place_in_the_queue_is_a_sentence(jobs: int, said: str) -> None:
    assert said in copy.before(jobs)


def test_the_bar_moves_with_the_job() -> None:
    shown: list[tuple[float, str]] = []

    class Bar:
        def progress(self, share: float, text: str) -> None:
            shown.append((share, text))

    class Slow:
        """A job that is done at the third look."""

        share, before, looks, given_up = 0.4, 3, 0, False

        def result(self, _: float) -> int:
            self.looks += 1
            if self.looks < 3:
                raise TimeoutError
            return 7

        def running(self) -> bool:
            return self.looks > 1

        def give_up(self) -> None:
            self.given_up = True

    job = Slow()
    assert waiting.wait_with_bar(Bar(), "Checking…")(job) == 7  # type: ignore[arg-type]
    assert shown == [(0.4, "3 files wait before yours."), (0.4, "Checking…")]
    assert job.given_up
