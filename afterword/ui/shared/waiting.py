"""How a page waits for another process: it tells where the job is, or gives it up."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from afterword.ui.copy import uploads as copy

if TYPE_CHECKING:
    from afterword.workers import Job

STEP_S: Final = 0.2
"""Seconds between two looks whether somebody still waits."""


def wait_for(job: Job, show: Callable[[Job], object]) -> Any:
    """Wait for a job as long as its visitor does: a click elsewhere, or leaving, gives it up.

    Parameters
    ----------
    job : that was handed in.
    show : shows where it is; Streamlit ends this run of the page there if another is asked for.
    """
    try:
        while True:
            with contextlib.suppress(TimeoutError):
                return job.result(STEP_S)
            show(job)
    finally:
        job.give_up()


def wait(job: Job) -> Any:
    """Wait for a job, and say how many are before it."""
    place = st.empty()

    def show(job: Job) -> None:
        if job.running():
            place.empty()
        else:
            place.caption(copy.before(job.before))

    found = wait_for(job, show)
    place.empty()
    return found


def wait_with_bar(bar: Any, text: str = "") -> Callable[[Job], Any]:
    """What waits for a job and moves a progress bar.

    Parameters
    ----------
    bar : of Streamlit.
    text : beside it, once the job has begun.
    """

    def show(job: Job) -> None:
        bar.progress(job.share or 0.0, text if job.running() else copy.before(job.before))

    return lambda job: wait_for(job, show)
