"""What every command stands in: the application, its exit statuses, and how it speaks.

=====  =============================================================
status meaning
=====  =============================================================
0      done; for ``check``: stable
1      ``check`` raised an alarm: changed, or a faulty feed
2      ``check`` had too few descriptions to tell
3      anything that went wrong, wrong arguments and crashes included
=====  =============================================================

Argument parsers like to use 1 and 2 themselves, for which a schedule would take an alarm.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from typer._click.exceptions import ClickException  # typer brings its own, and no other name
from typer.core import TyperGroup

from afterword.cli import wording
from afterword.deployment import TEXTS, get_deployment
from afterword.errors import AfterwordError, ColumnError, place_of
from afterword.files.column_names import quotable

DONE: Final = 0
ALARM: Final = 1
TOO_FEW: Final = 2
ERROR: Final = 3


NAME: Final = "afterword"
"""The installed program."""
_COMPLETION: Final = ("install_completion", "show_completion")
"""Options that only it can have: a shell completes a program's name, not ``python -m`` and more."""

_UNWRITABLE: Final = (errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EBADF)
"""What goes wrong with a pipe or a disk that the output goes to."""


class Commands(TyperGroup):
    """The commands, of which every failure has the one status of an error."""

    def main(self, *args: Any, **options: Any) -> Any:
        """Run a command and exit."""
        if options.get("prog_name") != NAME:
            self.params = [each for each in self.params if each.name not in _COMPLETION]
        try:
            _write_what_can_be_written()
            get_deployment()
            status = super().main(*args, **{**options, "standalone_mode": False})
            sys.stdout.flush()
        except ClickException as error:
            status = ERROR
            _show(error)
        except SystemExit as error:
            # Typer leaves by itself once a completion is shown, and where nobody reads.
            status = ERROR if error.code else DONE
        except BaseException as error:
            status = ERROR
            _report(error)
        status = status or DONE
        sys.exit(status if status in (DONE, ALARM, TOO_FEW) else ERROR)


def _write_what_can_be_written() -> None:
    """Replace a character that the output's encoding lacks: it must not change an exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


app = typer.Typer(
    cls=Commands,
    help=wording.PURPOSE,
    epilog=wording.EXIT_STATUS,
    no_args_is_help=True,
    # Local variables may hold descriptions: no traceback shows them.
    pretty_exceptions_show_locals=False,
)
# No ":name:" becomes a picture: a category can be called so.
results = Console(emoji=False)
err = Console(stderr=True, emoji=False)


def as_written(argument: str) -> str:
    """An argument as a person wrote it: where the locale is C, Python takes it for ASCII.

    The path of a file needs no such help: it goes back to the system as it came.

    >>> as_written("\\udcc3\\udcbc")
    'ü'
    """
    if any("\udc80" <= sign <= "\udcff" for sign in argument):
        return os.fsencode(argument).decode("utf-8", "replace")
    return argument


def _name(argument: str | None) -> str | None:
    return argument and as_written(argument)


def _names(arguments: list[str] | None) -> list[str]:
    return [as_written(argument) for argument in arguments or ()]


ModelOption = Annotated[
    Path | None,
    typer.Option("--model", help="Folder of a trained model; the model in service by default."),
]
DescriptionOption = Annotated[
    str | None,
    typer.Option(
        "--column",
        help=f"Column of the {TEXTS}, if not found by name.",
        callback=_name,
    ),
]
TimeOption = Annotated[str | None, typer.Option("--time", help=wording.TIME_HELP, callback=_name)]
SheetOption = Annotated[
    str | None, typer.Option("--sheet", help=wording.SHEET_HELP, callback=_name)
]
HeaderOption = Annotated[str | None, typer.Option("--header-row", help=wording.HEADER_HELP)]
OrderOption = Annotated[
    str | None,
    typer.Option("--date-order", help=wording.ORDER_HELP),
]
ZoneOption = Annotated[
    str | None,
    typer.Option("--zone", help=wording.ZONE_HELP),
]
LabelOption = Annotated[
    list[str] | None,
    typer.Option(
        "--label",
        help=wording.LABEL_HELP,
        callback=_names,
    ),
]
StrictOption = Annotated[bool, typer.Option("--strict", help=wording.STRICT_HELP)]

Command = TypeVar("Command", bound=Callable[..., None])


def command(function: Command) -> Command:
    """Make a function a command whose every error is one sentence and status 3."""
    app.command()(_guarded(function))
    return function


def command_of(group: typer.Typer, name: str) -> Callable[[Command], Command]:
    """As :func:`command`, of a group of commands such as "stream", under a name of its own."""

    def make(function: Command) -> Command:
        group.command(name)(_guarded(function))
        return function

    return make


def _guarded(function: Callable[..., None]) -> Callable[..., None]:
    """A function whose every error is one sentence and status 3.

    An error that is not ours is a fault of this program; its message could quote a description,
    so only its kind and its place are shown.
    """

    @functools.wraps(function)
    def guarded(*args: Any, **options: Any) -> None:
        try:
            function(*args, **options)
            sys.stdout.flush()
        except typer.Exit:
            raise
        except BaseException as error:
            _report(error)
            raise typer.Exit(ERROR) from None

    return guarded


def _report(error: BaseException) -> None:
    """Say what went wrong; silent where nobody listens."""
    with contextlib.suppress(Exception):
        if isinstance(error, SystemExit):
            hush()  # rich leaves so where nobody reads what it writes
        elif isinstance(error, OSError) and error.errno in _UNWRITABLE:
            hush()
            if error.errno != errno.EPIPE:
                fail(wording.unwritable("The output", error.strerror))
        elif isinstance(error, AfterwordError):
            fail(str(error))
            if isinstance(error, ColumnError):
                # On the screen of the one whose file it is, and in no log.
                names = ", ".join(error.columns) if err.is_terminal else quotable(error.columns)
                fail(wording.choose_column(names), word="Columns")
        elif isinstance(error, KeyboardInterrupt | EOFError | typer.Abort):
            fail(wording.STOPPED, word="Stopped")
        else:
            fail(wording.fault(place_of(error)))


def _show(error: ClickException) -> None:
    from typer.rich_utils import rich_format_error

    with contextlib.suppress(Exception):
        rich_format_error(error)


def hush() -> None:
    """Write to nowhere from now on: else the end of the program would fail with another status."""
    with contextlib.suppress(Exception):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())


def fail(sentence: str, word: str = "Error") -> None:
    """Say on standard error that something is wrong."""
    err.print(f"[bold red]{word}:[/] {plain(sentence)}", highlight=False, soft_wrap=True)


def warn(sentence: str) -> None:
    """Say on standard error what is not as one would expect, and does not stop anything."""
    err.print(f"[bold yellow]Note:[/] {plain(sentence)}", highlight=False, soft_wrap=True)


def plain(text: str) -> str:
    """Text in which nothing is taken for rich's markup."""
    return escape(text)


@contextmanager
def progress(step: str) -> Iterator[Callable[[str, float], None]]:
    """Show a bar; what it gives takes the name of the step and the share that is done."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=not err.is_terminal) as bar:
        task = bar.add_task(step, total=1.0)
        yield lambda name, done: bar.update(task, description=name, completed=done)
