"""What may be kept of the texts of a group of descriptions: counts, and no text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from afterword.text.privacy import one_of_kinds

_OPTIONAL: Final = ("begins", "ends", "common", "pairs", "again")


@dataclass(frozen=True, eq=False)
class TextCounts:
    """A batch's text-free summary: counts over all its descriptions.

    Attributes
    ----------
    rows : descriptions.
    distinct : of these, with different normalised texts.
    flags : (f,) rows with each of :data:`afterword.text.flags.TEXT_FLAGS`; of
        :data:`afterword.measures.definitions.FLAGS` where only flags were kept.
    repeats : rows that hold the commonest normalised text.
    lengths : distinct descriptions of the commonest length or one character less.
    common_length : that length in characters; 0 unless at least 5 descriptions have it.
    words : (w,) distinct descriptions that hold each word of the model's vocabulary.
    new : distinct descriptions that hold the commonest unknown word, shown or not.
    new_words : unknown word that may be shown → distinct descriptions that hold it.
    content : (d,) sums of the model's dense representation.
    hidden : what the commonest unknown word is where it may not be shown: a kind, as
        :func:`afterword.text.privacy.kind_of` tells it; "" where it is shown, or not known.
    begins, ends : rows that begin, and that end, with one of the five words with which most do;
        None where that is not known.
    common : rows with a text that many people write (:mod:`afterword.text.common_texts`); None,
        as what follows, where it was not counted.
    pairs, again : of the other texts, pairs of rows with equal ones, and different ones that stand
        in more than one row.
    """

    rows: int
    distinct: int
    flags: np.ndarray
    repeats: int
    lengths: int
    common_length: int
    words: np.ndarray
    new: int
    new_words: Mapping[str, int]
    content: np.ndarray
    hidden: str = ""
    begins: int | None = None
    ends: int | None = None
    common: int | None = None
    pairs: int | None = None
    again: int | None = None

    @property
    def whole(self) -> bool:
        """Whether words, repeats and content were counted, and not flags alone."""
        return bool(len(self.words))

    def to_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        plain: dict[str, Any] = dict(vars(self))
        for name in ("flags", "words", "content"):
            plain[name] = plain[name].tolist()
        return plain | {"new_words": dict(self.new_words)}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> TextCounts:
        """Make the counts that :meth:`to_dict` came from.

        Raises
        ------
        KeyError, TypeError, ValueError
            Something is missing, or no count.
        """
        flags, words, sums = (
            np.array(content[name], kind)
            for name, kind in (("flags", np.int64), ("words", np.int64), ("content", np.float64))
        )
        if any(array.ndim != 1 for array in (flags, words, sums)):
            raise ValueError("counts are lists")
        return cls(
            rows=int(content["rows"]),
            distinct=int(content["distinct"]),
            flags=flags,
            repeats=int(content["repeats"]),
            lengths=int(content["lengths"]),
            common_length=int(content["common_length"]),
            words=words,
            new=int(content["new"]),
            new_words={str(word): int(count) for word, count in content["new_words"].items()},
            content=sums,
            hidden=one_of_kinds(content.get("hidden", "")),
            **{name: _whole(content.get(name)) for name in _OPTIONAL},
        )


def _whole(count: Any) -> int | None:
    """A count, where there is one."""
    return None if count is None else int(count)
