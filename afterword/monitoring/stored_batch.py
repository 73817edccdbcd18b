"""A batch of what was recorded: its answers row by row, its descriptors as counts."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from afterword.errors import CheckError
from afterword.measures.definitions import FLAGS
from afterword.model.reference import output_columns
from afterword.model.scored import Scored
from afterword.model.scored_files import OTHER_REASON
from afterword.monitoring import wording
from afterword.settings import get_settings
from afterword.store import Store
from afterword.store.tally import CALLS, frame_of, layout_of, total
from afterword.text.counts import TextCounts
from afterword.text.descriptors import NAMES


def scored_from_store(
    store: Store, start: datetime, end: datetime, *, sample: bool = False
) -> Scored:
    """Make a batch of what was recorded on some days.

    Parameters
    ----------
    store : where it was recorded.
    start, end : midnights (UTC); the end is not in it.
    sample : the loaded samples instead.

    Returns
    -------
    Scored
        To be compared with :func:`afterword.store.tally.binned_reference`. Its profile has the
        flags alone: what else needs the texts is missing.

    Raises
    ------
    CheckError
        There are more descriptions than a check takes.
    StoreError
        The store cannot be read.
    """
    layout = layout_of()
    tally = total(
        list(store.tallies("day", start, end, sample=sample, model=layout.model).values())
    )
    most = get_settings().max_rows
    answers = store.answers(start, end, model=layout.model, sample=sample, most=most)
    if answers is None:
        raise CheckError(wording.too_many(most))
    if not len(answers):
        answers = np.zeros((0, len(layout.categories) + 1))
    # Up to 19 descriptors wait for others, or came from the days before.
    rows = min(tally.inputs, len(answers))
    rejected = int(tally.get("calls", len(CALLS))[CALLS.index("rejected")])
    return Scored(
        frame=frame_of(tally, answers[:rows], layout),
        descriptors=NAMES,
        categories=layout.categories,
        outputs=output_columns(layout.categories),
        rejections={OTHER_REASON: rejected} if rejected else {},
        period=(start, end - timedelta(days=1)) if rows else None,
        sample=sample,
        texts=TextCounts(
            rows=rows,
            distinct=0,
            flags=np.minimum(tally.get("flags", len(FLAGS)), rows),
            repeats=0,
            lengths=0,
            common_length=0,
            words=np.zeros(0, np.int64),
            new=0,
            new_words={},
            content=np.zeros(0),
        ),
    )
