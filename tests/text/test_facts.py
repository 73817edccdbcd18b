"""What is counted in texts: every flag, copies, lengths and new words; and that no text is left."""

from __future__ import annotations

import json

import numpy as np
import pytest

import afterword
from afterword.measures.definitions import NO_CAPITALS
from afterword.model.classifier import Classifier
from afterword.text.counts import TextCounts
from afterword.text.damage import DAMAGES
from afterword.text.distinct import summarise
from afterword.text.facts import Facts, commonest_length, find_facts
from afterword.text.flags import (
    CAPITALS,
    ELLIPSES,
    FRAGMENTS,
    JOINED,
    MOJIBAKE,
    PLACEHOLDERS,
    TEXT_FLAGS,
    TITLES,
)
from afterword.text.privacy import KINDS
from afterword.text.traces import TRACES

ORDINARY = "A man was staring at me on the bus, so I left."


@pytest.fixture(scope="module")
def model() -> Classifier:
    return afterword.load_model()


def facts_of(texts: list[str]) -> Facts:
    return find_facts(texts, afterword.load_model())


def profile_of(texts: list[str]) -> TextCounts:
    return summarise(facts_of(texts), texts)


def flags(text: str) -> set[str]:
    row = facts_of([text]).flags[0]
    raised = {name for name, found in zip(TEXT_FLAGS, row, strict=True) if found}
    # Of these a single text tells nothing: tests/text/test_traces.py has them.
    return raised - {NO_CAPITALS, *TRACES, *DAMAGES}


@pytest.mark.parametrize(
    ("flag", "text"),
    [
        (CAPITALS, "A MAN WAS STARING AT ME ON THE BUS"),
        (TITLES, "A Man Was Staring At Me On The Bus"),
        (MOJIBAKE, "A man was staring at me and I donâ€™t know why"),
        (MOJIBAKE, "A man was staring at me and I don?t know why"),
        (MOJIBAKE, "A man was staring at me in the caf\ufffd near the bus"),
        (JOINED, "Amanwasstaringatmeonthebus and I left the place"),
        (JOINED, "A man in the busstation and the nightmarket was staring at me"),
        (PLACEHOLDERS, "lorem ipsum dolor sit amet"),
        (PLACEHOLDERS, "test"),
        (FRAGMENTS, "48213-77/2"),
        (FRAGMENTS, "https://reports.example/view?id=77"),
        (FRAGMENTS, "CHANNEL_WEB"),
        (ELLIPSES, "A man kept staring at me near the stairs and then ..."),
        (ELLIPSES, "A man kept staring at me near the stairs and then…"),
    ],
)
def test_a_flag_is_raised_by_what_an_export_breaks(flag: str, text: str) -> None:
    assert flag in flags(text)
    assert flag not in flags(ORDINARY)


@pytest.mark.parametrize(
    "text",
    [
        ORDINARY,
        "i was walking home at night and he followed me",
        "Did he stare at you? He did at me. Do you know him?",
        "I don’t know the man who was staring at me in the café",
        "He showed me www.videos.example/watch?v=abc and laughed at me",
        "He sent me to https://videos.example/watch?v=abc&t=3 and laughed at me",
        "Ein Mann hat mich im Bus die ganze Zeit angestarrt und gezwinkert.",
        "Auf der Straßenbahnhaltestelle hat er mich angestarrt.",
        "Un homme me regardait dans le métro et ne voulait pas arrêter.",
        "We left NYC at 8 PM because the MAN on the bus was staring",
        "He was stariiiiing at me on the bus",
        "一个男人在公共汽车上一直盯着我看",
        "एक आदमी बस में मुझे घूर रहा था",
        "Wait.. what was that on the bus. I left",
    ],
)
def test_what_people_write_raises_no_flag(text: str) -> None:
    assert flags(text) == set()


@pytest.mark.parametrize("word", ["Geschwindigkeitsbegrenzung", "Donaudampfschifffahrt"])
def test_a_long_german_word_looks_like_joined_words(word: str) -> None:
    """That a share of such rows is ordinary in one feed is what its threshold is for."""
    assert JOINED in flags(f"Er hat mich bei der {word} angestarrt")


def test_two_known_words_that_lost_their_space_once_are_a_slip() -> None:
    assert JOINED not in flags("A man in the busstation was staring at me")


@pytest.mark.parametrize("text", ["whistling", "catcalled twice", "staring"])
def test_a_bare_label_without_a_common_word_is_no_sentence(text: str) -> None:
    assert flags(text) == {FRAGMENTS}


def test_texts_are_looked_at_as_they_came_in() -> None:
    """Cleaning would mend what the export broke, and hide it."""
    assert MOJIBAKE in flags("He said â€œhelloâ€\u009d to me")


def test_copies_of_one_text_count_once_in_words_and_lengths() -> None:
    copies = [ORDINARY, ORDINARY.upper(), f"  {ORDINARY[:-1]}  "] * 5
    found, once = profile_of(copies), profile_of([ORDINARY])
    assert (found.rows, found.distinct, found.repeats) == (15, 1, 15)
    assert np.array_equal(found.words, once.words)
    assert found.lengths == 0, "a copy ends as a sentence, so nothing has cut the text"
    assert profile_of(copies[2:]).lengths == 0, "in whatever order they come"
    assert profile_of(copies[2::3]).lengths == 1
    assert once.words.sum() == len(set(ORDINARY.lower().strip(".").replace(",", "").split()))


def test_a_word_counts_once_per_description(model: Classifier) -> None:
    found = profile_of(["the bus, the bus and the bus", "another bus", "no word of it here"])
    assert found.words[model.vocabulary["bus"]] == 2


def test_the_commonest_length_is_that_of_distinct_texts_and_of_one_character_less() -> None:
    texts = [f"A man was staring at me near gate {at}{'x' * (at % 2)}" for at in range(10, 18)]
    found = profile_of(texts + [texts[0]] * 20)
    assert (found.lengths, found.common_length) == (8, len(texts[1]))


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [([18] * 9 + [30], (1, 30)), ([5_000, 3_000, 30], (2, 2_000)), ([60, 60, 59, 58], (3, 60))],
)
def test_short_texts_share_their_length_by_chance_and_long_ones_are_alike(
    lengths: list[int], expected: tuple[int, int]
) -> None:
    assert commonest_length(np.array(lengths)) == expected


def test_a_length_that_fewer_than_five_share_is_not_named() -> None:
    texts = [f"A man was staring at me near gate {at}" for at in range(10, 14)]
    assert (profile_of(texts).lengths, profile_of(texts).common_length) == (4, 0)


def test_a_new_word_is_named_from_five_distinct_descriptions_on() -> None:
    told = [f"they said bytetok {at} times and laughed at me" for at in range(2, 7)]
    assert profile_of(told).new_words == {"bytetok": 5}
    assert profile_of(told).new == 5
    few = [*told[:4], *told[:4]]
    assert profile_of(few).new_words == {}
    assert profile_of(few).new == 4


def test_a_new_name_is_counted_and_not_named() -> None:
    told = [f"then I saw Zoltran for the {at}th time near the bus" for at in range(4, 12)]
    found = profile_of(told)
    assert found.new == 8
    assert "zoltran" not in found.new_words


@pytest.mark.parametrize(("share", "shown"), [(3, True), (2, False)])
def test_a_word_with_a_capital_is_named_if_a_third_of_the_descriptions_hold_it(
    share: int, shown: bool
) -> None:
    told = [
        f"then I saw Zoltran for the {at}th time near the bus"
        if at % 9 < share
        else f"somebody whistled at me on the {at}th day"
        for at in range(36)
    ]
    found = profile_of(told)
    assert (found.new_words.get("zoltran") == 12) is shown
    assert found.hidden == ("" if shown else "name")


@pytest.mark.parametrize(
    "text", ["then Priya left the bus {at}", "my friend Zoltran left {at}", "he is @zoltran {at}"]
)
def test_a_name_that_is_used_as_one_is_not_named_however_many_hold_it(text: str) -> None:
    found = profile_of([text.format(at=at) for at in range(40)])
    assert found.new == 40
    assert found.new_words == {}


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ("it was on https://zoltran.org/{at} for days", "link"),
        ("it was sent by @zoltran on day {at}", "handle"),
        ("it was #Zoltran on day {at}", "hashtag"),
        ("Zoltran: they laughed at me on day {at}", "label"),
        ("they laughed at me on day {at} of 482131", "number"),
        ("they laughed when Zoltran came on day {at}", "name"),
    ],
)
def test_what_may_not_be_shown_is_known_by_its_kind(form: str, kind: str) -> None:
    others = [f"somebody whistled at me on the {at}th day" for at in range(60)]
    found = profile_of([*others, *(form.format(at=at) for at in range(100, 112))])
    assert (found.hidden, found.new) == (kind, 12)
    assert "zoltran" not in found.new_words


def test_facts_of_some_rows_are_the_facts_of_those_texts() -> None:
    texts = [f"They said bytetok near gate {at % 7} and left…" for at in range(20)] + ["TEST ONE"]
    rows = np.array([20, 3, 10, 3, 5])
    taken, fresh = facts_of(texts).take(rows), facts_of([texts[row] for row in rows])
    drawn = [texts[row] for row in rows]
    counted = [summarise(facts, drawn).to_dict() for facts in (taken, fresh)]
    assert counted[0].pop("content") == pytest.approx(counted[1].pop("content"))
    assert counted[0] == counted[1]
    # Equal texts and no others have equal keys.
    same = [facts.keys[:, None] == facts.keys for facts in (taken, fresh)]
    assert np.array_equal(*same)


def test_facts_do_not_depend_on_the_other_texts() -> None:
    texts = [ORDINARY, "they said bytetok", "TEST", "", "48213"]
    whole = facts_of(texts)
    for at, text in enumerate(texts):
        alone = facts_of([text])
        assert np.array_equal(whole.flags[at], alone.flags[0])
        assert (whole.words[at] != alone.words).nnz == 0
        assert whole.content[at] == pytest.approx(alone.content[0])


def test_a_profile_holds_no_text() -> None:
    texts = [f"They said zebrafinch{at} and bytetok near gate {at}" for at in range(9)]
    content = json.dumps(profile_of(texts).to_dict())
    assert profile_of(texts).new_words == {"bytetok": 9}
    assert "zebrafinch" not in content
    told = profile_of(texts).to_dict()
    assert told.pop("hidden") in ("", *KINDS)
    assert {type(value) for value in told.values()} == {int, list, dict}


def test_a_profile_survives_json() -> None:
    found = profile_of([f"They said bytetok near gate {at}…" for at in range(9)])
    back = TextCounts.from_dict(json.loads(json.dumps(found.to_dict())))
    assert back.to_dict() == found.to_dict()
    assert back.words.dtype == found.words.dtype


@pytest.mark.parametrize(
    "damage",
    [{"flags": 3}, {"words": ["a"]}, {"rows": None}, {"new_words": [1]}, {"content": [[1]]}],
)
def test_a_damaged_profile_is_refused(damage: dict) -> None:
    content = profile_of([ORDINARY]).to_dict() | damage
    with pytest.raises((KeyError, TypeError, ValueError, AttributeError)):
        TextCounts.from_dict(content)


def test_no_texts_have_a_profile_of_zeros() -> None:
    found = profile_of([])
    assert (found.rows, found.distinct, found.repeats, found.new) == (0, 0, 0, 0)
    assert not found.words.any()
    assert not found.content.any()
