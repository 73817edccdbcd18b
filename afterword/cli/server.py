"""The command that starts the pages and the service, and the option that says what this is."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime
from typing import Annotated, Final

import typer

from afterword import __version__
from afterword.cli import wording
from afterword.cli.application import DONE, ERROR, app, command, plain, results, warn
from afterword.errors import AfterwordError, SettingsError
from afterword.settings import ROOT, get_settings, is_local, unprotected

CODE_TERMS: Final = "Apache-2.0"
MODEL_TERMS: Final = "LicenseRef-SafeCity-Research"
"""Of the shipped model, its reference and the samples made of it, as pyproject.toml names them."""
SAFECITY: Final = "664ab2bc4c3e9580f48f0bff66176207093a58778bd647b48c1e592a6177c178"
"""Digest of the data that the shipped model was trained on, as manifests name it."""


@command
def run(
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="Port to listen on; 8501 by default.")
    ] = None,
    address: Annotated[
        str | None,
        typer.Option(help="Address to listen on; localhost by default, so this machine alone."),
    ] = None,
) -> None:
    """Start the pages and the HTTP service, and serve until stopped.

    Streamlit's other settings are environment variables, as STREAMLIT_THEME_BASE=dark.
    """
    settings = get_settings()
    # Of the variable, Streamlit takes an empty one for none; of the option, for every address.
    named = os.environ.get("STREAMLIT_SERVER_ADDRESS") or "localhost"
    listens = named if address is None else address
    if problem := unprotected(listens, settings):
        raise SettingsError(problem)
    named_itself = settings.allowed_hosts or "public_url" in settings.model_fields_set
    if not is_local(listens) and not named_itself:
        warn(wording.NAMELESS)
    # Streamlit reads .streamlit/config.toml beside app.py, wherever it is started from. With -P,
    # nothing in the folder where that happens is taken for a module.
    program = [sys.executable, "-P", "-m", "streamlit", "run", str(ROOT / "app.py")]
    program += [] if port is None else ["--server.port", str(port)]
    program += [] if address is None else ["--server.address", address]
    sys.stdout.flush()
    if os.name == "nt":  # where exec gives the console back while the server still runs
        raise typer.Exit(ERROR if subprocess.call(program) else DONE)
    os.execv(program[0], program)  # noqa: S606 - no shell is wanted


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Say which Afterword and which model these are, and under which terms.",
            is_eager=True,
            callback=lambda wanted: _show_version() if wanted else None,
        ),
    ] = False,
) -> None:
    """Take what stands before the command."""


def _show_version() -> None:
    results.print(f"Afterword {__version__}, {CODE_TERMS}", highlight=False)
    for line in _about_model():
        results.print(plain(line), highlight=False, soft_wrap=True)
    raise typer.Exit(DONE)


def _about_model() -> list[str]:
    """What the model in service is, and under which terms."""
    from afterword.model import registry

    try:
        manifest = registry.load_manifest()
    except AfterwordError as error:
        return [wording.no_model(error)]
    made = datetime.fromisoformat(manifest.trained_at)
    is_safecity = manifest.data_sha256 == SAFECITY
    return [
        wording.about_model(
            manifest.artefact_sha256[:12],
            f"{made:%Y-%m-%d}",
            manifest.rows,
            MODEL_TERMS if is_safecity else wording.OWN_TERMS,
        ),
        *([wording.safecity_terms(ROOT / "NOTICE")] if is_safecity else []),
    ]
