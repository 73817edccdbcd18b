"""Counts how often a text is looked through, whichever way the program takes."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from functools import wraps
from itertools import product
from typing import Any

import pytest

from afterword.text import cleaning, words

# Of words that every model knows: what is not known is looked at again, for whether it is a name.
MANY = [
    f"{who} {did} at me {where}."
    for who, did, where in product(
        ("He", "She", "They", "Somebody"),
        ("stared", "whistled", "shouted", "looked"),
        ("on the bus", "in the street", "at the station", "near my school"),
    )
]
CLEANED = "cleaned"
CUT = "cut into words"


def count_looks(patch: pytest.MonkeyPatch, texts: Collection[str]) -> Counter[str]:
    """Count how often the texts, all of them together, are cleaned and cut into words from now on.

    Parameters
    ----------
    patch : that ends the count.
    texts : all different, of which cleaning leaves what they are.
    """
    assert all(cleaning.clean(text) == text for text in texts)
    wanted, counted = frozenset(texts), Counter[str]()

    def counting(what: str, real: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(real)
        def look(given: Any, *others: Any) -> Any:
            counted[what] += len(wanted.intersection([given] if isinstance(given, str) else given))
            return real(given, *others)

        return look

    looks: Sequence[tuple[str, Callable[..., Any]]] = (
        (CLEANED, cleaning.clean),
        (CUT, cleaning.tokenise),
        (CUT, cleaning.locate),
        (CUT, words.read_words),
    )
    modules = [module for name, module in sys.modules.items() if name.startswith("afterword.")]
    for what, real in looks:
        spy = counting(what, real)
        for module in modules:
            for name, value in list(vars(module).items()):
                if value is real:
                    patch.setattr(module, name, spy)
    return counted
