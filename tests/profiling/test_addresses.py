"""Which addresses may be read: nothing that is not below one of those that are allowed."""

from __future__ import annotations

import pickle

import pytest

from afterword.errors import BatchError
from afterword.profiling.addresses import (
    Address,
    check_allowed,
    is_address,
    is_allowed,
    local_path,
    shown,
)
from afterword.settings import Settings, get_settings


@pytest.fixture(autouse=True)
def allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two folders on the web, a bucket and a folder of another one."""
    settings = Settings(
        addresses=(
            "https://Files.example.org/exports/, http://localhost:8000/, s3://ours, gs://theirs/logs/"
        )
    )
    monkeypatch.setattr("afterword.profiling.addresses.get_settings", lambda: settings)


@pytest.mark.parametrize(
    "address",
    [
        "https://files.example.org/exports/week.csv",
        "HTTPS://FILES.EXAMPLE.ORG:443/exports/2026/week.csv?X-Amz-Signature=abc",
        "https://somebody:secret@files.example.org/exports/a%20week.csv",
        "https://files.example.org/exports",
        "http://localhost:8000/week.csv",
        "s3://ours/week.csv",
        "s3://ours",
        "gs://theirs/logs/2026/week.csv",
        "file:///data/week.csv",
        "memory://week.csv",
    ],
)
def test_what_lies_below_an_allowed_address_may_be_read(address: str) -> None:
    check_allowed(address)


@pytest.mark.parametrize(
    "address",
    [
        "https://files.example.org.evil.net/exports/week.csv",
        "https://files.example.org@evil.net/exports/week.csv",
        "https://files.example.org:443@evil.net/exports/week.csv",
        "https://evil.net/https://files.example.org/exports/week.csv",
        "https://evil.net?https://files.example.org/exports/week.csv",
        "https://evil.net#@files.example.org/exports/week.csv",
        "https://evil.net\\@files.example.org/exports/week.csv",
        "https://evil.net/\\@files.example.org/exports/week.csv",
        "https://files.example.org\t@evil.net/exports/week.csv",
        "https://files.example.org/exports/../secret.csv",
        "https://files.example.org/exports/%2e%2E/secret.csv",
        "https://files.example.org/exports/%252e%252e/secret.csv",
        "https://files.example.org/exports/..%2fsecret.csv",
        "https://files.example.org/exports/..;/secret.csv",
        "https://files.example.org/exports%2Fweek.csv",
        "https://files.example.org/exports2/week.csv",
        "https://files.example.org/Exports/week.csv",
        "https://files.example.org/",
        "https://files.example.org:8443/exports/week.csv",
        "https://files.example.org./exports/week.csv",
        "https://FILES.example.org%2eevil.net/exports/week.csv",
        "https://filеs.example.org/exports/week.csv",  # a Cyrillic letter
        "http://files.example.org/exports/week.csv",
        "https://localhost:8000/week.csv",
        "http://localhost/week.csv",
        "http://localhost:80000/week.csv",
        "s3://ours2/week.csv",
        "s3://ours@theirs/week.csv",
        "s3://OURS/week.csv",
        "s3:///ours/week.csv",
        "gs://theirs/logs2/week.csv",
        "gs://theirs/logs/../week.csv",
        "simplecache::https://files.example.org/exports/week.csv",
        "simplecache::s3://ours/week.csv",
        "zip://week.csv::https://files.example.org/exports/weeks.zip",
        "reference::https://files.example.org/exports/week.csv",
        "reference://files.example.org/exports/week.csv",
        "ftp://files.example.org/exports/week.csv",
        "github://us:data@main/week.csv",
        "file://evil.net/share/week.csv",
        "https:///week.csv",
        "https://",
    ],
)
def test_nothing_else_may_be_read(address: str) -> None:
    assert is_address(address)
    assert not is_allowed(address)
    with pytest.raises(BatchError):
        check_allowed(address)


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("https://elsewhere.org/week.csv", "set AFTERWORD_ADDRESSES=https://elsewhere.org/ to"),
        ("s3://other/week.csv", "set AFTERWORD_ADDRESSES=s3://other/ to"),
        ("simplecache::s3://ours/week.csv", "An address inside another one is not read."),
        ("ftp://files.example.org/week.csv", "begin with s3://"),
        ("file://evil.net/week.csv", "write three slashes"),
        ("https://files.example.org/exports/../week.csv", "more than one way"),
    ],
)
def test_a_refusal_says_what_helps(address: str, what: str) -> None:
    with pytest.raises(BatchError) as raised:
        check_allowed(address)
    assert what in str(raised.value)


def test_nothing_is_allowed_unless_somebody_allows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("afterword.profiling.addresses.get_settings", Settings)
    assert not is_allowed("https://files.example.org/exports/week.csv")
    assert not is_allowed("s3://ours/week.csv")
    assert is_allowed("file:///data/week.csv")


@pytest.mark.parametrize(
    "value",
    [
        "https://", "s3://", "*", "https://*.example.org/", "https://user:secret@example.org/",
        "https://example.org/?key=1", "files.example.org", "ftp://example.org/", "s3://ours/*.csv",
        "s3://ours/[a-z]", "https://example.org\\/", "file:///data/",
    ],
)  # fmt: skip
def test_the_setting_refuses_what_is_no_beginning_of_an_address(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from afterword.errors import SettingsError

    monkeypatch.setenv("AFTERWORD_ADDRESSES", value)
    get_settings.cache_clear()
    try:
        with pytest.raises(SettingsError, match=r"AFTERWORD_ADDRESSES is not valid: .*s3://") as it:
            get_settings()
        assert "secret" not in str(it.value)
    finally:
        get_settings.cache_clear()


def test_nothing_shows_what_opens_an_address() -> None:
    opening = "https://somebody:secret@files.example.org/week.csv?X-Amz-Signature=secret#secret"
    for text in (repr(Address(opening)), str(Address(opening)), f"{[Address(opening)]}"):
        assert "https://files.example.org/week.csv" in text
        assert "secret" not in text
    assert shown("https://somebody:secret@elsewhere\\?secret") == "an address"
    assert pickle.loads(pickle.dumps(Address(opening))).text == opening


def test_a_path_is_no_address() -> None:
    for path in ("week.csv", "logs/*.csv", "C:/week.csv", "C:\\week.csv", "a:b", "https:/x"):
        assert not is_address(path)
    assert local_path("file:///data/a%20week.csv") == "/data/a week.csv"
    assert local_path("file://localhost/data/week.csv") == "/data/week.csv"
    assert local_path("memory://week.csv") is None
