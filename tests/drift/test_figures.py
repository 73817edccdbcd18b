"""Figures of a check: what they show, leave out and say."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from afterword import palette
from afterword.drift import figures, wording
from afterword.drift.detectable import Detectable
from afterword.drift.wording import detectable_sentence
from afterword.measures.definitions import Measure
from afterword.measures.word_changes import WordChange


def measure(excess: float, name: str = "words", **changes: object) -> Measure:
    """A measure that is so many thresholds away from training."""
    made = Measure(
        name=name,
        label=f"Measure {name}",
        group="input",
        unit="words",
        kind="ks",
        reference=14.9,
        batch=24.0,
        distance=0.14 * excess,
        threshold=0.14,
        floor=0.14,
        drifted=excess >= 1,
        direction="higher",
        column=True,
        fault=False,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def word(term: str, log_odds: float, z: float | None = None, **changes: object) -> WordChange:
    """A word that changed."""
    z = 4 * log_odds if z is None else z
    made = WordChange(term, False, 30, 0.1, 0.01, log_odds, z)
    return replace(made, **changes)  # type: ignore[arg-type]


def labels(figure: object) -> str:
    """Everything that is written into a figure."""
    return "\n".join(one.text for one in figure.layout.annotations)  # type: ignore[attr-defined]


def points(figure: object) -> list[tuple[float, float]]:
    """(x, y) of every dot, the threshold's line left out."""
    traces = [one for one in figure.data if one.name != "threshold"]  # type: ignore[attr-defined]
    return [pair for one in traces for pair in zip(one.x, one.y, strict=True)]


def contrast(first: str, second: str) -> float:
    """Contrast of two colours, as WCAG 2 defines it."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [
            one / 12.92 if one <= 0.03928 else ((one + 0.055) / 1.055) ** 2.4 for one in parts
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(
    ("colour", "ground"),
    [
        (colour, ground)
        for colour in (palette.TEAL, palette.AMBER, palette.RED, palette.SLATE, palette.MIST)
        for ground in (palette.LIGHT_GROUND, palette.DARK_GROUND)
    ],
)
def test_every_colour_can_be_seen_on_both_grounds(colour: str, ground: str) -> None:
    assert contrast(colour, ground) >= 3


def test_the_largest_distance_is_on_top_and_a_gross_one_is_cut() -> None:
    figure = figures.measures([measure(40, "a"), measure(2, "b"), measure(0.5, "c")])
    assert points(figure) == [(figures.CLIP, 2), (2, 1), (0.5, 0)]
    assert "40.0×" in "".join(text for one in figure.data for text in one.text or ())
    assert figure.layout.xaxis.range[1] < 6


def test_moved_faults_and_the_rest_differ_in_colour_and_shape() -> None:
    figure = figures.measures([measure(3, "a", fault=True), measure(2, "b"), measure(0.5, "c")])
    dots = [one.marker for one in figure.data if one.name != "threshold"]
    assert len({dot.color for dot in dots}) == len({dot.symbol for dot in dots}) == 3


def test_at_most_so_many_rows_and_those_that_moved_first() -> None:
    ranked = [measure(3 - number / 10, f"m{number}") for number in range(30)]
    figure = figures.measures(ranked, most=15)
    assert len(points(figure)) == 15
    assert min(x for x, _ in points(figure)) >= 1


@pytest.mark.parametrize("gap", ["distance", "threshold"])
def test_what_could_not_be_compared_is_left_out(gap: str) -> None:
    unknown = measure(2, "unknown", **{gap: math.nan})
    figure = figures.measures([measure(2, "known"), unknown])
    assert "Measure known" in labels(figure)
    assert "unknown" not in labels(figure) + figures.measures_alt([measure(2), unknown])
    assert wording.NOTHING_COMPARED in labels(figures.measures([unknown]))


def test_a_label_cannot_be_markup_and_fits_a_phone() -> None:
    category = "<script>alert(1)</script> and a name that goes on and on and on"
    written = labels(figures.measures([measure(2, label=category)]))
    assert "<script>" not in written
    assert "on and on and on" not in written


def test_measures_are_told_in_words() -> None:
    told = figures.measures_alt([measure(2, "a"), measure(3, "b", fault=True)])
    assert "Measure a 2.0 (moved)" in told
    assert "Measure b 3.0 (moved, points at the feed)" in told


def test_words_go_to_both_sides_and_new_ones_are_hatched() -> None:
    figure = figures.words([word("bus", 1.2), word("bytetok", 5, new=True), word("was", -1)])
    bars = {one.name: one for one in figure.data if one.type == "bar"}
    assert bars["new"].marker.pattern.shape
    assert not bars["more frequent"].marker.pattern.shape
    assert bars["less frequent"].x[0] < 0 < bars["more frequent"].x[0]
    low, high = figure.layout.xaxis.range
    assert low < -1
    assert high > 5


def test_new_and_fallen_words_are_not_crowded_out_by_common_ones() -> None:
    common = [word(f"w{number}", 1, 20 + number) for number in range(30)]
    shown = figures.chosen_words([*common, word("bytetok", 5, 6, new=True), word("was", -1)], 8)
    assert len(shown) == 8
    assert (shown[0].term, shown[-1].term) == ("bytetok", "was")


def test_a_count_below_five_is_only_limited() -> None:
    assert figures.word_shares(word("were", -1.5, descriptions=0, share=0.014)).startswith(
        "under 2 % of descriptions"
    )


def test_words_are_told_in_words() -> None:
    told = figures.words_alt([word("bytetok", 5, new=True), word("was", -1)])
    assert "More frequent: bytetok (new, 10 % of descriptions)" in told
    assert "Less frequent: was (10 % of descriptions, 1.0 % in training)" in told
    assert figures.words_alt([]) == wording.NO_WORD_CHANGED
    assert wording.NO_WORD_CHANGED in labels(figures.words([]))


def test_the_category_that_is_hardest_to_see_is_named() -> None:
    easy, hard = Detectable("Groping", 0.3, 0.4), Detectable("Ogling", 0.2, 0.61)
    assert "Ogling must grow by about 60 %" in detectable_sentence([easy, hard], 120)
    never = Detectable("Commenting", 0.9, None)
    assert "no growth of Commenting" in detectable_sentence([easy, never, hard], 30)
    assert detectable_sentence([], 10) == ""
