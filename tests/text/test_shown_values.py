"""Which values of a column are shown: none that few hold, none that may be somebody's."""

from __future__ import annotations

import pytest

from afterword.text.shown_values import LONGEST, may_show


@pytest.mark.parametrize("value", ["Harbourtown", "web form", "app", "A", "no", "", "New Delhi"])
def test_usual_values_are_shown(value: str) -> None:
    assert may_show(value, 5)


@pytest.mark.parametrize(
    "value",
    [
        "Grace", "Grace Smith", "zoltan smith", "KM", "12", "room 12", "2025-W11", "+44 20 7946",
        "@quietfox", "quietfox@example.org", "example.org", "https://example", "a/b", "#metoo",
        "x" * (LONGEST + 1),
    ],
)  # fmt: skip
def test_what_may_be_a_name_a_number_an_address_or_a_text_is_not(value: str) -> None:
    assert not may_show(value, 1_000)


def test_what_fewer_than_five_descriptions_hold_is_not() -> None:
    assert not may_show("Harbourtown", 4)
