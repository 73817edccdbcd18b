"""Commands about what happens over time: check, list checks, forget, hand on to Evidently."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from afterword.cli import wording
from afterword.cli.application import (
    ALARM,
    DONE,
    ERROR,
    TOO_FEW,
    DescriptionOption,
    HeaderOption,
    LabelOption,
    OrderOption,
    SheetOption,
    StrictOption,
    TimeOption,
    ZoneOption,
    command,
    err,
    fail,
    plain,
    progress,
    results,
    warn,
)
from afterword.cli.printing import print_check, print_checks, print_reading
from afterword.errors import (
    AfterwordError,
    CheckError,
    ModelError,
    ReportError,
    StoreError,
    place_of,
)
from afterword.files import isolation
from afterword.files.options import parse_options
from afterword.files.parted import parted
from afterword.profiling.addresses import Address, is_address
from afterword.profiling.queries import Query
from afterword.records import Batch
from afterword.settings import get_settings

if TYPE_CHECKING:
    from afterword.drift.result import CheckResult
    from afterword.measures.profiles import Profile
    from afterword.profiling.segments import Segments
    from afterword.store.checks import KeptCheck, Span

FilesArgument = Annotated[list[str] | None, typer.Argument(help=wording.FILES_HELP)]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
PageOption = Annotated[Path | None, typer.Option("--html", help=wording.PAGE_HELP)]
SinceOption = Annotated[str | None, typer.Option("--since", help=wording.SINCE_HELP)]
SqlOption = Annotated[str | None, typer.Option("--sql", help=wording.SQL_HELP)]
CheckpointOption = Annotated[Path | None, typer.Option(help=wording.CHECKPOINT_HELP)]
ByOption = Annotated[str | None, typer.Option("--by", help=wording.BY_HELP)]
ClusterOption = Annotated[str | None, typer.Option(help=wording.CLUSTER_HELP)]
WorkersOption = Annotated[int | None, typer.Option(min=1, help=wording.WORKERS_HELP)]
_PATTERN = re.compile(r"[*?\[]")
MOST_CHECKS = 1_000
"""Most checks that a list shows."""
Found = TypeVar("Found")


@command
def check(
    files: FilesArgument = None,
    since: SinceOption = None,
    sql: SqlOption = None,
    as_json: JsonOption = False,
    page: PageOption = None,
    keep: Annotated[
        bool,
        typer.Option("--keep", help="Let the check of a file count; of the store, it always does."),
    ] = False,
    notify: Annotated[
        bool, typer.Option("--notify", help="Then judge the alert rules, and send what is due.")
    ] = False,
    column: DescriptionOption = None,
    time: TimeOption = None,
    sheet: SheetOption = None,
    header_row: HeaderOption = None,
    date_order: OrderOption = None,
    zone: ZoneOption = None,
    label: LabelOption = None,
    by: ByOption = None,
    strict: StrictOption = False,
    workers: WorkersOption = None,
    cluster: ClusterOption = None,
    checkpoint: CheckpointOption = None,
) -> None:
    """Check a file, or what was classified lately, against the training set.

    Several files, a folder, a pattern, and a file that is larger than an upload may be are read
    in blocks, by several processes: in memory that does not grow with them.

    A check of a file is a trial, unless --keep lets it count: it is kept for 7 days, and neither
    the page Overview nor an alert rule knows of it.

    A file may have a column of true labels (1, 0 or empty) for every category: then the check
    also says whether the answers got worse.

    Exit status: 0 stable, 1 alarm, 2 too few descriptions to tell, 3 any error.
    """
    options = parse_options(
        column=column,
        time=time,
        sheet=sheet,
        header_row=header_row,
        date_order=date_order,
        zone=zone,
        label=label or (),
        by=by,
        strict=strict,
    )
    large = _given(workers=workers, cluster=cluster, checkpoint=checkpoint)
    _refuse(files or [], since, sql, page, keep, notify, bool(large) or options != parse_options())
    found = _check_rows(files or [], sql, options, large) if since is None else _check_days(since)
    result, window, batch = found
    _keep(result, window, trial=window is None and not keep)
    sent = _notify() if notify else True
    _print(result, window, batch, as_json)
    if page is not None:
        _write_page(result, window, page)
    raise typer.Exit(_status(result, sent))


def _given(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def _print(result: CheckResult, window: Span | None, batch: Batch | None, as_json: bool) -> None:
    if not as_json:
        if batch is not None:
            print_reading(batch)
        print_check(result)
        return
    content = result.to_dict()
    if window is not None:
        content["window"] = [moment.isoformat() for moment in window]
    else:
        content["reading"] = batch.reading.to_dict() if batch is not None else []
    typer.echo(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False))


def _refuse(
    files: Sequence[str],
    since: str | None,
    sql: str | None,
    page: Path | None,
    keep: bool,
    notify: bool,
    of_rows: bool,
) -> None:
    """Refuse options that do not go together."""
    if bool(files) + (since is not None) + (sql is not None) != 1:
        raise CheckError(wording.FILE_OR_DAYS)
    if since is not None and of_rows:
        raise CheckError(wording.NO_COLUMN)
    if notify and since is None and not keep:
        raise CheckError(wording.TRIAL_IS_NOT_JUDGED)
    if (
        page is not None
        and page.exists()
        and any(Path(file).exists() and page.samefile(file) for file in files)
    ):
        raise ReportError(wording.PAGE_REPLACES)


def _status(result: CheckResult, sent: bool) -> int:
    """The exit status: an undelivered message must not look as if all were well."""
    if result.alarm:
        return ALARM
    if result.level == "too_few":
        return TOO_FEW
    return DONE if sent else ERROR


def _check_rows(
    names: Sequence[str], sql: str | None, options: dict[str, Any], large: dict[str, Any]
) -> tuple[CheckResult, Span | None, Batch | None]:
    isolation.get_ready()
    from afterword.drift.checking import check as compare
    from afterword.model import scored_files, scoring

    if sql is not None:
        return compare(_profile(Query(sql), options | large)), None, None
    files = [Address(name) if is_address(name) else Path(name) for name in names]
    file = _small(files)
    if large or file is None:
        return compare(_profile(files, options | large)), None, None
    batch = scored_files.read(str(file), **options)
    if not isinstance(batch, Batch):
        return compare(batch, by=options["by"]), None, None
    with progress("Scoring") as step:
        scored = scoring.score(batch, progress=lambda done: step("Scoring", done))
    return compare(scored, by=parted(batch)), None, batch


def _small(files: Sequence[Path | Address]) -> Path | None:
    """The one file, if it is one of this machine and no larger than an upload may be."""
    file = files[0] if len(files) == 1 else None
    if not isinstance(file, Path):
        return None
    if not file.is_file():
        # A name that is none: what reads one file says so best.
        return None if file.is_dir() or _PATTERN.search(str(file)) else file
    return file if file.stat().st_size <= get_settings().max_upload_mb * 1_000_000 else None


def _profile(
    source: Sequence[Path | Address] | Query, options: dict[str, Any]
) -> Profile | Segments:
    from afterword.profiling.making import profile
    from afterword.profiling.segments import Segments

    with progress("Reading and scoring") as step:
        found: Profile | Segments = profile(
            source,
            progress=lambda so_far: step(wording.so_far(so_far), so_far.share or 0.0),
            **options,
        )
    whole = found.whole if isinstance(found, Segments) else found
    err.print(wording.read(whole.accepted, whole.rejected))
    for reason, count in whole.rejections.items():
        err.print(f"  {count:,} {plain(reason)}")
    return found


def _check_days(since: str) -> tuple[CheckResult, Span | None, Batch | None]:
    from afterword.monitoring import history
    from afterword.store import get_store

    days = history.parse_since(since)
    note = history.chance_of(days)[1]
    if note:
        warn(note)
    result, window = history.check_store(get_store(), days)
    return result, window, None


def _keep(result: CheckResult, window: Span | None, *, trial: bool) -> None:
    """Keep a check; a failure is said, and does not change what the check found."""
    try:
        from afterword.monitoring import history
        from afterword.store import get_store

        if not get_settings().recording:
            if window is None and not trial:
                warn(wording.NOT_KEPT)
            return
        store = get_store()
        source = "command" if window is None else "schedule"
        number = history.keep(store, result, source=source, window=window, trial=trial)
        if number is None:
            warn(wording.failed(wording.CHECK_NOT_KEPT, store.problem))
        elif trial:
            err.print(wording.trial(number), highlight=False, soft_wrap=True)
    except AfterwordError as error:
        warn(wording.failed(wording.CHECK_NOT_KEPT, error))
    except Exception as error:
        warn(wording.failed_at(wording.CHECK_NOT_KEPT, place_of(error)))


def _notify() -> bool:
    """Judge the rules and send what is due; whether nothing of it failed."""
    from afterword.monitoring import alerting
    from afterword.store import get_store

    if not get_settings().recording:
        warn(wording.NOT_KNOWN)
    store = get_store()
    opened, judged = _attempt(lambda: alerting.evaluate(store), wording.RULES_NOT_JUDGED)
    for alert in opened:
        err.print(plain(wording.alert(alert.what)), highlight=False, soft_wrap=True)
    reachable, known = _attempt(alerting.channels_in_service, wording.NO_CHANNELS)
    if not known:
        return False
    if not reachable:
        warn(wording.NO_CHANNEL)
        return judged and not opened
    sent, tried = _attempt(lambda: alerting.deliver(store), wording.NOT_SENT)
    for each in sent:
        if each.delivered:
            err.print(plain(wording.sent(each.channel)), highlight=False)
        else:
            fail(wording.not_sent(each.channel, each.problem), word="Not sent")
    return judged and tried and all(each.delivered for each in sent)


def _attempt(action: Callable[[], Sequence[Found]], failure: str) -> tuple[Sequence[Found], bool]:
    """What an action gives, and whether it did; what went wrong is said."""
    try:
        return action(), True
    except AfterwordError as error:
        fail(wording.failed(failure, error), word="Not sent")
    except Exception as error:
        fail(wording.failed_at(failure, place_of(error)), word="Not sent")
    return (), False


def _write_page(result: CheckResult, window: Span | None, page: Path) -> None:
    from afterword.reports import one_page

    try:
        page.write_text(one_page.page(result, window=window), encoding="utf-8")
    except OSError as error:
        raise ReportError(wording.unwritable(page, error.strerror)) from None
    err.print(wording.written(plain(str(page))), soft_wrap=True)


@command
def checks(
    as_json: Annotated[bool, typer.Option("--json", help="Print them as JSON.")] = False,
    limit: Annotated[
        int, typer.Option(min=1, max=MOST_CHECKS, help="Most checks that are listed.")
    ] = 20,
) -> None:
    """List the checks that are kept, newest first, trials among them."""
    from afterword.store import get_store

    kept = get_store().checks.list(limit, trial=None)
    if as_json:
        lines = [_line(one) for one in kept]
        typer.echo(json.dumps(lines, indent=2, ensure_ascii=False, allow_nan=False))
    elif kept:
        from afterword.model.registry import version_of

        model = None
        with contextlib.suppress(ModelError):
            model = version_of()
        print_checks(kept, model)
    else:
        err.print(wording.NO_CHECK)


def _line(kept: KeptCheck) -> dict[str, object]:
    """A kept check for machines."""
    return {
        "id": kept.id,
        "at": kept.at.isoformat(),
        "source": kept.source,
        "model": kept.model,
        "trial": kept.trial,
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
) -> None:
    """Write the kept checks as an Evidently workspace: evidently ui --workspace DIR."""
    from afterword.reports import workspace
    from afterword.store import get_store

    with progress("Writing reports") as step:
        done = workspace.export(get_store(), folder, lambda share: step("Writing reports", share))
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
