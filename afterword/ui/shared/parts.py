"""Parts that pages share: how a file comes in, how a chart and a level are shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from afterword import palette
from afterword.deployment import get_deployment
from afterword.errors import AfterwordError
from afterword.model.registry import load_model
from afterword.ui.copy import shared as copy

if TYPE_CHECKING:
    import plotly.graph_objects as go

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


def small_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Show a few lines as a table of Markdown, which needs no pandas, as the first page has none.

    Parameters
    ----------
    columns : their names.
    rows : the cells of each.
    """
    lines = [columns, ["---"] * len(columns), *([*map(escape, row)] for row in rows)]
    st.markdown("\n".join(f"| {' | '.join(line)} |" for line in lines))


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


def dark() -> bool:
    """Whether the page stands on a dark ground."""
    return st.context.theme.type == "dark"


_NUMBERED: Final = "|".join(rf"(?<=^\d{{{digits}}})\." for digits in range(1, 10))
"""The point behind the number that a line begins with: of a list, up to nine digits."""
_SIGNS: Final = re.compile(
    rf"""[\\`*{{}}\[\]()<>#+!|~$&] | :(?=\S)  # of Markdown, of HTML and of Streamlit's own
    | ^[-=] | {_NUMBERED}  # lists, a line below a title
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
