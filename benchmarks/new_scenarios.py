"""A second set of changed batches, written down before any of their results was looked at.

    python benchmarks/new_scenarios.py

prints every scenario with what it does to an invented pool. The first set, ``scenarios.py``, had
been looked at while the check was made; this one was committed first. Of each list every second
one is held back: nobody may tune on it, and its results are reported apart.

A third level stands beside the two of the first set: a remark. The writing has moved, but no
answer and no content has, so a check may say so and must not alarm. What is expected of each
scenario, its level and its strength, is the hypothesis: a stronger one is found in at least 98 of
100 batches of 200 rows, a mild one is promised for 1,000 rows only, and a remark alarms no more
often than an honest batch.
"""

from __future__ import annotations

import base64
import html
import re
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from urllib.parse import quote

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.scenarios import (  # noqa: E402
    CITIES,
    FAULT,
    MILD,
    STRONGER,
    TIMESTAMP,
    WORLD,
    Alter,
    Make,
    Scenario,
    Weigh,
    _altered,
    _at_space,
    _email,
    _has_category,
    _id,
    _moment,
    _named,
    _options,
    _phrases,
    _pick,
    _weighted,
    _with_phrase,
    show,
)

REMARK = "remark"
"""The level of a change that changes no answer: said perhaps, never an alarm."""
SHORT = 8
"""Words up to which a description is short."""


def new_scenarios(categories: Sequence[str]) -> list[Scenario]:
    """All scenarios of the second set, those that are held back marked as ``held_out``.

    Parameters
    ----------
    categories : names of the columns of the labels, in order.
    """
    faults: list[tuple[str, Make]] = [
        (_named(name, share), partial(_altered, alter, share)) for name, alter, share in FAULTS
    ]
    faults.insert(OWN_NAME, ("Own category before, 100 %", partial(_own_name, tuple(categories))))
    remarks = [
        (_named(name, share), partial(_altered, alter, share)) for name, alter, share in SAME
    ]
    lists = (
        [Scenario(name, FAULT, STRONGER, False, make) for name, make in faults],
        [Scenario(name, WORLD, strength, False, make) for name, strength, make in WORLDS],
        [Scenario(name, REMARK, STRONGER, False, make) for name, make in remarks],
    )
    return [
        Scenario(one.name, one.level, one.strength, one.name in HELD_BACK, one.make)
        for each in lists
        for one in each
    ]


# How a batch is drawn


def mixed(
    weigh: Weigh,
    factor: float,
    rng: np.random.Generator,
    texts: Sequence[str],
    labels: np.ndarray,
    n: int,
    *,
    replace: bool = False,
) -> list[int | str]:
    """Rows in which the share of some is ``factor`` times their share of the pool, exactly.

    With ``replace`` a row may be drawn several times: a simulation, of batches beyond the data.

    Raises
    ------
    ValueError : the pool holds too few of them, or of the others.
    """
    inside = weigh(texts, labels)
    wanted = round(n * factor * float(inside.mean()))
    parts = [
        rng.choice(np.flatnonzero(rows), count, replace=replace)
        for rows, count in ((inside, wanted), (~inside, n - wanted))
    ]
    return list(map(int, rng.permutation(np.concatenate(parts))))


def _own_name(
    categories: tuple[str, ...],
    rng: np.random.Generator,
    texts: Sequence[str],
    labels: np.ndarray,
    n: int,
) -> list[int | str]:
    """Each text behind the names of its categories, as an export joins two columns."""
    made: list[int | str] = []
    for row in rng.choice(len(texts), n, replace=False):
        names = [name for name, label in zip(categories, labels[row], strict=True) if label]
        made.append(f"{', '.join(names) or 'None'}: {texts[row]}")
    return made


def _told_together(
    share: float, rng: np.random.Generator, texts: Sequence[str], labels: np.ndarray, n: int
) -> list[int | str]:
    """Two people's reports in one text, in a share of the rows."""
    rows = rng.choice(len(texts), n + round(share * n), replace=False)
    entries: list[int | str] = list(map(int, rows[:n]))
    for place, other in zip(rng.choice(n, len(rows) - n, replace=False), rows[n:], strict=True):
        entries[place] = f"{texts[rows[place]]} My friend reports too: {texts[other]}"
    return entries


def _is_short(texts: Sequence[str], labels: np.ndarray) -> np.ndarray:
    return np.array([len(text.split()) <= SHORT for text in texts])


def _two_categories(texts: Sequence[str], labels: np.ndarray) -> np.ndarray:
    return np.asarray(labels.sum(axis=1) >= 2)


# What is done to one text


def _around(before: str, behind: str, rng: np.random.Generator, text: str) -> str:
    """The text between two others; numbers, cities and times in braces are filled in."""
    filled = {
        "number": f"{rng.integers(10_000, 99_999)}",
        "line": f"{rng.integers(1, 2_000)}",
        "city": _pick(rng, CITIES),
        "moment": _moment(TIMESTAMP, rng, ""),
        "id": _id(rng, ""),
        "email": _email(rng, ""),
    }
    return before.format_map(filled) + text + behind.format_map(filled)


def _without_end(rng: np.random.Generator, text: str) -> str:
    return text[:-20] or text[:1]


def _without_letter(rng: np.random.Generator, text: str) -> str:
    return text[1:] or text


def _without_word(rng: np.random.Generator, text: str) -> str:
    return " ".join(text.split()[1:]) or text


def _whole_words(rng: np.random.Generator, text: str) -> str:
    """Cut behind the last whole word within 60 characters, without a mark."""
    return text if len(text) <= 60 else text[:61].rpartition(" ")[0] or text[:60]


def _content_words(rng: np.random.Generator, text: str) -> str:
    return " ".join(word for word in text.split() if word.lower() not in STOP_WORDS) or text


def _stemmed(rng: np.random.Generator, text: str) -> str:
    return re.sub(r"(?<=\w{3})(ing|edly|ed|ies|es|ly|s|e|y)\b", "", text)


def _reversed(rng: np.random.Generator, text: str) -> str:
    return " ".join(text.split()[::-1])


def _sorted(rng: np.random.Generator, text: str) -> str:
    return " ".join(sorted(text.split(), key=str.lower))


def _without(pattern: str, rng: np.random.Generator, text: str) -> str:
    return re.sub(pattern, "", text) or text


def _substituted(pattern: str, new: str, rng: np.random.Generator, text: str) -> str:
    return re.sub(pattern, new, text)


def _base64(rng: np.random.Generator, text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _percent_encoded(rng: np.random.Generator, text: str) -> str:
    return quote(text)


def _hyphens(rng: np.random.Generator, text: str) -> str:
    """Long words broken as at the ends of lines of a printed page, one in four of them."""

    def broken(match: re.Match[str]) -> str:
        word = match.group()
        return (
            f"{word[: len(word) // 2]}- {word[len(word) // 2 :]}" if rng.random() < 0.25 else word
        )

    return re.sub(r"[A-Za-z]{6,}", broken, text)


def _worded(words: Mapping[str, str], rng: np.random.Generator, text: str) -> str:
    """Whole words replaced by others; a capital letter stays one."""

    def other(match: re.Match[str]) -> str:
        word = match.group()
        new = words.get(word.lower(), word)
        return new[:1].upper() + new[1:] if word[:1].isupper() and word != "I" else new

    return re.sub(r"[A-Za-z']+", other, text)


def _emoji(rng: np.random.Generator, text: str) -> str:
    return text + " " + _pick(rng, EMOJI) * int(rng.integers(1, 4))


def _marked(mark: str, rng: np.random.Generator, text: str) -> str:
    return _at_space(rng, text, f" {mark} ")


def _scrubbed(rng: np.random.Generator, text: str) -> str:
    """Words with a capital letter within a sentence, which a scrubber takes for names."""
    return re.sub(r"(?<=[a-z,] )[A-Z][a-z]+", "[NAME]", text)


def _lower(rng: np.random.Generator, text: str) -> str:
    return text.lower()


def _small_start(rng: np.random.Generator, text: str) -> str:
    return text[:1].lower() + text[1:]


def _repaired(rng: np.random.Generator, text: str) -> str:
    """Without the entities that the training data hold."""
    return html.unescape(html.unescape(text))


def _one_space(rng: np.random.Generator, text: str) -> str:
    return " ".join(text.split())


def _typographic(rng: np.random.Generator, text: str) -> str:
    return re.sub(r'"([^"]*)"', "“\\1”", text.replace("'", "’"))


def _typographic_dashes(rng: np.random.Generator, text: str) -> str:
    return text.replace("...", "…").replace(" - ", " – ")


# Invented words and texts

STOP_WORDS = frozenset(
    "a an the i me my we us our you your he him his she her it its they them their this that "
    "these those is am are was were be been being have has had do does did and but or if so as of "
    "at by for with about to from in on off up down out over then when where who there here not "
    "no too very can will just".split()
)
THIRD_PERSON = {
    "i": "she",
    "me": "her",
    "my": "her",
    "mine": "hers",
    "myself": "herself",
    "am": "is",
    "i'm": "she's",
    "we": "they",
    "us": "them",
    "our": "their",
}
PLURAL = {
    "i": "we",
    "me": "us",
    "my": "our",
    "mine": "ours",
    "myself": "ourselves",
    "am": "are",
    "was": "were",
    "i'm": "we're",
}
VEHICLES = {
    "bus": "jeepney",
    "buses": "jeepneys",
    "auto": "tuk-tuk",
    "rickshaw": "tuk-tuk",
    "metro": "skytrain",
    "train": "skytrain",
    "market": "palengke",
    "road": "lane",
    "street": "lane",
    "college": "campus",
}
DIALECT = {"the": "de", "that": "dat", "this": "dis", "with": "wid", "them": "dem", "then": "den"}
TEXTING = {
    "you": "u",
    "your": "ur",
    "are": "r",
    "because": "bcz",
    "please": "pls",
    "people": "ppl",
    "and": "n",
    "with": "wid",
    "was": "ws",
    "before": "b4",
    "to": "2",
    "for": "4",
}
EMOJI = _options("😡|😢|😨|🙏|😠|💔|😤|🚌|👀|🤢|😰|🆘")

SLANG = (
    "{bare}, it was so zorky",
    "{bare}. Total zorky behaviour.",
    "these zorky guys again. {text}",
    "{bare} and I felt zorky all day",
    "some zorky man, {text}",
    "{bare}. Why are they so zorky?",
)
SLANG_VERB = (
    "{bare}. They were glimping us.",
    "he glimped at me. {text}",
    "{bare} and his friend glimped too",
    "I hate being glimped. {text}",
    "{bare}. He kept glimping.",
)
SCHOOL = _phrases(
    "{who} {did} {where} {when}. {end}",
    "{when} {who} {did} {where} and {end}",
    "in our {lesson} lesson {who} {did}. {end}",
    who="a boy from class {number}|the big boys|my classmate|a senior|two boys from section B|"
    "the boy who sits behind me|somebody's brother",
    did="pulls my bag|calls me names|throws paper at us girls|hides my pencil box|makes faces|"
    "says silly things about my skirt|does not let me pass|writes things on the blackboard",
    where="in the playground|in the school bus|behind the classroom|at the water tap|during lunch|"
    "on the stairs|in the library",
    when="every day|before assembly|in the break|after games period|on sports day|last term",
    lesson="maths|drawing|science|music|games",
    end="I told teacher.|Teacher did not scold him.|my mummy will come to school.|I cried.|"
    "we don't want to sit there.|he got a diary note.|Everybody laughed.",
)
ELDERLY = _phrases(
    "At my age of {age} I did not expect {what} {where}. {end}",
    "I am a retired {job}, {age} years old. {who} {did} {where}. {end}",
    "{who} {did} {where} while I was walking with my {with_}. {end}",
    age="|".join(map(str, range(63, 85))),
    what="such rudeness|to be mocked|to be followed|to be spoken to like this|such language",
    job="teacher|nurse|clerk|postmistress|librarian|seamstress",
    who="A young man|A group of youngsters|The new watchman|A boy on a scooter|A neighbour's guest",
    did="mocked my walk|shouted at me|blocked my way|imitated my voice|would not give way|"
    "whistled at me|made rude remarks",
    where="near the temple|at the pension office|outside the clinic|in the morning walk park|"
    "at the bank|near the ration shop",
    with_="walking stick|grandson|late husband's sister|old friend|little dog",
    end="In my days nobody behaved so.|My daughter-in-law wrote this for me.|I had to sit down.|"
    "My heart was beating.|The pensioners' club has complained too.|I do not go there alone now.",
)
LIGHTS = _phrases(
    "{ask} street lamps {where}, {why}. {end}",
    "The lamps {where} are {state} {since}, {why}. {end}",
    "Please count my vote for {more} lamps {where}. {end}",
    ask="We need|Give us|We demand|Please repair|Kindly install|I support the campaign for",
    where="along the canal path|behind the stadium|on the footbridge|in our lane|near the depot|"
    "between the hostel and the gate|at the underpass|by the playing field",
    state="dark|broken|out|stolen|flickering",
    since="since the rains|for two months|since the fair|again|since last winter",
    why="girls cannot walk there after six|nobody can see who comes|we all feel unsafe|it is pitch "
    "dark|my daughters take the long way round|the students are afraid",
    more="brighter|more|working|solar",
    end="Light our way!|Signed by a resident.|I signed the list.|The ward office knows.|Thank you.|"
    "Sent with the campaign.",
)
WEDDINGS = _phrases(
    "The wedding hall {where} {did} until {hour}. {end}",
    "{who} cannot {verb} because the hall {where} {did}. {end}",
    "I join the complaint against the hall {where}: {did2}. {end}",
    where="on Pond Road|next to the clinic|behind our block|opposite the hostel|at the crossing",
    did="played music|let guests block the lane|had drummers|burst crackers|parked cars everywhere",
    did2="loud music|guests who shout at residents|drunk guests in the lane|crackers all night",
    hour="one|two|three|half past two|sunrise|midnight",
    who="My mother|The patients|My children|Nobody here|The students",
    verb="sleep|study|rest|pass|open a window",
    end="Close it.|We signed together.|This is the fifth time.|Women do not dare to pass.|"
    "The police were called.",
)
DRONES = _phrases(
    "a drone {did} {where} {when}. {end}",
    "{when} somebody flew a drone {where}, it {did}. {end}",
    "{who} has a drone that {did} {where}. {end}",
    did="filmed us|followed me|hovered near my window|came down close to the girls|took pictures|"
    "flew round and round above us",
    where="over the hostel roof|above our terrace|at the swimming pool|over the sports ground|"
    "outside the bathroom window|above the ghat|on the balcony side",
    when="this evening|on Sunday|last night|during practice|while we hung up the washing|twice",
    who="the man on the third floor|a neighbour|some boy|a guest of the hotel|nobody knows who",
    end="We went inside.|you could hear it buzzing|I closed the curtains.|the guard said he can do "
    "nothing|we don't sit outside any more.|It had a red light.",
)
LASERS = _phrases(
    "somebody shone a laser pointer {where} {when}. {end}",
    "{when} a green laser was pointed at {whom} {where}. {end}",
    "the boys {where} point lasers at {whom}. {end}",
    where="from the opposite roof|in the cinema|from a car|in the lecture hall|at the concert|"
    "from the bridge",
    when="last night|during the film|at nine|again yesterday|on the way home|in the exam week",
    whom="my chest|my window|us girls|our eyes|the dancers|every woman who passes",
    end="It hurt my eyes.|they were laughing loudly|the usher did not come.|We moved seats.|"
    "I could not see who.|he says it is a toy",
)
FORM = " Location: not given. Time: not given."
FOOTER = " -- This message was sent from the reporting app. Do not reply."

OWN_NAME = 4
"""Where among the faults the one stands that needs the names of the categories."""

# Those at even places may be tuned on. Those that follow each are held back.
FAULTS: tuple[tuple[str, Alter, float], ...] = (
    ("Timestamp before", partial(_around, "{moment} ", ""), 1.0),
    ("Ticket header before", partial(_around, "Case {number} | Web | ", ""), 1.0),
    ("Description: before", partial(_around, "Description: ", ""), 1.0),
    (
        "Mail header before",
        partial(_around, "From: {email} Date: {moment} Subject: report Body: ", ""),
        1.0,
    ),
    # Here stands the category's own name before each text, which may be tuned on.
    ("Two fields joined", partial(_around, "", "|{city}|{moment}"), 1.0),
    ("Id before", partial(_around, "{id} ", ""), 1.0),
    ("Line number before", partial(_around, "{line}. ", ""), 1.0),
    ("Last 20 characters gone", _without_end, 1.0),
    ("Cut behind a whole word at 60", _whole_words, 1.0),
    ("First letter gone", _without_letter, 1.0),
    ("First word gone", _without_word, 1.0),
    ("Stop words removed", _content_words, 1.0),
    ("Words in reverse order", _reversed, 1.0),
    ("Words stemmed", _stemmed, 1.0),
    ("Words sorted", _sorted, 1.0),
    ("Footer behind", partial(_around, "", FOOTER), 0.5),
    ("Quotation marks around", partial(_around, '"', '"'), 1.0),
    ("Vowels lost", partial(_without, "(?i)[aeiou]"), 0.5),
    ("JSON around", partial(_around, '{{"text": "', '", "lang": "en"}}'), 1.0),
    ("Punctuation doubled", partial(_substituted, r"([.,!?])", r"\1\1"), 1.0),
    ("Spaces before punctuation", partial(_substituted, r"(?<=\w)([.,!?])", r" \1"), 1.0),
    ("Base64", _base64, 0.3),
    ("Percent-encoded", _percent_encoded, 0.3),
    ("Form field behind", partial(_around, "", FORM), 1.0),
    ("[External] before", partial(_around, "[External] ", ""), 0.5),
    ("Marker of a translation", partial(_around, "", " (automatically translated)"), 0.3),
    ("Words hyphenated", _hyphens, 1.0),
    ("Spaces as underscores", partial(_substituted, " ", "_"), 0.3),
    ("Letter e lost", partial(_without, "(?i)e"), 0.5),
)
"""Name, what is done to a text, and in which share of the rows."""

CHIRPLY = ("{bare}. Then he sent it on chirply.", "{bare}. I saw him on chirply", "chirply: {text}")
MARLOW = (
    "{bare}. It was at Marlow Arcade.",
    "inside Marlow Arcade, {text}",
    "{bare}, Marlow Arcade",
)


def _share_of(column: int, factor: float) -> Make:
    return partial(mixed, partial(_has_category, column), factor)


def _phrase(phrases: Sequence[str], share: float) -> Make:
    return partial(_altered, partial(_with_phrase, phrases, ""), share)


def _words(words: Mapping[str, str], share: float) -> Make:
    return partial(_altered, partial(_worded, words), share)


WORLDS: tuple[tuple[str, str, Make], ...] = (
    ("New app chirply, 10 %", STRONGER, _phrase(CHIRPLY, 0.1)),
    ("New place Marlow Arcade, 10 %", STRONGER, _phrase(MARLOW, 0.1)),
    ("New slang zorky, 10 %", STRONGER, _phrase(SLANG, 0.1)),
    ("New slang glimp, 10 %", STRONGER, _phrase(SLANG_VERB, 0.1)),
    ("First category × 1.5", MILD, _share_of(0, 1.5)),
    ("Second category × 1.5", MILD, _share_of(1, 1.5)),
    ("First category gone", STRONGER, _share_of(0, 0.0)),
    ("Third category gone", STRONGER, _share_of(2, 0.0)),
    ("No category × 1.5", MILD, _share_of(-1, 1.5)),
    ("Two categories at once × 2", MILD, partial(mixed, _two_categories, 2.0)),
    ("School children, 20 %", STRONGER, partial(_altered, SCHOOL, 0.2)),
    ("Elderly people, 20 %", STRONGER, partial(_altered, ELDERLY, 0.2)),
    ("Told in the third person, 60 %", STRONGER, _words(THIRD_PERSON, 0.6)),
    ("Told by a group, 60 %", STRONGER, _words(PLURAL, 0.6)),
    (f"Rows up to {SHORT} words weigh 4", STRONGER, partial(_weighted, _is_short, 4)),
    ("Two reports in one, 30 %", STRONGER, partial(_told_together, 0.3)),
    ("Campaign for lamps, 20 %", STRONGER, partial(_altered, LIGHTS, 0.2)),
    ("Campaign against a hall, 20 %", STRONGER, partial(_altered, WEDDINGS, 0.2)),
    ("Another region's vehicles, 100 %", STRONGER, _words(VEHICLES, 1.0)),
    ("Another dialect, 30 %", STRONGER, _words(DIALECT, 0.3)),
    ("New kind of incident, drones, 15 %", STRONGER, partial(_altered, DRONES, 0.15)),
    ("New kind of incident, lasers, 15 %", STRONGER, partial(_altered, LASERS, 0.15)),
    ("Emoji behind, 20 %", STRONGER, partial(_altered, _emoji, 0.2)),
    ("Texting, 30 %", STRONGER, _words(TEXTING, 0.3)),
)
"""Name, strength, and how a batch is made."""

SAME: tuple[tuple[str, Alter, float], ...] = (
    ("Typographic apostrophes", _typographic, 1.0),
    ("Typographic dashes and dots", _typographic_dashes, 1.0),
    ("[URL] of a scrubber", partial(_marked, "[URL]"), 0.05),
    ("[NAME] of a scrubber", _scrubbed, 1.0),
    ("Lower case from phones", _lower, 1.0),
    ("First letter small", _small_start, 1.0),
    ("Entities repaired", _repaired, 1.0),
    ("Spaces repaired", _one_space, 1.0),
    ("Apostrophes as accents", partial(_substituted, "'", "´"), 1.0),
    ("Spaces that do not break", partial(_substituted, " ", "\u00a0"), 1.0),
    ("A line for each sentence", partial(_substituted, r"(?<=[.!?])\s+", "\n"), 1.0),
    ("Two spaces behind a sentence", partial(_substituted, r"(?<=[.!?])\s+", "  "), 1.0),
)
"""Name, what is done to a text, and in which share of the rows; no answer may change by it."""


def _held_back() -> frozenset[str]:
    faults = [_named(name, share) for name, _, share in FAULTS]
    faults.insert(OWN_NAME, "Own category before, 100 %")
    worlds = [name for name, _, _ in WORLDS]
    remarks = [_named(name, share) for name, _, share in SAME]
    return frozenset([*faults[1::2], *worlds[1::2], *remarks[1::2]])


HELD_BACK = _held_back()
"""Every second one of each list: looked at once, after everything is tuned."""


if __name__ == "__main__":
    show(new_scenarios(("Commenting", "Ogling", "Groping")))
