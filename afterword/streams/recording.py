"""From an answer to what is kept of it: the one way by which page, HTTP and commands record.

>>> from afterword.model.registry import load_model
>>> model = load_model()
>>> seen = observe(["He stared at me."], model.predict_proba(["He stared at me."]), model)
>>> seen.tally.descriptions
1
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from afterword.errors import AfterwordError, StoreError, StreamError
from afterword.model.reference import output_values
from afterword.settings import get_settings
from afterword.store.hashing import Hashing
from afterword.store.recordings import Recording, Texts
from afterword.store.stream_records import SERVICE_STREAM, Stream
from afterword.store.tally import Layout, Tally, layout_of, tally_call, tally_rows, total
from afterword.text.analysis import Analysis, analyse
from afterword.text.common_texts import are_common
from afterword.text.privacy import private_words
from afterword.text.word_lists import Lists
from afterword.text.word_uses import Written
from afterword.text.words import FEW

if TYPE_CHECKING:
    from afterword.model.classifier import Classifier
    from afterword.store import Store


NO_ANSWERS: Final = np.zeros((0, 0), np.uint8)
_preparing = threading.Lock()

_TELLING = 2_000
"""Characters by which texts that hold an unseen word are told apart: each word hashes them again,
and texts that go on differently count as one."""


@dataclass(frozen=True)
class Observation:
    """What is kept of answered descriptions: counts, rounded answers, and words to be hashed.

    Attributes
    ----------
    tally : counts over all of them.
    answers : (n, k) per description its probabilities in per cent.
    thresholds : (k,) from which on a category is given.
    unseen : per description its unknown words and whether each looks like a name.
    texts : the normalised texts, until each is a keyed hash.
    found : what was found in them.
    """

    tally: Tally
    answers: np.ndarray
    thresholds: Sequence[float]
    unseen: Sequence[Mapping[str, bool]] = field(repr=False)
    texts: Sequence[str] = field(repr=False)
    found: Texts = field(repr=False)

    def __len__(self) -> int:
        return len(self.answers)


def join(parts: Sequence[Observation]) -> Observation:
    """Make one observation of those of some parts of a call, in their order.

    >>> from afterword.model.registry import load_model
    >>> model, texts = load_model(), ["He stared at me.", "She was followed."]
    >>> each = [observe([text], model.predict_proba([text]), model) for text in texts]
    >>> len(join(each)), join(each).tally.descriptions
    (2, 2)
    """
    return Observation(
        tally=total([one.tally for one in parts]),
        answers=np.concatenate([one.answers for one in parts]) if parts else NO_ANSWERS,
        thresholds=parts[0].thresholds if parts else (),
        unseen=list(chain.from_iterable(one.unseen for one in parts)),
        texts=list(chain.from_iterable(one.texts for one in parts)),
        found=Texts.total([one.found for one in parts]),
    )


@lru_cache(maxsize=2)
def _own_layout(folder: Path) -> Layout:
    """How this process counts: for its model, whatever lies in the folder by now."""
    return layout_of(folder)


@dataclass(frozen=True, eq=False)
class Looked:
    """What was found in descriptions row by row, to be counted as a whole or in parts.

    Attributes
    ----------
    values : name → (n,) descriptors and outputs.
    flags : (n, f) rows with each flag of the text.
    answers, thresholds, unseen, texts, found : as of :class:`Observation`.
    layout : how it is counted.
    """

    values: Mapping[str, np.ndarray]
    flags: np.ndarray
    answers: np.ndarray
    unseen: Sequence[Mapping[str, bool]] = field(repr=False)
    texts: Sequence[str] = field(repr=False)
    found: Texts = field(repr=False)
    layout: Layout = field(repr=False)

    def counted(self, rows: np.ndarray | None = None) -> Observation:
        """Count what is kept of some rows; of all if None."""
        if rows is None:
            rows = np.arange(len(self.answers))
        return Observation(
            tally=tally_rows(
                {name: values[rows] for name, values in self.values.items()},
                self.flags[rows].sum(axis=0),
                self.layout,
            ),
            answers=self.answers[rows],
            thresholds=tuple(map(float, self.layout.thresholds)),
            unseen=[self.unseen[row] for row in rows.tolist()] if self.unseen else [],
            texts=[self.texts[row] for row in rows.tolist()] if self.texts else [],
            found=self.found.take(rows),
        )


def observe(
    texts: Sequence[str],
    probabilities: np.ndarray,
    model: Classifier,
    layout: Layout | None = None,
    found: Analysis | None = None,
) -> Observation:
    """Count what is kept of some descriptions and their answers.

    Parameters
    ----------
    texts : n descriptions.
    probabilities : (n, k) the model's answers, in [0, 1].
    model : that answered.
    layout : how it is counted; that of the model in service if None.
    found : in the texts, where they were looked through before.
    """
    return look_through(texts, probabilities, model, layout, found).counted()


def look_through(
    texts: Sequence[str],
    probabilities: np.ndarray,
    model: Classifier,
    layout: Layout | None = None,
    found: Analysis | None = None,
) -> Looked:
    """Find what is kept of some descriptions and their answers, row by row.

    The parameters are those of :func:`observe`.
    """
    texts = list(texts)
    with _preparing:  # the first of many threads reads the reference, the others wait for it
        layout = layout or _own_layout(get_settings().model_dir)
    found = found or analyse(texts, model)
    w = len(model.words)
    unseen, written = [], Written()
    for row, text in enumerate(texts):
        places = found.held[found.held_ends[row] : found.held_ends[row + 1]]
        words = [found.unknown_words[place - w] for place in places[places >= w].tolist()]
        private = private_words(words, [text], written=written) if words else frozenset()
        unseen.append({word: word in private for word in words})
    return Looked(
        values={
            **found.descriptors(),
            **output_values(probabilities, model.categories, model.thresholds),
        },
        flags=found.flags,
        answers=np.rint(100 * np.asarray(probabilities)).astype(np.uint8),
        unseen=unseen,
        texts=[" ".join(found.tokens.words_of(row)) for row in range(len(texts))],
        found=_texts_of(found, model),
        layout=layout,
    )


class Observing:
    """What is kept of a file, counted part by part as it is answered.

    What goes wrong is raised by :meth:`joined`, after the answer.

    Attributes
    ----------
    seconds : that it took.
    """

    def __init__(self, model: Classifier) -> None:
        self.seconds = 0.0
        self._model = model
        self._parts: list[Observation] = []
        self._problem: Exception | None = None

    def __call__(self, texts: Sequence[str], probabilities: np.ndarray, found: Analysis) -> None:
        """Count what is kept of a part."""
        self.add(lambda: observe(texts, probabilities, self._model, found=found))

    def add(self, count: Callable[[], Observation]) -> None:
        """Add what is kept of a part, which another process may count."""
        began = time.perf_counter()
        try:
            if self._problem is None:
                self._parts.append(count())
        except Exception as error:
            self._problem = error
        self.seconds += time.perf_counter() - began

    def joined(self) -> Observation:
        """All parts together.

        Raises
        ------
        Exception
            What went wrong with one of them.
        """
        if self._problem is not None:
            raise self._problem
        return join(self._parts)


def _texts_of(found: Analysis, model: Classifier) -> Texts:
    """What texts add to the profile of a day."""
    # Late: it needs a library that the first answer does without.
    from afterword.text.distinct import STEPS

    w = len(model.words)
    known = found.held < w
    words = Lists(
        np.concatenate([[0], np.cumsum(known)])[found.held_ends],
        found.held[known].astype(np.int32),
    )
    return Texts(
        lengths=found.lengths,
        words=words,
        width=w,
        content=np.rint(STEPS * _represent(words, found, model)).astype(np.int64),
        common=are_common(found.tokens, model.common_texts),
    )


def _represent(words: Lists, found: Analysis, model: Classifier) -> np.ndarray:
    """As :meth:`Classifier.represent`, which takes a few descriptions ten times as long."""
    if len(found) > FEW:
        return model.represent(found.words)
    rows = []
    for begin, end in pairwise(words.ends.tolist()):
        places = words.places[begin:end]
        powers = model.word_table[places, -1]
        weights = np.sqrt(powers / (powers.sum() or 1.0))
        rows.append(weights @ model.directions[places].astype(float))
    return np.reshape(rows, (len(found), model.directions.shape[1]))


def record(
    source: str,
    observation: Observation | None = None,
    *,
    rejected: int = 0,
    latency_s: float,
    outcome: str = "answered",
    store: Store | None = None,
    at: datetime | None = None,
    stream: Stream | str | None = None,
) -> bool:
    """Keep a call.

    Parameters
    ----------
    source : "page", "file", "http" or "command".
    observation : of what was answered; None if nothing was.
    rejected : items that got a reason in place of an answer.
    latency_s : seconds that the answer took.
    outcome : "answered", "refused" (the caller's fault) or "failed" (ours).
    store : this process's if None.
    at, stream : time of the call, now if None; stream, or its name, the service's if None.

    Returns
    -------
    True once it is durable. False, and the store's ``problem`` says why, if not; it never raises.
    """
    try:
        settings = get_settings()
        store = store or _own_store()
        if not settings.recording:
            return False
        model = _own_layout(settings.model_dir).model
        digests, unseen = _hashed(observation, store)
        named = store.streams.get(stream) if isinstance(stream, str) else stream or SERVICE_STREAM
    except AfterwordError as error:  # of the store or the stream; no model, or wrong settings
        if store is not None and isinstance(error, StoreError | StreamError):
            store.problem = str(error)
        return _unrecorded(str(error))
    tally = tally_call(latency_s, outcome, rejected)
    return store.record(
        Recording(
            at=at or datetime.now(UTC),
            source=source,
            model=model,
            outcome=outcome,
            latency_s=latency_s,
            descriptions=len(observation) if observation is not None else 0,
            rejected=rejected,
            answers=observation.answers if observation is not None else NO_ANSWERS,
            thresholds=observation.thresholds if observation is not None else (),
            tally=tally if observation is None else observation.tally + tally,
            unseen=unseen,
            digests=digests,
            texts=observation.found if observation is not None else Texts.uncounted(),
            stream=named.id,
            zone=named.zone,
        )
    )


def _own_store() -> Store:
    """This process's store."""
    # Late: the first answer is on the screen before anything wants the database's library.
    from afterword.store import get_store

    return get_store()


def _unrecorded(why: str) -> bool:
    """Count a call that is not recorded; False."""
    from afterword.store import unrecorded  # late, as the store itself

    unrecorded.count(why)
    return False


def _hashed(
    observation: Observation | None, store: Store
) -> tuple[list[int], list[dict[str, tuple[bool, int]]]]:
    if observation is None:
        return [], []
    digests, unseen = hashed(observation.texts, observation.unseen, store.hashing)
    return digests, [words for words in unseen if words]


def hashed(
    texts: Sequence[str], unseen: Sequence[Mapping[str, bool]], hashing: Hashing
) -> tuple[list[int], list[dict[str, tuple[bool, int]]]]:
    """A number that tells each text from others, and a byte that does so for each unseen word.

    Parameters
    ----------
    texts, unseen : as of :class:`Observation`.
    hashing : under the store's key.
    """
    words = [
        {word: (private, hashing.tag(f"{word} {text[:_TELLING]}")) for word, private in own.items()}
        for own, text in zip(unseen, texts, strict=True)
    ]
    return list(map(hashing.digest, texts)), words


def problem(store: Store | None = None) -> str:
    """Why what is answered now is not recorded; "" if it is, or if that is what was asked for."""
    try:
        return (store or _own_store()).problem
    except AfterwordError as error:
        return str(error)


def is_off() -> bool:
    """Whether recording is switched off."""
    return not get_settings().recording


__all__ = ["Observation", "Observing", "is_off", "join", "observe", "problem", "record"]
