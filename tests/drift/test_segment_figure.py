"""The figure of parts says what their records say, and so do its words."""

from __future__ import annotations

from typing import Any

from afterword.drift.segment import FEW, MOVED, STAYED, Segment
from afterword.drift.segment_figure import segments, segments_alt


def part(level: str, label: str, **figures: Any) -> Segment:
    rows: dict[str, Any] = {"batch": 0.8, "low": 0.7, "high": 0.9, "reference": 0.3, "excess": 1.5}
    told: dict[str, Any] = {**rows, "chance_low": 0.1, "chance_high": 0.5, **figures}
    return Segment(60, level, label=label, measure="Ogling probability", **told)


FOUND = (
    part(MOVED, "“<b>Harbourtown</b>”"),
    part(STAYED, "“Hillview”", batch=0.35),
    Segment(12, FEW, label="“Lakeside”"),
)


def test_parts_with_too_few_rows_are_not_drawn_and_markup_is_text() -> None:
    figure = segments(FOUND)
    texts = [one.text for one in figure.layout.annotations]
    assert len(texts) == 2
    assert "&lt;b&gt;Harbourt" in texts[0]
    assert {one.name for one in figure.data} >= {MOVED, STAYED}
    moved = next(one for one in figure.data if one.name == MOVED)
    assert (moved.x[0], moved.error_x.array[0]) == (0.8, 0.9 - 0.8)
    chance = figure.data[0]
    assert [low + width for low, width in zip(chance.base, chance.x, strict=True)] == [0.5, 0.5]


def test_the_words_say_what_the_figure_shows() -> None:
    told = segments_alt(FOUND)
    assert "60 descriptions, Ogling 80 % (70–90), training 30 % (moved)" in told
    assert "Lakeside" not in told


def test_no_more_parts_are_drawn_than_there_is_room_for() -> None:
    figure = segments([part(STAYED, f"“{letter}”") for letter in "abcdefgh"], most=3, dark=True)
    assert len(figure.layout.annotations) == 3
