"""Parts of the page that is passed on: lists, tables and pictures, of which a sheet takes a few.

A screen has room for everything. On paper, what goes beyond the first lines of a part is left out,
and a line says so: a page of one or two sheets is read, one of nine is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from afterword.reports import wording

_OFF_PAPER: Final = ' class="screen"'


def headed(title: str, content: str) -> str:
    """A part under its heading; "" where there is nothing to say."""
    return f"<section><h2>{escape(title)}</h2>{content}</section>" if content else ""


def listed(
    sentences: Sequence[str], *, most: int | None = None, ordered: bool = False, kind: str = ""
) -> str:
    """Sentences as a list.

    Parameters
    ----------
    sentences : one an item.
    most : items that stand on paper; all if None.
    ordered : whether they are numbered.
    kind : class of the list; "" for none.
    """
    if not sentences:
        return ""
    tag, shown = "ol" if ordered else "ul", len(sentences) if most is None else most
    items = "".join(
        f"<li{_OFF_PAPER * (place >= shown)}>{escape(each)}</li>"
        for place, each in enumerate(sentences)
    )
    own = f' class="{kind}"' if kind else ""
    return f"<{tag}{own}>{items}</{tag}>{left_out(len(sentences) - shown)}"


def table(
    names: Iterable[str],
    rows: Sequence[Sequence[str | float]],
    *,
    most: int | None = None,
    moved: Sequence[bool] = (),
) -> str:
    """A table; numbers stand to the right.

    Parameters
    ----------
    names : of its columns.
    rows : cells, which are escaped here.
    most : rows that stand on paper; all if None.
    moved : of each row whether it is set off.
    """
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    shown, lines = len(rows) if most is None else most, []
    for place, row in enumerate(rows):
        cells = "".join(
            f'<td class="number">{cell:.3f}</td>'
            if isinstance(cell, float)
            else f"<td>{escape(cell)}</td>"
            for cell in row
        )
        kinds = ["screen"] * (place >= shown) + ["moved"] * (place < len(moved) and moved[place])
        lines.append(
            f'<tr class="{" ".join(kinds)}">{cells}</tr>' if kinds else f"<tr>{cells}</tr>"
        )
    return (
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>{left_out(len(rows) - shown)}"
    )


def paragraph(text: str, kind: str = "") -> str:
    """A sentence or more; "" for none.

    Parameters
    ----------
    text : what is said.
    kind : class of the paragraph, "soft" or "paper".
    """
    own = f' class="{kind}"' if kind else ""
    return f"<p{own}>{escape(text)}</p>" if text else ""


def left_out(count: int) -> str:
    """That paper does not show so many lines; "" where it shows all."""
    return paragraph(wording.more_on_screen(count), "soft paper") if count > 0 else ""
