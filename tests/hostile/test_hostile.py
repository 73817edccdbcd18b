"""No file ends a process, takes long, fills the memory, leaves anything behind or loses a row."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import groupby, islice
from pathlib import Path

import pytest

from tests.hostile.case import MARK, TEXT, Case
from tests.hostile.corpus import GROUPS, corpus
from tests.hostile.runner import Outcome, Reader, faults, run
from tests.hostile.served import Service, service
from tests.hostile.watch import files_in

pytestmark = pytest.mark.whole
EACH = 4
"""Files of a kind that the short test sends to a server."""

Group = Callable[[], Iterator[Case]]


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """A process that reads files, whose log holds no text in the end."""
    reader = Reader(tmp_path_factory.mktemp("reader"))
    yield reader
    reader.close()
    assert MARK not in reader.written()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A server, whose log holds no word of a text in the end, and whose store holds no text.

    A word that is new in many descriptions is what a check tells, so the store may hold one.
    """
    folder = tmp_path_factory.mktemp("served")
    with service(folder) as (running, log):
        yield running
    assert MARK not in log.read_text("utf-8", "replace")
    held = files_in(folder / "held")
    assert [path for path in held if TEXT.encode()[:-1] in Path(path).read_bytes()] == []


def _failures(reader: Reader | Service, cases: Iterator[Case]) -> dict[str, list[str]]:
    return {case.title: wrong for case, _, wrong in run(reader, cases) if wrong}


def _named(group: object) -> str:
    return str(getattr(group, "__name__", group))


@pytest.mark.parametrize("group", GROUPS, ids=_named)
def test_a_file_is_read_or_refused_in_a_sentence(group: Group, reader: Reader) -> None:
    assert _failures(reader, (case for case in group() if not case.whole)) == {}


def test_a_server_bears_files_of_every_kind(served: Service) -> None:
    kinds = groupby(corpus(whole=False), lambda case: case.kind)
    chosen = (case for _, cases in kinds for case in islice(cases, EACH))
    assert _failures(served, chosen) == {}


@pytest.mark.hostile
@pytest.mark.parametrize("group", GROUPS, ids=_named)
def test_every_file_is_read_or_refused_in_a_sentence(group: Group, reader: Reader) -> None:
    assert _failures(reader, group()) == {}


@pytest.mark.hostile
@pytest.mark.parametrize("group", GROUPS, ids=_named)
def test_a_server_bears_every_file(group: Group, served: Service) -> None:
    assert _failures(served, group()) == {}


def test_the_corpus_is_the_same_each_time_and_no_name_stands_in_it_twice() -> None:
    cases = list(corpus())
    assert len({case.title for case in cases}) == len(cases) >= 450
    assert inspect.isgenerator(corpus())
    damaged = [case for case in cases if "changed" in case.name][::7]
    assert damaged
    assert [case.make() for case in damaged] == [case.make() for case in damaged]


def test_what_a_file_may_not_do_is_told() -> None:
    case = Case("csv", "a", bytes)
    borne = Outcome("read", rows=3, accepted=2, rejected=1)
    assert faults(case, borne) == []
    assert faults(case, Outcome("refused", "A sentence.")) == []
    for wrong in (
        Outcome("refused", "no sentence"), Outcome("refused", f"{TEXT}."), Outcome("lost"),
        Outcome("raised", "ValueError"), Outcome("late"), replace(borne, rows=4),
        replace(borne, seconds=11), replace(borne, worker=1_001), replace(borne, growth=51),
        replace(borne, left=("a",)),
    ):  # fmt: skip
        assert len(faults(case, wrong)) == 1, wrong
    assert faults(replace(case, keeps=3), borne) != []
    assert faults(replace(case, keeps=2, loses=1), borne) == []


def test_a_process_that_ends_is_told_and_another_one_started(reader: Reader) -> None:
    good = Case("csv", "good", f"description\n{TEXT}\n".encode)

    def end() -> bytes:
        # After the process was found running, and before it is asked.
        assert reader.process is not None
        reader.process.kill()
        return good.make()

    reader.read(good)
    assert reader.read(replace(good, make=end)).how == "lost"
    assert reader.read(good).how == "read"
