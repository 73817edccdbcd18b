"""Cleaning, normalising and tokenising of descriptions.

Three views of one text, from the most to the least faithful: :func:`clean` repairs what
export and import have broken, :func:`tokenise` gives the words that a model reads, and
:func:`normalise` gives the key under which repeated descriptions count as one. None of them
raises on any ``str``: production brings lone surrogates, NULs and pages of noise. Each takes time
in proportion to the text: no pattern begins again at every character of a run, no run of marks is
sorted as a whole, and what a text grows to is bounded.
"""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from contextlib import suppress
from typing import Final, Literal, NamedTuple

_TYPOGRAPHIC: Final = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201b\u02bc\uff07\u00b4`", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"')
    | dict.fromkeys("\u00ad\ufeff\u200b\u200c\u200d\u200e\u200f\u2060")
)
"""Typographic quotation marks to plain ones; marks that nobody sees to nothing."""
_PLAIN_BLOCK: Final = "\u2000", "\u206f"
"""Dashes, ellipses, spaces and marks that are no letter of any language."""
_IS_TYPOGRAPHIC: Final = re.compile(f"[{''.join(map(chr, _TYPOGRAPHIC))}]")

_MOJIBAKE: Final = re.compile("[\u00c2-\u00f4][\u0080-\u00bf\u2010-\u203a\u20ac\u2122]")
"""A UTF-8 lead byte before a continuation byte, both read as Latin-1 or Windows-1252."""

_LOST_LETTER: Final = re.compile(r"[a-z]\?++[a-z]", re.I)
"""A question mark inside a word: what an export in ASCII makes of other letters."""

_ESCAPED: Final = re.compile(
    r"\\(?:u[0-9a-f]{4}|x[0-9a-f]{2}|[nrt]\b)|%[0-9a-f]{2}%?|=[0-9a-f]{2}=|_x[0-9a-f]{4}_"
    r"|(?<=[a-z ])u20[0-2][0-9a-f]",
    re.I,
)
"""Marks as JSON, web addresses, mails or spreadsheets write them."""

_STRANGERS: Final = re.compile(
    "[a-zA-Z][\u0370-\u04ff\u2500-\u25a0]|[\u0370-\u04ff\u2500-\u25a0][a-zA-Z]"
    "|[a-z][\u00d5\u00d4\u00d3\u00d2\u00bf\u00ac][a-z]|[\x80-\x9f]"
    "|\u201a\u00c4|\u221a[\u00a1-\u00bf]|[\uff21-\uff5a]{3}"
)
"""Scripts mixed within a word, controls, capitals inside words: UTF-8 read as something else."""

_GLUED_QUOT: Final = re.compile(
    r"[Qq][Uu][Oo][Tt](?:\b|(?<=\b....)(?!(?i:(?:a|as|e|es|ed|er|ing|able)\b|ation|ient)))"
)
"""``&quot;`` that lost its ``&`` and ``;``, glued to a word; but not quota, quote, quotient."""

_STRAY_AMP: Final = re.compile(r"&?\bamp\b;?")
"""``&amp;`` that lost its ``&``, or was escaped twice. Only lower case: AMP may be a name."""

_COMBINING: Final = re.compile("[\u0300-\u036f]")
"""Accents of Latin, Greek and Cyrillic; the vowel signs of Indic scripts lie elsewhere."""

_WORD: Final = re.compile(r"[^\W_\u0900-\u0dff]+|[\u0900-\u0963\u0966-\u0dff]+")
"""A run of letters or digits. Indic vowel signs are marks, so their blocks go as a whole."""

_ASCII_WORD: Final = re.compile(r"[a-z0-9]+")

_MOST_MARKS: Final = 30
"""Marks in a row that are read, as in the Stream-Safe Text Format (Unicode Standard Annex 15, 13):
more than any language uses, and few enough to be sorted, which takes the square of their number."""

_LONG_RUN: Final = re.compile(f"[^\0-\u02ff\u3400-\u9fff\uac00-\ud7a3]{{{_MOST_MARKS + 1}}}")
"""What every run of more marks holds, and little else: no mark stands among these characters."""

_LONGEST_GROWN: Final = 20_000
"""Characters up to which compatibility forms may lengthen a text: one of them becomes up to 18."""

LONGEST_WORD: Final = 64
"""Characters of a token that are read: longer runs are noise, and would cost n-grams each."""


def clean(text: str) -> str:
    """Repair a description without changing what it says.

    Undoes HTML escapes and their debris (``quot`` glued to words, stray ``amp``) and
    wrongly decoded UTF-8, makes quotation marks plain, drops control and invisible
    characters and joins white space. Case and accents stay, of more than 30 marks in a row the
    first 30. A text that its compatibility forms ("ﷺ") lengthen beyond 20,000 characters is cut
    there, or at the length that it came with.

    Parameters
    ----------
    text : any str, valid Unicode or not.

    Returns
    -------
    str that can be encoded as UTF-8 and has no leading, trailing or double white space.

    Examples
    --------
    >>> clean("He said quothiquot &amp; walked\\n on.")
    'He said "hi" & walked on.'
    """
    if "&" in text:
        # Python refuses to read a number of thousands of digits: such an escape stays.
        with suppress(ValueError):
            text = html.unescape(text)
    if not text.isascii():
        text = _repair_unicode(text)
    if "`" in text:
        text = text.replace("`", "'")
    if "quot" in text or "QUOT" in text or "Quot" in text:
        text = _GLUED_QUOT.sub('"', text)
    if "amp" in text:
        text = _STRAY_AMP.sub("&", text)
    if not text.isprintable():
        text = "".join(mark if mark.isprintable() else " " for mark in text)
    return " ".join(text.split())


MARKS_OF_REPAIR: Final = (b"&", b"`", b"quot", b"amp")
"""Of which a text in ASCII that :func:`needs_repair` tells of holds one, in whatever case."""


def needs_repair(text: str) -> bool:
    """Whether cleaning may do more to a text than to make white space of controls and join it.

    >>> needs_repair("He said hi at camp"), needs_repair("quothiquot"), needs_repair("été")
    (False, True, True)
    """
    return (
        not text.isascii()
        or "&" in text
        or "`" in text
        or (("quot" in text or "QUOT" in text or "Quot" in text) and _has(_GLUED_QUOT, text))
        or ("amp" in text and _has(_STRAY_AMP, text))
    )


def _has(pattern: re.Pattern[str], text: str) -> bool:
    return pattern.search(text) is not None


def is_typeset(sign: str) -> bool:
    """Whether a character outside of ASCII is another way to write a plain mark or a space.

    No word has it once a text is cleaned, so that it alters no answer.

    >>> is_typeset("’"), is_typeset("…"), is_typeset("é"), is_typeset("'")
    (True, True, False, False)
    """
    first, last = _PLAIN_BLOCK
    return sign > "\x7f" and (first <= sign <= last or sign == "\xa0" or ord(sign) in _TYPOGRAPHIC)


def holds_digit(word: str) -> bool:
    """Whether a digit stands in a word.

    >>> holds_digit("b4"), holds_digit("before")
    (True, False)
    """
    # Nearly all words are of letters, which is told in a tenth of the time.
    return not word.isalpha() and any(map(str.isdigit, word))


def tokenise(text: str) -> list[str]:
    """Split a cleaned text into its words, in order: lower case, no accents, no punctuation.

    An apostrophe joins (``don't`` and ``dont`` are one word), everything else parts, so a
    full stop without a space after it still ends a word. Of a run longer than 64 characters
    the first 64 count.

    Examples
    --------
    >>> tokenise("They didn't stop.I left the café")
    ['they', 'didnt', 'stop', 'i', 'left', 'the', 'cafe']
    """
    pattern, plain = _plain(text.lower())
    words = pattern.findall(plain)
    if len(plain) > LONGEST_WORD:
        return [word[:LONGEST_WORD] for word in words]
    return words


class Token(NamedTuple):
    """A word, and where it stands in the text that it was read from.

    Attributes
    ----------
    word : as :func:`tokenise` gives it.
    letters : the place in the text of each of the word's characters, ascending. Several share
        a place where one character of the text becomes several.
    end : the place after the word's last character and its marks.
    """

    word: str
    letters: tuple[int, ...]
    end: int

    @property
    def start(self) -> int:
        """The place of the word's first character."""
        return self.letters[0]


def locate(text: str) -> list[Token]:
    """Split a cleaned text into its words like :func:`tokenise`, and say where each stands.

    Examples
    --------
    >>> [token for token in locate("He didn't.")]
    [Token(word='he', letters=(0, 1), end=2), Token(word='didnt', letters=(3, 4, 5, 6, 8), end=9)]
    """
    lowered = text.lower()
    # Lower case never joins characters; of one it may make two, as of a dotted capital I.
    origins = list(range(len(text)))
    if len(lowered) != len(text):
        origins = [place for place, mark in enumerate(text) for _ in mark.lower()]
    if "'" in lowered:
        origins = [at for at, mark in zip(origins, lowered, strict=True) if mark != "'"]
    pattern, plain = _plain(lowered)
    ends = origins
    if not lowered.isascii():
        origins, ends = _origins(plain, lowered.replace("'", ""), origins)
    found = []
    for match in pattern.finditer(plain):
        word = match[0][:LONGEST_WORD]
        last = match.start() + len(word)
        end = ends[last - 1] + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        found.append(Token(word, tuple(origins[match.start() : last]), end))
    return found


def _plain(lowered: str) -> tuple[re.Pattern[str], str]:
    """Return a lower-case text without apostrophes and accents, and what a word of it is."""
    text = lowered.replace("'", "")
    if text.isascii():
        return _ASCII_WORD, text
    plain = _COMBINING.sub("", unicodedata.normalize("NFKD", _stream_safe(text)))
    return _WORD, unicodedata.normalize("NFC", plain)


def unify(text: str) -> str:
    """Return the text with its compatibility forms made plain (NFKC), in linear time.

    >>> unify("\uff37\uff49\uff44\uff45"), len(unify("a" + "\u0301\u0316" * 5_000))
    ('Wide', 30)
    """
    unified = unicodedata.normalize("NFKC", _stream_safe(text))
    return unified[: max(len(text), _LONGEST_GROWN)]


def _stream_safe(text: str) -> str:
    """Drop the marks beyond the thirtieth in a row, which only noise has."""
    if not _LONG_RUN.search(text):
        return text
    kept, run = [], 0
    for mark in text:
        # Some characters are marks only once they are taken apart.
        run = run + 1 if unicodedata.combining(unicodedata.normalize("NFKD", mark)[0]) else 0
        if run <= _MOST_MARKS:
            kept.append(mark)
    return "".join(kept)


def _origins(plain: str, text: str, origins: list[int]) -> tuple[list[int], list[int]]:
    """Return of every character of `plain`, which :func:`_plain` made of `text`, the origin.

    Decomposing and composing reorder and join marks, but leave characters that are no marks
    (combining class 0: "starters") in their order, so that these can be counted off on both
    sides (The Unicode Standard, 3.11). A mark belongs to the starter that it stands on.

    Parameters
    ----------
    plain, text : after and before.
    origins : of every character of `text`.

    Returns
    -------
    The origin of the first, and of the last starter that each character was made of.
    """
    starters = [
        origin
        for mark, origin in zip(text, origins, strict=True)
        for _ in range(_starters(mark, "NFKD"))
    ]
    if not starters:
        return origins, origins
    places, passed = [], 0
    for mark in plain:
        own = _starters(mark, "NFD")
        passed += own
        # Marks before the first starter stand on nothing: they count as standing on it.
        last = max(passed - 1, 0)
        places.append((last - max(own - 1, 0), last))
    return [starters[first] for first, _ in places], [starters[last] for _, last in places]


def _starters(mark: str, form: Literal["NFD", "NFKD"]) -> int:
    """Count what a character is taken apart into; marks, and accents, which are dropped, apart."""
    if mark.isascii():
        return 1
    return sum(
        not unicodedata.combining(part) and not _COMBINING.match(part)
        for part in unicodedata.normalize(form, mark)
    )


def normalise(text: str) -> str:
    """Return the key under which repeated descriptions are one: words and single spaces.

    Two descriptions that differ only in case, accents, punctuation or spacing get the same key.

    Examples
    --------
    >>> normalise("  It happened at NIGHT... ") == normalise("it happened - at night")
    True
    """
    return " ".join(tokenise(clean(text)))


def has_broken_letters(text: str) -> bool:
    """Tell whether letters were decoded wrongly, or lost to a replacement mark.

    >>> has_broken_letters("I donâ€™t know"), has_broken_letters("I don?t know")
    (True, True)
    >>> has_broken_letters("I don’t know. Do you?"), has_broken_letters("I\xa0do\xa0not\xa0know.")
    (False, False)
    """
    if ("?" in text and _LOST_LETTER.search(text)) or _ESCAPED.search(text):
        return True
    if text.isascii():
        return False
    if "\ufffd" in text:
        return True
    return (_MOJIBAKE.search(text) or _STRANGERS.search(text)) is not None


def _repair_unicode(text: str) -> str:
    """Undo wrong decoding, drop lone surrogates, and bring marks to their plain form."""
    # A lone surrogate cannot be encoded: it would break every file and answer further on.
    text = text.encode("utf-8", "ignore").decode("utf-8")
    if _MOJIBAKE.search(text):
        # Late, because few texts need it and its import costs start-up time.
        from ftfy import fix_encoding

        text = fix_encoding(text)
    # An acute accent that stands by itself is an apostrophe, and would become a space.
    text = text.replace("\xb4", "'")
    # NFC first would keep full-width letters apart from the plain ones.
    text = unify(text)
    # To translate takes the longest, and few texts need it.
    return text.translate(_TYPOGRAPHIC) if _IS_TYPOGRAPHIC.search(text) else text


def key_of(text: str) -> int:
    """64-bit digest of a normalised text."""
    return int.from_bytes(hashlib.blake2b(normalise(text).encode(), digest_size=8).digest())
