"""Files are added to a stream: by days, none of them twice, and whole or not at all."""

import json
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import insert, make_url, select

from afterword.errors import BatchError, StoreError, StreamError
from afterword.measures.null_tables import load_tables
from afterword.measures.profiles import profile_of
from afterword.model.scoring import score
from afterword.profiling.sources import source_of
from afterword.settings import get_settings
from afterword.store import Store
from afterword.store.day_profiles import GROUP
from afterword.store.schema import METADATA, PROFILES, STREAM_IDS
from afterword.store.tally import layout_of
from afterword.streams import adding, wording
from afterword.streams.adding import Added
from afterword.streams.file_rows import How
from afterword.streams.stored_profile import profile_from_store
from afterword.streams.written import write_days
from tests.conftest import invented
from tests.stores import WIDE, another, bytes_of

ROOT = Path(__file__).resolve().parents[2]
MONDAY = datetime(2026, 11, 16, 9, tzinfo=UTC)
"""Of the week 2026-W47."""
NOW = MONDAY + timedelta(days=15)
add = partial(adding.add, now=NOW)


def table(
    rows: int, *, seed: int = 3, days: int = 7, first: datetime = MONDAY, ids: bool = True
) -> pd.DataFrame:
    """Rows of some days, in their order, with a column of times and one of ids."""
    texts = [f"{text} Ok?" for text in invented(rows, seed=seed)["description"]]
    times = [first + timedelta(days=days * row // rows) for row in range(rows)]
    found = pd.DataFrame({"case_id": [f"{seed}-{row:05}" for row in range(rows)], "text": texts})
    found["received at"] = [f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in times]
    return found if ids else found.drop(columns="case_id")


def file(folder: Path, frame: pd.DataFrame, name: str = "week.csv") -> Path:
    """The rows as a file."""
    path = folder / name
    frame.to_csv(path, index=False)
    return path


@pytest.fixture
def form(store: Store) -> Store:
    """A store with a stream of weeks."""
    store.streams.create("form", "week", "UTC")
    return store


def counts(store: Store, name: str = "form") -> dict[str, int]:
    """Day → rows of it that a stream holds."""
    found = store.profiles(*WIDE, model=layout_of().model, stream=store.streams.get(name).id)
    return {f"{day:%m-%d}": int(own.tally.counts["rows"][0]) for day, own in found.items()}


DRAWN = ("id", "stream", "digest", "added", "created")
"""Columns whose values are drawn, or tell the present."""


def everything(store: Store) -> dict[str, list]:
    """All that a store holds of streams, without numbers and moments that are drawn or tell now."""
    found = {}
    with store.reading() as connection:
        for each in METADATA.sorted_tables:
            rows = [
                {name: cell for name, cell in row._mapping.items() if name not in DRAWN}
                for row in connection.execute(select(each))
            ]
            found[each.name] = sorted(map(repr, rows))
    return found


# ---------------------------------------------------------------- by days


def test_rows_are_sorted_into_days_by_their_times(form: Store, tmp_path: Path) -> None:
    frame = table(280)
    found = add(file(tmp_path, frame.sample(frac=1, random_state=1)), stream="Form", store=form)
    assert counts(form) == {f"11-{day}": 40 for day in range(16, 23)}
    assert (found.rows, found.first, found.last) == (280, date(2026, 11, 16), date(2026, 11, 22))
    assert (found.stream, found.periods, found.id_column) == ("form", ("2026-W47",), "case_id")
    assert found.notes == (wording.told_apart("case_id"),)


def test_what_is_added_is_the_profile_of_its_rows(form: Store, tmp_path: Path) -> None:
    frame = table(280)
    add(file(tmp_path, frame), stream="form", store=form)
    stream = form.streams.get("form").id
    own = profile_from_store(form, *WIDE, stream=stream)
    whole = profile_of(score(frame["text"].tolist()), load_tables().rules, layout_of().model)
    assert own.accepted == whole.accepted == 280
    assert own.flags.tolist() == whole.flags.tolist()
    assert own.moments().sums.tolist() == whole.moments().sums.tolist()
    assert own.texts is not None
    assert whole.texts is not None
    assert own.texts.words.tolist() == whole.texts.words.tolist()
    assert own.texts.distinct == whole.texts.distinct


def test_blocks_of_a_file_and_all_of_it_at_once_are_counted_alike(
    form: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    form.streams.create("other")
    path = file(tmp_path, table(280))
    add(path, stream="form", store=form)
    original = source_of
    monkeypatch.setattr(
        adding, "source_of", lambda *one, **rest: replace(original(*one, **rest), block=5_000)
    )
    told: list[float | None] = []
    add(path, stream="other", store=form, progress=lambda one: told.append(one.share))
    assert len(told) > 4
    assert told[-1] == pytest.approx(1)
    one, other = (
        {
            day: (own.tally.to_dict(), own.texts.tolist())
            for day, own in form.profiles(
                *WIDE, model=layout_of().model, stream=form.streams.get(name).id
            ).items()
        }
        for name in ("form", "other")
    )
    assert one == other


def test_a_day_is_a_date_in_the_zone_of_the_stream(store: Store, tmp_path: Path) -> None:
    store.streams.create("kolkata", "day", "Asia/Kolkata")
    store.streams.create("utc", "day", "UTC")
    frame = table(50, days=1, first=datetime(2026, 11, 16, 18, 30, tzinfo=UTC))  # midnight there
    frame.loc[:24, "received at"] = "2026-11-16T18:29:59Z"
    for name in ("kolkata", "utc"):
        add(file(tmp_path, frame), stream=name, store=store)
    assert counts(store, "kolkata") == {"11-16": 25, "11-17": 25}
    assert counts(store, "utc") == {"11-16": 50}


def test_times_without_a_zone_are_of_the_streams_zone(store: Store, tmp_path: Path) -> None:
    store.streams.create("berlin", "day", "Europe/Berlin")
    frame = table(50, days=1)
    frame["received at"] = ["2026-11-16 00:10"] * 25 + ["2026-11-16 23:50"] * 25
    add(file(tmp_path, frame), stream="berlin", store=store)
    assert counts(store, "berlin") == {"11-16": 50}
    frame["case_id"] += "b"
    add(file(tmp_path, frame), stream="berlin", store=store, zone="UTC")
    assert counts(store, "berlin") == {"11-16": 75, "11-17": 25}


def test_the_hour_that_comes_twice_belongs_to_its_day(store: Store, tmp_path: Path) -> None:
    store.streams.create("berlin", "day", "Europe/Berlin")
    frame = table(60, days=1)
    frame["received at"] = ["2026-10-25 02:30"] * 30 + ["2026-10-25T01:30:00Z"] * 30
    add(file(tmp_path, frame), stream="berlin", store=store)
    assert counts(store, "berlin") == {"10-25": 60}


def test_rows_that_tell_no_time_or_are_of_the_future_are_told_and_not_counted(
    form: Store, tmp_path: Path
) -> None:
    frame = table(140)
    frame.loc[:2, "received at"] = ""
    frame.loc[3, "received at"] = f"{NOW + timedelta(days=3):%Y-%m-%dT%H:%M:%SZ}"
    found = add(file(tmp_path, frame), stream="form", store=form)
    assert (found.rows, found.undated, found.later) == (136, 3, 1)
    assert wording.undated(3) in found.notes
    assert wording.later(1) in found.notes


def test_a_file_without_times_is_refused_unless_its_day_or_period_is_told(
    form: Store, tmp_path: Path
) -> None:
    path = file(tmp_path, table(60)[["case_id", "text"]])
    with pytest.raises(BatchError) as refused:
        add(path, stream="form", store=form)
    assert str(refused.value) == wording.NO_TIMES
    assert counts(form) == {}
    assert add(path, stream="form", store=form, day="2026-11-24").rows == 60
    assert counts(form) == {"11-24": 60}
    form.streams.create("weeks")
    add(path, stream="weeks", store=form, period="2026-W47")
    assert counts(form, "weeks") == {"11-16": 60}


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"day": "2026-W47"}, wording.NO_DAY),
        ({"day": "24 November"}, wording.PERIOD),
        ({"period": "2026-11"}, wording.period_too_long("week")),
        ({"day": "2026-11-24", "period": "2026-W47"}, wording.DAY_OR_PERIOD),
    ],
)
def test_a_day_or_period_that_is_none_is_refused(form: Store, options: dict, sentence: str) -> None:
    with pytest.raises(StreamError) as refused:
        add(table(60), stream="form", store=form, **options)
    assert str(refused.value) == sentence


def test_nothing_is_added_where_recording_is_off(
    form: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    off = get_settings().model_copy(update={"recording": False})
    monkeypatch.setattr(adding, "get_settings", lambda: off)
    with pytest.raises(StreamError) as refused:
        add(table(60), stream="form", store=form)
    assert str(refused.value) == wording.NOT_RECORDING


# ---------------------------------------------------------------- not twice


def test_the_same_file_is_not_counted_twice_whatever_it_is_called(
    form: Store, tmp_path: Path
) -> None:
    frame = table(140, ids=False)
    add(file(tmp_path, frame), stream="form", store=form)
    before = everything(form)
    again = file(tmp_path, frame.sample(frac=1, random_state=2), "other.csv")
    found = add(again, stream="form", store=form)
    assert (found.rows, found.known_files) == (0, 1)
    (said,) = found.notes
    assert said == wording.added_before(NOW, 1)
    assert everything(form) == before
    twice = add([again, file(tmp_path, frame, "third.csv")], stream="form", store=form)
    assert (twice.rows, twice.known_files) == (0, 2)


def test_a_file_that_is_named_twice_is_counted_once(form: Store, tmp_path: Path) -> None:
    frame = table(140, ids=False)
    paths = [file(tmp_path, frame, name) for name in ("one.csv", "two.csv")]
    found = add(paths, stream="form", store=form)
    assert (found.rows, found.known_files) == (140, 1)
    assert wording.twice(1) in found.notes


def test_rows_whose_ids_are_counted_are_not_counted_again(form: Store, tmp_path: Path) -> None:
    frame = table(280)
    add(file(tmp_path, frame[:200]), stream="form", store=form)
    found = add(file(tmp_path, frame[100:]), stream="form", store=form)
    assert (found.rows, found.known) == (80, 100)
    assert wording.counted_before(100) in found.notes
    assert sum(counts(form).values()) == 280
    assert not [note for note in found.notes if "overlap" in note]
    form.streams.create("other")
    assert add(file(tmp_path, frame), stream="other", store=form).rows == 280


def test_numbers_that_begin_anew_each_week_are_other_rows(form: Store, tmp_path: Path) -> None:
    for week in range(2):
        frame = table(140, seed=week, first=MONDAY - timedelta(days=7 * week))
        frame["case_id"] = range(140)
        found = add(file(tmp_path, frame), stream="form", store=form)
        assert (found.rows, found.known) == (140, 0)


def test_the_column_of_ids_can_be_named(form: Store, tmp_path: Path) -> None:
    frame = table(140).rename(columns={"case_id": "Nummer"})
    found = add(file(tmp_path, frame), stream="form", store=form, id="nummer")
    assert found.id_column == "column 1"  # as a message may call it
    assert add(file(tmp_path, frame[70:]), stream="form", store=form, id="Nummer").known == 70
    with pytest.raises(BatchError) as refused:
        add(file(tmp_path, frame), stream="form", store=form, id="number")
    assert str(refused.value) == wording.NO_ID_COLUMN
    with pytest.raises(BatchError) as taken:
        add(file(tmp_path, frame), stream="form", store=form, id="text")
    assert str(taken.value) == wording.ID_IS_TAKEN


def test_a_row_that_stands_twice_in_a_file_is_counted_once_by_its_id(
    form: Store, tmp_path: Path
) -> None:
    frame = table(1_400)
    frame = pd.concat([frame, frame[-5:]])
    found = add(file(tmp_path, frame), stream="form", store=form, id="case_id")
    assert (found.rows, found.known) == (1_400, 5)


def test_a_file_that_overlaps_without_ids_is_told_and_counted(form: Store, tmp_path: Path) -> None:
    frame = table(280, ids=False)
    add(file(tmp_path, frame[:200]), stream="form", store=form)
    found = add(file(tmp_path, frame[100:]), stream="form", store=form)
    assert found.rows == 180
    assert [note for note in found.notes if note.startswith("The days of this file overlap")]
    apart = table(140, seed=8, first=MONDAY + timedelta(days=7), ids=False)
    later = add(file(tmp_path, apart), stream="form", store=form)
    assert later.notes == ()


def test_no_id_and_no_text_is_in_the_store(form: Store, tmp_path: Path) -> None:
    frame = table(140)
    frame["case_id"] = [f"zebrafinch-{row}" for row in range(140)]
    add(file(tmp_path, frame), stream="form", store=form)
    found = bytes_of(form).lower()
    assert [word for word in (b"zebrafinch", b"near the", b"week.csv") if word in found] == []


# ---------------------------------------------------------------- too few


def test_a_week_of_twelve_rows_waits_and_is_counted_with_more(form: Store, tmp_path: Path) -> None:
    twelve, week = table(12), table(140, seed=5, first=MONDAY + timedelta(days=7))
    found = add([file(tmp_path, twelve), file(tmp_path, week, "b.csv")], stream="form", store=form)
    assert found.rows == 140
    assert sum(found.left_out.values()) == 12
    assert wording.left_out(found.left_out) in found.notes
    with form.reading() as connection:
        assert len(connection.scalars(select(STREAM_IDS.c.digest)).all()) == 140
    more = pd.concat([twelve, table(30, seed=9)])
    again = add(file(tmp_path, more), stream="form", store=form)
    assert (again.rows, again.known, again.left_out) == (42, 0, {})


def test_twelve_rows_alone_leave_nothing_and_may_come_again(form: Store, tmp_path: Path) -> None:
    before = everything(form)
    twelve = file(tmp_path, table(12, ids=False))
    for _ in range(2):
        found = add(twelve, stream="form", store=form)
        assert (found.rows, sum(found.left_out.values()), found.known_files) == (0, 12, 0)
    assert everything(form) == before
    together = add([twelve, file(tmp_path, table(12, seed=4, ids=False), "b.csv")], stream="form",
                   store=form)  # fmt: skip
    assert (together.rows, together.left_out) == (24, {})


def test_days_with_few_rows_are_counted_with_a_neighbour_of_their_period(
    form: Store, tmp_path: Path
) -> None:
    """Monday to Wednesday 5 rows each, Thursday 40, Saturday 3; Sunday belongs to no other week."""
    parts = [
        table(n, seed=n + day, days=1, first=MONDAY + timedelta(days=day))
        for day, n in ((-1, 9), (0, 5), (1, 5), (2, 5), (3, 40), (5, 3))
    ]
    found = add(file(tmp_path, pd.concat(parts)), stream="form", store=form)
    assert counts(form) == {"11-19": 58}
    assert found.left_out == {date(2026, 11, 15): 9}
    assert [note for note in found.notes if "5 of 2026-11-16 with 2026-11-19" in note]
    stream = form.streams.get("form").id
    own = profile_from_store(form, *WIDE, stream=stream)
    assert own.accepted == 58
    assert own.texts is not None


def test_days_of_few_rows_are_together_enough(form: Store, tmp_path: Path) -> None:
    add(file(tmp_path, table(56)), stream="form", store=form)  # 8 a day
    assert counts(form) == {"11-18": 24, "11-21": 32}


def test_days_of_a_stream_of_days_have_no_neighbours(store: Store, tmp_path: Path) -> None:
    store.streams.create("form", "day")
    found = add(file(tmp_path, table(56)), stream="form", store=store)
    assert (found.rows, len(found.left_out)) == (0, 7)


def test_copies_of_few_texts_are_few_descriptions(form: Store, tmp_path: Path) -> None:
    frame = table(60, days=1)
    frame["text"] = [frame["text"][row % 19] for row in range(60)]
    assert add(file(tmp_path, frame), stream="form", store=form).rows == 0
    frame["text"] = [frame["text"][row % 19] for row in range(60)]
    frame.loc[59, "text"] = "Something else was said at the corner."
    assert add(file(tmp_path, frame), stream="form", store=form).rows == 60
    assert GROUP == 20


# ---------------------------------------------------------------- another model


def test_rows_of_another_model_are_not_mixed_and_told(form: Store, tmp_path: Path) -> None:
    add(file(tmp_path, table(140)), stream="form", store=form)
    stream = form.streams.get("form").id
    with form.begin() as connection:
        row = dict(connection.execute(select(PROFILES).limit(1)).one()._mapping)
        old = row | {"day": row["day"] - 28 * 86_400, "model": "another"}
        del old["id"]
        connection.execute(insert(PROFILES).values(old))
    later = table(140, seed=6, first=MONDAY + timedelta(days=7))
    found = add(file(tmp_path, later), stream="form", store=form)
    assert wording.OTHER_MODEL in found.notes
    assert profile_from_store(form, *WIDE, stream=stream).accepted == 280


def test_a_file_is_counted_anew_for_a_model_that_has_not_answered_it(
    form: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = file(tmp_path, table(140))
    add(path, stream="form", store=form)
    how = How
    monkeypatch.setattr(adding, "How", lambda of, *rest: how(f"{of} later", *rest))
    assert add(path, stream="form", store=form).known_files == 0


# ---------------------------------------------------------------- whole or not at all


_ADDS = """
import sys
from pathlib import Path
from afterword.store import Store
from afterword.streams.adding import add
address, key, path = sys.argv[1:4]
store = Store(address, Path(key))
print("ready", flush=True)
add(Path(path), stream="form", store=store)
print("done", flush=True)
"""


def child(store: Store, path: Path) -> subprocess.Popen[str]:
    """A process that adds a file, and says when it begins."""
    address = make_url(store.url).render_as_string(hide_password=False)
    begun = subprocess.Popen(
        [sys.executable, "-c", _ADDS, address, str(store.key_file), str(path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert begun.stdout is not None
    assert begun.stdout.readline() == "ready\n"
    return begun


@pytest.mark.whole
def test_a_process_that_is_killed_leaves_nothing_or_all(form: Store, tmp_path: Path) -> None:
    """Killed at moments from its beginning to its end; then the file is added again."""
    path = file(tmp_path, table(4_000, days=60, first=MONDAY - timedelta(days=60)))
    empty, began = everything(form), time.monotonic()
    assert child(form, path).wait(timeout=120) == 0
    length, whole = time.monotonic() - began, everything(form)
    assert sum(counts(form).values()) == 4_000
    for place in range(6):
        form.forget_stream(form.streams.get("form").id)
        form.streams.create("form")
        begun = child(form, path)
        time.sleep(length * (0.2 + 0.15 * place))
        begun.kill()
        begun.wait()
        found = another(form)
        assert everything(found) in (empty, whole), place
        add(path, stream="form", store=found)
        assert everything(found) == whole
        found.close()


def test_two_that_add_the_same_at_once_count_it_once(
    form: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, original = file(tmp_path, table(140)), write_days
    other = another(form)

    def late(*rest) -> None:
        monkeypatch.setattr(adding, "write_days", original)
        add(path, stream="form", store=other)
        original(*rest)

    monkeypatch.setattr(adding, "write_days", late)
    with pytest.raises(StreamError, match="do it again"):
        add(path, stream="form", store=form)
    assert sum(counts(form).values()) == 140
    other.close()


def test_a_stream_that_is_forgotten_meanwhile_gets_nothing(
    form: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = write_days

    def late(*rest) -> None:
        form.forget_stream(form.streams.get("form").id)
        original(*rest)

    monkeypatch.setattr(adding, "write_days", late)
    with pytest.raises(StreamError):
        add(file(tmp_path, table(140)), stream="form", store=form)
    assert everything(form)["profiles"] == []


def test_a_store_that_cannot_be_written_is_one_sentence(
    form: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StoreError("The store cannot be written.")

    monkeypatch.setattr("afterword.streams.written.add_to_stream", full)
    with pytest.raises(StoreError, match="cannot be written"):
        add(file(tmp_path, table(140)), stream="form", store=form)


def test_what_became_of_it_is_ready_for_json(form: Store) -> None:
    found = add(table(12), stream="form", store=form)
    assert isinstance(found, Added)
    told = json.loads(json.dumps(found.to_dict()))
    assert told["left_out"]["2026-11-16"] == 2
    assert (told["rows"], told["first"], told["periods"]) == (0, None, [])
