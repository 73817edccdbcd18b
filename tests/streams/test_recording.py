"""From an answer to what is kept of it: numbers, and no word of the text."""

from pathlib import Path

import numpy as np
import pytest

from afterword.model.answers import classify
from afterword.model.registry import load_model
from afterword.settings import get_settings
from afterword.store import Store
from afterword.streams import recording
from afterword.streams.recording import Observing, observe, record
from afterword.text.distinct import STEPS
from afterword.text.facts import find_facts
from afterword.text.words import FEW
from tests.conftest import invented
from tests.stores import NOON, bytes_of, small_store

STORY = "Quenby Zebrafinch of 47 Umberlatch Lane shouted flibbertwick at me and kept staring."
PLANTED = ("quenby", "zebrafinch", "umberlatch", "flibbertwick", "shouted", "staring", "47 umber")


def seen(*texts):
    model = load_model()
    return observe(texts, model.predict_proba(list(texts)), model)


def test_nothing_of_a_text_is_on_the_disk(store: Store) -> None:
    for number in range(30):
        assert record("page", seen(f"{STORY} {number}"), latency_s=0.01, store=store)
    found = bytes_of(store).lower()
    # What thirty descriptions share may be shown, unless it looks like a name or a number.
    assert [word for word in PLANTED if word.encode() in found] == ["flibbertwick"]


def test_four_descriptions_leave_no_word_at_all(store: Store) -> None:
    for number in range(4):
        assert record("page", seen(f"{STORY} {number}"), latency_s=0.01, store=store)
    found = bytes_of(store).lower()
    assert [word for word in PLANTED if word.encode() in found] == []


def test_what_is_counted_part_by_part_is_what_all_rows_come_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("afterword.model.scoring.CHUNK", 400)
    model, table = load_model(), invented(90)
    counting = Observing(model)
    classify(table, model, observe=counting)
    found, texts = counting.joined(), table["description"].tolist()
    expected = observe(texts, model.predict_proba(texts), model)
    for name, counts in expected.tally.counts.items():
        assert found.tally.counts[name].tolist() == counts.tolist()
    for name in ("thresholds", "unseen", "texts"):
        assert getattr(found, name) == getattr(expected, name)
    assert np.array_equal(found.answers, expected.answers)
    assert np.array_equal(found.found.words.places, expected.found.words.places)
    assert np.abs(found.found.content - expected.found.content).max() <= 1


def test_what_goes_wrong_with_counting_is_raised_after_the_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("zebrafinch")

    monkeypatch.setattr(recording, "observe", fail)
    counting = Observing(load_model())
    assert len(classify(["He stared at me."], observe=counting).table) == 1
    with pytest.raises(ValueError, match="zebrafinch"):
        counting.joined()


def test_a_file_without_rows_is_recorded_as_a_call(store: Store) -> None:
    nothing = Observing(load_model()).joined()
    assert record("file", nothing, rejected=3, latency_s=0.1, store=store, at=NOON)
    (tally,) = store.tallies("day", NOON.replace(hour=0), NOON).values()
    assert (tally.descriptions, store.waiting()) == (0, 0)


def test_an_observation_does_not_show_its_words() -> None:
    assert "flibbertwick" not in repr(seen(STORY))


def test_answers_wait_in_whole_per_cent() -> None:
    model = load_model()
    text = "A man kept staring at me and winking on the bus."
    (answer,) = seen(text).answers
    probabilities = model.predict_proba([text])[0]
    assert answer.tolist() == [round(100 * one) for one in probabilities]


def test_a_call_that_was_refused_counts_as_a_call_and_as_no_description(store: Store) -> None:
    assert record("http", rejected=0, latency_s=0.001, outcome="refused", store=store, at=NOON)
    assert record("http", rejected=0, latency_s=0.001, outcome="failed", store=store, at=NOON)
    (tally,) = store.tallies("day", NOON.replace(hour=0), NOON).values()
    assert tally.counts["calls"].tolist() == [2, 1, 1, 0]
    assert tally.descriptions == 0


def test_a_call_belongs_to_the_stream_that_is_named(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    form = store.streams.create("form")
    for stream in (form, "Form"):
        assert record("page", seen(STORY), latency_s=0.01, store=store, at=NOON, stream=stream)
    (own,) = store.tallies("day", NOON.replace(hour=0), NOON, stream=form.id).values()
    assert own.descriptions == 2
    assert store.tallies("day", NOON.replace(hour=0), NOON) == {}
    assert record("page", seen(STORY), latency_s=0.01, store=store, stream="nothing") is False
    assert "no stream called nothing" in recording.problem(store)
    assert store.tallies("day", NOON.replace(hour=0), NOON) == {}


def test_recording_can_be_switched_off(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    off = get_settings().model_copy(update={"recording": False})
    monkeypatch.setattr(recording, "get_settings", lambda: off)
    assert record("page", seen(STORY), latency_s=0.01, store=store) is False
    assert recording.is_off()
    assert list(tmp_path.iterdir()) == []


def test_a_key_that_cannot_be_made_is_said_and_raises_nothing(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("in the way")
    store = small_store(tmp_path / "home")
    assert record("page", seen(STORY), latency_s=0.01, store=store) is False
    assert "AFTERWORD_HOME" in recording.problem(store)


def test_several_descriptions_are_one_call(store: Store) -> None:
    several = seen("He stared at me.", "They shouted remarks.", "He stared at me.")
    assert record("file", several, rejected=2, latency_s=0.5, store=store, at=NOON)
    (tally,) = store.tallies("day", NOON.replace(hour=0), NOON).values()
    assert tally.descriptions == 3
    assert tally.counts["calls"].tolist() == [1, 0, 0, 2]
    assert store.waiting() == 3


@pytest.mark.parametrize("count", [1, FEW, FEW + 1])
def test_what_waits_of_texts_is_what_a_batch_is_scored_with(count: int) -> None:
    """A few are represented another way than many; the sums are whole numbers either way."""
    model, texts = load_model(), invented(count)["description"].tolist()
    found, facts = seen(*texts).found, find_facts(texts, model)
    assert np.abs(found.content - np.rint(STEPS * facts.content)).max() <= 1
    assert found.words.counts(found.width).tolist() == np.ravel(facts.words.sum(axis=0)).tolist()
    assert np.array_equal(found.lengths, facts.lengths)
