"""How a file comes in: chosen, read by another process, its reading shown and corrected."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from afterword.errors import AfterwordError, ColumnError, SheetError
from afterword.files import reading as batches
from afterword.model.registry import load_manifest
from afterword.model.scored import Scored
from afterword.model.scored_files import read
from afterword.records import Batch, Choice
from afterword.settings import get_settings
from afterword.ui.copy import uploads as copy
from afterword.ui.shared.parts import escape, kept, once
from afterword.ui.shared.waiting import wait

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator
    from streamlit.runtime.uploaded_file_manager import UploadedFile


_FIELDS: Final = {
    "description": "description",
    "time": "time",
    "sheet": "sheet",
    "header": "header_row",
    "another table": "header_row",
    "date order": "date_order",
    "labels": "labels",
}
"""What a choice is of → the option that corrects it."""

MOST_OTHERS: Final = 4
"""Other readings that are offered as buttons; all are in the list of corrections."""


@dataclass(frozen=True)
class Upload:
    """A file that was read in this session.

    Attributes
    ----------
    key : names the file, and how it was read, within the session.
    content : a batch, or scored rows.
    """

    key: str
    content: Batch | Scored


def upload(label: str, key: str) -> Upload | None:
    """Ask for a file, read it once, show how, and say plainly when it cannot be read.

    Returns
    -------
    Upload or None if there is no file yet, or none that can be read.
    """
    settings = get_settings()
    limits = copy.LIMITS.format(rows=settings.max_rows, megabytes=settings.max_upload_mb)
    file = st.file_uploader(
        label,
        type=list(batches.SUPPORTED),
        key=f"{key}_file",
        max_upload_size=settings.max_upload_mb,
        on_change=forget,
        args=(key,),
    )
    st.caption(f"{limits} {copy.FILE_PRIVACY}")
    if file is None:
        return _still_here(key)
    corrected = _Corrections(key, file.file_id)
    try:
        found = _read(file, corrected, key)
    except AfterwordError as error:
        st.error(escape(str(error)), icon=":material/error:")
        if isinstance(error, ColumnError):
            corrected.ask("description", error.columns, None)
        if isinstance(error, SheetError):
            corrected.ask("sheet", error.sheets, None)
        corrected.offer_to_drop()
        return None
    return found


def can_be_corrected(key: str) -> bool:
    """Whether the file itself is still here: after another page only what was read of it is."""
    return bool(st.session_state.get(f"{key}_file"))


def show_reading(found: Upload, key: str, labels: str = copy.LABELS) -> DeltaGenerator | None:
    """What was taken for what, what of it is doubtful, and how to correct it: one compact box.

    Parameters
    ----------
    found, key : the file.
    labels : what its columns of labels were taken for.

    Returns
    -------
    Where :func:`tell_reading` writes the line again; None for scored rows, which have none.
    """
    if not isinstance(found.content, Batch):
        return None
    batch, corrected = found.content, _Corrections(key, found.key.partition("/")[0])
    with st.container(border=True, key=f"{key}_reading", gap="small"):
        line, corrections = st.columns([6, 1], vertical_alignment="center")
        place = line.empty()
        tell_reading(place, batch, labels)
        if can_be_corrected(key):
            with (
                corrections.container(horizontal_alignment="right"),
                st.popover(copy.CORRECT, icon=":material/edit:", type="tertiary"),
            ):
                st.caption(copy.CORRECT_NOTE)
                _ask_for_corrections(batch, corrected)
            corrected.offer_to_drop()
        for number, choice in enumerate(batch.reading.doubtful):
            with st.container(horizontal=True, vertical_alignment="center"):
                if choice.sentence:
                    st.markdown(escape(choice.sentence), width="content")
                if can_be_corrected(key):
                    corrected.offer(choice, number)
    return place


def tell_reading(place: DeltaGenerator, batch: Batch, labels: str) -> None:
    """Write what was taken for what; the parameters are those of :func:`show_reading`."""
    doubtful = batch.reading.doubtful
    title = f":orange[:material/help:] **{copy.CHECK_READING}**" if doubtful else copy.READ_ICON
    place.markdown(f"{title} {escape(copy.summary(batch, labels))}")


class _Corrections:
    """What a visitor chose otherwise than it was found, of one file."""

    def __init__(self, key: str, file_id: str) -> None:
        self.key, self.file_id = key, file_id

    @property
    def options(self) -> dict[str, Any]:
        """As :func:`afterword.read_batch` takes them; of this file, the next has its own."""
        of_files: dict[str, dict[str, Any]] = st.session_state.get(_corrections(self.key), {})
        return of_files.get(self.file_id, {})

    @property
    def place(self) -> str:
        """Names the file, and how it is read, within the session."""
        return f"{self.file_id}/{json.dumps(self.options, sort_keys=True)}"

    def correct(self, of: str, value: Any) -> None:
        """Have the file read again, with another choice."""
        options = {**self.options, _FIELDS[of]: value}
        st.session_state[_corrections(self.key)] = {self.file_id: options}

    def ask(self, of: str, values: tuple[str, ...], current: str | None, name: str = "") -> None:
        """Offer what else could be taken; only a choice of the visitor's own is heard.

        Parameters
        ----------
        of : what is chosen.
        values : to choose from.
        current : that which was taken.
        name : of the category whose label it is; "" also for a column that names categories.
        """
        # Of this reading: one that was undone would leave its choice in the list.
        place = f"{self.key}_{of}_{name}/{self.place}"

        def choose() -> None:
            chosen = st.session_state[place]
            if of != "labels":
                self.correct(of, chosen)
                return
            labels = {**self.options.get("labels", {}), name: chosen}
            self.correct(of, {one: column for one, column in labels.items() if column})

        st.selectbox(
            escape(copy.field(of, name)),
            values,
            index=values.index(current) if current in values else None,
            format_func=lambda value: copy.SHOWN.get(value, value) or copy.NOTHING[of],
            key=place,
            on_change=choose,
        )

    def ask_for_row(self, current: int) -> None:
        """Ask for the number of the row that holds the columns' names."""
        place = f"{self.key}_header/{self.place}"
        st.number_input(
            copy.FIELDS["header"],
            min_value=0,
            value=current,
            key=place,
            on_change=lambda: self.correct("header", st.session_state[place]),
        )

    def offer(self, choice: Choice, doubt: int) -> None:
        """Offer the other readings of a choice, the file's n-th doubt, as buttons."""
        others = [other for other in choice.others if other != choice.value]
        instead: list[tuple[str, Any, str]] = [
            (choice.of, other, copy.instead(other, choice.of)) for other in others
        ]
        if choice.of == "unread labels":
            instead = [("labels", {"": choice.value}, copy.THEY_ARE_LABELS)]
        if instead and instead[0][0] in _FIELDS:
            # Doubts can be of one kind, so they are told apart by their number.
            for number, (of, value, label) in enumerate(instead[:MOST_OTHERS]):
                st.button(
                    escape(label),
                    key=f"{self.key}_doubt_{doubt}_{number}/{self.file_id}",
                    on_click=self.correct,
                    args=(of, value),
                )

    def offer_to_drop(self) -> None:
        """Offer to go back to what was found."""
        if self.options:
            st.button(
                copy.AS_FOUND,
                key=f"{self.key}_as_found/{self.file_id}",
                icon=":material/undo:",
                on_click=lambda: st.session_state.pop(_corrections(self.key), None),
            )


def take_for_labels(key: str, found: Upload) -> None:
    """Have a file read again with its columns of categories' names as true labels."""
    if isinstance(found.content, Batch):
        corrected = _Corrections(key, found.key.partition("/")[0])
        corrected.correct("labels", dict(found.content.columns.labels))


def _ask_for_corrections(batch: Batch, corrected: _Corrections) -> None:
    names = tuple(map(str, batch.table.columns))
    columns, reading = batch.columns, batch.reading
    corrected.ask("description", names, columns.description)
    corrected.ask("time", ("", *names), columns.time or "")
    if "sheet" in reading and reading["sheet"].others:
        corrected.ask("sheet", reading["sheet"].others, str(reading.value("sheet")))
    if "header" in reading:
        corrected.ask_for_row(reading.value("header"))
    if reading.value("date order") in copy.ORDERS:
        corrected.ask("date order", tuple(copy.ORDERS), str(reading.value("date order")))
    corrected.ask("labels", ("", *names), columns.labels_from_names)
    for category in load_manifest().categories:
        current = "" if columns.labels_from_names else columns.labels.get(category, "")
        corrected.ask("labels", ("", *names), current, category)


def _corrections(key: str) -> str:
    return f"{key}_corrections"


def _still_here(key: str) -> Upload | None:
    """The file of before the visitor went to another page, where its widget ended."""
    place: str = st.session_state.get(f"{key}_place", "")
    content = kept(place, f"{key}_read")
    if place and content is None:
        st.info(copy.NOT_READ, icon=":material/info:")
    if not isinstance(content, Batch | Scored):
        return None
    with st.container(horizontal=True, vertical_alignment="center"):
        st.write(copy.STILL_HERE)
        st.button(copy.REMOVE_FILE, key=f"{key}_remove", on_click=forget, args=(key,))
    return Upload(place, content)


def forget(key: str) -> None:
    """Drop all that was read and made of a file that the visitor has changed or taken away.

    Of every way in which it was read, not of the last one alone.
    """
    st.session_state.pop(_corrections(key), None)
    place: str | None = st.session_state.pop(f"{key}_place", None)
    if place is None:
        return
    file = place.partition("/")[0]
    made = st.session_state.get("_made", {})
    for entry in [entry for entry in made if entry[1].partition("/")[0] == file]:
        del made[entry]


def _read(file: UploadedFile, corrected: _Corrections, key: str) -> Upload:
    place = corrected.place
    st.session_state[f"{key}_place"] = place
    with st.spinner(copy.READING, show_time=True):
        content = once(place, f"{key}_read", lambda: _read_content(file, corrected.options))
    if isinstance(content, AfterwordError):
        raise content.with_traceback(None)  # else it grows, and keeps what each run held
    return Upload(place, content)


def _read_content(file: UploadedFile, options: dict[str, Any]) -> Batch | Scored | AfterwordError:
    """Errors are kept too: a file that cannot be read is not read again at every click."""
    try:
        found: Batch | Scored = read(
            file.getvalue(),
            name=file.name,
            categories=load_manifest().columns,
            wait=wait,
            **options,
        )
    except AfterwordError as error:
        return error
    return found
