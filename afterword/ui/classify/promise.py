"""What is promised of answers that are not called unsure, and when it does not hold."""

from __future__ import annotations

import streamlit as st

from afterword.errors import AfterwordError
from afterword.model.modes import ModeQuality, read_modes
from afterword.model.registry import load_manifest
from afterword.ui.copy import classify as copy
from afterword.ui.shared import parts


def modes_of_service() -> dict[str, ModeQuality]:
    """What every mode of the model in service finds and costs, by its name."""
    return {mode.name: mode for mode in read_modes(load_manifest().modes)}


def show_promise(mode: str) -> None:
    """Say what is promised of answers in a mode."""
    told = modes_of_service().get(mode)
    if told is not None and told.promise:
        st.caption(parts.escape(told.promise))


def show_withdrawn() -> None:
    """Say that the promise does not hold, if so; after the answer, as it asks the store."""
    try:
        from afterword.monitoring.promise import why_withdrawn  # late: the answer goes first
        from afterword.store import get_store

        reason = why_withdrawn(get_store())
    except AfterwordError:
        # That the store cannot be read is said beside the answer, and on the Overview.
        return
    if reason:
        st.warning(parts.escape(reason), icon=":material/warning:")


def show_modes() -> None:
    """Every mode's thresholds, precision, recall and band, in words and as tables."""
    for mode in modes_of_service().values():
        st.markdown(f"**{copy.MODES[mode.name]}.** {copy.MODE_NOTES[mode.name]}")
        parts.small_table(copy.MODE_COLUMNS, copy.mode_rows(mode))
    st.caption(copy.MODE_SOURCE.format(rows=load_manifest().rows))
