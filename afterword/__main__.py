"""``afterword``, the installed program, and ``python -m afterword``."""

import os
import sys

ERROR = 3
"""Exit status of everything that goes wrong: 1 and 2 are verdicts of a check."""


def run(name: str = "afterword") -> None:
    """Run the command line; whatever happens, a failure has the status of an error.

    Parameters
    ----------
    name : what the user wrote to start it, for the lines of usage.
    """
    _open_what_is_closed()
    try:
        from afterword.cli.main import app

        app(prog_name=name)
    except SystemExit:
        raise
    except BaseException as error:
        # Not even the command line could be loaded, so nothing of it can say so. A library's
        # message may quote what it read: only the kind of error is shown.
        missing = f" ({error.name})" if isinstance(error, ModuleNotFoundError) else ""
        sentence = f"Error: Afterword cannot start: {type(error).__name__}{missing}."
        sys.exit(_said(sentence))


def _open_what_is_closed() -> None:
    """Give each standard stream that whoever started this closed a device that holds nothing.

    Else the next file or pipe would get its number, the store's or a worker's too, and what a
    library prints would go into that. A server that takes this process's place gets them as well.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDWR)  # the lowest number that is free
            os.set_inheritable(nowhere, True)
            setattr(sys, name, os.fdopen(nowhere, "w" if number else "r"))


def _said(sentence: str) -> int:
    try:
        print(sentence, file=sys.stderr, flush=True)  # noqa: T201
    except Exception:
        return ERROR
    return ERROR


if __name__ == "__main__":
    run("python -m afterword")
