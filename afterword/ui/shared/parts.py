"""Parts that pages share: how a file comes in, how a chart and a level are shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from afterword import palette
from afterword.deployment import get_deployment
from afterword.errors import AfterwordError, ColumnError
from afterword.files import reading as batches
from afterword.model.registry import load_manifest, load_model
from afterword.model.scored_files import read
from afterword.records import Batch, Scored
from afterword.settings import get_settings
from afterword.ui.copy import shared as copy

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from afterword.model.classifier import Classifier

PARQUET = "application/vnd.apache.parquet"
EDGES: Final[dict[copy.Colour, str]] = {
    "green": "#1f8a4c",
    "orange": palette.AMBER,
    "red": palette.RED,
    "gray": palette.SLATE,
}
"""The edge of a box that says how things are, beside its icon and word."""
_CHART = {"displayModeBar": False, "responsive": True}


@dataclass(frozen=True)
class Upload:
    """A file that was read in this session.

    Attributes
    ----------
    key : names the file and the chosen column within the session.
    content : a batch, or scored rows.
    """

    key: str
    content: Batch | Scored


def model_or_stop() -> Classifier:
    """The model in service; without one the page ends with what to do."""
    try:
        get_deployment()
        return load_model()
    except AfterwordError as error:
        st.error(escape(str(error)), icon=":material/error:")
        st.stop()


def head(title: str, lead: str, document: str) -> None:
    """Show a page's title and lead, and beside it the link to the document that explains it."""
    st.title(title)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(lead, width="content")
        document_link(copy.HOW_THIS_WORKS, document)


def document_link(label: str, document: str) -> None:
    """Lead to a document of the page Help, in the same tab and session."""
    st.page_link(
        "pages/help.py",
        label=label,
        icon=":material/menu_book:",
        query_params={"page": document},
    )


def chart(figure: go.Figure, alt: str, key: str) -> None:
    """Show a figure with its words for those who do not see it."""
    st.plotly_chart(figure, config=_CHART, alt=alt, key=key)


def download(
    label: str, content: bytes | str | Callable[[], bytes | str], name: str, mime: str
) -> None:
    """Offer a file; a function is called only when somebody asks for it.

    Parameters
    ----------
    label : of the button.
    content : of the file, or what makes it.
    name, mime : of the file.
    """
    st.download_button(
        label, content, name, mime, on_click="ignore", icon=":material/download:", key=name
    )


def upload(label: str, key: str) -> Upload | None:
    """Ask for a file, read it once, and say plainly when it cannot be read.

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
    # Of this file: the next one has columns of its own.
    place = f"{key}_column/{file.file_id}"
    chosen = st.session_state.get(_chosen(key), {}).get(place)
    try:
        found = _read(file, chosen, key)
    except AfterwordError as error:
        st.error(escape(str(error)), icon=":material/error:")
        if isinstance(error, ColumnError):
            _choose_column(error.columns, None, key, place)
        return None
    if isinstance(found.content, Batch) and len(found.content.table.columns) > 1:
        names = tuple(map(str, found.content.table.columns))
        _choose_column(names, found.content.columns.description, key, place)
    return found


def _choose_column(names: tuple[str, ...], current: str | None, key: str, place: str) -> None:
    """Offer the columns; only a choice of the visitor's own makes the file be read again."""

    def choose() -> None:
        st.session_state[_chosen(key)] = {place: st.session_state[place]}

    st.selectbox(
        copy.CHOOSE_COLUMN,
        names,
        index=names.index(current) if current in names else None,
        key=place,
        on_change=choose,
    )


def _chosen(key: str) -> str:
    return f"{key}_chosen"


def once(key: str, name: str, make: Any) -> Any:
    """Make something once for a file of this session, and keep it until another file comes.

    Parameters
    ----------
    key : of the upload; a new one drops what was made for the one before.
    name : of the thing.
    make : called without arguments if it is not kept yet.
    """
    kept = st.session_state.setdefault("_made", {})
    place = (name, key)
    if place not in kept:
        for other in [other for other in kept if other[0] == name]:
            del kept[other]
        kept[place] = make()
    return kept[place]


def kept(key: str, name: str) -> Any:
    """What :func:`once` keeps, or None."""
    return st.session_state.get("_made", {}).get((name, key))


def last(name: str) -> Any:
    """What :func:`once` keeps under a name, of whichever file it is, or None."""
    made = st.session_state.get("_made", {})
    return next((content for (of, _), content in made.items() if of == name), None)


def drop(key: str, name: str) -> None:
    """Forget what :func:`once` keeps."""
    st.session_state.get("_made", {}).pop((name, key), None)


def _still_here(key: str) -> Upload | None:
    """The file of before the visitor went to another page, where its widget ended."""
    place: str = st.session_state.get(f"{key}_place", "")
    content = kept(place, f"{key}_read")
    if not isinstance(content, Batch | Scored):
        return None
    with st.container(horizontal=True, vertical_alignment="center"):
        st.write(copy.STILL_HERE)
        st.button(copy.REMOVE_FILE, key=f"{key}_remove", on_click=forget, args=(key,))
    return Upload(place, content)


def forget(key: str) -> None:
    """Drop all that was read and made of a file that the visitor has changed or taken away.

    Of every column that was chosen in it, not of the last one alone.
    """
    st.session_state.pop(_chosen(key), None)
    place: str | None = st.session_state.pop(f"{key}_place", None)
    if place is None:
        return
    file = place.partition("/")[0]
    made = st.session_state.get("_made", {})
    for entry in [entry for entry in made if entry[1].partition("/")[0] == file]:
        del made[entry]


def _read(file: UploadedFile, column: str | None, key: str) -> Upload:
    place = f"{file.file_id}/{column}"
    st.session_state[f"{key}_place"] = place
    with st.spinner(copy.READING, show_time=True):
        content = once(place, f"{key}_read", lambda: _read_content(file, column))
    if isinstance(content, AfterwordError):
        raise content
    return Upload(place, content)


def _read_content(file: UploadedFile, column: str | None) -> Batch | Scored | AfterwordError:
    """Errors are kept too: a file that cannot be read is not read again at every click."""
    try:
        return read(
            file.getvalue(),
            name=file.name,
            description=column,
            categories=load_manifest().columns,
        )
    except AfterwordError as error:
        return error


def dark() -> bool:
    """Whether the page stands on a dark ground."""
    return st.context.theme.type == "dark"


_SIGNS: Final = re.compile(
    r"""[\\`*{}\[\]()<>#+!|~$&] | :(?=\S)  # of Markdown, of HTML and of Streamlit's own
    | ^[-=] | (?<=^\d)\. | (?<=^\d\d)\. | (?<=^\d\d\d)\.  # lists, a line below a title
    | (?<![^\W_])_ | _(?![^\W_])  # within a word it is a letter like others
    """,
    re.VERBOSE,
)
_CUTS: Final = re.compile(
    r"""(?=@)  # a@b.c
    | (?<=www)(?=\.)
    | (?<=:)(?=[^\s:]+:|//)  # :smile:, :material/home:, http://
    | (?<=[-<>=~])(?=[-<>=~])  # ->, --, >=
    """,
    re.VERBOSE | re.IGNORECASE,
)
_PERCENT: Final = re.compile(r"(?<=\d) %")
_CUT: Final = ":color[]"
"""Draws nothing, and parts a text in two. In the browser links, icons and arrows are made out of a
text when no backslash is left in it, but never across two texts."""


def escape(text: str) -> str:
    """Show a text as it is: no Markdown, HTML, link or icon; no line ends between 5 and %."""
    line = " ".join(text.replace("\0", "").splitlines())
    line = _PERCENT.sub("\N{NO-BREAK SPACE}%", line)
    # A line that begins with four spaces would be a block of code.
    begin = "&#32;" if line[:1].isspace() else ""
    return begin + _SIGNS.sub(r"\\\g<0>", _CUTS.sub("\0", line)).replace("\0", _CUT)
