"""The server of Afterword: the pages' router on every visit, and, imported, the one server."""

from __future__ import annotations

from functools import partial
from typing import Final, Literal, NamedTuple

import streamlit as st


class Page(NamedTuple):
    """A page: its file, what the navigation says, its address, and whether it stands there."""

    page: str
    title: str
    icon: str
    url_path: str
    visibility: Literal["visible", "hidden"] = "visible"


PAGES: Final = (
    Page("pages/overview.py", "Overview", ":material/home:", ""),
    Page("pages/classify.py", "Classify", ":material/label:", "classify"),
    Page("pages/drift.py", "Drift", ":material/compare_arrows:", "drift"),
    Page("pages/review.py", "Review", ":material/rate_review:", "review"),
    Page("pages/monitoring.py", "Monitoring", ":material/monitoring:", "monitoring"),
    Page("pages/help.py", "Help", ":material/menu_book:", "help", "hidden"),
)


def show() -> None:
    """Show the page that the address asks for."""
    from afterword.ui.shared import frame  # not by the server, which listens before it prepares

    # First, and a local file: Streamlit fetches a page's icon from another host otherwise.
    st.set_page_config("Afterword", str(frame.ICON), "wide")
    pages = [st.Page(**one._asdict(), default=not one.url_path) for one in PAGES]
    frame.show(st.navigation(pages, position="top"))


if __name__ == "__main__":
    show()
else:
    from starlette.middleware import Middleware
    from streamlit.runtime.pages_manager import PagesManager

    from afterword.api.addresses import routes_to
    from afterword.api.guard import Guard
    from afterword.api.late import LateService
    from afterword.monitoring.lifespan import running
    from afterword.ui.prepare import prepare
    from afterword.ui.server import configured, refuse_if_open, visitors

    PagesManager.uses_pages_directory = False  # else pages/ answers the first visitor, not this
    st.secrets.load_if_toml_exists()  # some hosts keep settings there; now they are variables
    refuse_if_open()
    service, guard = LateService(), [Middleware(Guard, configured)]
    life = partial(running, visitors, partial(prepare, service.make))
    app = st.App(__file__, routes=routes_to(service), middleware=guard, lifespan=life)
