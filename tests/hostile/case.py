"""What a hostile file is here: a name, and bytes that are made when they are wanted."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

MARK = "quayside"
"""A word of every description here: it may stand in no message, no log and no store."""
TEXT = f"Somebody waved to me at the {MARK}."
GOOD = 20
"""Good rows of a file in which one cell or row is bad."""


@dataclass(frozen=True)
class Case:
    """A hostile or broken file.

    Attributes
    ----------
    kind : what it pretends to be, as "xlsx".
    name : what is wrong with it.
    make : gives its bytes, the same ones each time.
    ending : of the file's name; by default that of its kind.
    keeps : rows that must be accepted whatever the rest holds; 0 asks for nothing.
    loses : rows that must be rejected, if ``keeps`` says anything.
    whole : only the whole corpus has it, since it is large or one of many alike.
    """

    kind: str
    name: str
    make: Callable[[], bytes]
    ending: str = ""
    keeps: int = 0
    loses: int = 0
    whole: bool = False

    @property
    def file(self) -> str:
        """Name of the file, as a person would upload it."""
        return f"file.{self.ending or self.kind}"

    @property
    def title(self) -> str:
        """Kind and name, by which a failure is found."""
        return f"{self.kind}: {self.name}"


def cut(kind: str, of: str, make: Callable[[], bytes], count: int = 40) -> Iterator[Case]:
    """A good file, cut at places that are drawn by its name."""
    return _damaged(kind, f"{of}, cut", make, count, lambda data, draw: data[: draw(len(data))])


def flipped(kind: str, of: str, make: Callable[[], bytes], count: int = 40) -> Iterator[Case]:
    """A good file with a few bytes replaced, drawn by its name."""

    def flip(data: bytes, draw: Callable[[int], int]) -> bytes:
        changed = bytearray(data)
        for _ in range(1 + draw(8)):
            changed[draw(len(changed))] = draw(256)
        return bytes(changed)

    return _damaged(kind, f"{of}, bytes changed", make, count, flip)


SHOWN = 3
"""Files of a series of damaged ones that the short corpus has too."""


def _damaged(
    kind: str,
    of: str,
    make: Callable[[], bytes],
    count: int,
    damage: Callable[[bytes, Callable[[int], int]], bytes],
) -> Iterator[Case]:
    for number in range(count):
        seed = f"{kind} {of} {number}"

        def made(seed: str = seed) -> bytes:
            return damage(make(), random.Random(seed).randrange)

        yield Case(kind, f"{of} {number}", made, whole=number >= SHOWN)
