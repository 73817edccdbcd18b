"""What the service says to those who call it; what a field means stands with the field."""

from __future__ import annotations

from typing import Final

from afterword.deployment import TEXTS

BUSY: Final = "Other checks are being made: try again in a moment."
NAME_THE_COLUMN: Final = (
    f"The column of {TEXTS} is not known: send its name in the form field column."
)
NO_FILE: Final = "The form lacks its file: send it in the field file, as multipart/form-data."
KEEP: Final = "The form field keep is true or false: true makes the check count."
UNREADABLE_STORE: Final = "The store cannot be read: ask the operator to look at the server's log."
NO_MODEL: Final = "There is no model to answer: ask the operator to look at the server's log."
MODEL_FAILED: Final = "The model failed on this call: ask the operator to look at the server's log."
TOO_SLOW: Final = "The body did not arrive in time: send it again, or in smaller parts."
TOO_LONG: Final = "The answer took too long and was given up: send less in one call."
MALFORMED: Final = (
    "The request must have one Host header that is a host name and at most a port, and a path that "
    "begins with a slash: send it so."
)
UNKNOWN_HOST: Final = (
    "This server does not answer under this host name: add the name to AFTERWORD_ALLOWED_HOSTS and "
    "start the server again."
)
FOREIGN: Final = (
    "This request was refused because it comes from a page of another address: use Afterword's own "
    "pages, or a program; behind a proxy, set AFTERWORD_PUBLIC_URL to the address in the browser."
)
FAILED: Final = "Something failed here: ask the operator to look at the server's log."
NO_CHECK: Final = "There is no check of this number: /api/checks lists those that are kept."
