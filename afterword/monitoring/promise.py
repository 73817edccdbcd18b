"""Whether what is promised of the model's answers holds at present."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.drift.wording import LEVEL_WORDS
from afterword.model.registry import version_of
from afterword.monitoring import wording

if TYPE_CHECKING:
    from afterword.store import Store


def why_withdrawn(store: Store) -> str:
    """Why the promise of how often sure answers are right does not hold; "" while it does.

    It was measured on training descriptions. After an alarm of the last check that counts, those
    that come in are not like them any more.

    Parameters
    ----------
    store : that keeps the checks.

    Raises
    ------
    StoreError
        The store cannot be read.
    ModelError
        There is no model.
    """
    last = store.checks.last()
    # A check of another model says nothing of the one that answers.
    if last is None or not last.alarm or last.model != version_of():
        return ""
    return wording.promise_withdrawn(LEVEL_WORDS[last.level], f"{last.at:%-d %B %Y}")
