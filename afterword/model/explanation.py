"""Why an answer: what each word, down to its letters, adds to the score of every category.

The score of a category is a plain sum over words, pairs of neighbouring words, and pieces
(character n-grams) inside words, so an explanation is no estimate: it is the sum itself, written
onto the characters of the text.

- What a word brings as a whole lies evenly on its letters.
- What a pair brings lies evenly on the letters of both words, where they stand side by side.
- What a piece brings lies evenly on the letters that it covers.
- The model counts a word, or a pair, once however often it occurs: its contribution is shared
  evenly among its occurrences.

What a word adds is not what would be lost without it: a shorter text is divided by less, and words
that become neighbours may be a pair. :meth:`Explanation.without` scores the rest anew.

The module is `explanation`, the function :func:`explain`: one name for both breaks on the second
call. An explanation holds the text; it is for whoever entered it, and its ``repr`` shows no word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise
from typing import NamedTuple

import numpy as np

from afterword.arrays import Floats, Integers
from afterword.errors import AfterwordError
from afterword.files.inputs import texts_of
from afterword.model import wording
from afterword.model.classifier import Classifier, Contribution
from afterword.model.registry import load_model
from afterword.text.cleaning import Token, clean, locate, tokenise
from afterword.text.words import tokens_of


class WordError(AfterwordError, ValueError):
    """A word was asked for that the description does not hold."""


class CategoryError(AfterwordError, ValueError):
    """A category was asked for that the model does not have."""


@dataclass(frozen=True)
class Share:
    """What one word, at all of its places together, adds to one category's score.

    Attributes
    ----------
    word : as the model reads it: lower case, no accents, no apostrophes.
    amount : log-odds units; positive raises the score.
    times : how often the text holds the word.
    known : whether the word stands in the vocabulary; otherwise only its spelling counts.
    """

    word: str = field(repr=False)
    amount: float
    times: int
    known: bool


@dataclass(frozen=True)
class Mark:
    """A stretch of the text, and what it adds to one category's score.

    Attributes
    ----------
    start, end : places in the text, ``text[start:end]``: a word, or words that share a character.
    amount : log-odds units; positive raises the score.
    """

    start: int
    end: int
    amount: float


@dataclass(frozen=True, eq=False)
class Explanation:
    """One description's scores, split among its characters, words and pairs of words.

    Attributes
    ----------
    categories : (k,) names, in the order of every array's last axis.
    text : as the model read it: repaired by :func:`afterword.text.cleaning.clean`.
    repaired : whether repairing changed more than white space.
    characters : (len(text), k) what each character adds to each score, log-odds units.
    intercept : (k,) the scores before any word.
    scores : (k,) as :meth:`Classifier.decision_function` gives them, apart from rounding equal to
        ``characters.sum(axis=0) + intercept``.
    terms : words in the order of their first appearance, then known pairs.
    tokens : (t,) every word at every place.
    token_shares : (t, k) the sums of `characters` over each of them.
    model : that is explained.
    """

    categories: tuple[str, ...]
    text: str = field(repr=False)
    repaired: bool
    characters: Floats = field(repr=False)
    intercept: Floats
    scores: Floats
    terms: tuple[Contribution, ...] = field(repr=False)
    tokens: tuple[Token, ...] = field(repr=False)
    token_shares: Floats = field(repr=False)
    model: Classifier = field(repr=False)

    def words(self, category: str) -> list[Share]:
        """The distinct words, from the one that raises the score most to the one that lowers it.

        A pair of words counts with its two words. The amounts and the intercept add up to the
        score.

        Raises
        ------
        CategoryError
            If the model has no such category.
        """
        place = self.place_of(category)
        amounts: dict[str, float] = {}
        for token, amount in zip(self.tokens, self.token_shares[:, place], strict=True):
            amounts[token.word] = amounts.get(token.word, 0.0) + float(amount)
        times = Counter(token.word for token in self.tokens)
        known = {each.term for each in self.terms if each.known}
        shares = [
            Share(word, amount, times[word], word in known) for word, amount in amounts.items()
        ]
        return sorted(shares, key=lambda share: -share.amount)

    def without(self, words: Iterable[str]) -> Floats:
        """What the answer would be without each of m words: the probabilities, (m, k).

        They are, to the last bit, those of the text with all places of that word cut out: words
        that become neighbours are a pair if the model knows it.

        Parameters
        ----------
        words : each on its own is left out; as :attr:`Share.word` or the text spells it.

        Raises
        ------
        WordError
            If the description does not hold one of them, or they are no list of words.

        Examples
        --------
        >>> why = explain("A man was staring at me.")
        >>> bool((why.without(["staring"]) == why.model.predict_proba(["A man was at me."])).all())
        True
        """
        held = [token.word for token in self.tokens]
        # A str is an iterable of letters, some of which are words.
        listed = list(words) if isinstance(words, Iterable) and not isinstance(words, str) else None
        if listed is None or not all(isinstance(word, str) for word in listed):
            raise WordError(wording.NO_WORDS)
        rest = []
        for word in listed:
            left_out = [word] if word in held else tokenise(clean(word))
            if len(left_out) != 1 or left_out[0] not in held:
                raise WordError(wording.NO_SUCH_WORD)
            rest.append([each for each in held if each != left_out[0]])
        return self.model.probabilities_of(tokens_of(rest, self.model))

    def marks(self, category: str) -> list[Mark]:
        """Every word at every place, in the order of the text; no two overlap.

        The amounts and the intercept add up to the score.

        Raises
        ------
        CategoryError
            If the model has no such category.
        """
        place = self.place_of(category)
        found: list[Mark] = []
        for token, amount in zip(self.tokens, self.token_shares[:, place], strict=True):
            if found and token.start < found[-1].end:
                last = found.pop()
                end = max(last.end, token.end)
                found.append(Mark(last.start, end, last.amount + float(amount)))
            else:
                found.append(Mark(token.start, token.end, float(amount)))
        return found

    def place_of(self, category: str) -> int:
        """The category's column in the arrays.

        Raises
        ------
        CategoryError
            If the model has no such category.
        """
        if category not in self.categories:
            raise CategoryError(wording.no_category(self.categories))
        return self.categories.index(category)


class Located(NamedTuple):
    """A description that was read: repaired, and with the places of its words.

    Attributes
    ----------
    text : as :func:`afterword.text.cleaning.clean` repairs it.
    tokens : every word at every place.
    """

    text: str
    tokens: list[Token]

    @property
    def words(self) -> list[str]:
        """The words as :func:`afterword.text.cleaning.tokenise` gives them."""
        return [token.word for token in self.tokens]


def read(text: str) -> Located:
    """Read a description, once for all that is asked of it.

    Raises
    ------
    TextsError
        If `text` is not a str.

    >>> read("He didn't.").words
    ['he', 'didnt']
    """
    cleaned = clean(texts_of([text])[0][0])
    return Located(cleaned, locate(cleaned))


def explain(
    text: str, model: Classifier | None = None, located: Located | None = None
) -> Explanation:
    """Say exactly what raised and lowered the score of every category for one description.

    Parameters
    ----------
    text : one description.
    model : the one in service if left out.
    located : the same description, if it was read before.

    Raises
    ------
    TextsError
        If `text` is not a str.

    Examples
    --------
    >>> why = explain("A man was staring at me.")
    >>> why.words("Ogling")[0].word
    'staring'
    >>> bool(np.allclose(why.characters.sum(axis=0) + why.intercept, why.scores))
    True
    """
    model = model or load_model()
    located = located or read(text)
    cleaned, tokens = located
    terms = model.contributions_of(located.words)
    # The words come first, each once, in the order in which they first appear.
    numbers = {word: place for place, word in enumerate(dict.fromkeys(t.word for t in tokens))}
    which = np.array([numbers[token.word] for token in tokens], np.int64)
    sizes = np.array([len(token.letters) for token in tokens], np.int64)
    spread = _spread(terms[: len(numbers)], model)
    starts = _starts([len(word) for word in numbers])
    owners = np.repeat(np.arange(len(tokens)), sizes)
    within = np.arange(len(owners)) - _starts(sizes)[owners]
    times = np.bincount(which, minlength=len(numbers))
    letters = spread[starts[which[owners]] + within] / times[which[owners], None]
    letters += _pairs_a_letter(terms[len(numbers) :], tokens, model)[owners]
    places = np.fromiter(chain.from_iterable(t.letters for t in tokens), np.int64, len(owners))
    return Explanation(
        categories=model.categories,
        text=cleaned,
        repaired=cleaned != " ".join(text.split()),
        characters=_sum_by(places, letters, len(cleaned)),
        intercept=model.intercept,
        scores=model.score_tokens(tokens_of([located.words], model))[0],
        terms=tuple(terms),
        tokens=tuple(tokens),
        token_shares=_sum_by(owners, letters, len(tokens)),
        model=model,
    )


def _spread(words: Sequence[Contribution], model: Classifier) -> Floats:
    """Write each word's contribution onto its letters, those of all words in a row: (m, k)."""
    k = len(model.categories)
    sizes = np.array([len(each.term) for each in words], np.int64)
    starts = _starts(sizes)
    spelled = np.array([each.spelling for each in words]).reshape(-1, k)
    whole = np.array([each.scores for each in words]).reshape(-1, k) - spelled

    which, begin, length, weights = model.find_pieces([each.term for each in words])
    # The space before a word is no letter, nor the one after it.
    first = np.maximum(begin, 1) - 1
    after = np.minimum(begin + length - 1, sizes[which])
    power = weights[:, -1].sum()
    shares = weights[:, :-1] / np.sqrt(power if power > 0 else 1.0) / (after - first)[:, None]
    spread = np.zeros((int(sizes.sum()), k))
    for step in range(int((after - first).max(initial=0))):
        covered = first + step < after
        np.add.at(spread, (starts[which] + first + step)[covered], shares[covered])

    owners = np.repeat(np.arange(len(words)), sizes)
    # What rounding leaves between a stored spelling and its pieces, so that the sum is exact.
    rest = spelled - _sum_by(owners, spread, len(words))
    evenly: Floats = (whole + rest) / sizes[:, None]
    return spread + evenly[owners]


def _pairs_a_letter(
    pairs: Sequence[Contribution], tokens: Sequence[Token], model: Classifier
) -> Floats:
    """What the known pairs bring to each letter of each token, (t, k)."""
    brought = {each.term: each.scores for each in pairs}
    neighbours = [f"{left.word} {right.word}" for left, right in pairwise(tokens)]
    times = Counter(neighbours)
    shares = np.zeros((len(tokens), len(model.categories)))
    for place, pair in enumerate(neighbours):
        if pair in brought:
            letters = len(tokens[place].word) + len(tokens[place + 1].word)
            shares[place : place + 2] += brought[pair] / times[pair] / letters
    return shares


def _starts(sizes: Integers | Sequence[int]) -> Integers:
    """Where each of several runs begins if they stand one after the other."""
    ends = np.cumsum(np.asarray(sizes, np.int64))
    return ends - np.asarray(sizes, np.int64)


def _sum_by(groups: Integers, values: Floats, n: int) -> Floats:
    """Add up the rows of each of n groups: (n, k)."""
    columns = [np.bincount(groups, column, minlength=n) for column in values.T]
    return np.stack(columns, axis=1)
