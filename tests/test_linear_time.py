"""Texts that hold up a pattern: every one of them is read in time in proportion to its length.

Patterns are found by walking through the package, and what a pattern is fed is made from the
characters that it names: a pattern that is new is tested from its first day.
"""

from __future__ import annotations

import ast
import importlib
import itertools
import pkgutil
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from re import _constants as sre
from re import _parser as parser
from types import ModuleType

import pandas as pd
import pytest

import afterword
from afterword.files.column_names import has_header, key, quotable
from afterword.files.reading import read_batch
from afterword.files.shares import parse_shares
from afterword.files.times import understand
from afterword.model.answers import classify
from afterword.model.classifier import Classifier
from afterword.model.explanation import explain
from afterword.model.scoring import score
from afterword.streams.recording import observe
from afterword.text.analysis import analyse, describe
from afterword.text.cleaning import clean, locate, normalise
from afterword.text.distinct import summarise
from afterword.text.facts import find_facts
from afterword.text.words import FEW
from afterword.ui.classify.why_charts import marked_text

SIZE = 2_000
"""Characters of the shorter text that a pattern is fed; the longer one has four times as many."""

WHOLE = 4_000
"""The same for all that is done to a text, of which a pattern may be a small part."""

GROWTH = 8
"""Times that the longer text may take: in proportion it is 4, and 16 with the square."""


def seconds(call: Callable[[], object], tries: int = 1) -> float:
    """The thread's own processor time, the least of several: what else is running is not in it."""
    took = []
    for _ in range(tries):
        began = time.thread_time()
        call()
        took.append(time.thread_time() - began)
    return min(took)


def grows_too_fast(call: Callable[[int], object], size: int, at_once: float) -> bool:
    """Whether four times the size takes more than eight times the time.

    Parameters
    ----------
    call : takes the size.
    size : the smaller one.
    at_once : seconds in which the larger size is quick enough whatever the smaller one takes.
    """
    if seconds(lambda: call(4 * size)) < at_once:
        return False
    shorter = seconds(lambda: call(size), 3)
    return seconds(lambda: call(4 * size), 2) > max(at_once, GROWTH * shorter)


def modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(afterword.__path__, "afterword."):
        if "migrations" not in found.name and not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def patterns() -> dict[str, re.Pattern]:
    """Every pattern that a module of the package holds, by the module where it stands."""
    found: dict[re.Pattern, str] = {}
    for module in modules():
        for name, value in vars(module).items():
            if isinstance(value, re.Pattern):
                found.setdefault(value, f"{module.__name__}.{name}")
    return {name: pattern for pattern, name in found.items()}


def characters(pattern: re.Pattern) -> list[str]:
    """One character of each kind that a pattern names, a word that it holds, and one of no kind."""
    text = (
        pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    )
    kinds = {
        sre.CATEGORY_SPACE: " ",
        sre.CATEGORY_NOT_SPACE: "a",
        sre.CATEGORY_DIGIT: "1",
        sre.CATEGORY_NOT_DIGIT: "a",
        sre.CATEGORY_WORD: "a",
        sre.CATEGORY_NOT_WORD: ".",
    }
    found: dict[str, None] = {}

    def visit(node: object) -> None:
        if isinstance(node, parser.SubPattern):
            for is_run, run in itertools.groupby(node, lambda part: part[0] is sre.LITERAL):
                if is_run:
                    found["".join(chr(value) for _, value in run)] = None
        if isinstance(node, tuple) and len(node) == 2 and node[0] in (sre.LITERAL, sre.NOT_LITERAL):
            found[chr(node[1])] = None
        elif isinstance(node, tuple) and len(node) == 2 and node[0] is sre.RANGE:
            found[chr(node[1][0])] = None
        elif isinstance(node, tuple) and len(node) == 2 and node[0] is sre.CATEGORY:
            found[kinds[node[1]]] = None
        elif isinstance(node, (list, tuple, parser.SubPattern)):
            for part in node:
                visit(part)

    visit(parser.parse(text, pattern.flags & ~re.UNICODE & ~re.DEBUG))
    return [*dict.fromkeys([*found, "a", " ", ".", "@", "1", "\n"])][:16]


def hostile(pattern: re.Pattern) -> Iterator[Callable[[int], str | bytes]]:
    """Runs of one and of two of what a pattern names, with an end that fits none of it."""
    kinds = characters(pattern)
    units = [*kinds, *(one + other for one, other in itertools.permutations(kinds[:8], 2))]
    for unit in units:
        yield lambda n, unit=unit: _as_read(pattern, unit * (n // len(unit)) + "\x7f")  # type: ignore[misc]


def _as_read(pattern: re.Pattern, text: str) -> str | bytes:
    return text if isinstance(pattern.pattern, str) else text.encode("latin-1", "replace")


def holding_up(pattern: re.Pattern) -> str | bytes | None:
    """The first hostile text, in short, that a pattern takes too long for."""
    uses = (lambda text: sum(1 for _ in pattern.finditer(text)), pattern.fullmatch)
    return next(
        (
            make(8)
            for make in hostile(pattern)
            for use in uses
            if grows_too_fast(lambda size, make=make, use=use: use(make(size)), SIZE, 0.01)  # type: ignore[misc]
        ),
        None,
    )


@pytest.mark.parametrize(("name", "pattern"), patterns().items(), ids=patterns())
def test_a_pattern_takes_time_in_proportion_to_the_text(name: str, pattern: re.Pattern) -> None:
    assert holding_up(pattern) is None


@pytest.mark.parametrize(
    "slow",
    [
        r"\S*@\S+",
        r"[.!?]+(?:\s|$)",
        r"\s+\n",
        r"<!--.*-->",
        r"(?:ab)+c",
    ],
)
def test_a_pattern_that_begins_again_at_every_character_is_noticed(slow: str) -> None:
    assert holding_up(re.compile(slow)) is not None


def test_a_pattern_that_reads_texts_stands_where_it_is_tested() -> None:
    # What reads whole files, or words of our own, may have a pattern in passing.
    others = {
        "binary", "channels", "delimited", "deployment", "documents", "evidently",
        "evidently_writing", "header", "tables",
    }  # fmt: skip
    passing = {"findall", "finditer", "fullmatch", "match", "search", "split", "sub", "subn"}
    found = [
        f"{path.name}:{node.lineno}"
        for path in Path(afterword.__file__).parent.rglob("*.py")
        if path.stem not in others
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
        and node.func.attr in passing
    ]
    assert not found


HOSTILE = {
    "question marks": "a{?}1",
    "dots": "{.}a",
    "dots and spaces": "{. }a",
    "ellipses": "{…}a",
    "one long word": "{a}",
    "no spaces": "{ab1.}",
    "short words": "{a b }",
    "names": "Then {Zoltan }",
    "names and dots": "{Zoltan.}",
    "handles": "{@a }",
    "at signs": "{@}",
    "at signs and letters": "{a@}",
    "at signs and dots": "{@.}",
    "addresses": "{a@b.c }",
    "links": "{http://}",
    "links with spaces": "{http://a }",
    "www": "{www.}",
    "digits": "{1}",
    "numbers": "{1,5 %}",
    "brackets": "{[}",
    "braces and quotes": '{{"}',
    "tags": "{<a}",
    "closing tags": "{</a}",
    "backslashes": "{\\u}",
    "ampersands": "{&}",
    "escapes": "{&amp;}",
    "numbers escaped": "{&#1}",
    "quot": "{quot}",
    "apostrophes": "{a'}",
    "white space": "a{ }a",
    "line ends": "a{\r\n}a",
    "controls": "a{\x07}a",
    "mojibake": "{Ã©}",
    "lead bytes": "{Ã}",
    "broken quotes": "{â€™}",
    "one mark": "a{\u0301}",
    "marks out of order": "a{\u0301\u0316}",
    "marks that are letters at first": "a{\uff9e\u0316}",
    "marks in other scripts": "a{\u20d0\u0f73\u0301}",
    "compatibility forms": "{\ufdfa}",
    "capital dotted i": "{İ}",
    "syllables": "{각}",
    "letters of syllables": "{\u1100\u1161\u11a8}",
    "emoji": "{👩‍👩‍👧}",
}
"""What stands in braces is repeated until the text is as long as it should be."""


def text_of(form: str, size: int) -> str:
    first, _, rest = form.partition("{")
    unit, _, last = rest.rpartition("}")
    return first + unit * (size // len(unit)) + last


@pytest.fixture(scope="module")
def model() -> Classifier:
    return afterword.load_model()


@pytest.mark.parametrize("form", HOSTILE.values(), ids=HOSTILE)
def test_a_text_is_read_judged_and_explained_in_time_in_proportion(
    form: str, model: Classifier
) -> None:
    def facts(text: str) -> object:
        return summarise(find_facts([text] * 5, model), [text] * 5)

    def file(text: str) -> object:
        batch = read_batch(pd.DataFrame({"description": [text, "He stared."], text: [1, text]}))
        return classify(batch, model), score(batch, model)

    calls = {
        "clean": (clean, 0.02),
        "normalise": (normalise, 0.05),
        "locate": (lambda text: locate(clean(text)), 0.1),
        "describe": (lambda text: describe([text], model.vocabulary), 0.1),
        "facts": (facts, 0.3),
        "many": (lambda text: analyse([text] * (FEW + 1), model), 0.3),
        "predict": (lambda text: model.predict([text]), 0.1),
        "explain": (lambda text: marked_text(explain(text, model), model.categories[0]), 0.2),
        "names": (lambda text: (key(text), has_header([text]), quotable([text])), 0.02),
        "shares and times": (
            lambda text: (parse_shares(pd.Series([text])), understand(pd.Series([text]))),
            0.1,
        ),
        "file": (file, 0.5),
        "recording": (lambda text: observe([text], model.predict_proba([text]), model), 0.3),
    }
    for call, _ in calls.values():
        call(text_of(form, 50))
    slow = [
        name
        for name, (call, at_once) in calls.items()
        if grows_too_fast(lambda size, call=call: call(text_of(form, size)), WHOLE, at_once)  # type: ignore[misc]
    ]
    assert not slow


def test_words_that_nobody_knows_are_read_in_time_in_proportion(model: Classifier) -> None:
    def look(size: int) -> object:
        words = [f"{'abcdefghij'[number % 10]}q{number}x" for number in range(size)]
        texts = [" ".join(words[start : start + 20]) for start in range(0, size, 20)]
        return model.score_tokens(analyse(texts, model).tokens)

    assert not grows_too_fast(look, 20_000, 0.5)


def test_what_a_text_grows_to_is_bounded() -> None:
    assert len(clean("\ufdfa" * 19_000)) <= 20_000
    assert len(clean("\ufdfa" * 30_000)) <= 30_000
    assert len(clean("\ufdfa" * 1_000)) == 18_000


def test_more_marks_than_a_language_uses_are_dropped_and_fewer_stay() -> None:
    assert clean("e" + "\u0323" * 30) == clean("\u1eb9" + "\u0323" * 29)
    assert len(clean("x" + "\u0316\u0301" * 9_000)) == 31
    assert clean("a\u0316\u0301 b\u0327") == "\u00e1\u0316 b\u0327"
