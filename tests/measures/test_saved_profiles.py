"""Saved profiles: what they hold, what a check makes of them, and what is refused."""

from __future__ import annotations

import gzip
import json
import math
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import afterword
from afterword.drift.checking import check
from afterword.drift.result import CheckResult
from afterword.errors import BatchError, CheckError, ReportError
from afterword.measures.definitions import SENT_TWICE
from afterword.measures.moments import Moments
from afterword.measures.profiles import Profile
from afterword.measures.saved_profiles import NOTES, to_bytes
from afterword.model.evaluation import Estimate
from afterword.profiling.making import load_profile, profile
from afterword.text.damage import DAMAGES
from tests.conftest import invented
from tests.profiling.test_making import SAMPLES, batch_of

NEW_APP = SAMPLES / "new-app-in-the-news.csv"
COPIES = ("common", "pairs", "again")


def back(found: Profile, folder: Path) -> Profile:
    """A profile after it was in a file."""
    found.save(folder / "week.profile")
    return load_profile(folder / "week.profile")


def content_of(found: Profile) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(gzip.decompress(to_bytes(found)))
    return content


def texts_of(name: str, rows: int, seed: int = 0) -> list[str]:
    """Descriptions of a sample, drawn with repeats, each with a number of its own."""
    told = pd.read_csv(SAMPLES / name)["description"].astype(str).to_numpy()
    drawn = told[np.random.default_rng(seed).integers(0, len(told), rows)]
    return [f"{text} Stop {number % 7}." for number, text in enumerate(drawn)]


def near(one: Estimate | None, other: Estimate | None) -> bool:
    """Whether two estimates differ by less than a tenth of their interval."""
    if one is None or other is None:
        return one is other
    least = 0.1 * (one.high - one.low) + 1e-9
    ends = zip((one.value, one.low, one.high), (other.value, other.low, other.high), strict=True)
    return all(abs(own - theirs) <= least for own, theirs in ends)


def same_check(one: CheckResult, other: CheckResult) -> None:
    """The same verdict; the same distances, of columns to a row; estimates that are near."""
    for name in ("level", "headline", "reasons", "actions", "missing"):
        assert getattr(one, name) == getattr(other, name), name
    own, theirs = (each.measures[each.measures["group"] != "quality"] for each in (one, other))
    assert own["drifted"].tolist() == theirs["drifted"].tolist()
    assert own["measure"].tolist() == theirs["measure"].tolist()
    gaps = (own["distance"] - theirs["distance"]).abs()
    assert gaps[own["kind"] == "ks"].max() <= 1.5 / one.profile.accepted
    assert gaps[own["kind"] != "ks"].max() < 1e-6
    pd.testing.assert_frame_equal(one.words, other.words)
    assert (one.estimate is None) == (other.estimate is None)
    if one.estimate is not None and other.estimate is not None:
        assert one.estimate.withheld == other.estimate.withheld
        assert near(one.estimate.accuracy, other.estimate.accuracy)
        assert near(one.estimate.micro_f1, other.estimate.micro_f1)
        for mine, yours in zip(one.estimate.categories, other.estimate.categories, strict=True):
            assert mine.alerts == yours.alerts
            for name in ("accuracy", "precision", "recall", "f1", "missed", "reports"):
                assert near(getattr(mine, name), getattr(yours, name)), name


@pytest.mark.parametrize("name", ["new-app-in-the-news.csv", "broken-export.csv"])
def test_the_check_of_a_saved_profile_is_that_of_its_file(name: str, tmp_path: Path) -> None:
    found = profile(SAMPLES / name)
    same_check(check(found), check(back(found, tmp_path)))


@pytest.mark.parametrize("rows", [25, 45, 150, 800])
def test_the_check_of_a_saved_profile_of_any_size_is_that_of_its_texts(
    rows: int, tmp_path: Path
) -> None:
    found = profile(batch_of(2 * rows, rows))
    found = replace(found, labelled=None)
    same_check(check(found), check(back(found, tmp_path)))


def test_labels_of_a_saved_profile_say_what_they_said(tmp_path: Path) -> None:
    table = batch_of(600, 2)
    labels = [str(name) for name in table if str(name).endswith("label")]
    model = afterword.load_model()
    given = model.predict_proba(table["description"]) > model.thresholds
    flipped = given ^ (np.random.default_rng(0).random(given.shape) < 0.2)
    table[labels] = flipped.astype(int).astype(str)
    table.loc[:99, labels] = ""
    found = profile(table)
    assert found.labelled is not None
    one, other = check(found).quality, check(back(found, tmp_path)).quality
    assert one is not None
    assert other is not None
    assert one.level == other.level
    for mine, yours in zip(one.figures, other.figures, strict=True):
        if not np.isnan(mine.value):
            assert abs(mine.value - yours.value) < 0.02, mine


def test_labels_that_a_review_drew_are_not_saved_and_a_check_says_so(tmp_path: Path) -> None:
    found = profile(batch_of(300, 2))
    assert found.labelled is not None
    chances = np.full(len(found.labelled.counts), 0.4)
    found = replace(found, labelled=replace(found.labelled, inclusion=chances))
    saved = back(found, tmp_path)
    assert saved.labelled is None
    quality = check(saved).quality
    assert quality is not None
    assert "not saved" in quality.sentence


def test_moments_of_a_profile_are_sums_over_its_rows(tmp_path: Path) -> None:
    found = profile(NEW_APP)
    own = found.answers.repeated()
    cut = np.array(found.thresholds)
    given = own >= cut
    whole = np.column_stack([own, np.prod(1 - own, axis=1), own * ~given, given])
    moments, saved = found.moments(), back(found, tmp_path).moments()
    assert np.allclose(moments.sums / moments.units, whole.sum(axis=0), atol=0.01)
    scale = np.outer(moments.units, moments.units)
    assert np.allclose(moments.products / scale, whole.T @ whole, atol=0.05)
    assert (saved.rows, saved.sums.tolist()) == (moments.rows, moments.sums.tolist())
    # Of each product, 1/20 of a row is kept.
    assert np.abs((saved.products - moments.products) / scale).max() <= 0.026


def test_moments_add_up_exactly() -> None:
    one, other = profile(NEW_APP), profile(SAMPLES / "broken-export.csv")
    whole, parts = (one + other).moments(), one.moments() + other.moments()
    assert isinstance(whole, Moments)
    assert whole.rows == parts.rows
    assert whole.sums.tolist() == parts.sums.tolist()
    assert whole.products.tolist() == parts.products.tolist()


def test_saved_profiles_add_up_and_say_what_they_do_not_know(tmp_path: Path) -> None:
    one, other = profile(NEW_APP), profile(SAMPLES / "broken-export.csv")
    whole = one + other
    saved = back(one, tmp_path) + back(other, tmp_path)
    assert set(NOTES) <= set(saved.notes)
    assert saved.accepted == whole.accepted
    assert saved.moments().sums.tolist() == whole.moments().sums.tolist()
    assert saved.flags.tolist() == whole.flags.tolist()
    assert saved.texts is not None
    assert whole.texts is not None
    assert saved.texts.words.tolist() == whole.texts.words.tolist()
    assert check(saved).level == check(whole).level
    twice = back(one, tmp_path) + one
    assert twice.texts is not None
    assert one.texts is not None
    # That all of them are copies cannot be seen any more, and the notes say so.
    assert twice.texts.distinct == 2 * one.texts.distinct
    # Nobody can know that a text of one is in the other, too.
    for name in COPIES:
        assert getattr(twice.texts, name) == 2 * getattr(one.texts, name)
    assert set(NOTES) <= set(twice.notes)
    assert twice.drawn is None


def test_the_same_counts_are_the_same_file_and_a_plain_one(tmp_path: Path) -> None:
    table = batch_of(200, 4)
    one, other = profile(table), profile(table[::-1].reset_index(drop=True))
    one.save(tmp_path / "one")
    other.save(tmp_path / "other")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
    assert (tmp_path / "one").stat().st_size < 10_000
    (tmp_path / "plain").write_bytes(b"")
    assert (tmp_path / "one").stat().st_mode == (tmp_path / "plain").stat().st_mode


PLANTED = ("Zoltran", "Quibblewick", "0477318225", "@blue_lantern77", "Grünfeld")
RARE = "zebrafinch"
"""A word of 4 descriptions."""


def test_nothing_of_a_text_is_in_a_saved_profile(tmp_path: Path) -> None:
    texts = [
        f"{text} {PLANTED[number % len(PLANTED)]} was there." if number % 4 == 0 else text
        for number, text in enumerate(texts_of("new-app-in-the-news.csv", 300))
    ]
    texts[:4] = [f"{text} A {RARE} sang." for text in texts[:4]]
    table = pd.DataFrame({"description": texts, "time": "2026-03-05T21:47:33"})
    packed = to_bytes(profile(table))
    for content in (packed, gzip.decompress(packed)):
        plain = content.lower()
        for word in (*PLANTED, RARE, "lantern", "21:47"):
            assert word.lower().encode() not in plain
            assert json.dumps(word.lower())[1:-1].encode() not in plain
    told = json.loads(gzip.decompress(packed))
    assert "bytetok" in told["texts"]["new_words"]
    assert min(told["texts"]["new_words"].values()) >= 5
    assert told["period"] == ["2026-03-05T00:00:00+00:00"] * 2


def test_every_cell_of_answers_has_at_least_5_rows_and_leaves_none_or_5() -> None:
    for rows in (40, 150, 500):
        told = content_of(replace(profile(batch_of(rows, rows)), labelled=None))
        sizes = [cell[0] for cell in told["rest"]["cells"]]
        assert min(sizes, default=5) >= 5
        left = sum(told["columns"]["words"]["rows"]) - sum(sizes)
        assert left == 0 or left >= 5


# ---------------------------------------------------------------- what is refused


def refusal(told: Any, folder: Path) -> str:
    """What is said of a file with some content; "" if it is read."""
    content = told if isinstance(told, bytes) else gzip.compress(json.dumps(told).encode())
    (folder / "forged.profile").write_bytes(content)
    sentence = ""
    try:
        load_profile(folder / "forged.profile")
    except CheckError as error:
        sentence = str(error)
    assert "zebrafinch" not in sentence
    assert not sentence or sentence.endswith(".")
    return sentence


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    """What is in the file of a profile."""
    return content_of(profile(batch_of(300, 7)))


def test_a_file_of_before_copies_were_counted_says_that_they_are_not_known(
    told: dict[str, Any], tmp_path: Path
) -> None:
    older = {key: own for key, own in told["texts"].items() if key not in COPIES}
    assert len(told["texts"]) == len(older) + 3
    path = tmp_path / "older.profile"
    path.write_bytes(gzip.compress(json.dumps(told | {"texts": older}).encode()))
    found = check(load_profile(path))
    assert "Rows that were sent twice" in found.missing
    assert math.isnan(found.measures.set_index("measure")["distance"][SENT_TWICE])


def test_a_profile_of_few_descriptions_is_neither_saved_nor_loaded(
    told: dict[str, Any], tmp_path: Path
) -> None:
    few = profile([f"He whistled at me near stop {number}." for number in range(19)] * 3)
    with pytest.raises(CheckError, match="fewer than 20 different"):
        few.save(tmp_path / "few.profile")
    assert not (tmp_path / "few.profile").exists()
    texts = told["texts"] | {name: 0 for name in ("lengths", "common_length", "new")}
    texts |= {"distinct": 19, "words": [0] * len(texts["words"]), "new_words": {}}
    assert "fewer than 20 different" in refusal(told | {"texts": texts}, tmp_path)


def test_a_profile_of_another_model_is_neither_loaded_saved_checked_nor_added(
    told: dict[str, Any], tmp_path: Path
) -> None:
    assert "another model" in refusal(told | {"model": "0123456789ab"}, tmp_path)
    own = profile(NEW_APP)
    other = replace(own, model="0123456789ab")
    with pytest.raises(CheckError, match="another model"):
        other.save(tmp_path / "other.profile")
    with pytest.raises(CheckError):
        check(other)
    with pytest.raises(CheckError, match="different models"):
        own + other
    with pytest.raises(CheckError, match="not known which model"):
        replace(own, model="").save(tmp_path / "other.profile")


def test_another_version_and_a_field_that_is_not_known_are_refused(
    told: dict[str, Any], tmp_path: Path
) -> None:
    assert "not of version 1" in refusal(told | {"version": 2}, tmp_path)
    assert "a field that version 1" in refusal(told | {"zebrafinch": "zebrafinch"}, tmp_path)
    texts = told["texts"] | {"zebrafinch": 1}
    assert "a field that version 1" in refusal(told | {"texts": texts}, tmp_path)


def test_a_profile_from_before_texts_were_asked_for_damage_is_read_and_leaves_it_open(
    told: dict[str, Any], tmp_path: Path
) -> None:
    whole, earlier = told["flags"], told["flags"][: -len(DAMAGES)]
    assert not refusal(told | {"flags": earlier}, tmp_path)
    found = check(load_profile(tmp_path / "forged.profile")).measures.set_index("measure")
    assert found.loc[list(DAMAGES), "distance"].isna().all()
    assert not found.loc[list(DAMAGES), "drifted"].any()
    assert found.drop(index=list(DAMAGES))["distance"].notna().any()
    assert "damaged" in refusal(told | {"flags": whole[:-1]}, tmp_path)


def test_there_has_to_be_a_file(tmp_path: Path) -> None:
    with pytest.raises(CheckError, match="no file of this name"):
        load_profile(tmp_path / "none.profile")
    assert "damaged" in refusal(b"", tmp_path)
    assert "damaged" in refusal(b"zebrafinch", tmp_path)
    assert "damaged" in refusal(gzip.compress(b"[" * 100_000), tmp_path)
    assert "damaged" in refusal(gzip.compress(b" " * 40_000_000), tmp_path)


NEVER = (-1, 10**17, 10**400, 0.5, "zebrafinch", None, True, [1], {"a": 1})


@pytest.mark.parametrize("name", ["commonest", "none", "flags", "products", "columns", "rest"])
def test_what_is_no_count_is_refused(told: dict[str, Any], name: str, tmp_path: Path) -> None:
    whole = told[name]
    for one in NEVER:
        assert refusal(told | {name: one}, tmp_path), one
        if isinstance(whole, list):
            assert refusal(told | {name: [one, *whole[1:]]}, tmp_path), one


def test_counts_that_cannot_be_together_are_refused(told: dict[str, Any], tmp_path: Path) -> None:
    assert not refusal(told, tmp_path)
    rest, words = told["rest"], told["columns"]["words"]
    margins, cells = rest["margins"], rest["cells"]
    forged: list[dict[str, Any]] = [
        {"rest": rest | {"margins": margins[1:]}},
        {"rest": rest | {"margins": [[margins[0][0] + 1, *margins[0][1:]], *margins[1:]]}},
        {"rest": rest | {"margins": [[*margins[0][:-1], 7], *margins[1:]]}},
        {"rest": rest | {"margins": [[10**9] * len(margins[0])] * 3}},
        {"rest": rest | {"margins": [[10**16] * len(margins[0])] * 3}},
        {"rest": rest | {"cells": [[cells[0][0] + 500, *cells[0][1:]], *cells[1:]]}},
        {"rest": rest | {"cells": [[4, *cells[0][1:]], *cells[1:]]}},
        {"rest": rest | {"cells": [[cells[0][0], 9, *cells[0][2:]], *cells[1:]]}},
        {"rest": rest | {"cells": [[10**12, *cells[0][1:]], *cells[1:]]}},
        {"rest": rest | {"cells": [cells[0][:-1]]}},
        {"columns": told["columns"] | {"words": words | {"starts": [0, 0, 3]}}},
        {"columns": told["columns"] | {"words": words | {"starts": [*words["starts"][:-1], 999]}}},
        {"columns": told["columns"] | {"words": words | {"total": 10**12}}},
        {"columns": told["columns"] | {"words": words | {"rows": [1 for _ in words["rows"]]}}},
        {"columns": {"words": words}},
        {"commonest": 0},
        {"commonest": 10**6},
        {"flags": told["flags"][1:]},
        {"flags": [10**6, *told["flags"][1:]]},
        {"none": 10**9},
        {"products": told["products"][1:]},
        {"products": [10**11, *told["products"][1:]]},
        {"products": [0 for _ in told["products"]]},
        {"texts": told["texts"] | {"words": told["texts"]["words"][1:]}},
        {"texts": told["texts"] | {"distinct": 10**6}},
        {"texts": told["texts"] | {"content": [0]}},
        {"texts": told["texts"] | {"pairs": None}},
        {"texts": told["texts"] | {"pairs": 10**6}},
        {"texts": told["texts"] | {"pairs": 0, "again": 1}},
        {"texts": told["texts"] | {"common": 10**6}},
        {"texts": told["texts"] | {"common": -1}},
        {"texts": told["texts"] | {"content": [10**16, *told["texts"]["content"][1:]]}},
        {"deployed": [{"zebrafinch": 5}, {"111": 5}]},
        {"period": ["2026-01-02", "2026-01-01"]},
        {"period": ["zebrafinch", "zebrafinch"]},
        {"rest": None},
    ]
    assert [one for one in forged if not refusal(told | one, tmp_path)] == []


def test_a_file_that_is_damaged_anywhere_is_refused(told: dict[str, Any], tmp_path: Path) -> None:
    whole = gzip.compress(json.dumps(told).encode(), mtime=0)
    rng = np.random.default_rng(0)
    for number in range(100):
        damaged = bytearray(whole)
        place = int(rng.integers(10, len(whole)))
        damaged[place] ^= int(rng.integers(1, 256))
        assert refusal(bytes(damaged[: place + 1] if number % 4 == 0 else damaged), tmp_path)


def test_words_and_reasons_that_may_not_be_shown_are_left_out(
    told: dict[str, Any], tmp_path: Path
) -> None:
    words = {"bytetok": 9, "rare": 4, "Two Words": 7, "muhammad": 9}
    texts = told["texts"] | {"new": 9, "new_words": words}
    forged = told | {"texts": texts, "rejections": {"zebrafinch": 3, "empty": 2}}
    assert not refusal(forged, tmp_path)
    found = load_profile(tmp_path / "forged.profile")
    assert found.texts is not None
    assert dict(found.texts.new_words) == {"bytetok": 9}
    assert found.rejections == {"another reason": 3, "empty": 2}
    assert not found.sample


def test_no_report_is_drawn_where_no_rows_are_at_hand(tmp_path: Path) -> None:
    """And what is asked of the wrong thing says of what it has to be asked."""
    fresh = afterword.profile(invented(60))
    fresh.save(tmp_path / "week")
    loaded = afterword.load_profile(tmp_path / "week")
    for each in (loaded, loaded + fresh, afterword.profile(invented(60), drawn=0)):
        with pytest.raises(ReportError, match="no rows to draw a report from"):
            afterword.report(afterword.check(each))
    with pytest.raises(ReportError, match="result of a check"):
        afterword.report(loaded)  # type: ignore[arg-type]
    with pytest.raises(ReportError, match="too few rows"):
        afterword.report(afterword.check(afterword.profile(["", ""])))
    with pytest.raises(BatchError, match="method save"):
        afterword.write_scored(loaded, tmp_path / "rows.parquet")  # type: ignore[arg-type]
    for read in (afterword.check, afterword.profile, afterword.classify):
        with pytest.raises(BatchError, match="is a saved profile"):
            read(str(tmp_path / "week"))
    assert [path.name for path in tmp_path.iterdir()] == ["week"]


def test_profiles_add_up_as_numbers_do(tmp_path: Path) -> None:
    fresh = afterword.profile(invented(40))
    assert sum([fresh, fresh, fresh]).accepted == 120
    for other in (None, 1, "week"):
        with pytest.raises(TypeError):
            fresh + other  # type: ignore[operator]


def test_a_profile_that_cannot_be_written_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh, path = afterword.profile(invented(40)), tmp_path / "week"
    fresh.save(path)
    before = path.read_bytes()

    def full(self: Path, content: bytes) -> int:
        with open(self, "wb") as file:
            file.write(content[:10])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        with pytest.raises(CheckError, match="cannot be written"):
            fresh.save(path)
    for place in (tmp_path, tmp_path / "no folder" / "week", "a\0b"):
        with pytest.raises(CheckError, match="cannot be written"):
            fresh.save(place)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_no_plain_file_is_no_profile(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for place in (tmp_path / "pipe", tmp_path, "a\0b", "/dev/zero"):
        with pytest.raises(CheckError):
            afterword.load_profile(place)
