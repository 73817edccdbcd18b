"""The check's tables: where thresholds lie, and that damaged tables are refused."""

from __future__ import annotations

import hashlib
import io
import json
import math
import shutil
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from afterword.errors import ModelError
from afterword.measures.definitions import FLAGS, NONE, REJECTED, SENT_TWICE
from afterword.measures.distances import cohens_h
from afterword.measures.null_tables import NullTables, load_tables
from afterword.measures.thresholds import (
    ALPHAS,
    GROWTHS,
    ORDINARY_REJECTED,
    QUANTILE_LEVELS,
    RARE,
    again_threshold,
    critical,
    least_floors,
    lifts,
    rejected_threshold,
)

SIZES = (30, 55, 100, 400, 2_000, 4_094, 20_000)


@pytest.fixture(scope="module")
def tables() -> NullTables:
    """Those of the shipped model."""
    return load_tables()


def at(tables: NullTables, name: str) -> int:
    return [each.name for each in tables.definitions].index(name)


@pytest.mark.parametrize("rows", SIZES)
def test_no_threshold_is_below_its_floor_or_four_standard_errors(
    tables: NullTables, small_tables: NullTables, rows: int
) -> None:
    for each in (tables, small_tables):
        found = each.thresholds(rows, 0.05)
        assert (found >= each.floors()).all()
        assert (found >= least_floors(each.definitions, each.rows, each.scale)).all()


def test_four_standard_errors_are_those_of_a_mean_and_a_share(tables: NullTables) -> None:
    least = least_floors(tables.definitions, tables.rows, tables.scale)
    for definition, floor in zip(tables.definitions, least, strict=True):
        if definition.distance == "share":
            assert floor == pytest.approx(4 / math.sqrt(tables.rows))
        elif definition.distance == "mean":
            assert floor == 0
        elif definition.distance == "ks":
            assert floor == pytest.approx(2 / math.sqrt(tables.rows))


def test_a_floor_that_an_operator_set_lies_not_below_the_references_own_error(
    tables: NullTables,
) -> None:
    place = at(tables, "words")
    assert tables.floors({"words": 0.5})[place] == 0.5
    assert tables.floors({"words": 0.0})[place] == pytest.approx(2 / math.sqrt(tables.rows))
    rest = np.arange(len(tables.definitions)) != place
    assert np.array_equal(tables.floors({"words": 0.5})[rest], tables.floors()[rest])


def test_thresholds_fall_with_the_number_of_rows(tables: NullTables) -> None:
    found = [tables.thresholds(rows, 0.05) for rows in (30, 100, 300, 1_000, 4_000, 16_000)]
    for fewer, more in pairwise(found):
        assert (more <= fewer * 1.02).all()
    assert (found[-1] < found[0]).sum() > len(found[0]) / 2


@pytest.mark.parametrize("rows", [5_000, 8_189, 100_000])
def test_beyond_half_of_the_reference_its_table_is_kept_on_the_scale_of_both_sides(
    tables: NullTables, rows: int
) -> None:
    level = 0.01
    alike = [level / each.weight for each in tables.definitions]
    kept = critical(tables.quantiles[-1], tables.definitions, alike)
    found = tables.at_level(rows, level)
    by_count = (*FLAGS, REJECTED, SENT_TWICE)
    common = np.array([each.name not in by_count for each in tables.definitions])
    expected = kept * math.sqrt(1 / rows + 1 / tables.rows)
    assert found[common] == pytest.approx(expected[common])


def test_between_two_sizes_the_stricter_table_holds(tables: NullTables) -> None:
    alike = [0.01 / each.weight for each in tables.definitions]
    sides = [
        critical(tables.quantiles[tables.sizes.tolist().index(size)], tables.definitions, alike)
        for size in (50, 70)
    ]
    expected = np.maximum(*sides) * math.sqrt(1 / 60 + 1 / tables.rows)
    assert (tables.at_level(60, 0.01) >= expected * (1 - 1e-9)).all()
    common = at(tables, "words")
    assert tables.at_level(60, 0.01)[common] == pytest.approx(expected[common])


@pytest.mark.parametrize("rows", SIZES)
def test_a_smaller_chance_of_false_alarms_has_larger_thresholds(
    tables: NullTables, rows: int
) -> None:
    found = [tables.thresholds(rows, alpha) for alpha in (0.2, 0.1, 0.05, 0.01)]
    for laxer, stricter in pairwise(found):
        assert (stricter >= laxer).all()
    if rows < 500:
        assert (found[-1] > found[0]).any()


def test_an_alpha_between_two_of_the_tables_lies_between_their_levels(tables: NullTables) -> None:
    low, middle, high = (tables.level(100, alpha) for alpha in (0.05, 0.06, 0.07))
    assert low < middle < high


def test_lowered_floors_are_paid_for_with_stricter_levels(tables: NullTables) -> None:
    assert (tables.levels[:, 1] <= tables.levels[:, 0]).all()
    for rows in (500, 4_000):
        plain, lowered = tables.level(rows, 0.05), tables.level(rows, 0.05, {"words": 0.05})
        assert lowered < plain
        place = at(tables, "words")
        assert (
            tables.thresholds(rows, 0.05, {"words": 0.05})[place]
            < tables.thresholds(rows, 0.05)[place]
        )


def growths(tables: NullTables, rows: int, floors: dict[str, float] | None = None) -> np.ndarray:
    """By how much each share (k + 1,) must have grown to reach its threshold."""
    means = [each.distance == "mean" for each in tables.definitions]
    found: np.ndarray = tables.thresholds(rows, 0.05, floors)[means] / tables.lifts
    return found


def test_no_category_may_grow_by_a_quarter_unseen_in_ten_thousand_rows(
    tables: NullTables,
) -> None:
    """With a floor in standard deviations, Ogling had to grow by 46 % at any number of rows."""
    assert (growths(tables, 10_000) < 0.2).all()
    assert (growths(tables, 10_000) >= 0.15 - 1e-9).all()
    assert growths(tables, 1_000_000) == pytest.approx(np.full(len(tables.lifts), 0.15))


def test_a_lift_is_what_a_doubled_share_moves(tables: NullTables) -> None:
    """Rows with the category are counted twice as often as they are."""
    share, with_it, without = 0.2, 0.6, 0.1
    mean = share * with_it + (1 - share) * without
    doubled = 2 * share * with_it + (1 - 2 * share) * without
    found = lifts(np.array([mean]), np.array([[with_it, without]]), np.array([0.25]))
    assert found == pytest.approx([(doubled - mean) / 0.25])


@pytest.mark.parametrize(
    "separation",
    [[0.201, 0.2], [0.2, 0.2], [0.1, 0.3], [math.nan, 0.2], [0.2, math.nan]],
    ids=["hardly apart", "not apart", "the wrong way", "in no row", "in every row"],
)
def test_what_the_model_does_not_see_keeps_a_floor_in_standard_deviations(
    tables: NullTables, separation: list[float]
) -> None:
    blind = replace(tables, separation=np.array([*tables.separation[:-1], separation]))
    place = at(tables, NONE)
    assert math.isnan(blind.lifts[-1])
    assert blind.floors()[place] == pytest.approx(0.12)
    assert blind.floors({"growth": 0.3})[place] == pytest.approx(0.24)
    assert np.isfinite(blind.thresholds(100, 0.05)[place])


def test_one_setting_is_the_floor_of_all_growth(tables: NullTables) -> None:
    set_to = growths(tables, 10**6, {"growth": 0.3})
    assert set_to == pytest.approx(np.full(len(set_to), 0.3))
    first = f"{tables.categories[0]} probability"
    set_to = growths(tables, 10**6, {"growth": 0.3, first: 0.5})
    assert set_to == pytest.approx(np.array([0.5, *[0.3] * len(tables.categories)]))


def test_each_floor_of_growth_has_a_level_of_its_own(tables: NullTables) -> None:
    """More that counts as large enough leaves less to chance."""
    for rows in (2_000, 4_000, 10_000):
        found = [tables.level(rows, 0.05, {"growth": one}) for one in GROWTHS]
        assert found == sorted(found)
        assert found[0] < found[-1]
    # Between two floors of the tables, the level of the smaller one holds.
    assert tables.level(4_000, 0.05, {"growth": 0.17}) == tables.level(4_000, 0.05)
    # One category with a smaller floor has the level of that floor.
    first = f"{tables.categories[0]} probability"
    smaller = tables.level(4_000, 0.05, {"growth": 0.1})
    assert tables.level(4_000, 0.05, {first: 0.1}) == smaller


def test_raised_floors_leave_the_levels_as_they_are(tables: NullTables) -> None:
    assert tables.level(4_000, 0.05, {"words": 0.5}) == tables.level(4_000, 0.05)


def test_a_measure_alone_has_the_distance_that_chance_exceeds_that_often(
    tables: NullTables,
) -> None:
    alike = [QUANTILE_LEVELS[30] / each.weight for each in tables.definitions]
    found = critical(tables.quantiles[0], tables.definitions, alike)
    assert found == pytest.approx(tables.quantiles[0][:, 30])


@pytest.mark.parametrize("rows", [2, 30, 500, 5_000])
@pytest.mark.parametrize("level", [0.0005, 0.01])
def test_the_threshold_of_rejected_rows_is_that_of_the_exact_binomial_test(
    rows: int, level: float
) -> None:
    counts = np.arange(1, rows + 1)
    first = counts[stats.binom.sf(counts - 1, rows, ORDINARY_REJECTED) <= level][0]
    expected = cohens_h(np.array(first / rows), np.array(ORDINARY_REJECTED))
    assert rejected_threshold(rows, level) == pytest.approx(float(expected))


@pytest.mark.parametrize("count", [0, 1, 7, RARE - 1])
@pytest.mark.parametrize("rows", [30, 400, 9_000])
def test_a_rare_count_follows_the_gamma_poisson_distribution(
    tables: NullTables, count: int, rows: int
) -> None:
    flags = np.full((1, len(FLAGS)), float(count))
    rare = replace(tables, totals=replace(tables.totals, flags=flags))
    counts = np.arange(1, rows + 1)
    tail = stats.nbinom.sf(counts - 1, count + 0.5, tables.rows / (tables.rows + rows))
    places = [at(tables, name) for name in FLAGS]
    weights = [tables.definitions[place].weight for place in places]
    firsts = [counts[tail <= 0.001 * weight][0] for weight in weights]
    expected = [cohens_h(np.array(each / rows), np.array(count / tables.rows)) for each in firsts]
    assert rare.rare(rows, 0.001)[places] == pytest.approx(np.array(expected, float))


def test_a_count_that_is_not_rare_is_left_to_the_tables(tables: NullTables) -> None:
    flags = np.full((1, len(FLAGS)), float(RARE))
    common = replace(tables, totals=replace(tables.totals, flags=flags))
    found = common.rare(100, 0.001)
    assert not found[[at(tables, name) for name in FLAGS]].any()


def test_what_training_never_had_does_not_alarm_at_its_first_case(tables: NullTables) -> None:
    flags = np.zeros((1, len(FLAGS)))
    never = replace(tables, totals=replace(tables.totals, flags=flags))
    one_of_thirty_thousand = float(cohens_h(np.array(1 / 30_000), np.array(0.0)))
    assert (never.rare(30_000, 0.001)[: len(FLAGS)] >= 0).all()
    assert never.rare(30_000, 0.001)[at(tables, "all_capitals")] > one_of_thirty_thousand


@pytest.mark.parametrize("alpha", [*ALPHAS, 0.06])
@pytest.mark.parametrize("rows", [30, 8_000])
def test_every_threshold_is_a_number(tables: NullTables, rows: int, alpha: float) -> None:
    assert np.isfinite(tables.thresholds(rows, alpha)).all()


def test_tables_survive_their_bytes(tables: NullTables) -> None:
    back = NullTables.from_bytes(tables.to_bytes())
    assert back.to_bytes() == tables.to_bytes()
    assert back.words == tables.words
    assert back.private_words == tables.private_words
    assert np.array_equal(back.thresholds(70, 0.05), tables.thresholds(70, 0.05))


def test_words_that_are_never_shown_are_words_of_the_vocabulary(tables: NullTables) -> None:
    assert 0 < len(tables.private_words) < len(tables.words) / 4
    assert tables.private_words <= set(tables.words)


def changed(**arrays: object) -> Callable[[bytes], bytes]:
    """Tables with other arrays; None removes one."""

    def change(content: bytes) -> bytes:
        with np.load(io.BytesIO(content)) as file:
            found = {name: file[name] for name in file.files} | arrays
        buffer = io.BytesIO()
        np.savez(buffer, **{name: value for name, value in found.items() if value is not None})
        return buffer.getvalue()

    return change


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda _: b"no tables",
        lambda content: content[: len(content) // 2],
        lambda content: content[:-30],
        lambda content: content[:4_000] + bytes(200) + content[4_200:],
        changed(format=99),
        changed(measures=np.array(["words"])),
        changed(levels=None),
        changed(totals_words=None),
        changed(words=np.array([{"a": 1}], dtype=object)),
    ],
    ids=[
        "empty", "other bytes", "half", "cut", "overwritten", "another format",
        "other measures", "no levels", "no counts", "objects",
    ],
)  # fmt: skip
def test_damaged_tables_are_refused_with_what_to_do(
    small_model: Path, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(small_model, folder)
    file, manifest = folder / "reference-tables.npz", folder / "manifest.json"
    content = damage(file.read_bytes())
    file.write_bytes(content)
    about = json.loads(manifest.read_text())
    about["tables_sha256"] = hashlib.sha256(content).hexdigest()
    manifest.write_text(json.dumps(about))
    with pytest.raises(ModelError, match="afterword train"):
        load_tables(folder)


def test_tables_are_read_again_when_the_model_is_trained_again(
    small_model: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(small_model, folder)
    before = load_tables(folder)
    content = replace(before, draws=before.draws + 1).to_bytes()
    (folder / "reference-tables.npz").write_bytes(content)
    about = json.loads((folder / "manifest.json").read_text())
    about["tables_sha256"] = hashlib.sha256(content).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(about))
    assert load_tables(folder).draws == before.draws + 1


@pytest.mark.parametrize("rows", [50, 500, 2_000])
def test_texts_in_more_than_one_row_are_beyond_what_pairs_in_training_predict(
    tables: NullTables, rows: int
) -> None:
    """Pairs grow with the square of the rows; training's are a count, and known as well as that."""
    level, totals = 0.001, tables.totals
    threshold = again_threshold(rows, level, totals)
    expected = float(totals.expected_again(np.array([rows]))[0])
    angle = threshold + 2 * math.asin(math.sqrt(expected / rows))
    first = round(rows * math.sin(angle / 2) ** 2)
    rng = np.random.default_rng(0)
    rates = rng.gamma(float(totals.again[0]) + 0.5, 1, 200_000) * expected / float(totals.again[0])
    found = rng.poisson(rates)
    assert (found >= first).mean() <= 1.3 * level
    assert first > expected + 3 * math.sqrt(expected) + 3
    assert again_threshold(rows, 1e-6, totals) >= threshold


def test_where_training_has_no_equal_texts_three_can_be_chance(tables: NullTables) -> None:
    none = replace(tables.totals, again=np.array([0.0]))
    assert again_threshold(50, 0.001, none) == pytest.approx(2 * math.asin(math.sqrt(4 / 50)))
    # As many texts as there are rows cannot be told from chance.
    assert math.isnan(again_threshold(10**6, 0.001, tables.totals))
