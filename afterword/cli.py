"""The command line: the same words as the API and the pages.

``python -m afterword --help`` lists the commands. Results go to standard output, everything
else to standard error. Exit statuses: those of :mod:`afterword.cli_frame`.
"""

from __future__ import annotations

from afterword import cli_model, cli_watch
from afterword.cli_frame import app

__all__ = ["app", "cli_model", "cli_watch"]
