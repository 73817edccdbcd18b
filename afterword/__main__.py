"""``python -m afterword``."""

from afterword.cli import app

app(prog_name="python -m afterword")
