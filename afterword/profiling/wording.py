"""Sentences of this room that people read."""

from __future__ import annotations

from typing import Final

NO_FILE: Final = "There is no file that can be read under this name."
BY_SCORED: Final = "Scored rows have no columns of their own, and so no segments."
BY: Final = 'Give the name of one column by which rows are parted, such as by="city".'
DRAWN: Final = "Give drawn as a whole number of rows: 0, or more."
EMPTY_FOLDER: Final = "There is no file in this folder that can be read."
EMPTY_PATTERN: Final = "There is no file whose name fits this pattern."
SOME_ADDRESS: Final = "an address"
CHAINED: Final = (
    "An address inside another one is not read. Name the file itself; what is compressed is "
    "unpacked as it is read."
)
OTHER_SCHEME: Final = (
    "Addresses that are read begin with s3://, gs://, https://, http://, file:// or memory://."
)
DOUBTFUL_ADDRESS: Final = (
    "This address can be understood in more than one way: write it with a plain host or bucket, "
    "without backslashes, and without . and .. in its path."
)
OTHER_MACHINE: Final = (
    "An address that begins with file:// names a file of this machine: write three slashes, as in "
    "file:///data/week.csv."
)
NO_FSSPEC: Final = (
    "Addresses need packages that are not installed: pip install 'afterword[addresses]', and for "
    "gs:// pip install gcsfs."
)
LIST_OF_FILES: Final = (
    "A list of files has paths (pathlib.Path) and addresses (afterword.Address), and nothing else."
)
NO_MARK: Final = (
    "A server does not tell whether its file was changed, so a job that reads it cannot go on from "
    "a checkpoint; leave the checkpoint out, or copy the file first."
)
NO_SOURCE: Final = (
    "It is not known which database is meant: set AFTERWORD_SOURCE_URL to its address, such as "
    "postgresql+psycopg://USER:PASSWORD@HOST/NAME or sqlite:///PATH."
)
NO_URL: Final = (
    "The address of the database is none that SQLAlchemy knows; write it as "
    "postgresql+psycopg://USER:PASSWORD@HOST/NAME or sqlite:///PATH."
)
NO_DRIVER: Final = (
    "The driver of this database is not installed; for PostgreSQL: pip install "
    "'afterword[postgresql]'."
)
NO_DATABASE_FILE: Final = (
    "There is no file of SQLite under the address of the database; write it as sqlite:///PATH."
)
NO_SELECT: Final = "The query gives no rows; write a SELECT."
EMPTY_QUERY: Final = "The query gives no row; check what it asks for."
SAME_NAMES: Final = "The query gives two columns of one name; name each of them once, with AS."
NO_CONNECTION: Final = (
    "The database cannot be reached, or does not let this user in; check its address, the user, "
    "the password and the network."
)
_NO_SQL: Final = (
    "The query is no single SELECT that this database understands; try it with the database's own "
    "program."
)
SQL_STATES: Final = {
    "42P01": "The database has no table that the query names; check the name and the schema.",
    "3F000": "The database has no schema that the query names; check the name.",
    "42703": "A table has no column that the query names; check the name.",
    "42601": _NO_SQL,
    "0A000": _NO_SQL,
    "42501": "This user may not read what the query asks for; give the user the right to SELECT.",
    "25006": "The query would write, and here it may only read; write a SELECT.",
    "28": NO_CONNECTION,
    "3D000": "The server has no database of this name; check the address.",
    "57014": "The database cancelled the query, as one that takes too long; ask for less.",
    "55P03": "Another program holds what the query asks for; try again later.",
    "08": "The connection to the database was lost; try again.",
    "57P": "The connection to the database was lost; try again.",
    "XX001": "The file of the database is damaged, or no database; restore it from a copy.",
    "22": "A value does not fit what the query does with it; try the query with the database's own "
    "program.",
}
"""Beginnings of SQLSTATE, which drivers give with an error, and what is said in place of its
message."""
OTHER_MODEL: Final = (
    "A worker has another model than the job. Give all of them the same model and start again."
)
ENDED: Final = "The process that read it ended; it may hold what takes more memory than there is."
NO_DASK: Final = (
    "A cluster needs packages that are not installed: pip install 'afterword[cluster]'."
)
NO_ADDRESS: Final = (
    "Write the address of the cluster's scheduler as tcp://HOST:PORT, such as tcp://10.0.0.5:8786."
)
NO_ANSWER: Final = (
    "No scheduler answers at the address of the cluster. Check the address, and that dask "
    "scheduler runs there."
)
NO_WORKERS: Final = (
    "The cluster has no workers. Start some with dask worker and the address of the scheduler."
)
GONE: Final = "The connection to the cluster was lost before the work was done. Start it again."
EITHER: Final = (
    "Give a number of workers or the address of a cluster, and not both: a cluster has the workers "
    "that were started for it."
)
CHECKPOINT_FILES: Final = (
    "Only files can be read again, so only of files can a job be continued: leave the checkpoint "
    "out, or write the rows to files."
)
CHECKPOINT_PATH: Final = (
    "The checkpoint cannot be written there; check its folder, your rights and the space on the "
    "disk."
)
CHECKPOINT_OTHERS: Final = (
    "The checkpoint is not a file that you own and that nobody else can read or change, as the job "
    "wrote it. Delete it to begin anew."
)
CHECKPOINT_DAMAGED: Final = (
    "The checkpoint is damaged, or no checkpoint at all. Delete it, or name another file, to begin "
    "anew."
)
_CHECKPOINT_OTHER: Final = {
    "files": "with other files, or they were changed since",
    "options": "with other options or another version of Afterword",
    "model": "with another model",
}


def workers(most: int) -> str:
    """How many processes there can be."""
    return f"Give workers as a whole number of processes from 1 to {most:,}."


def part(file: int, files: int, block: int) -> str:
    """Which part of the source something is said of.

    >>> part(2, 3, 7), part(1, 1, 7)
    ('block 7 of file 2', 'block 7 of the file')
    """
    if not files:
        return f"table {file}"
    return f"block {block} of " + ("the file" if files == 1 else f"file {file}")


def not_allowed(address: str, example: str) -> str:
    """That an address is not read, and how that is allowed.

    >>> not_allowed("s3://bucket/week.csv", "s3://bucket/").partition(": ")[2]
    'set AFTERWORD_ADDRESSES=s3://bucket/ to allow all that lies below it.'
    """
    return (
        f"{address} leads to another machine, and is not among the addresses that may be read: set "
        f"AFTERWORD_ADDRESSES={example} to allow all that lies below it."
    )


def led_away(address: str) -> str:
    """That a server names another address, which may not be read."""
    return (
        f"{address} leads on to another address, and AFTERWORD_ADDRESSES does not allow that one, "
        "so it was not followed."
    )


def not_there(address: str) -> str:
    """That there is no file."""
    return f"There is no file at {address}; check the address."


def forbidden(address: str) -> str:
    """That a file may not be read."""
    return (
        f"{address} may not be read with what this machine identifies itself by; check its rights, "
        "or whether the address has expired."
    )


def no_answer(address: str) -> str:
    """That a file's server said nothing in time."""
    return f"No answer came from {address} in time; try again later."


def unreachable(address: str) -> str:
    """That a file's server cannot be reached."""
    return f"{address} cannot be reached; check the address and the network."


def refused(address: str, reason: str) -> str:
    """That a file cannot be read for another reason.

    Parameters
    ----------
    reason : its kind, such as a status of HTTP.
    """
    return f"{address} cannot be read ({reason})."


def broken_off(sentence: str) -> str:
    """That a file ended before its end.

    >>> broken_off("No answer came.")
    'It was read up to there, and what follows is not counted. No answer came.'
    """
    return f"It was read up to there, and what follows is not counted. {sentence}"


def cut_short(address: str) -> str:
    """That less came of a file than its server told."""
    return f"The connection to {address} was lost."


def sql_refused(kind: str) -> str:
    """That a database gave no rows for a reason that has no sentence of its own.

    Parameters
    ----------
    kind : of the error, and its state.
    """
    return (
        f"The database did not answer the query ({kind}); try it with the database's own program."
    )


def part_of_query(block: int) -> str:
    """Which part of a query's rows something is said of.

    >>> part_of_query(7)
    'block 7 of the query'
    """
    return f"block {block} of the query"


def lost(place: str, sentence: str, lines: int, of: str = "lines") -> str:
    """What is said of a part that could not be read.

    >>> lost("block 7", "It is damaged.", 9_812)
    'Of block 7 nothing could be counted; its 9,812 lines count as rejected: It is damaged.'
    """
    counted = f"; its {lines:,} {of} count as rejected" if lines else ""
    return f"Of {place} nothing could be counted{counted}: {sentence}"


def other_checkpoint(what: str) -> str:
    """That a checkpoint is that of another job.

    >>> other_checkpoint("model").partition(".")[0]
    'The checkpoint is of a job with another model'
    """
    told = _CHECKPOINT_OTHER[what]
    return f"The checkpoint is of a job {told}. Delete it, or name another file, to begin anew."


def other_software(who: str, package: str, theirs: str, ours: str) -> str:
    """That a machine of a cluster has something else installed.

    >>> other_software("A worker", "numpy", "2.3", "2.4").partition(".  ")[0]
    'A worker of the cluster has numpy 2.3 and this machine 2.4. Install the same on all and start
    them again.'
    """
    if not theirs:
        return (
            f"{who} of the cluster has no Afterword that can be imported. Install the same on all "
            "and start them again."
        )
    return (
        f"{who} of the cluster has {package} {theirs} and this machine {ours}. Install the same on "
        "all and start them again."
    )


def failed_there(error: str) -> str:
    """That a worker met an error that nobody expected.

    Parameters
    ----------
    error : its kind and place.
    """
    return f"A worker of the cluster could not do its work ({error})."


def too_many_segments(most: int) -> str:
    """Why a column makes no segments.

    >>> too_many_segments(1_000)
    'This column has more than 1,000 different values, so they are no segments; choose another one.'
    """
    return (
        f"This column has more than {most:,} different values, so they are no segments; choose "
        "another one."
    )
