"""What a stream holds of each day, as a table: counts, shares and means, for other programs."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from afterword.measures.coarse_counts import TOTAL_STEPS
from afterword.measures.definitions import FLAGS
from afterword.store import Store, get_store
from afterword.store.moments import midnight
from afterword.store.tally import CALLS, Layout, Tally, layout_of
from afterword.text.descriptors import DESCRIPTORS, NAMES

if TYPE_CHECKING:
    import pandas as pd

ALL: Final = (date(1, 1, 2), date(9999, 1, 1))
_LENGTHS: Final = {each.name for each in DESCRIPTORS if each.unit in ("characters", "words")}


def days_of_stream(name: str, *, store: Store | None = None) -> pd.DataFrame:
    """What a stream holds of each day that the model in service answered.

    Parameters
    ----------
    name : of the stream.
    store : this process's if None.

    Returns
    -------
    DataFrame, a line a day: day, model, descriptions (whose measures are counted), different,
    rejected; "given NAME" (descriptions to which the model gives a category), none, unsure; "mean
    NAME" of each descriptor ("mean log NAME" of lengths: of log(1 + length)); "rows NAME" of each
    flag.

    Raises
    ------
    StreamError
        There is no such stream.
    StoreError, ModelError
        The store or the model cannot be read.
    """
    import pandas as pd

    store, layout = store or get_store(), layout_of()
    stream = store.streams.get(name).id
    span = midnight(ALL[0]), midnight(ALL[1])
    profiles = store.profiles(*span, model=layout.model, stream=stream)
    tallies = store.tallies("day", *span, model=layout.model, stream=stream)
    lines = [
        _line(day.date(), own.tally, tallies.get(day, Tally()), layout)
        for day, own in profiles.items()
    ]
    columns = _line(ALL[0], Tally(), Tally(), layout)
    return pd.DataFrame(lines, columns=list(columns))


def _line(day: date, own: Tally, calls: Tally, layout: Layout) -> dict[str, object]:
    summed = int(own.get("summed", 1)[0])
    means = own.get("totals", len(NAMES)) / TOTAL_STEPS / (summed or float("nan"))
    outputs = calls.get("outputs", 2 + len(layout.categories)).tolist()
    rejected = calls.get("calls", len(CALLS))[CALLS.index("rejected")]
    flags = own.get("flags", len(FLAGS)).tolist()
    return {
        "day": day,
        "model": layout.model,
        "descriptions": int(own.get("rows", 1)[0]),
        "different": int(own.get("distinct", 1)[0]),
        "rejected": int(rejected),
        "none": outputs[0],
        "unsure": outputs[1],
        **{
            f"given {name}": count
            for name, count in zip(layout.categories, outputs[2:], strict=True)
        },
        **{
            f"mean log {name}" if name in _LENGTHS else f"mean {name}": float(mean)
            for name, mean in zip(NAMES, means, strict=True)
        },
        **{f"rows {name}": count for name, count in zip(FLAGS, flags, strict=True)},
    }
