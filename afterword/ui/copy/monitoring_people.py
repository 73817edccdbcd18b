"""The texts of the page Monitoring on who has an alert, and on its notes."""

from __future__ import annotations

from afterword.alerts.episodes import Change
from afterword.ui.copy.shared import time

YOUR_NAME, WHY, WHOM = "Your name", "Why, if you like", "Who has it now; empty for nobody"
ASSIGN, ADD_NOTE, NOTE, REMOVE = "Assign", "Add the note", "Note", "Remove this note"
ASSIGN_HELP = "Say who takes care of it. Write your own name to take it. It stays as it is."
NOTE_HELP = (
    "For those who look at this alert later. It is kept as plain text and never sent: write no "
    "part of what somebody reported."
)
REMOVE_HELP = "Its words go for good; that there was a note stays in the history."


def notes(count: int) -> str:
    """What opens the notes."""
    return f"Notes ({count})" if count else "Note"


def whose(note: Change) -> str:
    """Whose note it is, and of when."""
    return f"{note.by}, {time(note.at)}"
