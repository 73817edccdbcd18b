"""What the page Help shows: the document that the address names."""

from __future__ import annotations

from typing import Final

import streamlit as st

from afterword.ui.copy import help as copy
from afterword.ui.help.documents import INDEX, Document, Entry, Picture, Text, names, read
from afterword.ui.shared import parts

_ADDRESS: Final = "page"
"""The document in the address."""
_WIDTH_PX: Final = 800
"""Lines that are longer are hard to read."""
_STYLE: Final = """
<style>
/* On a phone a table's long names break, so that the page does not scroll sideways. */
.st-key-document :is(td, th, td code) { overflow-wrap: anywhere; white-space: normal; }
</style>
"""


def choose_document() -> Document:
    """The document that the address names; the list of all where there is none of that name."""
    asked = st.query_params.get(_ADDRESS, INDEX)
    known = asked in names()
    document = read(asked if known else INDEX)
    # From one document to the next Streamlit leaves the browser's address as it is.
    st.query_params.from_dict({**st.query_params, _ADDRESS: asked})
    st.title(document.title, anchor=False)
    if not known:
        st.info(copy.UNKNOWN, icon=":material/link_off:")
    return document


def show_document(document: Document) -> None:
    """Its text and pictures, and links to the documents that it names."""
    st.html(_STYLE)
    with st.container(width=_WIDTH_PX, key="document"):
        for piece in document.pieces:
            match piece:
                case Text():
                    st.markdown(piece.markdown)
                case Picture():
                    st.image(str(piece.dark if parts.dark() else piece.path), alt=piece.alt)
                case Entry():
                    _show_entry(piece)
        if document.see_also:
            st.header(copy.SEE_ALSO, anchor=False)
            for entry in document.see_also:
                _show_entry(entry)
        st.divider()
        _show_entry(Entry(INDEX, copy.ALL_DOCUMENTS))


def _show_entry(entry: Entry) -> None:
    parts.document_link(entry.title, entry.name)
    if entry.about:
        st.caption(entry.about)
