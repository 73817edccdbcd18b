"""The door of Afterword: the pages' router on every visit, and, imported, the one server."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

import streamlit as st

from afterword.ui.shared import frame

ROOT: Final = Path(__file__).resolve().parent


class Page(NamedTuple):
    """A page: its file, what the navigation says, and its address."""

    file: str
    title: str
    icon: str
    address: str


PAGES: Final = (
    Page("overview.py", "Overview", ":material/home:", ""),
    Page("classify.py", "Classify", ":material/label:", "classify"),
    Page("drift.py", "Drift", ":material/compare_arrows:", "drift"),
    Page("review.py", "Review", ":material/rate_review:", "review"),
    Page("monitoring.py", "Monitoring", ":material/monitoring:", "monitoring"),
)


def show() -> None:
    """Show the page that the address asks for."""
    # First, and a local file: Streamlit fetches a page's icon from another host otherwise.
    st.set_page_config("Afterword", str(frame.ICON), "wide")
    pages = [
        st.Page(ROOT / "pages" / file, title=title, icon=icon, url_path=path, default=not path)
        for file, title, icon, path in PAGES
    ]
    frame.show(st.navigation(pages, position="top"))


if __name__ == "__main__":
    show()
else:
    from starlette.middleware import Middleware
    from streamlit.runtime.pages_manager import PagesManager

    from afterword.api.guard import Guard
    from afterword.api.service import routes
    from afterword.monitoring.background import watching
    from afterword.ui.classify.view import warm_up
    from afterword.ui.shared.session import configured, visitors

    PagesManager.uses_pages_directory = False  # else pages/ answers the first visitor, not this
    st.secrets.load_if_toml_exists()  # some hosts keep settings there; now they are variables
    warm_up()
    guard = [Middleware(Guard, configured)]
    app = st.App(__file__, routes=routes(), middleware=guard, lifespan=lambda _: watching(visitors))
