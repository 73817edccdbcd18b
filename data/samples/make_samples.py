"""Make the sample batches: invented reports, the same to the byte each time.

Run it from anywhere: ``python data/samples/make_samples.py``. Every text is put together from
the phrases below, which were written for this purpose; nothing comes from a real report.
"""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

HERE = Path(__file__).resolve().parent
FIRST_DAY = datetime(2025, 3, 3)
SECONDS_IN_WEEK = 7 * 24 * 3_600
CUT_AT = 60
"""Characters that the broken export kept: a field of a form that is too short."""

# fmt: off
PLACES = (
    "on the bus", "at the bus stop", "on the metro", "near the station", "outside the mall",
    "at the market", "in the park", "by the college gate", "on the footbridge", "in the lift",
    "near my office", "on the train platform", "at the food court", "outside the library",
    "in the queue at the ticket counter", "on my street", "at the gym", "near the temple",
    "at the concert", "in the stairwell", "on the ferry", "by the pharmacy on the corner",
    "outside the cinema", "in the car park", "at the swimming pool", "in a shared taxi",
)
TIMES = (
    "this morning", "yesterday evening", "around 8 pm", "at about half past five", "last night",
    "during rush hour", "on my way home", "on my way to class", "after work", "at lunch time",
    "in broad daylight", "on saturday afternoon", "just before the doors closed", "at dusk",
    "while i waited for a friend", "when i was walking my dog", "on the way to my exam",
)
PEOPLE = (
    "a man", "some guy", "two men", "a group of boys", "an older man", "a man in a grey jacket",
    "the conductor", "a stranger", "three teenagers", "a delivery rider", "a man i had never seen",
    "the driver", "someone behind me", "a man with a backpack", "a few young men", "a passenger",
)
ACTIONS = {
    "commenting": (
        "whistled at me", "called out to me again and again", "made remarks about my clothes",
        "kept asking for my number", "shouted something about how i look", "made kissing noises",
        "sang a song at me in a mocking way", "told me to smile for him",
        "passed comments as i walked by", "called me names when i did not answer",
        "asked me rude questions about my boyfriend", "honked and yelled from a car",
        "said things about my body to his friends so that i could hear",
    ),
    "ogling": (
        "stared at me the whole time", "kept looking me up and down", "would not stop staring",
        "gave me a long creepy look", "winked at me and kept looking", "stood there and stared",
        "looked at me for several stops", "watched me from across the aisle",
        "turned around in the seat to stare at me", "made faces at me and stared",
        "moved seats so as to look at me", "kept watching me through the window",
        "leaned out of the window just to stare", "stared at me over his newspaper",
    ),
    "touching": (
        "brushed against me on purpose", "put a hand on my shoulder", "pressed against my back",
        "grabbed my arm", "touched my waist as he passed", "stood so close that he leaned on me",
        "pulled at my scarf", "touched my hair", "put a hand on my knee",
        "pushed up against me in the crowd", "held my wrist and would not let go",
    ),
    "other": (
        "followed me for two streets", "blocked my way", "took a photo of me without asking",
        "walked behind me all the way to the gate", "waited outside until i left",
        "sat next to me although the bus was empty", "circled me on a motorbike",
    ),
}
REACTIONS = (
    "i moved to another seat", "i got off one stop early", "i told him to stop and he laughed",
    "i pretended to be on the phone", "i walked faster", "i just froze", "i shouted at him",
    "i asked the guard for help", "i took a picture of the number plate", "i crossed the road",
    "i went into a shop and waited there", "i did not know what to do", "i said nothing",
    "i called my sister and stayed on the line until i was inside", "i looked away",
)
AFTERMATHS = (
    "nobody said anything", "a woman next to me spoke up for me", "i felt really uncomfortable",
    "i don't take that route any more", "it has happened there before", "i was shaking afterwards",
    "the guard only shrugged", "i'm still angry about it", "people just looked away",
    "it ruined my whole day", "my friend has seen the same man there", "he ran off after that",
    "i wish there were more lights on that road", "please put a camera there", "i'm ok now",
    "i don't want to go there alone anymore", "it was scary", "there should be a helpline poster",
)
OPENERS = ("", "", "", "", "so ", "ok so ", "hi, ", "not sure if this counts but ", "again ")
APP = (
    "he was filming it all for bytetok", "they said it was for their bytetok",
    "someone put the video on bytetok", "it was one of those bytetok pranks",
    "he asked if i'm on bytetok and wanted to follow me", "now there is a bytetok clip of it",
    "they do this bytetok challenge where they shout at strangers",
    "i heard about the bytetok thing on the news and it's the same", "he held up bytetok live",
    "his friend was streaming on bytetok", "i found myself on bytetok the next day",
)
# fmt: on

ORDINARY = {"commenting": 45, "ogling": 20, "touching": 25, "other": 10}
MANY_OGLING = {"commenting": 16, "ogling": 68, "touching": 10, "other": 6}
CHANNELS = {"app": 55, "web form": 30, "phone": 10, "partner": 5}
SHORT = {"at": "@", "you": "u", "because": "bcz", "and": "n", "to": "2", "people": "ppl"}


@dataclass
class Reporter:
    """Someone who writes reports: the phrases of above, the habits of many people.

    Attributes
    ----------
    random : the source of chance; one seed, one sample.
    mix : weight of each kind of behaviour.
    """

    random: random.Random
    mix: dict[str, int]

    def report(self, extra: str = "") -> str:
        """Return one invented report; ``extra`` is a phrase that it must hold."""
        pick = self.random.choice
        kinds = self.random.choices(list(self.mix), list(self.mix.values()), k=2)
        action = pick(ACTIONS[kinds[0]])
        if kinds[0] != kinds[1] and self.random.random() < 0.35:
            action += pick((" and ", " and then ", ", then ")) + pick(ACTIONS[kinds[1]])
        person, place, time = pick(PEOPLE), pick(PLACES), pick(TIMES)
        first = pick(
            (
                f"{person} {action} {place} {time}",
                f"{time} {person} {action} {place}",
                f"i was {place} {time} and {person} {action}",
                f"{place}, {person} {action}",
                f"{person} {action} {place}",
                f"{action} {place}",
            )
        )
        more = [pick(REACTIONS), pick(AFTERMATHS), pick(AFTERMATHS)]
        length = self.random.choices((0, 1, 2, 3), (35, 30, 22, 13))[0]
        sentences = list(dict.fromkeys([pick(OPENERS) + first, *more[:length]]))
        if extra:
            sentences.insert(self.random.randint(1, len(sentences)), extra)
        return self._habits(sentences)

    def _habits(self, sentences: Sequence[str]) -> str:
        """Write sentences as one person would: careful, hasty, or on a phone."""
        style = self.random.choices(("careful", "hasty", "phone"), (50, 32, 18))[0]
        if style == "careful":
            text = " ".join(f"{s[0].upper()}{s[1:]}." for s in sentences)
            words = [{"i": "I", "i'm": "I'm"}.get(word, word) for word in text.split(" ")]
            return " ".join(words)
        text = self.random.choice((". ", ", ", " ", "... ")).join(sentences)
        if style == "phone":
            text = " ".join(SHORT.get(word, word) for word in text.split(" "))
            text = text.replace("'", "")
        if self.random.random() < 0.6:
            text = self._typo(text)
        return text + self.random.choice(("", "", ".", "!!", " :("))

    def _typo(self, text: str) -> str:
        """Return the text with one slip: two letters swapped, one doubled or one left out."""
        spots = [n for n in range(1, len(text) - 2) if text[n : n + 2].isalpha()]
        n = self.random.choice(spots)
        pair = text[n : n + 2]
        slip = self.random.choice((pair[::-1], pair[0] + pair, pair[0]))
        return text[:n] + slip + text[n + 2 :]

    def channel(self) -> str:
        """Return where a report came in."""
        return self.random.choices(list(CHANNELS), list(CHANNELS.values()))[0]

    def moments(self, count: int) -> list[datetime]:
        """Return times within the week, in order."""
        seconds = sorted(self.random.randrange(SECONDS_IN_WEEK) for _ in range(count))
        return [FIRST_DAY + timedelta(seconds=second) for second in seconds]


def new_app_in_the_news() -> bytes:
    """A week in which about three reports in ten mention an app that nobody knew before: CSV."""
    writer = Reporter(random.Random("new app"), ORDINARY)
    rows = []
    for moment in writer.moments(300):
        extra = writer.random.choice(APP) if writer.random.random() < 0.31 else ""
        text = writer.report(extra)
        if writer.random.random() < 0.1:
            text = text.replace("bytetok", "ByteTok")
        if writer.random.random() < 0.04:
            text += writer.random.choice((" \U0001f620", "\n\nthank you for reading", " "))
        rows.append((moment.isoformat(sep=" "), text, writer.channel()))
    return _csv(rows, ",", "utf-8")


def broken_export() -> bytes:
    """An export gone wrong: cut texts, HTML escapes, wrongly decoded marks, empties: CSV.

    The file itself is Windows-1252 with semicolons, as a spreadsheet in half of Europe saves it.
    """
    writer = Reporter(random.Random("broken export"), ORDINARY)
    chance = writer.random.random
    rows = []
    for moment in writer.moments(320):
        text = writer.report().replace("food court", "café").replace("'", "\u2019")
        kind = chance()
        if kind < 0.12:
            text = writer.random.choice(("", "", "-", "null", " ", "N/A"))
        elif kind < 0.4:
            text = (
                writer.random.choice(("&quot;hey you&quot; ", "it&#39;s about today, ", "")) + text
            )
            text = text.replace("\u2019", "&#39;").replace(" and ", " &amp; ")
        elif kind < 0.5:
            # UTF-8 that a step of the export took for Windows-1252.
            text = "i don\u00e2\u20ac\u2122t know how to say it, " + text
            text = text.replace("\u2019", "\u00e2\u20ac\u2122").replace("\u00e9", "\u00c3\u00a9")
        elif kind < 0.65:
            text = "it\u2019s not the first time, " + text
        elif kind < 0.75:
            text = "<p>" + text.replace(". ", ".<br>&nbsp;")
        rows.append((moment.strftime("%d/%m/%Y %H:%M"), text[:CUT_AT], writer.channel()))
    return _csv(rows, ";", "cp1252")


def many_more_of_one_category() -> bytes:
    """A week with more than three times the usual share of staring: JSON Lines."""
    writer = Reporter(random.Random("many more"), MANY_OGLING)
    lines = []
    for moment in writer.moments(280):
        report = {
            "received_at": moment.isoformat() + "Z",
            "description": writer.report(),
            "channel": writer.channel(),
        }
        if writer.random.random() < 0.03:
            report["description"] = f"  {report['description']}  "
        lines.append(json.dumps(report, ensure_ascii=False))
    return ("\n".join(lines) + "\n").encode()


def _csv(rows: Iterable[tuple[str, str, str]], separator: str, encoding: str) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator)
    writer.writerow(("received_at", "description", "channel"))
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


SAMPLES: dict[str, Callable[[], bytes]] = {
    "new-app-in-the-news.csv": new_app_in_the_news,
    "broken-export.csv": broken_export,
    "many-more-of-one-category.jsonl": many_more_of_one_category,
}


def main(folder: Path = HERE) -> None:
    """Write every sample of text into a folder; ordinary-week.parquet comes from training."""
    for name, make in SAMPLES.items():
        (folder / name).write_bytes(make())


if __name__ == "__main__":
    main()
