"""What is said of the store: why something is not kept, deleted or read, and what to do."""

from __future__ import annotations

from typing import Final

from afterword.settings import PROGRAM, TRIAL
from afterword.store.stream_records import CADENCES, LONGEST_NAME, SERVICE_NAME

# ---------------------------------------------------------------- the database

NOT_WRITTEN: Final = (
    "The store cannot be written, so nothing is recorded at the moment: look at the disk and at "
    "AFTERWORD_HOME, or at the database that AFTERWORD_STORE_URL names."
)
LOCKED: Final = (
    "The store cannot be written while another program holds it, so nothing is recorded at the "
    "moment: wait for that program, or end it."
)
UNREADABLE: Final = (
    "The store cannot be read: look at the disk and at AFTERWORD_HOME, or at the database that "
    "AFTERWORD_STORE_URL names."
)
REPLACED: Final = "The store's file is gone or was replaced while it was open."
NO_KEY: Final = "The key of the store cannot be read or written: look at AFTERWORD_HOME."
NOT_CLEANED: Final = (
    "What was asked for is deleted, but the database could not be cleaned of its bytes: "
    "close other programs that read it, and do it again."
)
NO_DATABASE: Final = (
    "AFTERWORD_STORE_URL is no database that can be opened: check the address, and that "
    "its driver is installed."
)
NO_FILE: Final = "AFTERWORD_STORE_URL names no file: what is recorded would be lost."
NOT_UTF8: Final = (
    "The database that AFTERWORD_STORE_URL names does not hold texts in UTF-8: make another one, "
    "with ENCODING 'UTF8'."
)
NEWER: Final = (
    "The store was written by a newer version of Afterword: start that one, or name "
    "another folder with AFTERWORD_HOME."
)
READ_BY_ANOTHER: Final = "Another program reads the store."
FAILED_TESTS: Final = "Tests of the store that failed"
"""For the log: what is counted."""


def no_turn(seconds: float) -> str:
    """That the other transactions of this process take too long."""
    return (
        f"The store cannot be written while another transaction of this process takes longer than "
        f"{seconds:g} s, so nothing is recorded at the moment: wait for it, and look at the disk "
        "if it comes again."
    )


# ---------------------------------------------------------------- calls

UNRECORDED: Final = "Calls that are not recorded"
"""For the log: what is counted."""
RECORD_FAILED: Final = "A record could not be written: %s"
"""For the log: the place in the code."""


def pause(seconds: float) -> str:
    """That nothing is tried for a while after a failure."""
    return (
        f"The store could not be written a moment ago and is left alone for {seconds:g} s: an "
        "earlier line says why."
    )


def too_slow(seconds: float) -> str:
    """That a record took longer than a caller waits for it."""
    return (
        f"The store did not take a record within {seconds:g} s, so nothing is recorded at the "
        "moment: look for what keeps the disk busy."
    )


WAITED: Final = (
    "At the end %d descriptions waited for others: their answers are counted, and their words and "
    "measures are not, because those of fewer than 20 different descriptions are never written."
)
"""For the log: how many."""
UNCOUNTED: Final = "Unknown words that are not counted"
"""For the log: what is counted."""
TOO_MANY_WORDS: Final = (
    "Calls brought more words that training never had than the store can write in time; the calls "
    "themselves are recorded."
)

# ---------------------------------------------------------------- checks and reports

TRIAL_GONE: Final = (
    f"This trial is not kept any more: trials are kept for {TRIAL.days} days, and end when the "
    "reading of their file is corrected. Check the file again."
)
NOT_RECORDING: Final = (
    "Recording is switched off (AFTERWORD_RECORDING), so no check can be made to count."
)
OTHER_MODEL: Final = (
    "Another model than the one in service made this trial, so it cannot be the latest check: "
    "check the file again."
)
DAMAGED_CHECK: Final = "The store holds a check that is damaged: restore it from a copy."
CHECK_FAILED: Final = "The check could not be kept: see the log."
CHECK_NOT_KEPT: Final = "A check is not kept. %s"
"""For the log: the reason."""
CHECK_FAILED_AT: Final = "A check could not be kept: %s"
"""For the log: the place in the code."""
REPORT_TOO_LARGE: Final = (
    "The report is larger than the server keeps: download it, or ask the operator "
    "to raise AFTERWORD_REPORT_SHELF_MB."
)

# ---------------------------------------------------------------- streams

STREAM_NAME: Final = (
    f"A stream's name has at most {LONGEST_NAME} letters, digits, spaces, dots and dashes, and "
    "begins with a letter or a digit."
)
CADENCE: Final = f"The cadence of a stream is one of {', '.join(CADENCES)}."
ZONE: Final = "The zone of a stream is one such as Europe/Berlin or UTC."
SERVICE_STAYS: Final = (
    f"The stream {SERVICE_NAME} holds what the service classifies: it is always there, and keeps "
    "its name. What is in it can be forgotten up to a day."
)
SOMEBODY_FASTER: Final = (
    "Somebody else added to this stream, or changed it, at the same time, so nothing of this was "
    "counted: do it again."
)
REFERENCE: Final = (
    "A reference is the training set, or a period of the stream that ends no earlier than it "
    "begins, with a reason of at most 300 characters."
)


def no_stream(name: str) -> str:
    """That no stream is called so."""
    return (
        f"There is no stream called {name}. Make it with “{PROGRAM} stream create”, or choose one "
        f"that “{PROGRAM} streams” lists."
    )


NO_SUCH_STREAM: Final = (
    "There is no stream of this name: choose one that is there, or make it first. Its name has "
    f"at most {LONGEST_NAME} letters, digits, spaces, dots and dashes."
)


NAME_TAKEN: Final = "There is a stream of this name already: choose another name."


# ---------------------------------------------------------------- rules, alerts and messages

ENDED: Final = "The condition ended."
CHANGED: Final = "The rule was changed."
SWITCHED_OFF: Final = "The rule was switched off."
DELETED: Final = "The rule was deleted."
NO_CATEGORY: Final = "The model has no such category: choose one of its own."
SAME_RULE: Final = "There is a rule like this already."
RULE_GONE: Final = "This rule was deleted meanwhile: add it as a new one."
RULE_DELETED_ALREADY: Final = "This rule was deleted already, here or in another tab."
SAY_WHO: Final = "Say who you are"
SAY_WHY: Final = "Say why"
SAY_WHOM: Final = "Say who has it from now on"
WRITE_NOTE: Final = "Write a note"
NOTE_GONE: Final = "This note was removed already, or its alert is no longer kept."
ALERT_GONE: Final = "This alert is no longer kept."
WITHDRAWN: Final = "It was closed before it was sent."


def in_state(state: str) -> str:
    """That an alert has the state already that somebody wants to give it."""
    return f"This alert is {state} already: reload the page to see why."


def has_it_already(name: str) -> str:
    """That an alert is assigned already to the one whom somebody names."""
    if not name:
        return "Nobody has this alert, so there is nobody to take it from."
    return f"{name} has this alert already."


def too_many_steps(most: int) -> str:
    """That an alert takes no more notes and assignments."""
    return f"This alert has {most} notes and assignments, and that is the most that are kept."


def lost_channel(channel: str) -> str:
    """That a message waits for a channel that no process knows."""
    return f"{channel} is no longer among AFTERWORD_CHANNELS."
