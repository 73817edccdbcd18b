"""Typed settings, read from environment variables that start with ``AFTERWORD_``.

>>> Settings(max_rows=10).max_rows
10
"""

from __future__ import annotations

import re
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from pydantic_settings import SettingsError as UnreadableSettings

from afterword.errors import SettingsError

ROOT = Path(__file__).resolve().parents[1]
"""The project's folder: defaults do not depend on the working directory."""

SHIPPED_MODEL = ROOT / "model"
SHIPPED_DATA = ROOT / "data"
"""The reference that belongs to the shipped model, and the samples."""


ModeName = Literal["balanced", "find-more", "be-sure"]
BALANCED: Final = "balanced"
FIND_MORE: Final = "find-more"
BE_SURE: Final = "be-sure"
MODES: Final[tuple[ModeName, ...]] = (BALANCED, FIND_MORE, BE_SURE)
"""Ways to turn probabilities into decisions; docs/model.md tells what each is for."""


_HOST_NAME: Final = re.compile(
    r"\*|(\*\.)?[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?|\[?[0-9a-f]*:[0-9a-f:.]+\]?"
)
TRIAL: Final = timedelta(days=7)
"""How long a trial is kept: a check that counts nowhere."""


def _host_names(value: object) -> object:
    """Take host names apart that stand in one line, and refuse what no Host header can be.

    >>> _host_names("Afterword.example.org, *.internal")
    ('afterword.example.org', '*.internal')
    """
    if isinstance(value, str):
        value = tuple(name.strip().lower() for name in value.split(",") if name.strip())
    if isinstance(value, (list, tuple)) and not all(
        isinstance(name, str) and _HOST_NAME.fullmatch(name) for name in value
    ):
        raise ValueError(
            "write host names without scheme and port, separated by commas, like "
            "afterword.example.org, 192.168.1.5"
        )
    return value


class Settings(BaseSettings):
    """What an operator may change. docs/settings.md lists every field."""

    model_config = SettingsConfigDict(env_prefix="AFTERWORD_", frozen=True, extra="ignore")

    model_dir: Path = Field(SHIPPED_MODEL, description="Folder of the model in service.")
    max_characters: int = Field(
        20_000, gt=0, description="Longest description that is read, in characters."
    )
    max_rows: int = Field(100_000, gt=0, description="Most rows that one batch may have.")
    max_upload_mb: int = Field(50, gt=0, description="Largest batch file, in megabytes.")
    max_texts: int = Field(1_000, gt=0, description="Most texts in one HTTP call.")
    max_body_mb: int = Field(25, gt=0, description="Largest body of one HTTP call, in megabytes.")
    mode: ModeName = Field(
        BALANCED, description="How decisions are made where nobody chooses: which threshold."
    )
    alpha: float = Field(
        0.05,
        ge=0.01,
        le=0.2,
        description="Chance of a false alarm that a check may have.",
    )
    floors: dict[str, Annotated[float, Field(ge=0, le=4, allow_inf_nan=False)]] = Field(
        {},
        description="Smallest distances that matter, as JSON: measure to distance.",
    )
    null_draws: int = Field(
        10_000,
        ge=200,
        description="Random splits from which training learns what chance does.",
    )
    home: Path = Field(
        ROOT / ".afterword", description="Folder of the store and of the key of its hashes."
    )
    store_url: SecretStr | None = Field(
        None,
        description="Any SQLAlchemy address of a database; SQLite in the home folder if unset.",
    )
    recording: bool = Field(True, description="Whether classifications and checks are recorded.")
    retention_days: int = Field(
        365, ge=1, le=36_500, description="Days after which what was recorded is deleted."
    )
    channels: tuple[SecretStr, ...] = Field(
        (), description="Where alerts are sent, as a JSON list of Apprise addresses."
    )
    public_url: str = Field(
        "http://localhost:8501", description="Address of the pages, for links in messages."
    )
    allowed_hosts: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_host_names)] = Field(
        (), description="Host names under which the server answers besides localhost."
    )
    chart_alarms: float = Field(
        2.0,
        ge=0.1,
        le=100,
        description="False alarms a year that all control charts together may have.",
    )
    false_alarms: float | None = Field(
        None,
        gt=0,
        allow_inf_nan=False,
        description="False alarms a year that scheduled checks may have; sets the chance of each.",
    )
    request_timeout_s: float = Field(
        60, gt=0, allow_inf_nan=False, description="Seconds after which an HTTP call is given up."
    )
    report_ahead_rows: int = Field(
        20_000,
        ge=0,
        description="Most rows of a check whose drift reports are begun with the verdict; "
        "0 draws them when somebody opens them.",
    )
    report_ttl_s: int = Field(
        3_600, gt=0, description="Seconds that a report made for a page stays readable."
    )
    report_shelf_mb: int = Field(
        200, gt=0, description="Megabytes of reports that the server keeps at most."
    )


_JSON = {"floors": '{"words": 0.1}', "channels": '["mailto://host/?to=somebody@example.org"]'}
"""Settings that are read as JSON, and what they look like."""


@cache
def get_settings() -> Settings:
    """Return the settings of this process, read from the environment once.

    Raises
    ------
    SettingsError
        A variable's value is not valid; the message names the variable.
    """
    try:
        return Settings()  # type: ignore[call-arg]
    except UnreadableSettings as error:
        name = next((name for name in _JSON if f'"{name}"' in str(error)), "floors")
        raise SettingsError(
            f"The setting AFTERWORD_{name.upper()} is not valid: write it as JSON, "
            f"like {_JSON[name]}."
        ) from None
    except ValidationError as error:
        first = error.errors()[0]
    variable = "AFTERWORD_" + str(first["loc"][0]).upper().removeprefix("AFTERWORD_")
    raise SettingsError(f"The setting {variable} is not valid: {first['msg']}.")
