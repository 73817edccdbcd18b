"""Words that changed: which are listed, which are never shown, and how often chance lists one."""

from __future__ import annotations

import numpy as np
import pytest

from afterword.measures.word_changes import FALSE_DISCOVERIES, WordChange, changed_words
from afterword.text.privacy import private_words

SCENES = (
    "It happened near the {} when I walked home with my sister.",
    "A man was staring at us from the {} and would not stop.",
    "We left the {} at once because he made remarks.",
    "Then I saw the {} again, and he whistled.",
    "They told me that the {} was closed, so I took the bus.",
)


def private(word: str, *texts: str, common: bool = False) -> bool:
    return private_words([word], texts, common=common) == {word}


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("zoltran", "I met Zoltran at noon near the bus stop."),
        ("zoltran", "he told Mr Zoltran about it"),
        ("priya", "i told priya about it and we left"),
        ("quietfox", "He wrote to me as @quietfox on the same day."),
        ("quietfox", "he wrote as @quietfox_77 and I blocked him"),
        ("umberlatch", "It was in Umberlatch, on my way home."),
        ("umberlatch", "it was on umberlatch road near the shop"),
        ("umberlatch", "he waited near umberlatch for an hour"),
        ("98765", "he rang me from 98765 every day"),
        ("b12", "he lives in flat b12 above us"),
    ],
)
def test_names_numbers_addresses_and_handles_are_never_shown(word: str, text: str) -> None:
    assert private(word, text)


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("quietfox", "he wrote to quietfox@letters.example and I left"),
        ("letters", "he wrote to quietfox@letters.example and I left"),
        ("heron", "he wrote as @quiet_heron and I blocked him"),
    ],
)
def test_parts_of_mail_addresses_and_handles_are_never_shown(word: str, text: str) -> None:
    assert private(word, text)


def test_a_name_that_only_opens_descriptions_is_never_shown() -> None:
    assert private("zoltran", "Zoltran stared at me.", "Zoltran again, and he whistled.")


@pytest.mark.parametrize("text", ["जोल्टन ने मुझे घूरा", "我看见佐尔坦在车站"])
def test_a_word_of_a_script_without_capitals_is_never_shown(text: str) -> None:
    from afterword.text.cleaning import clean, tokenise

    assert private_words(tokenise(clean(text)), [text]) == set(tokenise(clean(text)))


@pytest.mark.parametrize(
    "text",
    [
        "it was all over bytetok and they laughed",
        "They filmed it on Bytetok and laughed.",
        "They filmed it for the Bytetok app and laughed.",
        "He showed me a Bytetok video and laughed.",
    ],
)
def test_the_name_of_an_app_is_shown(text: str) -> None:
    assert not private("bytetok", text)


@pytest.mark.parametrize("scene", SCENES)
def test_an_ordinary_new_word_is_shown(scene: str) -> None:
    assert not private("scooter", scene.format("scooter"))


def test_a_capital_at_the_beginning_of_a_sentence_says_nothing() -> None:
    texts = ["Scooters everywhere. I saw scooters at the gate.", "I ran. Scooters came."]
    assert not private("scooters", *texts)


def test_a_capital_among_capitals_says_nothing() -> None:
    shouted = "I SAW THE SCOOTER AGAIN"
    assert not private("scooter", shouted, "then I saw a scooter again")


def test_the_use_that_prevails_decides() -> None:
    as_thing, as_name = "then I saw a marigold there", "then I saw Marigold there"
    assert not private("marigold", *[as_thing] * 5, as_name)
    assert private("marigold", as_thing, *[as_name] * 5)


@pytest.mark.parametrize(("text", "expected"), [("in the park at noon", False), ("by Park", True)])
def test_a_common_word_that_is_a_name_too_is_private_only_where_it_is_written_as_one(
    text: str, expected: bool
) -> None:
    assert private("park", f"we sat {text}", common=True) == expected
    assert private("park", f"we sat {text}")


BATCH, TRAINING = 200, 8_000


def changes(
    counts: dict[str, tuple[int, int]], new: dict[str, int] | None = None, private: tuple = ()
) -> list[WordChange]:
    """Words → distinct descriptions of the batch and of training that hold them."""
    return changed_words(
        list(counts),
        np.array([now for now, _ in counts.values()], int),
        np.array([before for _, before in counts.values()], int),
        new or {},
        descriptions=BATCH,
        reference_descriptions=TRAINING,
        private=private,
    )


def test_a_listed_word_has_its_shares_and_its_direction() -> None:
    more, less = changes({"tram": (60, 400), "bus": (5, 4_000), "noon": (20, 800)})
    assert {more.term, less.term} == {"tram", "bus"}
    by_name = {each.term: each for each in (more, less)}
    assert by_name["tram"].log_odds > 0 > by_name["bus"].log_odds
    assert by_name["tram"].share == 60 / BATCH
    assert by_name["tram"].reference_share == 400 / TRAINING
    assert not by_name["tram"].new


def test_a_new_word_is_called_new_and_training_had_none_of_it() -> None:
    (found,) = changes({}, {"bytetok": 30})
    assert found.new
    assert (found.descriptions, found.share, found.reference_share) == (30, 0.15, 0.0)


def test_the_largest_change_comes_first() -> None:
    found = changes({f"word{at}": (at * 10, 400) for at in range(2, 9)}, {"bytetok": 120})
    assert len(found) > 5
    assert [abs(each.z) for each in found] == sorted((abs(each.z) for each in found), reverse=True)


def test_the_log_odds_ratio_is_that_of_the_shares_shrunk_by_the_prior() -> None:
    (found,) = changes({"tram": (60, 400)})
    plain = np.log(60 / 140) - np.log(400 / 7_600)
    assert 0.5 * plain < found.log_odds < plain


@pytest.mark.parametrize("held", range(5))
def test_a_count_under_five_is_never_a_number(held: int) -> None:
    (found,) = changes({"bus": (held, 4_000)})
    assert found.descriptions == 0
    assert found.share == 4 / BATCH


def test_a_word_of_fewer_than_five_descriptions_is_not_listed_as_more_frequent() -> None:
    assert changes({"tram": (4, 0)}) == []


def test_a_private_word_is_not_listed() -> None:
    assert [each.term for each in changes({"tram": (60, 400)})] == ["tram"]
    assert changes({"tram": (60, 400)}, private=("tram",)) == []


@pytest.mark.filterwarnings("error")
def test_words_of_all_descriptions_and_of_none_are_counted_without_a_warning() -> None:
    found = changes({"the": (BATCH, TRAINING), "tram": (0, 0), "bus": (BATCH, 0)})
    assert [each.term for each in found] == ["bus"]


@pytest.mark.parametrize(
    "shares",
    [
        np.clip(0.5 / np.arange(1, 401), 0.001, None),
        np.full(200, 0.45),
        np.full(200, 0.01),
    ],
    ids=["as words are", "common words", "seldom words"],
)
@pytest.mark.parametrize("descriptions", [100, 1_000])
def test_chance_alone_seldom_lists_a_word(shares: np.ndarray, descriptions: int) -> None:
    """Where no word changed, every listed word is a false discovery."""
    rng = np.random.default_rng(descriptions)
    words = [f"word{at}" for at in range(len(shares))]
    lists = [
        changed_words(
            words,
            rng.binomial(descriptions, shares),
            rng.binomial(TRAINING, shares),
            {},
            descriptions=descriptions,
            reference_descriptions=TRAINING,
        )
        for _ in range(300)
    ]
    # Four standard errors of a share of 300 lists.
    assert np.mean([bool(found) for found in lists]) <= FALSE_DISCOVERIES + 0.05


def test_among_listed_words_few_did_not_change() -> None:
    rng = np.random.default_rng(1)
    shares = rng.uniform(0.02, 0.4, 200)
    now = np.where(np.arange(200) < 20, np.minimum(shares * 2 + 0.1, 0.9), shares)
    false = [
        np.mean([int(each.term) >= 20 for each in found])
        for found in (
            changed_words(
                [str(at) for at in range(200)],
                rng.binomial(500, now),
                rng.binomial(TRAINING, shares),
                {},
                descriptions=500,
                reference_descriptions=TRAINING,
            )
            for _ in range(60)
        )
        if len(found) >= 15
    ]
    assert len(false) == 60
    assert np.mean(false) <= FALSE_DISCOVERIES + 0.02
