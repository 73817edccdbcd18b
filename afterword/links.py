"""Addresses of pages, for what is read elsewhere: messages, mails, the page that is passed on.

They begin with the setting ``AFTERWORD_PUBLIC_URL``. No address holds a text, a name or a value.
"""

from __future__ import annotations

from urllib.parse import urlencode

from afterword.settings import get_settings


def address_of(page: str = "", **asked: str) -> str:
    """The address of a page in a browser.

    Parameters
    ----------
    page : "drift", "monitoring"; "" for the Overview.
    asked : what the page shall show, by the names that it has in its address.

    >>> address_of("monitoring", data="samples")
    'http://localhost:8501/monitoring?data=samples'
    """
    query = f"?{urlencode(asked)}" if asked else ""
    return f"{get_settings().public_url.rstrip('/')}/{page}{query}"


def address_of_check(number: int, *, sample: bool = False) -> str:
    """The address of a check that is kept.

    Parameters
    ----------
    number : of the check in its store.
    sample : whether it is one of the loaded samples.

    >>> address_of_check(12)
    'http://localhost:8501/drift?check=12'
    """
    return address_of("drift", check=str(number), **({"data": "samples"} if sample else {}))
