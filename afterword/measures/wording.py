"""What is said of the tables that a check needs; what a measure is called stands with it."""

from __future__ import annotations


def other_tables(folder: object, restore: str) -> str:
    """That the tables of a folder are of another version, and how to restore them."""
    return f"The tables of the check in {folder} are of another version. {restore}"
