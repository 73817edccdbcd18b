"""The page Help: every document can be read in the app, and every page leads to its own."""

import re
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from afterword.ui.copy import help as copy
from afterword.ui.copy.shared import HOW_THIS_WORKS
from afterword.ui.help import documents
from afterword.ui.help.documents import Entry, Picture, Text
from tests.pages.conftest import CLASSIFY, DRIFT, MONITORING, OVERVIEW, REVIEW, said

HELP = "pages/help.py"
Open = Callable[[str], AppTest]


def links_of(page: AppTest) -> dict[str, str]:
    """Labels of the links to documents → the documents."""
    return {
        link.proto.label: link.proto.query_string.removeprefix("page=")
        for link in page.get("page_link")
        if link.proto.query_string.startswith("page=")
    }


@pytest.mark.parametrize("page", [OVERVIEW, CLASSIFY, DRIFT, REVIEW, MONITORING])
def test_every_page_leads_to_the_document_that_explains_it(open_page: Open, page: str) -> None:
    assert links_of(open_page(page))[HOW_THIS_WORKS] in documents.names()


def test_help_shows_the_document_that_the_address_names(open_page: Open) -> None:
    visit = open_page(HELP)
    visit.query_params["page"] = "tour"
    visit.run()
    assert visit.title[0].value == "A tour of five minutes"
    assert "The verdict is one of four words" in said(visit)
    assert links_of(visit)["Classify a file"] == "classify-a-file"
    assert links_of(visit)[copy.ALL_DOCUMENTS] == documents.INDEX


def test_help_lists_every_document_by_what_it_is_for(open_page: Open) -> None:
    visit = open_page(HELP)
    listed = set(links_of(visit).values())
    assert listed == set(documents.names())
    assert "For somebody who has never seen Afterword" in said(visit)


@pytest.mark.parametrize("name", ["../settings", "README.md", "", "/etc/passwd", "\0"])
def test_a_name_that_is_no_document_shows_the_list(open_page: Open, name: str) -> None:
    visit = open_page(HELP)
    visit.query_params["page"] = name
    visit.run()
    assert visit.info[0].value == copy.UNKNOWN
    assert visit.title[0].value == "Documents"


def test_help_needs_no_model(no_model: object, open_page: Open) -> None:
    assert copy.ALL_DOCUMENTS in links_of(open_page(HELP))


@pytest.mark.parametrize("name", documents.names())
def test_a_document_loses_nothing_but_its_links(name: str) -> None:
    document = documents.read(name)
    source = (documents.FOLDER / f"{name}.md").read_text(encoding="utf-8")
    assert source.startswith(f"# {document.title}\n")
    assert sum(isinstance(piece, Picture) for piece in document.pieces) == source.count("![")
    text = "\n".join(piece.markdown for piece in document.pieces if isinstance(piece, Text))
    assert not re.search(r"\]\((?!#|https?://)", text)
    entries = [piece for piece in document.pieces if isinstance(piece, Entry)]
    for word in re.findall(r"\w+", re.sub(r"\]\([^)]*\)|!\[[^\]]*", "", source)):
        whole = f"{document.title} {text} {entries}".lower()
        assert word.lower() in whole or (name == documents.INDEX and word == "page"), word
