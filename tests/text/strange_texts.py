"""Texts that hold whatever may go wrong: made at random, and the same at every run."""

from __future__ import annotations

import random
import sys
import unicodedata
from collections.abc import Iterator

from tests.conftest import invented
from tests.test_linear_time import HOSTILE, text_of

PIECES = (
    *"he she i me my the a bus stared at US AND The Then NYC don't x".split(),
    *("quot", "Quot", "QUOT", "quota", "saidquot", "quothi", "amp", "amp;", "&amp", "AMP", "camp"),
    *("&amp;", "&quot;", "&#39;", "&#x2019;", "&nbsp", "&#1114112;", "#12345;", "quot;", "&", "&&"),
    *("<br>", "</p", "<!--", "<![CDATA[", "[b]", "[url", '{"', "{{x", "\\rtf", "\\", "\\n", "**x"),
    *("%20", "%2", "=3D=", "_x000D_", "\\u00e9", "u2019", "au2019", "U201", "2", "a2", "20%"),
    *("?", "??", "a?b", "don?t", "why?", "?!", "...", "….", "…", "..", ".", ". ", "!", "a.b", ".a"),
    *("\n", "\r\n", "\n\n", ".\n", "\r", "\t", "  ", " ", "\v", "\x1c", "\x85", "\xa0", "\u2028"),
    *("'", "’", "a'b", "''", "'a'", "`", "“", "”", "«", "»", '"', "”.", "।", "؟", "。", "＃", "！"),
    *("test", "lorem", "n/a", "please", "none", "asdfgh", "xxxx", "12", "٣", "²", "Ⅷ", "½", "１２"),
    *("http://a.b/c?d=e", "www.x.y", "a@b.c", "@a", "a@b", "https://", "HTTP://A?b"),
    *("é", "É", "e\u0301", "ñandú", "straße", "ẞ", "İ", "ı", "ǅ", "ŉ", "ﬁ", "ﷺ", "ſ", "K", "ª"),
    *("Ã©", "â€™", "â€œ", "Ã", "\ufffd", "\x80", "\x9f", "аb", "bа", "Ａｂｃ", "ＡＢＣ", "ⓐ", "Ⓐ"),
    *(
        "다람쥐",
        "मुझे",
        "घूर।",
        "שלום",
        "مرحبا",
        "\u202e",
        "\u200b",
        "\ufeff",
        "你好",
        "ไทย",
        "🙂",
        "👩‍👩‍👧",
    ),
    *(
        "\0",
        "\x07",
        "\x7f",
        "\ud800",
        "\udfff",
        "\U0010ffff",
        "\u0316\u0301",
        "\u20e3",
        "+",
        "$",
        "€",
    ),
    *("busstation", "nightmarket", "Amanwasstaringatmeonthebus", "a" * 64, "a" * 65, "b" * 200),
)


def made_up(number: int, seed: int = 0) -> Iterator[str]:
    """Texts of pieces, with spaces between them or none; some are turned to capitals or titles."""
    chance = random.Random(seed)
    for _ in range(number):
        size = chance.choice((0, 1, 1, 2, 3, 4, 5, 8, 9, 12, 30))
        text = chance.choice(("", " ", " ", " ", "\n")).join(chance.choices(PIECES, k=size))
        if chance.random() < 0.1:
            text = f"{text} {text}"
        turn = chance.choice((str, str, str, str, str.upper, str.lower, str.title, str.strip))
        yield turn(text)


def of_every_kind() -> Iterator[str]:
    """Every character in a text: 40 of a category together, among letters, and some alone."""
    kinds: dict[str, list[str]] = {}
    for code in range(sys.maxunicode + 1):
        kinds.setdefault(unicodedata.category(chr(code)), []).append(chr(code))
    for kind, signs in kinds.items():
        # Most of the planes are unused or Chinese, and are much alike.
        step = 40 if kind in ("Cn", "Co", "Cs", "Lo", "So") else 1
        for start in range(0, len(signs), 40 * step):
            some = signs[start : start + 40 * step : step]
            yield "".join(some)
            yield "he".join(some) + "."
            yield f"I saw {some[0]} and {some[-1]}"
            yield " ".join(some[:6])
            yield some[len(some) // 2]


def strange_texts() -> list[str]:
    """Several thousand texts."""
    ordinary = invented(200)["description"].tolist()
    long = [text_of(form, 20_000) for form in HOSTILE.values()]
    held_up = [text_of(form, size) for form in HOSTILE.values() for size in (1, 7, 60, 400)]
    return [*ordinary, *made_up(6_000), *held_up, *of_every_kind(), *long, "", " ", "\n", "\0"]
