"""Commands about what is kept: list checks, forget, hand on to Evidently."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from afterword.cli import wording
from afterword.cli.application import as_written, command, err, plain, progress, results, warn
from afterword.cli.printing import print_checks
from afterword.errors import ModelError, StoreError

if TYPE_CHECKING:
    from afterword.store.checks import KeptCheck

MOST_CHECKS = 1_000
"""Most checks that a list shows."""


@command
def checks(
    as_json: Annotated[bool, typer.Option("--json", help="Print them as JSON.")] = False,
    limit: Annotated[
        int, typer.Option(min=1, max=MOST_CHECKS, help="Most checks that are listed.")
    ] = 20,
) -> None:
    """List the checks that are kept, newest first, trials among them."""
    from afterword.store import get_store

    store = get_store()
    kept = store.checks.list(limit, trial=None)
    names = {each.id: each.name for each in store.streams.list()}
    if as_json:
        lines = [_line(one, names) for one in kept]
        typer.echo(json.dumps(lines, indent=2, ensure_ascii=False, allow_nan=False))
    elif kept:
        from afterword.model.registry import version_of

        model = None
        with contextlib.suppress(ModelError):
            model = version_of()
        print_checks(kept, model, names)
    else:
        err.print(wording.NO_CHECK)


def _line(kept: KeptCheck, names: Mapping[int, str]) -> dict[str, object]:
    """A kept check for machines."""
    return {
        "id": kept.id,
        "at": kept.at.isoformat(),
        "source": kept.source,
        "model": kept.model,
        "trial": kept.trial,
        "stream": None if kept.stream is None else names.get(kept.stream),
        "stream_period": kept.period or None,
        "window": [moment.isoformat() for moment in kept.window] if kept.window else None,
        **kept.content,
    }


@command
def forget(
    before: Annotated[
        str, typer.Option("--before", help="First day that is kept, like 2026-01-31 (UTC).")
    ],
) -> None:
    """Delete what was recorded before a day: calls, counts, words, checks and old alerts.

    What is deleted is gone from the file, too. Nothing is asked.
    """
    from afterword.store import get_store

    try:
        first = datetime.strptime(before, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise StoreError(wording.DAY) from None
    deleted = get_store().forget(first)
    results.print(wording.deleted(deleted, f"{first:%Y-%m-%d}"), highlight=False)
    warn(wording.COPIES)


@command
def export_workspace(
    folder: Annotated[Path, typer.Argument(help="Folder of the workspace; made if not there.")],
    stream: Annotated[str | None, typer.Option("--stream", help=wording.EXPORT_HELP)] = None,
) -> None:
    """Write the kept checks as an Evidently workspace: evidently ui --workspace DIR."""
    from afterword.reports import workspace
    from afterword.store import get_store

    with progress("Writing reports") as step:
        done = workspace.export(
            get_store(),
            folder,
            lambda share: step("Writing reports", share),
            stream=stream and as_written(stream),
        )
    lines = [wording.exported(done.written, done.present, done.removed)]
    if done.other_model:
        lines.append(wording.of_other_models(done.other_model))
    if done.too_few:
        lines.append(wording.too_small(done.too_few))
    for line in lines:
        results.print(line, highlight=False)
    err.print(
        plain(wording.open_workspace(folder)),
        highlight=False,
        soft_wrap=True,
    )
