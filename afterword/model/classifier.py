"""The classifier in service: calibrated probabilities of every category for a description.

The score of a category is a sum over the distinct words of a description, so predicting is
looking words up in tables. Each word brings two numbers per category:

- a *whole-word* weight, for the word itself (pairs of neighbouring words have their own);
- a *spelling* weight, the sum over the word's pieces (its character n-grams). Pieces lie
  inside words, so the sum is known beforehand for every word of the vocabulary; only a word
  outside it is cut into pieces when it is met.

Either sum is divided by the length of the description's vector, as in TF-IDF with the
Euclidean norm, where the spelling vectors of different words count as orthogonal. The score
stays a plain sum, which :meth:`Classifier.contributions` splits exactly. An increasing
function per category turns it into a probability. Nothing here needs scikit-learn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from itertools import chain, pairwise, repeat
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from afterword.arrays import Floats, Integers
from afterword.errors import ModelError
from afterword.files.inputs import TextsError as TextsError
from afterword.files.inputs import texts_of
from afterword.model import wording
from afterword.model.adding import distinct, length_of, sums_of, word_vectors
from afterword.model.batch_scores import BatchScores
from afterword.model.modes import Mode, ModeError
from afterword.model.pieces import (
    PieceIndex,
    Pieces,
)
from afterword.settings import BALANCED, MODES, get_settings
from afterword.text.cleaning import clean, tokenise
from afterword.text.words import FEW, Tokens, read_tokens

if TYPE_CHECKING:
    import pandas as pd
    import scipy.sparse as sp

Knots: TypeAlias = tuple[Floats, Floats]

STATE_FORMAT: Final = 3
"""Raised whenever :meth:`Classifier.to_state` changes its keys or their meaning."""


@dataclass(frozen=True)
class Contribution:
    """What one word, or one pair of neighbouring words, adds to the scores.

    Attributes
    ----------
    term : the word, or the two words with a space between.
    scores : (k,) log-odds units; positive speaks for the category.
    spelling : (k,) the part of `scores` that the word's pieces bring; 0 for a pair.
    known : whether the term stands in the vocabulary; otherwise only its spelling counts.
    """

    term: str
    scores: Floats
    spelling: Floats
    known: bool


@dataclass(frozen=True, eq=False)
class Classifier:
    """A fitted multi-label classifier: tables, calibration and modes. Immutable.

    Made by :func:`afterword.training.fit.fit`, or from a stored state by :meth:`from_state`.
    Every table has one row a term and k + 1 columns: a weight per category, then the term's
    squared length. Every term stands in at least 5 distinct training descriptions.

    Attributes
    ----------
    categories : (k,) names, in the order of every array's last axis.
    modes : ways to decide, in the order of :data:`afterword.settings.MODES`; "balanced" first.
    words : (w,) the vocabulary, sorted.
    word_table, spelling_table : (w, k + 1) for the words as a whole, and for their pieces.
    pairs : (p,) sorted, ``left * w + right`` of two neighbouring words' places in `words`.
    pair_table : (p, k + 1).
    pieces : (g,) sorted character n-grams, for words outside the vocabulary.
    piece_table : (g, k + 1).
    intercept : (k,).
    calibration : k pairs of arrays, scores and their probabilities, both ascending.
    directions : (w, d) float16, what each word adds to the dense representation.
    counted : (k,) thresholds by which the check and the monitoring count, where a category is
        never predicted and its balanced threshold is NaN; None if they are the balanced ones.
    common_texts : digests of texts that many people write; see
        :mod:`afterword.text.common_texts`.
    vocabulary : words to their places, made from `words`; ``in`` is O(1).
    """

    categories: tuple[str, ...]
    modes: tuple[Mode, ...]
    words: tuple[str, ...]
    word_table: Floats
    spelling_table: Floats
    pairs: Integers
    pair_table: Floats
    pieces: tuple[str, ...]
    piece_table: Floats
    intercept: Floats
    calibration: tuple[Knots, ...]
    directions: NDArray[np.float16]
    counted: Floats | None = None
    common_texts: tuple[int, ...] = ()
    vocabulary: Mapping[str, int] = field(init=False, repr=False)
    _piece_index: PieceIndex = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._check()
        arrays = [value for value in vars(self).values() if isinstance(value, np.ndarray)]
        decided = chain.from_iterable((mode.thresholds, mode.bands) for mode in self.modes)
        for array in chain(arrays, decided, *self.calibration):
            array.setflags(write=False)
        # A frozen dataclass lets nobody assign, itself included.
        object.__setattr__(self, "vocabulary", {word: i for i, word in enumerate(self.words)})
        object.__setattr__(self, "_piece_index", PieceIndex(self.pieces, self.piece_table))

    def __repr__(self) -> str:
        return (
            f"Classifier(categories={self.categories}, words={len(self.words)}, "
            f"pairs={len(self.pairs)}, pieces={len(self.pieces)})"
        )

    @property
    def thresholds(self) -> Floats:
        """(k,) by which the check and the monitoring count: the balanced ones, or `counted`."""
        return self.mode(BALANCED).thresholds if self.counted is None else self.counted

    def mode(self, name: str | None = None) -> Mode:
        """A way to decide.

        Parameters
        ----------
        name : "balanced", "find-more" or "be-sure"; that of the settings if None.

        Raises
        ------
        ModeError
            There is none of that name.
        """
        wanted = get_settings().mode if name is None else name
        for mode in self.modes:
            if mode.name == wanted:
                return mode
        raise ModeError(wording.no_mode(MODES))

    def decision_function(self, texts: Iterable[str]) -> Floats:
        """Return the uncalibrated scores: log-odds that hardly ever tie, good for ranking.

        A description gets the same number, to the last bit, alone and in any batch.

        Parameters
        ----------
        texts : n descriptions, in any form that :func:`afterword.files.inputs.texts_of` takes: a
            list, a Series, an array, or a table with exactly one column of texts.

        Returns
        -------
        (n, k) float64.

        Raises
        ------
        TextsError
            If `texts` is one str, a table with no or several columns of texts, or holds anything
            else than str.
        """
        return self.score_tokens(read_tokens(texts_of(texts)[0], self))

    def score_tokens(self, tokens: Tokens) -> Floats:
        """Return the scores of n descriptions of which the words were read, as (n, k) float64.

        They are those of :meth:`decision_function`, to the last bit.

        Parameters
        ----------
        tokens : read with this classifier's vocabulary.
        """
        if len(tokens) <= FEW:
            return self._score_few(tokens)
        return np.concatenate([self._scores(*sums) for sums in self._batch_scores.sums(tokens)])

    def predict_proba(self, texts: Iterable[str]) -> Floats:
        """Return the calibrated probability of every category, (n, k), in [0, 1].

        Raises
        ------
        TextsError
            As :meth:`decision_function`.
        """
        return self.calibrate(self.decision_function(texts))

    def probabilities_of(self, tokens: Tokens) -> Floats:
        """Return the same of n descriptions of which the words were read, to the last bit."""
        return self.calibrate(self.score_tokens(tokens))

    def predict(self, texts: Iterable[str], mode: str | None = None) -> pd.DataFrame:
        """Return probability, decision and "unsure" of every category.

        Parameters
        ----------
        texts : n descriptions; a pandas Series or DataFrame hands on its index.
        mode : how to decide, as in :meth:`mode`; that of the settings if None.

        Returns
        -------
        DataFrame of n rows; columns are pairs (category, field) with the fields
        ``probability`` (float), ``decision`` (bool: probability >= threshold) and ``unsure``
        (bool: probability within the mode's band around the threshold). What is not unsure is
        right as often as the manifest promises, as long as the last check has no alarm.

        Raises
        ------
        TextsError
            As :meth:`decision_function`.
        ModeError
            As :meth:`mode`.
        """
        import pandas as pd

        chosen = self.mode(mode)
        found, index = texts_of(texts)
        probabilities = self.predict_proba(found)
        decisions, unsure = chosen.decide(probabilities), chosen.unsure(probabilities)
        columns: dict[tuple[str, str], NDArray[Any]] = {}
        for j, category in enumerate(self.categories):
            columns[category, "probability"] = probabilities[:, j]
            columns[category, "decision"] = decisions[:, j]
            columns[category, "unsure"] = unsure[:, j]
        frame = pd.DataFrame(columns, index=index)
        frame.columns.names = ["category", "field"]
        return frame

    def calibrate(self, scores: Floats) -> Floats:
        """Turn (n, k) scores into probabilities by the stored functions."""
        return np.stack(
            [
                np.interp(scores[:, j], knots, values)
                for j, (knots, values) in enumerate(self.calibration)
            ],
            axis=1,
        )

    def represent(self, presence: sp.csr_matrix) -> Floats:
        """Return the dense representation (n, d): TF-IDF of known words, in few directions.

        For telling whether descriptions as a whole are about other things than those of
        training; no score depends on it.

        Parameters
        ----------
        presence : (n, w) 1 where a description holds a word of the vocabulary.
        """
        vectors = word_vectors(presence, self.word_table[:, -1])
        represented: Floats = vectors @ self.directions.astype(float)
        return represented

    def contributions(self, text: str) -> list[Contribution]:
        """Split the score of one description among its distinct words and known pairs.

        The contributions and ``intercept`` add up to :meth:`decision_function`, apart from
        rounding. Terms stand in the order of their first appearance, words before pairs.

        Raises
        ------
        TextsError
            If `text` is not a str.
        """
        return self.contributions_of(tokenise(clean(texts_of([text])[0][0])))

    def contributions_of(self, tokens: Sequence[str]) -> list[Contribution]:
        """Split the same of a description of which the words were read."""
        if not tokens:
            return []
        words = list(dict.fromkeys(tokens))
        places = self._places_of(words)
        known = (places >= 0)[:, None]
        whole = np.where(known, self.word_table[places], 0.0)
        spelling = np.where(known, self.spelling_table[places], self._spell(words))
        neighbours = list(dict.fromkeys(pairwise(tokens)))
        pairs, found = self._find_pairs(
            self._places_of([left for left, _ in neighbours]),
            self._places_of([right for _, right in neighbours]),
        )
        together = self.pair_table[pairs]
        whole_length = length_of(whole[:, -1].sum() + together[:, -1].sum())
        spelling_length = length_of(spelling[:, -1].sum())
        spelled = spelling[:, :-1] / spelling_length
        scores = whole[:, :-1] / whole_length + spelled
        return [
            Contribution(word, row, pieces, word in self.vocabulary)
            for word, row, pieces in zip(words, scores, spelled, strict=True)
        ] + [
            Contribution(" ".join(neighbours[at]), row / whole_length, np.zeros_like(row), True)
            for at, row in zip(found, together[:, :-1], strict=True)
        ]

    def find_pieces(self, words: Sequence[str]) -> Pieces:
        """Find the pieces of n words that have a weight, as in `piece_table`."""
        return self._piece_index.find(words)

    def to_state(self) -> dict[str, Any]:
        """Return everything as a dict of plain values, ready to be stored."""
        state = {each.name: getattr(self, each.name) for each in fields(self) if each.init}
        modes = {mode.name: (mode.thresholds, mode.bands) for mode in self.modes}
        return {"format": STATE_FORMAT, **state, "modes": modes}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Classifier:
        """Make the classifier that :meth:`to_state` came from.

        Raises
        ------
        ModelError
            If the state is of another format, incomplete, or its arrays do not fit.
        """
        if not isinstance(state, Mapping) or state.get("format") != STATE_FORMAT:
            raise ModelError(wording.OTHER_FORMAT)
        names = [each.name for each in fields(cls) if each.init]
        missing = [name for name in names if name not in {*state, "counted", "common_texts"}]
        if missing:
            raise ModelError(wording.lacks(missing))
        try:
            values = {name: state[name] for name in names if name in state}
            values["modes"] = tuple(Mode(name, *state["modes"][name]) for name in state["modes"])
            return cls(**values)
        except (TypeError, ValueError, AttributeError, IndexError) as error:
            raise ModelError(wording.DAMAGED) from error

    def _score_few(self, tokens: Tokens) -> Floats:
        """Score a few descriptions, (n, k), without what is made ready for many."""
        n, places = len(tokens), tokens.numbers.astype(np.int64)
        rows = np.repeat(np.arange(n), np.diff(tokens.ends))
        known = places < len(self.words)
        pairs, found = self._find_pairs(
            places[:-1], places[1:], (rows[:-1] == rows[1:]) & known[:-1] & known[1:]
        )
        pair_rows, pairs = distinct(rows[found], pairs, len(self.pairs))

        # In alphabetical order, so that a sum over a description does not depend on its batch.
        order = sorted(range(len(tokens.unknown)), key=tokens.unknown.__getitem__)
        spelling = self.spelling_table
        if order:
            numbers = np.empty(len(order), np.int64)
            numbers[order] = np.arange(len(order))
            places[~known] = len(self.words) + numbers[places[~known] - len(self.words)]
            spelled = self._spell([tokens.unknown[place] for place in order])
            spelling = np.concatenate([spelling, spelled])
        rows, places = distinct(rows, places, len(spelling))

        known = places < len(self.words)
        whole_sums = sums_of(rows[known], self.word_table[places[known]], n)
        whole_sums += sums_of(pair_rows, self.pair_table[pairs], n)
        spelling_sums = sums_of(rows, spelling[places], n)
        return self._scores(whole_sums, spelling_sums)

    def _scores(self, whole: Floats, spelling: Floats) -> Floats:
        """Make scores of sums (n, k + 1) over each description's words, pairs and pieces."""
        return (
            self.intercept
            + whole[:, :-1] / length_of(whole[:, -1:])
            + spelling[:, :-1] / length_of(spelling[:, -1:])
        )

    @cached_property
    def _batch_scores(self) -> BatchScores:
        return BatchScores(
            self.word_table, self.spelling_table, self.pairs, self.pair_table, self._spell
        )

    def _places_of(self, words: Sequence[str]) -> Integers:
        """Return the words' places in the vocabulary, -1 for those outside it."""
        return np.fromiter(map(self.vocabulary.get, words, repeat(-1)), np.int64, len(words))

    def _find_pairs(
        self, left: Integers, right: Integers, neighbours: NDArray[np.bool_] | bool = True
    ) -> tuple[Integers, Integers]:
        """Return the places of the known pairs, and where in `left` and `right` they stand."""
        if not len(self.pairs):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        candidates = np.flatnonzero((left >= 0) & (right >= 0) & neighbours)
        keys = left[candidates] * len(self.words) + right[candidates]
        places = np.minimum(np.searchsorted(self.pairs, keys), len(self.pairs) - 1)
        known = self.pairs[places] == keys
        return places[known], candidates[known]

    def _spell(self, words: Sequence[str]) -> Floats:
        """Sum the pieces of each word: rows for a spelling table, (len(words), k + 1)."""
        found = self.find_pieces(words)
        return sums_of(found.word, found.weights, len(words))

    def _check(self) -> None:
        """Raise ValueError unless the arrays fit each other."""
        k = len(self.categories)
        expected = {
            "intercept": (k,),
            "word_table": (len(self.words), k + 1),
            "spelling_table": (len(self.words), k + 1),
            "pair_table": (len(self.pairs), k + 1),
            "piece_table": (len(self.pieces), k + 1),
            "directions": (len(self.words), *self.directions.shape[1:2]),
        }
        for name, shape in expected.items():
            array = getattr(self, name)
            if array.shape != shape or not np.isfinite(array).all():
                raise ValueError(f"{name} is not a finite array of shape {shape}")
        if not k or not self.words or not self.pieces or len(self.calibration) != k:
            raise ValueError("categories, words, pieces or calibration are missing")
        if (np.diff(self.pairs) <= 0).any():
            raise ValueError("pairs are not sorted")
        self._check_modes(k)
        for scores, values in self.calibration:
            if not len(scores) or scores.shape != values.shape or (np.diff(scores) < 0).any():
                raise ValueError("calibration is not a function")
            if not ((values >= 0) & (values <= 1)).all():
                raise ValueError("calibration lies outside [0, 1]")

    def _check_modes(self, k: int) -> None:
        """Raise ValueError unless every mode has thresholds and bands of k categories."""
        if tuple(mode.name for mode in self.modes) != MODES:
            raise ValueError("modes are missing")
        for mode in self.modes:
            if mode.thresholds.shape != (k,) or mode.bands.shape != (k, 2):
                raise ValueError("thresholds or bands do not fit the categories")
            given = mode.thresholds[~np.isnan(mode.thresholds)]
            if not ((given > 0) & (given < 1)).all() or not (np.diff(mode.bands) >= 0).all():
                raise ValueError("thresholds lie outside (0, 1), or bands end before they begin")
        own, counted = self.mode(BALANCED).thresholds, self.thresholds
        # So that NaN fails too.
        if counted.shape != (k,) or not ((counted > 0) & (counted < 1)).all():
            raise ValueError("a threshold to count by is missing")
        if (~np.isnan(own) & (own != counted)).any():
            raise ValueError("the check would count by others than the balanced thresholds")
