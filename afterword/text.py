"""Cleaning, normalising and tokenising of descriptions.

Three views of one text, from the most to the least faithful: :func:`clean` repairs what the
way to us has broken, :func:`tokenise` gives the words that a model reads, and
:func:`normalise` gives the key under which repeated descriptions count as one. None of them
raises on any ``str``: they meet lone surrogates, NULs and pages of noise in production.
"""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final

from ftfy import fix_text

_APOSTROPHES: Final = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u02bc": "'", "\uff07": "'", "`": "'", "\u00b4": "'"}
    | {"\u201c": '"', "\u201d": '"', "\u00ad": None, "\ufeff": None}
    | {"\u200b": None, "\u200c": None, "\u200d": None, "\u2060": None}
)
"""Typographic marks to their typewriter form; marks that nobody sees to nothing."""

_MOJIBAKE: Final = re.compile("[\u00c2\u00c3\u00e2\u00f0\u00d0\u00d1\u00e0][\u0080-\u00bf\u20ac]")
"""A UTF-8 lead byte and a continuation byte, both read as Latin-1 or Windows-1252."""

_LEFT_QUOT: Final = re.compile(r"\bquot(?=[A-Z])|(?<![A-Za-z])quot\b")
_RIGHT_QUOT: Final = re.compile(r"(?<=[a-z.,!?])quot\b")
_STRAY_AMP: Final = re.compile(r"\bamp\b;?(?!\w)")
_QUOT_WORD: Final = re.compile(r"(?i)\bquot(?!a\b|as\b|e\b|es\b|ed\b|ing\b|able\b|ation|ient)")

_COMBINING: Final = re.compile("[\u0300-\u036f]")
"""Accents of Latin, Greek and Cyrillic; the vowel signs of Indic scripts lie elsewhere."""

_WORD: Final = re.compile(r"[^\W_\u0900-\u0dff]+|[\u0900-\u0dff]+")
"""A run of letters or digits. Indic vowel signs are marks, so their blocks go as a whole."""
