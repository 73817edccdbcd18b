"""``afterword``, the installed program, and ``python -m afterword``."""

import sys

ERROR = 3
"""Exit status of everything that goes wrong: 1 and 2 are verdicts of a check."""


def run(name: str = "afterword") -> None:
    """Run the command line; whatever happens, a failure has the status of an error.

    Parameters
    ----------
    name : what the user wrote to start it, for the lines of usage.
    """
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


def _said(sentence: str) -> int:
    try:
        print(sentence, file=sys.stderr, flush=True)  # noqa: T201
    except Exception:
        return ERROR
    return ERROR


if __name__ == "__main__":
    run("python -m afterword")
