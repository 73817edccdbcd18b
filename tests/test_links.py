"""Addresses in messages lead to the page, and begin with what the operator set."""

from __future__ import annotations

from pathlib import Path

import pytest

from afterword.errors import SettingsError
from afterword.links import address_of, address_of_check
from afterword.settings import get_settings


def public_at(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("AFTERWORD_PUBLIC_URL", url)
    get_settings.cache_clear()


@pytest.fixture(autouse=True)
def settings_of_its_own(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("AFTERWORD_PUBLIC_URL", raising=False)
    get_settings.cache_clear()
    yield
    monkeypatch.undo()
    get_settings.cache_clear()


@pytest.mark.parametrize(
    ("public", "address"),
    [
        ("https://afterword.example.org", "https://afterword.example.org/drift?check=12"),
        ("https://example.org/afterword/", "https://example.org/afterword/drift?check=12"),
        ("http://192.168.1.5:8501", "http://192.168.1.5:8501/drift?check=12"),
        ("http://[::1]:8501/", "http://[::1]:8501/drift?check=12"),
    ],
)
def test_the_address_of_a_check_begins_with_the_setting(
    monkeypatch: pytest.MonkeyPatch, public: str, address: str
) -> None:
    public_at(monkeypatch, public)
    assert address_of_check(12) == address


def test_a_check_of_the_samples_says_so_in_its_address() -> None:
    assert address_of_check(3, sample=True).endswith("/drift?check=3&data=samples")


def test_what_a_page_is_asked_for_cannot_end_its_address() -> None:
    asked = address_of("monitoring", data="a&b=c#d e")
    assert asked.endswith("/monitoring?data=a%26b%3Dc%23d+e")
    assert address_of() == "http://localhost:8501/"


@pytest.mark.parametrize(
    "public",
    [
        "",
        "afterword.example.org",
        "ftp://example.org",
        "https://",
        "https://user:secret@example.org",
        "https://example.org/?check=1",
        "https://example.org/#top",
        "https://example.org/a page",
        "https://example.org\nhttps://elsewhere.example.org",
        "javascript:alert(1)",
    ],
)
def test_what_no_address_can_begin_with_is_refused_with_an_example(
    monkeypatch: pytest.MonkeyPatch, public: str
) -> None:
    public_at(monkeypatch, public)
    with pytest.raises(SettingsError, match=r"AFTERWORD_PUBLIC_URL .*https://afterword") as told:
        get_settings()
    assert "secret" not in str(told.value)


def test_the_addresses_of_the_documents_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    told = (Path(__file__).parents[1] / "docs" / "deploy.md").read_text(encoding="utf-8")
    lines = [line for line in told.splitlines() if "AFTERWORD_PUBLIC_URL=" in line]
    assert lines
    for line in lines:
        public_at(monkeypatch, line.partition("AFTERWORD_PUBLIC_URL=")[2].strip())
        assert get_settings().public_url.startswith("https://")
