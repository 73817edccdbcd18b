"""What the pages that watch share: the store, which data are shown, and the window in the address.

What is chosen stands in the address, so that a link shows the same; an address that cannot be is
answered with the default and a sentence.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from afterword.errors import AfterwordError, StoreError
from afterword.monitoring import windows
from afterword.monitoring.windows import Window
from afterword.settings import get_settings
from afterword.ui.copy import shared as copy
from afterword.ui.shared import parts
from afterword.ui.shared.asking import ask_first

if TYPE_CHECKING:
    from afterword.store import Store

DEFAULT_WINDOW: Final = "week"
_SAMPLES, _OWN = "samples", "own"
_DATA: Final = "data"
"""The choice in the address, and the widget: its own state ends with each page."""
_CHOSEN, _MISSED = "_data", "_data_missed"


def store_or_stop() -> Store:
    """The store, with a banner if nothing is written to it; without one the page ends."""
    from afterword.store import get_store  # late: some pages go without it

    try:
        store = get_store()
        with store.reading():
            pass
    except AfterwordError as error:
        why = parts.escape(str(error))
        st.error(
            f"{copy.STORE_UNREADABLE} {why} {copy.STORE_CLASSIFIES}",
            icon=":material/error:",
        )
        st.stop()
    show_problem(store)
    return store


def show_problem(store: Store) -> None:
    """Say that nothing new is recorded, and why."""
    if not get_settings().recording:
        st.info(copy.RECORDING_OFF, icon=":material/pause_circle:")
    elif store.problem:
        st.warning(f"{copy.PROBLEM} {parts.escape(store.problem)}", icon=":material/warning:")


# ---------------------------------------------------------------- own data or samples


def carry_choice(*, ask_store: bool = True) -> None:
    """Decide which data are shown, and put it into the address; every page begins with it.

    An address decides for a visit that begins; from then on what was chosen stays, over links and
    Back, until somebody chooses anew. Where there are samples alone, they are the choice.

    Parameters
    ----------
    ask_store : ask it what there is; if not, what was chosen is only handed on.
    """
    state = st.session_state
    asked = st.query_params.get(_DATA, "")
    chosen: str = state.get(_CHOSEN) or (asked if asked in (_SAMPLES, _OWN) else "")
    if ask_store:
        samples, own = _what_there_is()
        state[_MISSED] = asked == _SAMPLES and not samples
        chosen = (chosen if own else chosen or _SAMPLES) if samples else ""
    state[_CHOSEN] = chosen
    _put_in_address(data=state[_CHOSEN] or None)


def _what_there_is() -> tuple[bool, bool]:
    """Whether there are samples, and own data; neither where the store cannot be read."""
    from afterword.store import get_store  # late: some pages go without it

    try:
        store = get_store()
        return store.has_samples(), has_own(store)
    except AfterwordError:
        return False, False


def turn_to(*, samples: bool) -> None:
    """Show own data or the samples, because the address names a thing of theirs."""
    st.session_state[_CHOSEN] = _SAMPLES if samples else _OWN
    _put_in_address(data=st.session_state[_CHOSEN])


def choose_data(store: Store, *, own: bool | None = None) -> bool:
    """Whether the samples are shown; a visitor chooses where there are both.

    Parameters
    ----------
    store : that may hold both.
    own : whether there is anything of one's own to show; :func:`has_own` if None.
    """
    state = st.session_state
    if state.get(_MISSED):
        st.info(copy.BAD_DATA, icon=":material/link_off:")
    chosen: str = state.get(_CHOSEN) or _OWN
    # Who looks at own data where there are none here must find the way back.
    own = chosen == _OWN or (has_own(store) if own is None else own)
    if store.has_samples() and own:
        state[_DATA] = chosen
        st.segmented_control(
            copy.DATA_LABEL,
            [_OWN, _SAMPLES],
            format_func={_OWN: copy.OWN_DATA, _SAMPLES: copy.SAMPLE_DATA}.__getitem__,
            key=_DATA,
            required=True,
            label_visibility="collapsed",
            on_change=_choose,
        )
    return chosen == _SAMPLES


def _choose() -> None:
    """Keep what was clicked, before the page is drawn."""
    st.session_state[_CHOSEN] = st.session_state[_DATA]


def has_own(store: Store) -> bool:
    """Whether anything was recorded that is no sample; a trial is not."""
    return store.has_events() or store.checks.count() > 0


def show_samples_banner(store: Store) -> None:
    """Mark what is shown as samples, with the way to remove them."""
    with (
        st.container(border=True, key="samples_banner"),
        st.container(horizontal=True, vertical_alignment="center"),
    ):
        st.badge(copy.SAMPLES_TITLE, icon=":material/science:", color="violet")
        st.markdown(copy.SAMPLES_NOTE, width="content")
        ask_first(
            copy.REMOVE_SAMPLES,
            copy.REMOVE_SAMPLES_ASK,
            lambda: copy.samples_go(
                store.checks.count(sample=True), store.alerts.open_count(sample=True)
            ),
            lambda: _remove_samples(store),
            key="remove_samples",
        )


def _remove_samples(store: Store) -> None:
    if not store.has_samples():
        raise StoreError(copy.SAMPLES_GONE)
    store.remove_samples()
    _now_shown(copy.SAMPLES_REMOVED, ":material/delete:", _OWN)


def offer_samples(store: Store) -> None:
    """The button that loads the sample weeks, with its progress."""
    place = st.empty()
    if not place.button(
        copy.LOAD_SAMPLES, icon=":material/science:", type="primary", key="load_samples"
    ):
        return
    # Late: it reads the weeks and the tables of chance, which only this click needs.
    from afterword.monitoring.sample_history import load_samples

    bar = place.progress(0.0, copy.LOADING_SAMPLES)
    try:
        load_samples(store, lambda done: bar.progress(min(done, 1.0), copy.LOADING_SAMPLES))
    except AfterwordError as error:
        place.error(parts.escape(str(error)), icon=":material/error:")
        return
    _now_shown(copy.SAMPLES_LOADED, ":material/science:", _SAMPLES)
    st.rerun()


def _now_shown(sentence: str, icon: str, data: str) -> None:
    """Let the next run be over other data, and say why."""
    st.session_state["_said"] = (sentence, icon)
    st.session_state[_CHOSEN] = data


def say_what_was_done() -> None:
    """A toast of what the click before did."""
    said = st.session_state.pop("_said", None)
    if said:
        st.toast(said[0], icon=said[1])


# ---------------------------------------------------------------- the window


def choose_window(now: datetime | None = None) -> Window:
    """Show the choice of a window, which stands in the address."""
    now = now or datetime.now(UTC)
    _follow_address(now)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.segmented_control(
            copy.WINDOW_LABEL,
            list(copy.WINDOWS),
            format_func=copy.WINDOWS.__getitem__,
            key="window",
            required=True,
        )
        days: tuple[date, ...] = ()
        if name == "custom":
            week = windows.window_of(DEFAULT_WINDOW, now=now)
            st.session_state.setdefault("days", (week.start.date(), now.date()))
            chosen: Any = st.date_input(
                copy.DATES_LABEL, key="days", format="YYYY-MM-DD", width=260
            )
            days = tuple(chosen)
    window = _window(str(name), days, now)
    first, last = (day.isoformat() for day in days) if window.name == "custom" else (None, None)
    _put_in_address(window=window.name, to=last, **{"from": first})
    st.session_state["_address"] = _address()
    st.session_state["_window"] = (window.name, days)
    return window


def _window(name: str, days: tuple[date, ...], now: datetime) -> Window:
    if name != "custom":
        return windows.window_of(name, now=now)
    if len(days) < 2:
        st.info(copy.CHOOSE_BOTH_DAYS, icon=":material/date_range:")
        return windows.window_of(DEFAULT_WINDOW, now=now)
    try:
        return windows.window_of("custom", _midnight(days[0]), _midnight(days[1]), now=now)
    except AfterwordError as error:
        st.warning(parts.escape(str(error)), icon=":material/warning:")
        return windows.window_of(DEFAULT_WINDOW, now=now)


def _follow_address(now: datetime) -> None:
    """Take the window from the address if it is not one that this page wrote."""
    address = _address()
    if "window" in st.session_state and address == st.session_state.get("_address"):
        return
    name, first, last = address
    if name is None and "window" not in st.session_state:
        kept, days = st.session_state.get("_window", (DEFAULT_WINDOW, ()))
        st.session_state["window"] = kept
        if len(days) == 2:
            st.session_state["days"] = days
        return
    days = _days(first, last)
    valid = name in copy.WINDOWS and (name != "custom" or days is not None)
    if valid and name == "custom" and days is not None:
        try:
            windows.window_of("custom", _midnight(days[0]), _midnight(days[1]), now=now)
        except AfterwordError:
            valid = False
    st.session_state["window"] = name if valid else DEFAULT_WINDOW
    if valid and days is not None:
        st.session_state["days"] = days
    if not valid and name is not None:
        st.warning(copy.BAD_WINDOW, icon=":material/link_off:")


def _days(first: str | None, last: str | None) -> tuple[date, date] | None:
    try:
        return date.fromisoformat(first or ""), date.fromisoformat(last or "")
    except ValueError:
        return None


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _address() -> tuple[str | None, str | None, str | None]:
    asked = st.query_params
    return asked.get("window"), asked.get("from"), asked.get("to")


def _put_in_address(**values: str | None) -> None:
    """Write what is chosen into the address; None takes it out."""
    for name, value in values.items():
        if value is None:
            if name in st.query_params:
                del st.query_params[name]
        elif st.query_params.get(name) != value:
            st.query_params[name] = value
