"""What distinct texts add up to, in pieces that can be joined: words, lengths, copies, new words.

A text that comes twice counts once where words are counted, also if it comes in two pieces of one
batch. So a piece knows its texts by digests under a random key, which is never written beside them,
and keeps what each of them added until it is settled: where two pieces hold the same text, what it
added is taken off once. That is exact in whatever order and grouping pieces are joined, as long as
of two pieces with a text in common at least one is not settled. All of this is in memory only;
:meth:`DistinctTexts.closed` is what may be kept.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from afterword.text.common_texts import all_common
from afterword.text.counts import TextCounts
from afterword.text.edges import count_edges, most_alike
from afterword.text.facts import LONGEST, Facts, commonest_in
from afterword.text.forms import LENGTH_BITS, MANY, copies_of, holds, merged
from afterword.text.privacy import KINDS, SHOWN_FROM, is_wide, kind_of, private_from_uses
from afterword.text.word_lists import Kept, Lists, kept_in, lists_of
from afterword.text.word_uses import USES, uses_of
from afterword.text.words import Tokens

STEPS: Final = 2**20
"""Parts of 1 in which the dense representation is summed: integers add up without any error."""
_TWO_KEYS: Final = "digests of two keys cannot be compared"


@dataclass(frozen=True, eq=False)
class DistinctTexts:
    """Texts added up, and what is needed to join them with others of the same batch.

    Attributes
    ----------
    key : tells whose digests can be compared with these.
    rows : texts, copies included.
    flags : (f,) rows with each of :data:`~afterword.text.flags.TEXT_FLAGS`.
    content : (d,) sums of the dense representation, in steps of 1 / :data:`STEPS`.
    forms, copies : (m,) uint64, ascending, and the rows of each. Copies of one text may differ in
        their length: a form is a text's digest, and the length in the last 11 bits.
    words : (w,) distinct texts that hold each word of the vocabulary.
    unknown : u words outside it.
    held_by : (u,) distinct texts that hold each.
    uses : (u, 12) how they are used, as :func:`~afterword.text.word_uses.uses_of` counts.
    edges, new_edges : (2 + w, 2) and (u, 2) rows that begin and end with each word, as
        :func:`~afterword.text.edges.count_edges` gives them.
    kept : what texts added, of all or of some.
    common : (c,) uint64, ascending, digests of texts that many people write; None where that is
        not known.
    twice : texts that two pieces had in common when neither knew any more what they added; they
        count twice.
    """

    key: int
    rows: int
    flags: np.ndarray
    content: np.ndarray
    forms: np.ndarray
    copies: np.ndarray
    words: np.ndarray
    unknown: tuple[str, ...]
    held_by: np.ndarray
    uses: np.ndarray
    edges: np.ndarray
    new_edges: np.ndarray
    kept: Kept
    common: np.ndarray | None = None
    twice: int = 0

    def __add__(self, other: DistinctTexts) -> DistinctTexts:
        """The texts of both, those that both hold counted once.

        Raises
        ------
        ValueError
            Their digests cannot be compared.
        """
        return joined([self, other])

    @property
    def digests(self) -> np.ndarray:
        """(n,) of the distinct texts, ascending."""
        found: np.ndarray = self.forms[self._first] >> LENGTH_BITS
        return found

    @property
    def _first(self) -> np.ndarray:
        """Places of each text's first form, which is the shortest."""
        forms, parts = self.forms, []
        for start in range(0, len(forms), MANY):  # in little memory, however many there are
            texts = forms[max(start - 1, 0) : start + MANY] >> LENGTH_BITS
            before = texts[:1] + 1 if not start else texts[:0]
            parts.append(start + np.flatnonzero(np.diff(texts, prepend=before) != 0))
        return np.concatenate([np.zeros(0, np.int64), *parts])

    def settled(self) -> DistinctTexts:
        """The same without what each text added: to be joined with pieces that still know it."""
        return replace(self, kept=Kept(np.zeros(0, np.uint64), Lists.none(), Lists.none()))

    def closed(self) -> TextCounts:
        """What may be kept: counts, and of unknown words those that may be shown."""
        first = self._first
        histogram, repeats = np.zeros(2**LENGTH_BITS, np.int64), 0
        common = copies_of(self.forms, self.copies, self.common)
        pairs, again = -int((common * (common - 1) // 2).sum()), -int((common > 1).sum())
        for start in range(0, len(first), MANY):
            own, end = first[start : start + MANY], first[start + MANY : start + MANY + 1]
            histogram += np.bincount(self.forms[own] % 2**LENGTH_BITS, minlength=len(histogram))
            copies = self.copies[own[0] : end[0] if len(end) else None]
            copies = np.add.reduceat(copies, own - own[0])
            repeats = max(repeats, int(copies.max()))
            pairs += int((copies * (copies - 1) // 2).sum())
            again += int((copies > 1).sum())
        lengths, longest = commonest_in(histogram)
        often = np.flatnonzero(self.held_by >= SHOWN_FROM)
        names = [self.unknown[place] for place in often.tolist()]
        distinct, held_by = len(first) + self.twice, self.held_by[often]
        wide = {
            word
            for word, count in zip(names, held_by.tolist(), strict=True)
            if is_wide(count, distinct)
        }
        private = private_from_uses(names, self.uses[often], wide=wide)
        shown = {
            word: int(count)
            for word, count in sorted(zip(names, held_by, strict=True))
            if word not in private
        }
        begins, ends = most_alike(np.concatenate([self.edges, self.new_edges]).T)
        return TextCounts(
            rows=self.rows,
            distinct=distinct,
            flags=self.flags,
            repeats=repeats,
            lengths=lengths,
            common_length=longest if lengths >= SHOWN_FROM else 0,
            words=self.words,
            new=int(self.held_by.max(initial=0)),
            new_words=shown,
            content=self.content / STEPS,
            hidden=self._hidden(often, shown),
            begins=int(begins),
            ends=int(ends),
            common=None if self.common is None else int(common.sum()),
            pairs=None if self.common is None else pairs,
            again=None if self.common is None else again,
        )

    def _hidden(self, often: np.ndarray, shown: Mapping[str, int]) -> str:
        """What the commonest of the unknown words is, if it is not among those that are shown."""
        top = often[self.held_by[often] == self.held_by.max(initial=0)].tolist()
        if not top or any(self.unknown[place] in shown for place in top):
            return ""
        # Of words that are equally common, as the parts of a link are, the plainest kind.
        kinds = [kind_of(self.unknown[place], self.uses[place].tolist()) for place in top]
        return min(kinds, key=KINDS.index)


def new_key() -> bytes:
    """A random key for digests."""
    return secrets.token_bytes(32)


def key_number(key: bytes) -> int:
    """By which digests of a key are told from others; the key does not follow from it."""
    return int.from_bytes(hashlib.blake2b(b"", key=key, digest_size=8).digest())


def distinct_texts(
    facts: Facts,
    texts: Sequence[str],
    digests: np.ndarray,
    key: int,
    *,
    tokens: Tokens | None = None,
    times: np.ndarray | None = None,
    least: int = 1,
) -> DistinctTexts:
    """Add texts up.

    Parameters
    ----------
    facts : of the n texts.
    texts : themselves, to tell names from other new words.
    digests : (n,) uint64, equal for texts that are equal once normalised.
    key : tells whose digests they can be compared with.
    tokens : the words of the texts, if they were read before.
    times : (n,) rows that hold each; once if None.
    least : distinct texts that must hold an unknown word before its uses are counted, which takes
        time: 1 where pieces follow.
    """
    times = np.ones(len(texts), np.int64) if times is None else times
    lengths = np.minimum(facts.lengths, LONGEST).astype(np.uint64)
    forms, own = np.unique((digests >> LENGTH_BITS << LENGTH_BITS) + lengths, return_inverse=True)
    found, first = np.unique(digests >> LENGTH_BITS, return_index=True)
    kept = Kept(found, lists_of(facts.words, first), lists_of(facts.unknown, first))
    held_by = kept.unknown.counts(len(facts.unknown_words))
    often = np.flatnonzero(held_by >= least)
    uses = np.zeros((len(held_by), len(USES)), np.int64)
    if len(often):
        holding = np.flatnonzero(np.diff(facts.unknown[:, often].indptr))
        uses[often] = uses_of(
            [facts.unknown_words[place] for place in often.tolist()],
            [texts[row] for row in holding.tolist()],
            tokens and tokens.take(holding),
            times[holding],
        )
    edges, new_edges = count_edges(facts.edges, times, facts.words.shape[1], len(held_by))
    return DistinctTexts(
        key=key,
        rows=int(times.sum()),
        flags=times @ facts.flags,
        content=times @ np.rint(facts.content * STEPS).astype(np.int64),
        forms=forms,
        copies=np.bincount(own, times, len(forms)).astype(np.int64),
        words=kept.words.counts(facts.words.shape[1]),
        unknown=facts.unknown_words,
        held_by=held_by,
        uses=uses,
        edges=edges,
        new_edges=new_edges,
        kept=kept,
        common=None if facts.common is None else np.unique(digests[facts.common] >> LENGTH_BITS),
    )


def pieces_of(
    facts: Facts, texts: Sequence[str], tokens: Tokens, times: np.ndarray, key: bytes
) -> DistinctTexts:
    """Add texts up so that they can be joined with others of the same key.

    Parameters
    ----------
    facts : of the n texts, whose keys are digests under the key.
    texts, tokens : themselves, and their words.
    times : (n,) rows that hold each.
    key : of the digests.
    """
    return distinct_texts(facts, texts, facts.keys, key_number(key), tokens=tokens, times=times)


def summarise(
    facts: Facts,
    texts: Sequence[str],
    tokens: Tokens | None = None,
    times: np.ndarray | None = None,
) -> TextCounts:
    """Count what may be kept of a batch that is all there is.

    Parameters
    ----------
    facts : of the batch.
    texts : the n descriptions, to tell names from other new words.
    tokens : their words, if they were read before.
    times : (n,) rows that hold each; once if None.
    """
    digests = facts.keys.astype(np.uint64) << LENGTH_BITS
    return distinct_texts(
        facts, texts, digests, 0, tokens=tokens, times=times, least=SHOWN_FROM
    ).closed()


class Joining:
    """Pieces joined one after the other, in memory that grows by what is new in them.

    Every piece must still know what its texts added; of the whole this is forgotten.
    """

    def __init__(self) -> None:
        self._first: DistinctTexts | None = None
        self._sums: list[np.ndarray] = []
        self._rows = 0
        self._runs: list[tuple[np.ndarray, np.ndarray]] = []
        self._places: dict[str, int] = {}
        self._held_by = np.zeros(0, np.int64)
        self._uses = np.zeros((0, len(USES)), np.int64)
        self._edges = np.zeros((0, 2), np.int64)
        self._common: np.ndarray | None = None

    @classmethod
    def after(cls, whole: DistinctTexts) -> Joining:
        """Go on where :meth:`result` gave ``whole``."""
        joining = cls()
        joining._first, joining._rows = whole, whole.rows
        joining._sums = [each.copy() for each in _sums_of(whole)]
        joining._runs = [(whole.forms, whole.copies)]
        joining._places = {word: place for place, word in enumerate(whole.unknown)}
        joining._held_by, joining._uses = whole.held_by.copy(), whole.uses.copy()
        joining._edges = whole.new_edges.copy()
        joining._common = whole.common
        return joining

    def add(self, piece: DistinctTexts) -> None:
        """Add a piece.

        Raises
        ------
        ValueError
            Its digests cannot be compared with those of the pieces before it.
        """
        if self._first is None:
            self._first, self._common = piece, piece.common
            self._sums = [np.zeros_like(each) for each in _sums_of(piece)]
        if piece.key != self._first.key:
            raise ValueError(_TWO_KEYS)
        known = np.zeros(len(piece.kept.digests), bool)
        for forms, _ in self._runs:
            known |= holds(forms, piece.kept.digests)
        again = piece.kept.take(np.flatnonzero(known))
        for own, more in zip(self._sums, _sums_of(piece), strict=True):
            own += more
        self._sums[0] -= again.words.counts(len(piece.words))
        self._rows += piece.rows
        self._common = all_common([self._common, piece.common])
        self._add_words(piece, again)
        self._add_forms(piece.forms, piece.copies)

    def _add_words(self, piece: DistinctTexts, again: Kept) -> None:
        before = len(self._places)
        places = _places_of(piece.unknown, self._places)
        if len(self._places) > len(self._held_by):
            room = 2 * len(self._places) - before
            self._held_by = np.concatenate([self._held_by, np.zeros(room, np.int64)])
            self._uses = np.concatenate([self._uses, np.zeros((room, len(USES)), np.int64)])
            self._edges = np.concatenate([self._edges, np.zeros((room, 2), np.int64)])
        self._held_by[places] += piece.held_by - again.unknown.counts(len(places))
        self._uses[places] += piece.uses
        self._edges[places] += piece.new_edges

    def _add_forms(self, forms: np.ndarray, copies: np.ndarray) -> None:
        self._runs.append((forms, copies))
        # Runs of like sizes are merged, so that there are few, and each is merged seldom.
        while len(self._runs) > 1 and len(self._runs[-2][0]) <= 2 * len(self._runs[-1][0]):
            last = [self._runs.pop(), self._runs.pop()]
            self._runs.append(merged(last))

    def result(self) -> DistinctTexts:
        """All pieces, at least one, as one that does not know what its texts added."""
        assert self._first is not None
        while len(self._runs) > 1:  # the smallest first
            last = [self._runs.pop(), self._runs.pop()]
            self._runs.append(merged(last))
        forms, copies = self._runs[0]
        words, flags, content, edges = (each.copy() for each in self._sums)
        size = len(self._places)
        return replace(
            self._first.settled(),
            rows=self._rows,
            flags=flags,
            content=content,
            words=words,
            forms=forms,
            copies=copies,
            unknown=tuple(self._places),
            held_by=self._held_by[:size].copy(),
            uses=self._uses[:size].copy(),
            edges=edges,
            new_edges=self._edges[:size].copy(),
            common=self._common,
        )


def joined(pieces: Sequence[DistinctTexts]) -> DistinctTexts:
    """Join pieces, at least one, that know what their texts added; of two, one may have forgotten.

    Raises
    ------
    ValueError
        Their digests cannot be compared.
    """
    first = pieces[0]
    if len(pieces) == 1:
        return first
    if any(each.key != first.key for each in pieces):
        raise ValueError(_TWO_KEYS)
    names: dict[str, int] = {}
    places = [_places_of(each.unknown, names) for each in pieces]
    own = [
        replace(each.kept, unknown=each.kept.unknown.renamed(its))
        for each, its in zip(pieces, places, strict=True)
    ]
    kept, (digests, times) = (
        kept_in(own),
        np.unique_counts(np.concatenate([each.digests for each in pieces])),
    )
    # What a text added is taken off as often as it was counted once more.
    again = np.flatnonzero(times > 1)
    rows = np.searchsorted(kept.digests, digests[again])
    known = np.zeros(len(again), bool)
    there = rows < len(kept.digests)
    known[there] = kept.digests[rows[there]] == digests[again][there]
    repeated = kept.take(np.repeat(rows[known], times[again[known]] - 1))
    held_by, uses = np.zeros(len(names), np.int64), np.zeros((len(names), len(USES)), np.int64)
    new_edges = np.zeros((len(names), 2), np.int64)
    for each, its in zip(pieces, places, strict=True):
        held_by[its] += each.held_by
        uses[its] += each.uses
        new_edges[its] += each.new_edges
    forms, copies = merged([(each.forms, each.copies) for each in pieces])
    return DistinctTexts(
        key=first.key,
        rows=sum(each.rows for each in pieces),
        flags=np.sum([each.flags for each in pieces], axis=0),
        content=np.sum([each.content for each in pieces], axis=0),
        forms=forms,
        copies=copies,
        words=np.sum([each.words for each in pieces], axis=0)
        - repeated.words.counts(len(first.words)),
        unknown=tuple(names),
        held_by=held_by - repeated.unknown.counts(len(names)),
        uses=uses,
        edges=np.sum([each.edges for each in pieces], axis=0),
        new_edges=new_edges,
        kept=kept,
        common=all_common([each.common for each in pieces]),
        twice=sum(each.twice for each in pieces) + int((times[again[~known]] - 1).sum()),
    )


def total(pieces: Sequence[DistinctTexts], *, kept: bool) -> DistinctTexts:
    """Join pieces, at least one.

    Parameters
    ----------
    pieces : of one key, which know what their texts added.
    kept : whether the whole has to know it, too.
    """
    if kept:
        return joined(pieces)
    joining = Joining()
    for one in pieces:
        joining.add(one)
    return joining.result()


def _sums_of(piece: DistinctTexts) -> tuple[np.ndarray, ...]:
    return piece.words, piece.flags, piece.content, piece.edges


def _places_of(words: Sequence[str], places: dict[str, int]) -> np.ndarray:
    """The place of each word; those that are new get the next ones."""
    found = (places.setdefault(word, len(places)) for word in words)
    return np.fromiter(found, np.int64, len(words))
