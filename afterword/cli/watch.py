"""The command that checks: a file, the rows of a database, the last days, a period of a stream."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TypeVar

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
    warn,
)
from afterword.cli.printing import print_check, print_reading
from afterword.errors import (
    AfterwordError,
    CheckError,
    ReportError,
    place_of,
)
from afterword.files import isolation
from afterword.files.options import parse_options
from afterword.files.parted import parted
from afterword.profiling.addresses import Address, is_address
from afterword.profiling.queries import Query
from afterword.records import Batch
from afterword.settings import get_settings
from afterword.store.stream_records import SERVICE, SERVICE_NAME, key_of

if TYPE_CHECKING:
    from afterword.drift.result import CheckResult
    from afterword.measures.profiles import Profile
    from afterword.monitoring.stream_checks import StreamCheck
    from afterword.profiling.segments import Segments
    from afterword.store.checks import Span

FilesArgument = Annotated[list[str] | None, typer.Argument(help=wording.FILES_HELP)]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
PageOption = Annotated[Path | None, typer.Option("--html", help=wording.PAGE_HELP)]
SinceOption = Annotated[str | None, typer.Option("--since", help=wording.SINCE_HELP)]
SqlOption = Annotated[str | None, typer.Option("--sql", help=wording.SQL_HELP)]
CheckpointOption = Annotated[Path | None, typer.Option(help=wording.CHECKPOINT_HELP)]
ByOption = Annotated[str | None, typer.Option("--by", help=wording.BY_HELP)]
ClusterOption = Annotated[str | None, typer.Option(help=wording.CLUSTER_HELP)]
WorkersOption = Annotated[int | None, typer.Option(min=1, help=wording.WORKERS_HELP)]
StreamOption = Annotated[str | None, typer.Option("--stream", help=wording.STREAM_HELP)]
PeriodOption = Annotated[str | None, typer.Option("--period", help=wording.PERIOD_HELP)]
FromOption = Annotated[str | None, typer.Option("--from", help=wording.FROM_HELP)]
ToOption = Annotated[str | None, typer.Option("--to", help=wording.TO_HELP)]
KeepOption = Annotated[bool, typer.Option("--keep", help=wording.KEEP_HELP)]
NotifyOption = Annotated[bool, typer.Option("--notify", help=wording.NOTIFY_HELP)]
_PATTERN = re.compile(r"[*?\[]")
Found = TypeVar("Found")


@command
def check(
    files: FilesArgument = None,
    since: SinceOption = None,
    sql: SqlOption = None,
    as_json: JsonOption = False,
    page: PageOption = None,
    stream: StreamOption = None,
    period: PeriodOption = None,
    first: FromOption = None,
    last: ToOption = None,
    keep: KeepOption = False,
    notify: NotifyOption = False,
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

    For example: check week.csv; check --stream form --period 2026-W47; check --since 7d --notify
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
    days = _given(period=period, first=first, last=last)
    _refuse(files or [], since, sql, page, keep, notify, bool(large) or options != parse_options())
    _refuse_stream(files or since or sql, stream, days, notify)
    if stream is not None or since is not None:
        found = _check_days(since or "") if stream is None else _check_stream(stream, days)
    else:
        found = _check_rows(files or [], sql, options, large)
    _keep(found, trial=found.window is None and not keep)
    raise typer.Exit(_tell(found, as_json, page, notify))


class _Found(NamedTuple):
    """A check, and what it is of."""

    result: CheckResult
    window: Span | None = None
    batch: Batch | None = None
    of: StreamCheck | None = None


def _given(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def _tell(found: _Found, as_json: bool, page: Path | None, notify: bool) -> int:
    """Print a check, and do what else was asked for; the exit status."""
    sent = _notify() if notify else True
    _print(found, as_json)
    if page is not None:
        _write_page(found, page)
    return _status(found.result, sent)


def _print(found: _Found, as_json: bool) -> None:
    result, window, batch, of = found
    if not as_json:
        if batch is not None:
            print_reading(batch)
        if of is not None:
            said = wording.checked_period(of.stream.name, of.label, str(of.first), str(of.last))
            err.print(plain(said), highlight=False)
        print_check(result)
        return
    content = result.to_dict()
    if of is not None:
        content |= of.to_dict()
    elif window is not None:
        content |= {"window": [moment.isoformat() for moment in window], "stream": SERVICE_NAME}
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
    if bool(files) + (since is not None) + (sql is not None) > 1:
        raise CheckError(wording.FILE_OR_DAYS)
    if not (files or sql) and of_rows:
        raise CheckError(wording.NO_COLUMN)
    if notify and (files or sql) and not keep:
        raise CheckError(wording.TRIAL_IS_NOT_JUDGED)
    if (
        page is not None
        and page.exists()
        and any(Path(file).exists() and page.samefile(file) for file in files)
    ):
        raise ReportError(wording.PAGE_REPLACES)


def _refuse_stream(rows: object, stream: str | None, days: object, notify: bool) -> None:
    """Refuse options of a stream that do not go together with the others."""
    if bool(rows) == (stream is not None):
        raise CheckError(wording.FILE_OR_DAYS if not days or stream else wording.OF_A_STREAM)
    if days and stream is None:
        raise CheckError(wording.OF_A_STREAM)
    if notify and stream is not None and key_of(stream) != SERVICE_NAME:
        raise CheckError(wording.OF_THE_SERVICE)


def _status(result: CheckResult, sent: bool) -> int:
    """The exit status: an undelivered message must not look as if all were well."""
    if result.alarm:
        return ALARM
    if result.level == "too_few":
        return TOO_FEW
    return DONE if sent else ERROR


def _check_rows(
    names: Sequence[str], sql: str | None, options: dict[str, Any], large: dict[str, Any]
) -> _Found:
    isolation.get_ready()
    from afterword.drift.checking import check as compare
    from afterword.model import scored_files, scoring

    if sql is not None:
        return _Found(compare(_profile(Query(sql), options | large)))
    files = [Address(name) if is_address(name) else Path(name) for name in names]
    file = _small(files)
    if large or file is None:
        return _Found(compare(_profile(files, options | large)))
    batch = scored_files.read(str(file), **options)
    if not isinstance(batch, Batch):
        return _Found(compare(batch, by=options["by"]))
    with progress("Scoring") as step:
        scored = scoring.score(batch, progress=lambda done: step("Scoring", done))
    return _Found(compare(scored, by=parted(batch)), None, batch)


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


def _check_stream(name: str, days: dict[str, Any]) -> _Found:
    from afterword.monitoring.stream_checks import check_stream

    found = check_stream(name, **days)
    if found.note:
        warn(found.note)
    return _Found(found.result, found.window, None, found)


def _check_days(since: str) -> _Found:
    from afterword.monitoring import history
    from afterword.store import get_store

    days = history.parse_since(since)
    note = history.chance_of(days)[1]
    if note:
        warn(note)
    return _Found(*history.check_store(get_store(), days))


def _keep(found: _Found, *, trial: bool) -> None:
    """Keep a check; a failure is said, and does not change what the check found."""
    try:
        from afterword.monitoring import history
        from afterword.monitoring.stream_checks import keep_stream_check
        from afterword.store import get_store

        if not get_settings().recording:
            if found.window is None and not trial:
                warn(wording.NOT_KEPT)
            return
        store = get_store()
        if found.of is not None:
            number = keep_stream_check(store, found.of)
        else:
            number = history.keep(
                store,
                found.result,
                source="command" if found.window is None else "schedule",
                window=found.window,
                trial=trial,
                stream=SERVICE if found.window or trial else store.streams.files().id,
            )
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
    from afterword.monitoring.alert_messages import figure_lines
    from afterword.store import get_store

    if not get_settings().recording:
        warn(wording.NOT_KNOWN)
    store = get_store()
    opened, judged = _attempt(lambda: alerting.evaluate(store), wording.RULES_NOT_JUDGED)
    for alert in opened:
        said = " ".join([alert.what, *figure_lines(alert)])
        err.print(plain(wording.alert(said)), highlight=False, soft_wrap=True)
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


def _write_page(found: _Found, page: Path) -> None:
    from afterword.reports import one_page

    try:
        page.write_text(one_page.page(found.result, window=found.window), encoding="utf-8")
    except OSError as error:
        raise ReportError(wording.unwritable(page, error.strerror)) from None
    err.print(wording.written(plain(str(page))), soft_wrap=True)
