"""Training: from labelled descriptions to a calibrated classifier, and what it would have said.

The features are TF-IDF of words, of pairs of neighbouring words and of character n-grams
("pieces"). Two linear models share the score of a category: logistic regression on features
multiplied with their naive-Bayes log-count ratios (Wang and Manning, "Baselines and Bigrams",
ACL 2012), and ridge regression on the features as they are. The first trusts telling words,
the second spreads its trust; their mean is better than either, and still one linear map.
All tuning and all reported figures come from descriptions that the model in question has not
seen, neither literally nor as a repeat. docs/model.md tells what was tried.

Terms of fewer than :data:`MIN_DESCRIPTIONS` distinct descriptions are dropped before
anything is fitted: the model must not remember what one person wrote.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import KFold, StratifiedGroupKFold
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from afterword.arrays import Floats, Integers
from afterword.errors import TrainingError
from afterword.model.adding import word_vectors
from afterword.model.classifier import Classifier
from afterword.model.pieces import pieces_of
from afterword.text.cleaning import clean, tokenise
from afterword.text.common_texts import common_texts
from afterword.training import wording
from afterword.training.calibration import Fold, crossfit_calibration, fit_calibration
from afterword.training.mode_choice import PROMISE, Choice, choose_modes
from afterword.training.promises import LEAST_PROMISE, MOST_PROMISE

Progress: TypeAlias = Callable[[str, float], None]

MIN_DESCRIPTIONS: Final = 5
"""A term needs as many distinct descriptions: docs/privacy.md, what the model holds."""

MIN_DISTINCT: Final = 50
"""Distinct descriptions without which five folds say nothing."""

MIN_EXAMPLES: Final = 10
"""Distinct descriptions with, and without, a category: two of each in every fold."""

GROUPED_FOLDS: Final = 5
PLAIN_FOLDS: Final = 10

STRENGTHS: Final = (0.5, 1.0, 2.0)
"""Inverse regularisation strengths of the logistic regression to choose from."""

PENALTY: Final = 6.0
"""Penalty of the ridge regression; between 4 and 8 it makes no difference."""

DIRECTIONS: Final = 24
"""Directions of the dense representation."""

SMOOTHING: Final = 1.0
"""Pseudo-count of every feature in the log-count ratios."""


@dataclass(frozen=True, eq=False)
class TrainingRun:
    """A fitted classifier, and its out-of-fold predictions for its own training descriptions.

    Attributes
    ----------
    classifier : fitted on all descriptions.
    oof_scores : (n, k) scores from models that saw neither the description nor a repeat of
        it (5 folds, grouped by normalised text, stratified by combination of categories).
    oof_probabilities : (n, k) those scores calibrated, cross-fitted: the calibration of a
        fold never saw that fold. For quality.
    plain_probabilities : (n, k) from 10 plain folds, where repeats may be seen, as they are
        in production; calibrated as in production. For drift.
    choice : how the classifier decides, and what of it is promised.
    strength : chosen inverse regularisation strength C of the logistic regression.
    seconds : wall-clock time of the whole run.
    """

    classifier: Classifier
    oof_scores: Floats
    oof_probabilities: Floats
    plain_probabilities: Floats
    choice: Choice
    strength: float
    seconds: float


def fit(
    texts: Sequence[str],
    labels: NDArray[Any],
    categories: Sequence[str],
    *,
    seed: int = 0,
    promise: float = PROMISE,
    progress: Progress | None = None,
) -> TrainingRun:
    """Fit, tune and calibrate a classifier.

    The same arguments give the same run, to the last bit.

    Parameters
    ----------
    texts : n descriptions.
    labels : (n, k) of 0 and 1.
    categories : k names, in the order of the labels' columns.
    seed : decides the folds.
    promise : share of the answers that are not called unsure that is to be right.
    progress : called with the name of the present step and the fraction done, in [0, 1].

    Raises
    ------
    TrainingError
        If the data cannot make a model; the message says what is needed.
    """
    if not LEAST_PROMISE <= promise <= MOST_PROMISE:
        raise TrainingError(wording.no_promise(LEAST_PROMISE, MOST_PROMISE))
    # One thread: sums in another order would change the last bits, and with them the digest.
    with threadpool_limits(limits=1):
        return _train(texts, labels, categories, seed, promise, progress)


def _train(
    texts: Sequence[str],
    labels: NDArray[Any],
    categories: Sequence[str],
    seed: int,
    promise: float,
    progress: Progress | None,
) -> TrainingRun:
    """Do what :func:`train` says."""
    started = time.perf_counter()
    report = progress or (lambda step, done: None)
    report(wording.READING, 0.0)
    labels = _check(texts, labels, categories)
    tokens = [tokenise(clean(text)) for text in texts]
    # Joined words are what normalise() returns.
    groups = np.unique([" ".join(each) for each in tokens], return_inverse=True)[1]
    _check_examples(groups, tokens, labels, categories)
    corpus = _Corpus(tokens, groups)

    folds = grouped_folds(labels, groups, seed=seed)
    trials = np.zeros((len(STRENGTHS), *labels.shape))
    for done, (fit, held) in enumerate(folds):
        report(wording.CHOOSING, 0.05 + 0.5 * done / len(folds))
        design = _Design(corpus, fit)
        for trial, model in zip(trials, design.fit(labels, *STRENGTHS), strict=True):
            trial[held] = model.score(held)
    losses = [_log_loss(labels, crossfit_calibration(trial, labels, folds)) for trial in trials]
    best = int(np.argmin(losses))
    oof_scores, strength = trials[best], STRENGTHS[best]
    oof_probabilities = crossfit_calibration(oof_scores, labels, folds)

    plain_scores = np.zeros(labels.shape)
    plain = list(KFold(PLAIN_FOLDS, shuffle=True, random_state=seed).split(labels))
    for done, (fit, held) in enumerate(plain):
        report(wording.PREDICTING, 0.55 + 0.35 * done / len(plain))
        (model,) = _Design(corpus, fit).fit(labels, strength)
        plain_scores[held] = model.score(held)

    report(wording.FITTING, 0.9)
    (model,) = _Design(corpus, np.arange(len(labels))).fit(labels, strength)
    choice = choose_modes(labels, oof_probabilities, groups, promise)
    classifier = Classifier(
        categories=tuple(categories),
        modes=choice.modes,
        counted=choice.counted,
        calibration=fit_calibration(oof_scores, labels),
        directions=_directions(model.design, seed),
        common_texts=common_texts(tokens, groups),
        **model.tables(),
    )
    report("Done", 1.0)
    return TrainingRun(
        classifier=classifier,
        oof_scores=oof_scores,
        oof_probabilities=oof_probabilities,
        plain_probabilities=classifier.calibrate(plain_scores),
        choice=choice,
        strength=strength,
        seconds=time.perf_counter() - started,
    )


def grouped_folds(labels: NDArray[Any], groups: Integers, *, seed: int = 0) -> list[Fold]:
    """Split rows so that no group is parted and combinations of categories stay balanced."""
    strata = np.unique(labels, axis=0, return_inverse=True)[1].ravel()
    splitter = StratifiedGroupKFold(GROUPED_FOLDS, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        # With many categories some combinations are rarer than there are folds: no matter.
        warnings.filterwarnings("ignore", message="The least populated class")
        return list(splitter.split(labels, strata, groups))


class _Corpus:
    """Which words, pairs and pieces every description holds: counted once for all folds."""

    def __init__(self, tokens: Sequence[Sequence[str]], groups: Integers) -> None:
        n = len(tokens)
        self.groups = groups
        self.words = sorted({word for each in tokens for word in each})
        number = {word: place for place, word in enumerate(self.words)}
        rows = np.repeat(np.arange(n), [len(each) for each in tokens])
        places = np.array([number[word] for each in tokens for word in each], np.int64)
        self.word_presence = _presence(rows, places, (n, len(self.words)))

        inside = rows[:-1] == rows[1:]
        keys = (places[:-1] * len(self.words) + places[1:])[inside]
        self.pairs, pair_places = np.unique(keys, return_inverse=True)
        self.pair_presence = _presence(rows[:-1][inside], pair_places, (n, len(self.pairs)))

        pieces = [pieces_of(word) for word in self.words]
        self.pieces = sorted({piece for each in pieces for piece in each})
        number = {piece: place for place, piece in enumerate(self.pieces)}
        rows = np.repeat(np.arange(len(pieces)), [len(each) for each in pieces])
        places = np.array([number[piece] for each in pieces for piece in each], np.int64)
        shape = (len(self.words), len(self.pieces))
        self.spelling = sp.csr_matrix((np.ones(len(rows)), (rows, places)), shape=shape)
        self.piece_counts = (self.word_presence @ self.spelling).tocsr()


class _Design:
    """The features of every description, as a model fitted on some of the rows sees them."""

    def __init__(self, corpus: _Corpus, fit: Integers) -> None:
        self.corpus = corpus
        self.rows = fit
        distinct = fit[np.unique(corpus.groups[fit], return_index=True)[1]]
        self.words, self.word_idf = _known(corpus.word_presence, distinct)
        self.pairs, self.pair_idf = _known(corpus.pair_presence, distinct)
        self.pieces, self.piece_idf = _known(corpus.piece_counts, distinct)
        if not len(self.words):
            raise TrainingError(wording.no_words(MIN_DESCRIPTIONS))
        whole = sp.hstack(
            [
                corpus.word_presence[:, self.words] @ sp.diags(self.word_idf),
                corpus.pair_presence[:, self.pairs] @ sp.diags(self.pair_idf),
            ]
        ).tocsr()
        spelling = (corpus.piece_counts[:, self.pieces] @ sp.diags(self.piece_idf)).tocsr()
        self.spelling_power = corpus.spelling[:, self.pieces] @ self.piece_idf**2
        self.features = sp.hstack(
            [
                _divide(whole, whole.multiply(whole) @ np.ones(whole.shape[1])),
                _divide(spelling, corpus.word_presence @ self.spelling_power),
            ]
        ).tocsr()

    def fit(self, labels: NDArray[Any], *strengths: float) -> list[_Model]:
        """Fit both models of every category on this design's rows, and average them.

        Returns one model for each strength of the logistic regression.
        """
        features, k = self.features[self.rows], labels.shape[1]
        ridge = Ridge(alpha=PENALTY, solver="sparse_cg").fit(features, labels[self.rows])
        # Ridge predicts a probability p; near 1/2 its log-odds are 4 (p - 1/2).
        straight = 4 * np.reshape(ridge.coef_, (k, -1)).T
        offset = 4 * (np.reshape(ridge.intercept_, -1) - 0.5)
        weights = np.zeros((len(strengths), *straight.shape))
        intercepts = np.zeros((len(strengths), k))
        for j, target in enumerate(labels[self.rows].T):
            if target.min() == target.max():
                raise TrainingError(wording.NO_FOLDS)
            ratio = _log_count_ratio(features, target)
            scaled = features @ sp.diags(ratio)
            for i, strength in enumerate(strengths):
                logistic = LogisticRegression(C=strength, solver="liblinear").fit(scaled, target)
                weights[i, :, j] = logistic.coef_[0] * ratio
                intercepts[i, j] = logistic.intercept_[0]
        return [
            _Model(self, (own + straight) / 2, (intercept + offset) / 2)
            for own, intercept in zip(weights, intercepts, strict=True)
        ]


@dataclass(frozen=True, eq=False)
class _Model:
    """Weights (features, k) and intercept (k,) on a design."""

    design: _Design
    weights: Floats
    intercept: Floats

    def score(self, rows: Integers) -> Floats:
        """Score some rows of the design, (len(rows), k)."""
        scores: Floats = self.design.features[rows] @ self.weights + self.intercept
        return scores

    def tables(self) -> dict[str, Any]:
        """Collapse the weights into the tables of a :class:`Classifier`."""
        design, corpus = self.design, self.design.corpus
        ends = np.cumsum([len(design.words), len(design.pairs)])
        word_weights, pair_weights, piece_weights = np.split(self.weights, ends)
        piece_table = _table(piece_weights, design.piece_idf)
        spelling = corpus.spelling[design.words][:, design.pieces]
        left, right = np.divmod(corpus.pairs[design.pairs], len(corpus.words))
        # Both words of a pair stand in as many descriptions as the pair: none gets lost.
        left, right = np.searchsorted(design.words, left), np.searchsorted(design.words, right)
        return {
            "words": tuple(corpus.words[place] for place in design.words),
            "word_table": _table(word_weights, design.word_idf),
            "spelling_table": spelling @ piece_table,
            "pairs": left * len(design.words) + right,
            "pair_table": _table(pair_weights, design.pair_idf),
            "pieces": tuple(corpus.pieces[place] for place in design.pieces),
            "piece_table": piece_table,
            "intercept": self.intercept,
        }


def _directions(design: _Design, seed: int) -> NDArray[np.float16]:
    """Return the directions (w, d) in which distinct descriptions differ most (Deerwester 1990).

    Means of training rows hardly profit from having taken part in it: each is one of thousands.
    """
    corpus = design.corpus
    distinct = np.unique(corpus.groups, return_index=True)[1]
    vectors = word_vectors(corpus.word_presence[distinct][:, design.words], design.word_idf**2)
    most = min(vectors.shape) - 1
    _, sizes, found = sp.linalg.svds(vectors, k=min(DIRECTIONS, most), random_state=seed)
    # Directions of no size are any: they differ from run to run.
    found = found[::-1][sizes[::-1] > 1e-6 * sizes.max()]
    signs = np.sign(found[np.arange(len(found)), np.abs(found).argmax(axis=1)])
    directions: NDArray[np.float16] = (found * signs[:, None]).T.astype(np.float16)
    return directions


def _check(
    texts: Sequence[str], labels: NDArray[Any], categories: Sequence[str]
) -> NDArray[np.int64]:
    """Return the labels as integers, or say what does not fit."""
    if any(not isinstance(text, str) for text in texts):
        raise TrainingError(wording.NO_TEXTS)
    labels = np.asarray(labels)
    if labels.ndim != 2 or labels.shape != (len(texts), len(categories)) or not len(categories):
        raise TrainingError(wording.NO_TABLE_OF_LABELS)
    if len(set(categories)) < len(categories):
        raise TrainingError(wording.SAME_CATEGORY)
    if labels.dtype.kind not in "biuf" or not np.isin(labels, (0, 1)).all():
        raise TrainingError(wording.ZERO_OR_ONE)
    return labels.astype(np.int64)


def _check_examples(
    groups: Integers,
    tokens: Sequence[Sequence[str]],
    labels: NDArray[np.int64],
    categories: Sequence[str],
) -> None:
    """Raise TrainingError where there are too few distinct descriptions."""
    filled = np.array([bool(each) for each in tokens], dtype=bool)
    distinct = len(np.unique(groups[filled]))
    if distinct < MIN_DISTINCT:
        raise TrainingError(wording.too_few(distinct, MIN_DISTINCT))
    for j, category in enumerate(categories):
        for value in (1, 0):
            found = len(np.unique(groups[filled & (labels[:, j] == value)]))
            if found < MIN_EXAMPLES:
                few = wording.too_few_of(category, found, MIN_EXAMPLES, having=bool(value))
                raise TrainingError(few)


def _presence(rows: Integers, places: Integers, shape: tuple[int, int]) -> sp.csr_matrix:
    """Return a matrix of ones where a row holds a term, however often."""
    matrix = sp.csr_matrix((np.ones(len(rows)), (rows, places)), shape=shape)
    matrix.sum_duplicates()
    matrix.data[:] = 1.0
    return matrix


def _known(presence: sp.csr_matrix, distinct: Integers) -> tuple[Integers, Floats]:
    """Return the terms of enough distinct descriptions, and their inverse frequency."""
    found = np.bincount(presence[distinct].indices, minlength=presence.shape[1])
    known = np.flatnonzero(found >= MIN_DESCRIPTIONS)
    return known, np.log((1 + len(distinct)) / (1 + found[known])) + 1


def _divide(matrix: sp.csr_matrix, power: Floats) -> sp.csr_matrix:
    """Divide every row by the root of its squared length."""
    return sp.diags(1 / np.sqrt(np.where(power > 0, power, 1.0))) @ matrix


def _table(weights: Floats, idf: Floats) -> Floats:
    """Return a classifier's table: weights times idf, then the squared length."""
    return np.column_stack([weights * idf[:, None], idf**2])


def _log_count_ratio(features: sp.csr_matrix, target: Integers) -> Floats:
    """Return the naive-Bayes weight of every feature: how much likelier it makes the category."""
    present, absent = (features[target == value].sum(axis=0).A1 + SMOOTHING for value in (1, 0))
    ratio: Floats = np.log(present / present.sum()) - np.log(absent / absent.sum())
    return ratio


def _log_loss(labels: NDArray[Any], probabilities: Floats) -> float:
    """Return the mean log loss over all labels."""
    return float(-np.log(np.where(labels == 1, probabilities, 1 - probabilities)).mean())
