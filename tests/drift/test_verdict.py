"""What a check says: the level of every kind of batch, and the sentences."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import afterword
from afterword.drift.checking import check, compare
from afterword.drift.comparing import OTHER_SPREAD, _explained_by_language
from afterword.drift.evidence import Evidence
from afterword.drift.result import CheckResult
from afterword.drift.verdict import MOST_REASONS, decide
from afterword.drift.wording import CHANGED, FAULTY, STABLE, TOO_FEW
from afterword.measures.definitions import (
    FLAGS,
    KNOWN_WORDS,
    NEW_WORDS,
    ONE_SIDED,
    REPEATS,
    WHOLE,
    Measure,
    definitions,
)
from afterword.measures.distances import column_distance
from afterword.measures.null_tables import load_tables
from afterword.measures.word_changes import WordChange
from afterword.model.reference import probability_column
from afterword.model.registry import load_model, load_reference
from afterword.quality.category_shares import CategoryShare
from afterword.text.privacy import SHOWN_FROM
from tests.conftest import invented

Change = Callable[[str], str]
ROWS = 160


def ordinary(rows: int = ROWS, seed: int = 21) -> list[str]:
    return invented(rows, seed)["description"].tolist()


def some(change: Change, share: float = 0.4) -> Callable[[list[str]], list[str]]:
    """Change the first rows of a batch; rows are in no order."""
    return lambda texts: [
        change(text) if at < share * len(texts) else text for at, text in enumerate(texts)
    ]


@pytest.fixture
def say(small_model: Path):
    """Check texts against the small model's reference."""

    def checked(texts: Sequence[str], **columns: object) -> CheckResult:
        table = pd.DataFrame({"description": texts, **columns})
        scored = afterword.score(
            afterword.read_batch(table, categories=("Remarks", "Staring")), load_model(small_model)
        )
        return check(scored, model_dir=small_model)

    return checked


def told(result: CheckResult) -> str:
    return " ".join((result.headline, *result.reasons))


STOPS = re.compile(r"\b(on|a|an|at|the|he|my|of|it|and|i|was|were|me|they|up|off|two)\b ?", re.I)
FAULTS: dict[str, tuple[Callable[[list[str]], list[str]], str]] = {
    "one text again and again": (some(lambda _: ordinary(1)[0]), "same text"),
    "cut at one length": (some(lambda text: text[:50], 1), "cut at one length"),
    "cut with dots": (some(lambda text: f"{text[: 20 + len(text) // 3]}..."), "end in dots"),
    "capitals": (some(str.upper), "all in capitals"),
    "titles": (some(str.title, 0.6), "every Word Has A Capital"),
    "wrong decoding": (some(lambda text: text.replace(" ", " Ã©", 2)), "broken or lost"),
    "lost letters": (some(lambda text: re.sub("(?<=[a-z])e", "?", text)), "broken or lost"),
    "lost spaces": (some(lambda text: text.replace(" ", "")), "lost the spaces"),
    "placeholders": (some(lambda _: "test"), "laceholders"),
    "codes": (some(lambda text: f"CASE-{len(text)}-4821", 1), "sentences should be"),
    "markup": (some(lambda text: text.replace(",", " &quot;&amp;")), "HTML"),
    "empty rows": (some(lambda _: "", 0.2), "cannot be read"),
    "doubled": (some(lambda text: f"{text} {text}"), "twice"),
    "times before": (some(lambda text: f"2024-03-01 17:4{len(text) % 9} {text}", 1), "a date"),
    "label before": (some(lambda text: f"Description: {text}", 1), "A label".lower()),
    "first letter gone": (some(lambda text: text[1:], 1), "lost their beginnings"),
    "ends gone": (some(lambda text: text[: -4 - len(text) % 9], 1), "inside a word"),
    "stop words gone": (some(lambda text: STOPS.sub("", text), 1), "taken out"),
    "stemmed": (some(lambda text: re.sub(r"(?<=\w{4})\w\b", "", text), 1), "or endings"),
    "bare": (some(lambda text: re.sub("[^a-z0-9 ]", "", text.lower()), 1), "punctuation"),
    "last word gone": (some(lambda text: text.rpartition(" the ")[0] + " the", 1), "order is lost"),
    "reversed": (some(lambda text: " ".join(text.split()[::-1]), 1), "order is lost"),
    "sorted": (some(lambda text: " ".join(sorted(text.split())), 1), "order is lost"),
    "first word gone": (some("was waiting. {}".format, 1), "inside a sentence"),
    "quoted": (some("“{}”".format, 1), "uotation marks"),
    "marks apart": (some(lambda text: re.sub(r"([,.])", r" \1", text), 1), "apart"),
    "one letter gone": (some(lambda text: re.sub("[eE]", "", text), 1), "letter is missing"),
    "hyphens": (some(lambda text: text.replace(" ", "-"), 1), "lost the spaces"),
    "last letters gone": (some(lambda text: re.sub(r"\B\w\b", "", text), 1), "or endings"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_what_an_export_breaks_is_a_faulty_feed(say, name: str) -> None:
    spoil, words = FAULTS[name]
    result = say(spoil(ordinary()))
    assert result.level == FAULTY
    assert result.headline.startswith("The feed looks broken: ")
    assert words in told(result)
    assert "upstream" in result.actions[0]


def test_predictions_of_a_stuck_model_are_a_faulty_feed(say) -> None:
    stuck = say(ordinary(), **{"predicted Staring": [1] * ROWS, "predicted Remarks": [0] * ROWS})
    assert stuck.level == FAULTY
    assert "predictions" in stuck.headline
    alike = say(ordinary(), **{"predicted Staring": [0, 1] * (ROWS // 2)})
    assert not alike.measures.set_index("measure").loc["deployed_prediction", "drifted"]


LONGER = (
    " After that we took the tram, the train and then another bus, as it was late in the evening "
    "and the street was dark, and nobody at the station said a thing to anyone about it."
)
GERMAN = (
    "Am Morgen|Abends|Gestern Mittag|In der Nacht|Letzte Woche",
    "stand ein Mann|standen zwei Jungen|war jemand|kam ein Fremder",
    "im Bus|am Bahnhof|vor dem Laden|auf dem Markt|an der kleinen Ecke beim Park",
    "und hat mich lange angestarrt|und rief mir etwas nach|und wollte nicht gehen",
    "bis ich ausgestiegen bin|aber niemand half|und ich lief weg, so schnell ich konnte",
)
HINDI = (
    "सुबह|शाम को|कल दोपहर में|पिछले हफ्ते रात में",
    "एक आदमी|दो लड़के|कोई अजनबी|एक लंबा आदमी",
    "बस में|बाज़ार के पास|स्टेशन पर|दुकान के सामने वाली सड़क पर",
    "मुझे घूर रहा था|पीछे से चिल्लाया|मेरे साथ चलने लगा",
    "और मैं उतर गई|फिर मैं घर चली गई|लेकिन किसी ने कुछ नहीं कहा",
)
TRADE = (
    "They|Some boys|My neighbours|The women from upstairs",
    "sold|carried|painted|forgot|counted",
    "oranges|tulips|many lamps|old chairs and a carpet|kettles",
    "behind the library|for the wedding|by candlelight|under a green roof",
    "while it rained|and sang|as every summer|with much patience and some tea",
)


def mixed(parts: Sequence[str], end: str = ".") -> Change:
    """Sentences of varied parts in place of the texts."""
    rng = np.random.default_rng(3)
    return lambda _: " ".join(rng.choice(part.split("|")) for part in parts) + end


WORLD: dict[str, Callable[[list[str]], list[str]]] = {
    "a new word": some(lambda text: f"{text[:-1]}, and it was all over bytetok then."),
    "more of a category": some(
        lambda text: f"He would not stop staring, {text[0].lower()}{text[1:]}", 0.7
    ),
    "longer texts": some(lambda text: text + LONGER, 0.8),
    "another language": some(mixed(GERMAN)),
    "another script": some(mixed(HINDI, "।")),
    "other things": some(mixed(TRADE)),
}


WRITING: dict[str, tuple[Change, str]] = {
    "typographic marks": (lambda text: text.replace(", ", "… "), "marks such as ’"),
    "spaces that do not break": (lambda text: text.replace(" ", "\u00a0"), "spaces other than"),
    "small letters": (str.lower, "capital letters"),
    "exclamation marks": (lambda text: text.replace(",", "!!!!!!"), "digits and signs"),
}


@pytest.mark.parametrize("name", WRITING)
def test_what_only_the_writing_changes_is_a_remark_and_no_alarm(say, name: str) -> None:
    change, words = WRITING[name]
    result = say(some(change, 1)(ordinary()))
    assert (result.level, result.alarm, result.reasons) == (STABLE, False, ())
    assert any(words in remark for remark in result.remarks)
    assert "Only the writing changed" in result.headline
    assert result.to_dict()["remarks"] == list(result.remarks)
    assert result.estimate is not None
    assert not result.estimate.withheld


def test_a_change_beside_the_writing_is_an_alarm_without_a_remark(say) -> None:
    result = say(some(str.lower, 1)(WORLD["other things"](ordinary())))
    assert (result.level, result.remarks) == (CHANGED, ())


@pytest.mark.parametrize("name", ["other things", "more of a category", "a new word"])
def test_a_headline_names_what_moved_and_not_the_writing_that_moved_more(say, name: str) -> None:
    result = say(some(lambda text: text.lower().replace(" ", "\u00a0"), 1)(WORLD[name](ordinary())))
    moved = result.measures.set_index("measure")
    writing = moved.loc[["capitals", "typeset_marks"], ["distance", "threshold"]]
    assert (writing["distance"] > 2 * writing["threshold"]).all()
    assert result.level == CHANGED
    assert not any(word in result.headline for word in ("capital", "small letters", "marks"))


@pytest.mark.parametrize("mark", ["[URL]", "[NAME]", "<PERSON>", "{{PLACE}}"])
def test_what_a_scrubber_took_out_is_no_fault(say, mark: str) -> None:
    result = say(some(lambda text: text.replace("the", mark, 1))(ordinary()))
    assert result.level != FAULTY


def test_fewer_codes_than_in_training_are_no_fault_and_no_news(small_model: Path) -> None:
    tables, reference = load_tables(small_model), load_reference(small_model)
    coded = reference.assign(markup=np.where(np.arange(len(reference)) % 2, 0.1, 0))
    batch = afterword.read_batch(pd.DataFrame({"description": ordinary()}), categories=())
    scored = afterword.score(batch, load_model(small_model))
    found = compare(scored, coded, tables).measures.set_index("measure").loc["markup"]
    assert column_distance("share", coded["markup"].to_numpy(), np.zeros(50)) > found["threshold"]
    assert (found["distance"], bool(found["drifted"])) == (0.0, False)


@pytest.mark.parametrize(("share", "level"), [(0.9, CHANGED), (0.1, FAULTY)])
def test_another_language_explains_as_many_odd_beginnings_as_it_has_texts(
    share: float, level: str
) -> None:
    unknown = measure("mostly_unknown_words", reference=0.0, batch=share)
    begun = measure("begins_inside_word", reference=0.0, batch=0.5)
    assert _explained_by_language(begun, unknown.batch - unknown.reference) == (level == CHANGED)


@pytest.mark.parametrize("name", WORLD)
def test_what_the_world_changes_is_a_change(say, name: str) -> None:
    result = say(WORLD[name](ordinary()))
    assert result.level == CHANGED
    assert "upstream" not in " ".join(result.actions)
    assert result.reasons


def test_an_ordinary_batch_is_stable_with_nothing_to_do(say) -> None:
    result = say(ordinary())
    assert (result.level, result.reasons) == (STABLE, ())
    assert "160 descriptions" in result.headline


def test_a_fault_is_named_before_what_the_world_changed(say) -> None:
    texts = WORLD["a new word"](ordinary())
    result = say(some(lambda _: "", 0.25)(texts))
    assert result.level == FAULTY
    assert result.reasons[0].startswith("Rows cannot be read")
    assert "bytetok" in " ".join(result.reasons)


def test_nothing_but_empty_rows_is_a_faulty_feed(say) -> None:
    result = say([""] * 20)
    assert result.level == FAULTY
    assert "100 %" in result.reasons[0]


@pytest.mark.parametrize("rows", [1, 12, 29])
def test_a_few_ordinary_rows_are_too_few_to_tell(say, rows: int) -> None:
    result = say(ordinary(29)[:rows])
    assert (result.level, result.reasons) == (TOO_FEW, ())
    assert "30" in result.headline


@pytest.mark.parametrize("text", ["test", "n.a.", "48213-{}", "https://reports.example/{}"])
def test_a_few_rows_that_are_all_placeholders_or_codes_are_a_faulty_feed(say, text: str) -> None:
    result = say([text.format(number) for number in range(12)])
    assert result.level == FAULTY


def test_a_few_rows_never_speak_of_the_world(say) -> None:
    result = say(WORLD["other things"](ordinary(20)))
    assert result.level == TOO_FEW
    assert not result.measures["drifted"].any()


@pytest.mark.parametrize("name", [*FAULTS, *WORLD])
def test_at_most_three_reasons_are_given(say, name: str) -> None:
    spoil = FAULTS[name][0] if name in FAULTS else WORLD[name]
    result = say(spoil(ordinary()))
    assert 1 <= len(result.reasons) <= MOST_REASONS
    assert len(set(result.reasons)) == len(result.reasons)


def test_repeats_name_both_of_their_causes(say) -> None:
    result = say(FAULTS["one text again and again"][0](ordinary()))
    (reason,) = (one for one in result.reasons if "same text" in one)
    assert "stuck export" in reason
    assert "campaign" in reason


def test_a_common_length_is_told(say) -> None:
    assert "50 characters" in told(say(FAULTS["cut at one length"][0](ordinary())))


def test_a_new_word_is_named(say) -> None:
    assert "“bytetok”" in told(say(WORLD["a new word"](ordinary())))
    sample = Path(__file__).parents[2] / "data" / "samples" / "new-app-in-the-news.csv"
    assert "“bytetok”" in check(afterword.read(sample)).headline


def test_a_new_name_is_told_of_and_not_named(say) -> None:
    shouted = some(lambda text: f"{text[:-1]}, near Zoltran.", 0.3)
    result = say(shouted(ordinary()))
    assert result.level == CHANGED
    assert result.measures.set_index("measure").loc[NEW_WORDS, "drifted"]
    assert "oltran" not in told(result) + str(result.to_dict())
    assert "not shown" in told(result)


def test_a_word_in_a_third_of_the_descriptions_is_no_name_and_is_told(say) -> None:
    shouted = some(lambda text: f"{text[:-1]}, near Zoltran.", 0.4)
    assert say(shouted(ordinary())).headline == (
        "“zoltran” is new: it stands in 40 % of these 160 descriptions (33–48)."
    )


@pytest.mark.parametrize(
    ("added", "told"),
    [
        (
            "https://zoltran.org/x",
            "Links are new: 30 % of these 160 descriptions (23–38) hold one.",
        ),
        ("@zoltran", "Handles or addresses are new: "),
        ("#Zoltran", "A hashtag is new: it stands in 30 % of these 160 descriptions (23–38)."),
        ("(Zoltran: me)", "A label before a colon is new: it stands in 30 % "),
        ("482131", "A number is new: the same one stands in 30 % "),
    ],
)
def test_what_may_not_be_shown_is_told_by_its_kind(say, added: str, told: str) -> None:
    result = say(some(lambda text: f"{text[:-1]} {added}.", 0.3)(ordinary()))
    assert any(one.startswith(told) for one in (result.headline, *result.reasons)), result.reasons
    assert "oltran" not in str(result.to_dict())
    assert "482131" not in str(result.to_dict())


# ------------------------------------------------------------- sentences of given measures

DEFINITIONS = definitions(("Remarks", "Staring"))


def test_every_flag_of_a_row_is_compared() -> None:
    assert set(FLAGS) <= {each.name for each in DEFINITIONS}


def measure(name: str, excess: float = 2.0, direction: str = "higher", **changes) -> Measure:
    definition = next(each for each in DEFINITIONS if each.name == name)
    before, now = (0.1, 0.4) if direction != "lower" else (0.4, 0.1)
    made = Measure(
        name=name,
        label=definition.label,
        group=definition.group,
        unit=definition.unit,
        kind=definition.distance,
        reference=before,
        batch=now,
        distance=excess * 0.2,
        threshold=0.2,
        floor=0.1,
        drifted=excess >= 1,
        direction=direction,
        column=definition.column,
        fault=definition.fault,
    )
    return replace(made, **changes)


@pytest.mark.parametrize("direction", ["higher", "lower", OTHER_SPREAD])
@pytest.mark.parametrize("name", [each.name for each in DEFINITIONS])
def test_every_measure_has_a_sentence_for_each_direction_that_it_takes(
    name: str, direction: str
) -> None:
    if direction == "lower" and (name in ONE_SIDED or measure(name).fault):
        return
    moved = measure(name, direction=direction)
    found = decide([moved], [], 100, 30)
    assert found.level == (STABLE if moved.style else CHANGED)
    (reason,) = found.remarks if moved.style else found.reasons
    assert reason[0].isupper() or reason[0] in "“"
    assert reason.endswith(".")
    if name != WHOLE:
        assert "40 %" in reason or "0.4" in reason
    if direction == OTHER_SPREAD and name not in (NEW_WORDS, WHOLE):
        assert "spread differently" in (reason if moved.style else found.headline)


@pytest.mark.parametrize("name", [each.name for each in DEFINITIONS])
def test_higher_and_lower_are_told_apart(name: str) -> None:
    if name in ONE_SIDED or measure(name).fault or name == WHOLE:
        return
    up, down = (
        decide([measure(name, direction=direction)], [], 100, 30)
        for direction in ("higher", "lower")
    )
    assert (up.headline, up.remarks) != (down.headline, down.remarks)


def test_reasons_come_largest_first() -> None:
    names = ["words", "word_length", "confidence", "number_of_categories"]
    moved = [measure(name, excess) for name, excess in zip(names, (2, 5, 3, 1.5), strict=True)]
    found = decide(moved, [], 100, 30)
    first = [decide([moved[at]], [], 100, 30).headline.rstrip(".") for at in (1, 2, 0)]
    assert [said.startswith(each) for said, each in zip(found.reasons, first, strict=True)]


@pytest.mark.parametrize(
    "family",
    [
        ("characters", "words", "sentence_length", "very_long"),
        ("unknown_words", "english_words", "not_english"),
        (KNOWN_WORDS, NEW_WORDS, WHOLE),
        ("confidence", "unsure"),
    ],
)
def test_no_two_reasons_say_the_same_in_other_words(family: tuple[str, ...]) -> None:
    moved = [measure(name, excess) for excess, name in enumerate(family, 2)]
    assert len(decide(moved, [], 100, 30).reasons) == 1
    apart = decide([*moved, measure("capitals", 1.2)], [], 100, 30)
    assert len(apart.reasons) == 2


def test_what_did_not_move_is_no_reason() -> None:
    found = decide([measure("words", 2), measure("capitals", 0.9)], [], 100, 30)
    assert len(found.reasons) == 1


def test_a_fault_below_its_threshold_is_told_only_beside_an_alarm() -> None:
    mild = measure(REPEATS, 0.9)
    assert decide([mild], [mild], 100, 30).level == STABLE
    assert decide([mild, measure("words", 2)], [mild], 100, 30).level == FAULTY


def test_a_word_that_may_be_a_name_is_told_of_without_it() -> None:
    assert "may be a name" in decide([measure(NEW_WORDS)], [], 100, 30).reasons[0]
    named = decide([measure(NEW_WORDS, detail="“bytetok”")], [], 100, 30)
    assert "“bytetok”" in named.headline
    assert "“bytetok”" in named.reasons[0]
    assert "name" not in named.reasons[0]


def test_a_category_is_told_with_what_the_model_expects() -> None:
    found = decide([measure(probability_column("Staring"))], [], 100, 30)
    told = "More Staring is reported, by mean probability: 40 %; 10 % in training."
    assert found.headline == told
    assert found.reasons[0].startswith(told.rstrip("."))
    assert any("mix of categories" in action for action in found.actions)


def share(category: str, value: float | None, trained: float = 0.21) -> CategoryShare:
    low, high = (None, None) if value is None else (value - 0.07, value + 0.07)
    why = "" if value else "So."
    return CategoryShare(category, 200, value, low, high, trained, 0.31, 0.2, why)


def test_the_estimated_share_of_a_category_is_what_is_said_first() -> None:
    evidence = Evidence(200, 200, shares=(share("Remarks", None), share("Staring", 0.47)))
    found = decide([measure(probability_column("Staring"))], [], 200, 30, evidence=evidence)
    assert found.headline == (
        "About 47 % of these 200 descriptions report Staring (40–54); 21 % in training."
    )
    assert "47 % (40–54) · training 21 %" in found.reasons[0]
    withheld = decide([measure(probability_column("Remarks"))], [], 200, 30, evidence=evidence)
    assert withheld.headline.startswith("The model gives Remarks to 31 % of these 200 ")
    assert "cannot be estimated: so." in withheld.reasons[0]


def test_the_category_whose_estimate_moved_most_is_named_first() -> None:
    evidence = Evidence(200, 200, shares=(share("Remarks", 0.25), share("Staring", 0.47)))
    names = [probability_column(name) for name in ("Remarks", "Staring")]
    moved = [measure(names[0], 3), measure("words", 2.5), measure(names[1], 2)]
    found = decide(moved, [], 200, 30, evidence=evidence)
    assert [
        word for each in found.reasons for word in ("Staring", "words", "Remarks") if word in each
    ] == ["Staring", "words", "Remarks"]
    assert "Staring" in found.headline


def test_how_people_write_is_told_after_what_they_write_about() -> None:
    common = replace(measure(KNOWN_WORDS, 4), detail="“the”")
    moved = [measure("capitals", 5), common, measure(probability_column("Remarks"), 2)]
    evidence = Evidence(200, 200, shares=(share("Remarks", 0.47),))
    assert "Remarks" in decide(moved, [], 200, 30, evidence=evidence).headline
    # A word that names something is no matter of style.
    named = [replace(common, detail="“metro”"), *moved[::2]]
    assert "metro" in decide(named, [], 200, 30, evidence=evidence).headline


def test_a_known_word_is_named_with_its_share() -> None:
    ends = {KNOWN_WORDS: (0.33, 0.47)}
    words = (
        (WordChange("metro", False, 72, 0.4, 0.1, 1.8, 9.0), (0.33, 0.47)),
        (WordChange("queue", False, 32, 0.18, 0.03, 1.8, 7.0), (0.13, 0.24)),
    )
    evidence = Evidence(200, 180, ends, words=words)
    moved = [measure(KNOWN_WORDS, detail="“metro”")]
    found = decide(moved, [], 200, 30, evidence=evidence)
    told = "“metro” stands in 40 % of the 180 different descriptions (33–47); 10 % in training."
    assert found.headline == told
    assert found.reasons == (
        "The words that moved most: “metro” in 40 % (33–47) · training 10 %; "
        "“queue” in 18 % (13–24) · training 3.0 %.",
    )
    nearly = decide(moved, [], 200, 30, evidence=replace(evidence, distinct=195, words=()))
    assert nearly.headline == told.replace("the 180 different", "these 200")
    assert nearly.reasons == (nearly.headline,)
    few = replace(measure(KNOWN_WORDS, detail="“metro”"), batch=0.02, direction="lower")
    assert decide([few], [], 200, 30, evidence=evidence).headline == (
        "“metro” stands in under 3 % of the 180 different descriptions; 10 % in training."
    )
    hidden = decide([measure(KNOWN_WORDS)], [], 200, 30, evidence=evidence).headline
    assert hidden.startswith("A known word that may be a name or number stands in 40 %")


def test_content_that_moved_names_the_words_that_changed_most() -> None:
    words = [
        (WordChange("metro", False, 60, 0.3, 0.04, 2.0, 9.0), (0.24, 0.37)),
        (WordChange("queue", False, 36, 0.18, 0.03, 1.8, 7.0), (0.13, 0.24)),
        (WordChange("bus", False, 0, 0.02, 0.16, -1.5, -5.8), None),
    ]
    found = decide([measure(WHOLE, 3.0)], [], 200, 30, evidence=Evidence(200, 200, words=words))
    assert found.headline == (
        "People write about other things, most of all: more “metro” and “queue”, less “bus”."
    )
    assert "“metro” in 30 % (24–37) · training 4.0 %" in found.reasons[0]


def test_a_word_that_may_be_shown_is_named_where_the_commonest_may_not() -> None:
    word = (WordChange("bytetok", True, 60, 0.3, 0.0, 4.0, 9.0), (0.24, 0.37))
    evidence = Evidence(200, 200, words=(word,), hidden="number")
    found = decide([measure(NEW_WORDS)], [], 200, 30, evidence=evidence)
    assert found.headline == (
        "“bytetok” is new: it stands in 30 % of these 200 descriptions (24–37)."
    )
    assert found.reasons[0].startswith("A number is new: the same one stands in 40 % ")
    assert "it is not shown. New: “bytetok” in 30 % (24–37)" in found.reasons[0]


@pytest.mark.parametrize("name", [each.name for each in DEFINITIONS])
def test_a_headline_is_read_at_one_glance(name: str) -> None:
    evidence = Evidence(
        1_200, 1_190, {name: (0.33, 0.47)}, shares=(share("Remarks", 0.25), share("Staring", None))
    )
    for direction in ("higher", "lower"):
        headline = decide([measure(name, direction=direction)], [], 1_200, 30, evidence=evidence)
        assert len(headline.headline) <= 120


def test_content_that_moved_is_told_in_times_of_what_chance_does() -> None:
    (reason,) = decide([measure(WHOLE, 3.0)], [], 100, 30).reasons
    assert reason.startswith("People write about other things")
    assert "3.0 times" in reason


def test_a_word_that_may_be_shown_sends_to_the_words_that_changed() -> None:
    shown, hidden = (measure(NEW_WORDS, detail=detail) for detail in ("“bytetok”", ""))
    assert "words that changed" in decide([shown], [], 100, 30).actions[0]
    assert decide([measure("words")], [], 100, 30).actions != decide([shown], [], 100, 30).actions
    assert decide([hidden], [], 100, 30).level == CHANGED


@pytest.mark.parametrize("rows", [0, 1, 29])
def test_too_few_rows_are_counted_in_words(rows: int) -> None:
    found = decide([measure("words", 0.5)], [], rows, 30)
    assert found.level == TOO_FEW
    assert found.headline.startswith(f"{rows} description{'s' * (rows != 1)}: too few")


def test_a_word_is_shown_from_as_many_descriptions_on_as_training_needs() -> None:
    from afterword.training.fit import MIN_DESCRIPTIONS

    assert SHOWN_FROM == MIN_DESCRIPTIONS == 5
    assert np.isfinite(SHOWN_FROM)
