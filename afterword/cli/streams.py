"""Commands about streams: add files to one, list them, make, rename and forget them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table

from afterword.cli import wording
from afterword.cli.application import (
    ALARM,
    DONE,
    TOO_FEW,
    DescriptionOption,
    HeaderOption,
    OrderOption,
    SheetOption,
    StrictOption,
    TimeOption,
    ZoneOption,
    app,
    as_written,
    command,
    command_of,
    err,
    plain,
    progress,
    results,
    warn,
)
from afterword.cli.printing import print_periods
from afterword.errors import StreamError
from afterword.files import isolation
from afterword.files.options import parse_options
from afterword.profiling.addresses import Address, is_address

stream = typer.Typer(help=wording.STREAMS_HELP, no_args_is_help=True)
app.add_typer(stream, name="stream")

NameArgument = Annotated[str, typer.Argument(help="Name of the stream.", callback=as_written)]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@command
def add(
    files: Annotated[list[str], typer.Argument(help=wording.FILES_HELP)],
    stream: Annotated[str, typer.Option("--stream", help=wording.ADD_TO_HELP, callback=as_written)],
    day: Annotated[str | None, typer.Option("--day", help=wording.DAY_HELP)] = None,
    period: Annotated[str | None, typer.Option("--period", help=wording.ROWS_PERIOD_HELP)] = None,
    id: Annotated[str | None, typer.Option("--id", help=wording.ID_HELP)] = None,
    as_json: JsonOption = False,
    column: DescriptionOption = None,
    time: TimeOption = None,
    sheet: SheetOption = None,
    header_row: HeaderOption = None,
    date_order: OrderOption = None,
    zone: ZoneOption = None,
    strict: StrictOption = False,
) -> None:
    """Add files to a stream: their rows by days, whole or not at all, and none of them twice.

    Rows are sorted into days by the file's column of times. The same file, and rows whose ids are
    counted already, are not counted again. Days with fewer than 20 different descriptions are
    counted with another day of their period, or left out, and told.

    For example: add logs/2026-*.csv.gz --stream form; add week.csv --stream form --day 2026-11-24
    """
    isolation.get_ready()
    from afterword.store import get_store
    from afterword.streams.adding import add as add_rows

    options = parse_options(
        column=column,
        time=time,
        sheet=sheet,
        header_row=header_row,
        date_order=date_order,
        zone=zone,
        strict=strict,
    )
    sources = [Address(name) if is_address(name) else Path(name) for name in files]
    with progress("Reading and scoring") as step:
        found = add_rows(
            sources,
            stream=stream,
            day=day,
            period=period,
            id=id and as_written(id),
            progress=lambda done: step(wording.so_far(done), done.share or 0.0),
            **options,
        )
    if as_json:
        typer.echo(json.dumps(found.to_dict(), indent=2, ensure_ascii=False))
        return
    cadence = get_store().streams.get(found.stream).cadence
    said = wording.NO_ROWS_ADDED
    if found.rows:
        edges = str(found.first), str(found.last)
        said = wording.added(found.rows, found.stream, *edges, len(found.periods), cadence)
    results.print(plain(said), highlight=False, soft_wrap=True)
    if found.rejected:
        err.print(wording.read(found.rows, found.rejected))
    for note in found.notes:
        warn(note)


@command
def streams(as_json: JsonOption = False) -> None:
    """List the streams: what each holds, and what its last check said.

    For example: streams; streams --json
    """
    from afterword.streams.listing import list_streams

    found = list_streams()
    if as_json:
        lines = [each.to_dict() for each in found]
        typer.echo(json.dumps(lines, indent=2, ensure_ascii=False))
        return
    table = Table(*(Column(each, overflow="fold") for each in wording.STREAM_COLUMNS))
    for each in found:
        table.add_row(
            plain(each.stream.name),
            each.stream.cadence,
            plain(each.stream.zone),
            f"{each.days:,}",
            str(each.first or ""),
            str(each.last or ""),
            plain(each.said),
        )
    results.print(table)


@command_of(stream, "show")
def show(name: NameArgument, as_json: JsonOption = False) -> None:
    """Tell where a stream stands: whether its alarm is on, since when, and what moved.

    The alarm keeps a promise for the year: the chance of any false alarm in 52 periods is 5 %.

    Exit status: 0 calm, 1 alarm, 2 too few descriptions to tell, 3 any error.

    For example: stream show "Web form"; stream show service --json
    """
    from afterword.monitoring.stream_status import ALARM as ON
    from afterword.monitoring.stream_status import CALM, stream_status

    found = stream_status(name)
    if as_json:
        typer.echo(json.dumps(found.to_dict(), indent=2, ensure_ascii=False))
    else:
        results.print(plain(found.headline), highlight=False, soft_wrap=True)
        results.print(plain(found.action), highlight=False, soft_wrap=True)
        print_periods(found)
    raise typer.Exit({ON: ALARM, CALM: DONE}.get(found.level, TOO_FEW))


@command_of(stream, "create")
def create(
    name: NameArgument,
    cadence: Annotated[str, typer.Option("--cadence", help=wording.CADENCE_HELP)] = "week",
    zone: Annotated[str, typer.Option("--zone", help=wording.STREAM_ZONE_HELP)] = "UTC",
    reference: Annotated[
        str, typer.Option("--reference", help=wording.REFERENCE_HELP)
    ] = "training",
) -> None:
    """Make a stream.

    For example: stream create "Web form" --cadence week --zone Europe/Berlin
    """
    from afterword.store import get_store

    if reference != "training":
        raise StreamError(wording.NO_SUCH_REFERENCE)
    made = get_store().streams.create(name, cadence, zone)  # type: ignore[arg-type]
    _say(wording.made(made.name, made.cadence, made.zone))


@command_of(stream, "rename")
def rename(
    name: NameArgument,
    new: Annotated[str, typer.Argument(help="Its new name.", callback=as_written)],
) -> None:
    """Give a stream another name; what it holds stays its own.

    For example: stream rename form "Web form"
    """
    from afterword.store import get_store

    old = get_store().streams.get(name).name
    _say(wording.renamed(old, get_store().streams.rename(name, new).name))


@command_of(stream, "forget")
def forget_stream(
    name: NameArgument,
    before: Annotated[str | None, typer.Option("--before", help=wording.FORGET_HELP)] = None,
    yes: Annotated[bool, typer.Option("--yes", help=wording.YES_HELP)] = False,
) -> None:
    """Delete what is kept of a stream: all of it, or what lies before a day.

    What is deleted is gone from the store's file, too.

    For example: stream forget form; stream forget service --before 2026-01-01 --yes
    """
    from afterword.streams.listing import first_kept, forget

    known = first_kept(name, before)
    if not yes:
        asked = wording.ask_to_forget(known.stream.name, before or "")
        typer.confirm(asked, abort=True, err=True)
    _say(wording.forgotten(known.stream.name, forget(known)))
    warn(wording.COPIES)


@command_of(stream, "export")
def export_days(
    name: NameArgument,
    out: Annotated[Path, typer.Argument(help=wording.DAYS_FILE_HELP)],
) -> None:
    """Write what a stream holds of each day as Parquet: counts and means, and no text.

    For example: stream export form days.parquet
    """
    from afterword.streams.exporting import days_of_stream

    if out.suffix.lower() != ".parquet":
        raise StreamError(wording.NOT_PARQUET)
    found = days_of_stream(name)
    try:
        found.to_parquet(out, index=False)
    except OSError as error:
        raise StreamError(wording.unwritable(out, error.strerror)) from None
    err.print(plain(wording.exported_days(out, len(found))), highlight=False, soft_wrap=True)


def _say(sentence: str) -> None:
    results.print(plain(sentence), highlight=False, soft_wrap=True)
