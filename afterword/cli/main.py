"""The command line: the same words as the API and the pages.

``afterword --help``, in a checkout ``python -m afterword --help``, lists the commands. Results go
to standard output, everything else to standard error. Exit statuses: those of
:mod:`afterword.cli.application`.
"""

from __future__ import annotations

from afterword.cli import kept, model, server, streams, watch
from afterword.cli.application import app

__all__ = ["app", "kept", "model", "server", "streams", "watch"]
