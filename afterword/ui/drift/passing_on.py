"""Parts of the page "Drift" by which a check is passed on: the one page, and its address."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import streamlit as st

from afterword.links import address_of_check
from afterword.model.registry import version_of
from afterword.reports.about import About
from afterword.settings import get_settings
from afterword.ui.copy import drift as copy
from afterword.ui.copy import drift_past_checks as past_checks_copy
from afterword.ui.drift.view import is_sample
from afterword.ui.shared import parts, uploads

if TYPE_CHECKING:
    from afterword.drift.result import CheckResult
    from afterword.store.checks import KeptCheck

_HTML: Final = "text/html"


def about(upload: uploads.Upload, *, stream: str = "", period: str = "") -> About:
    """What a file says of the check of an upload: by which model, when, and under which number.

    Parameters
    ----------
    upload : that was checked.
    stream, period : that it is of; "" where it is of none.
    """
    at: datetime = parts.once(upload.key, "checked_at", lambda: datetime.now(UTC))
    number = parts.kept(upload.key, "kept_check")
    sample = is_sample(upload)
    return About(stream, period, version_of(), number, at, sample=sample)


def offer(
    upload: uploads.Upload, result: CheckResult, *, stream: str = "", period: str = ""
) -> None:
    """Offer the check of an upload as one page, and as JSON.

    Parameters
    ----------
    upload, result : of the check, by the column that the visitor chose.
    stream, period : as of :func:`about`.
    """
    told = about(upload, stream=stream, period=period)

    def page() -> str:
        from afterword.reports import one_page

        return one_page.page(result, about=told)

    with st.container(horizontal=True, key="pass_on"):
        parts.download(copy.DOWNLOAD_PAGE, page, told.file_name("html"), _HTML)
        parts.download(
            copy.DOWNLOAD_RESULT,
            lambda: json.dumps(result.to_dict(), indent=2, ensure_ascii=False),
            "check.json",
            "application/json",
        )


def offer_kept(kept: KeptCheck, *, stream: str = "", period: str = "") -> None:
    """Offer a kept check as one page, and its address to copy.

    Parameters
    ----------
    kept : from the store.
    stream, period : that it is of; "" where it is of none.
    """

    def page() -> bytes:
        from afterword.reports import one_page

        return one_page.page_of(kept, stream=stream, period=period).content

    name = About.of(kept, stream=stream, period=period).file_name("html")
    with st.container(horizontal=True, key="past_pass_on"):
        parts.download(copy.DOWNLOAD_PAGE, page, name, _HTML)
        with st.popover(past_checks_copy.COPY_LINK, icon=":material/link:"):
            st.caption(past_checks_copy.COPY_LINK_NOTE)
            st.code(_address(kept), language=None, wrap_lines=True)


def _address(kept: KeptCheck) -> str:
    """The address as the visitor's own browser has it, unless the operator set another."""
    told = address_of_check(kept.id, sample=kept.sample)
    here = st.context.url
    if not here or "public_url" in get_settings().model_fields_set:
        return told
    return f"{here.rstrip('/').removesuffix('/drift')}/drift?{told.partition('?')[2]}"
