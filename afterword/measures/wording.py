"""Sentences of this room that people read."""

from __future__ import annotations

from typing import Final

OTHER_PROFILES: Final = (
    "These profiles were made by different models and cannot be added up. Make them again with the "
    "model in service."
)

# ---------------------------------------------------------------- saved profiles

NO_PROFILE: Final = "There is no file of this name, or it cannot be opened."
NO_MODEL: Final = (
    "It is not known which model made this profile, so it cannot be saved. Make it with "
    "afterword.check, or of the files themselves."
)
DAMAGED_PROFILE: Final = (
    "This is no file of a profile, or it is damaged. Save the profile again, or make it again of "
    "the files that it came from."
)
OTHER_MODEL: Final = (
    "This profile was made by another model than the one in service. Make it again of the files "
    "that it came from."
)
COPIES_NOT_KNOWN: Final = (
    "A saved profile does not know its texts: one that another profile holds too counts in both."
)
UNWRITABLE_PROFILE: Final = (
    "The profile cannot be written there; check the folder, your rights and the space on the disk."
)
COUNTED_TWICE: Final = (
    "Descriptions that two of these profiles hold count in both: profiles of more than 100,000 "
    "different ones no longer know what each of them added. One profile of all files counts them "
    "once."
)
COUNTED_APART: Final = (
    "Descriptions that two of these profiles, or two lots of scored rows, hold count in both, for "
    "they were made apart. One profile of all files counts them once."
)
VALUES_NOT_KNOWN: Final = (
    "Of a saved profile, values are known in a few wide bins, and the answers of several "
    "categories together in groups of at least 5 descriptions, so that typical values and "
    "intervals differ a little."
)
COMMONEST_NOT_KNOWN: Final = (
    "Added to other profiles, a saved one may lead to a commonest answer or text that is less "
    "common than it is, for which one it has is not known."
)
ROWS_NOT_KNOWN: Final = "A saved profile has no rows, so Evidently's reports cannot be drawn of it."
DAYS_ONLY: Final = "Of its times a saved profile knows the first and the last day."
INCOMPLETE: Final = "Something of this profile could not be counted when it was made."
LABELS_NOT_SAVED: Final = (
    "Labels are not saved with a profile where they were in doubt, where a review drew them, or "
    "where fewer than 20 descriptions have them or lack them; check the file itself."
)


def too_few_to_save(least: int) -> str:
    """That a profile is too small to be kept."""
    return (
        f"A profile of fewer than {least} different descriptions says too much about each of them, "
        "so none is saved or loaded."
    )


def too_many_to_save(most: int) -> str:
    """That a profile is too large to be kept."""
    return f"A profile of more than {most:,} descriptions is not saved; save its parts instead."


def other_profile_version(version: int) -> str:
    """That a file was written by another version."""
    return (
        f"This file is not of version {version} of profiles, the only one that is read here. Make "
        "it again of the files that it came from."
    )


def unknown_field(version: int) -> str:
    """That a file has more in it than a profile."""
    return f"This file has a field that version {version} of profiles does not have."
