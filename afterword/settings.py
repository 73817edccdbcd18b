"""Typed settings, read from environment variables that start with ``AFTERWORD_``.

>>> Settings(max_rows=10).max_rows
10
"""

from __future__ import annotations

import re
from datetime import timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from pydantic_settings import SettingsError as UnreadableSettings

from afterword.errors import SettingsError

_PACKAGE: Final = Path(__file__).resolve().parent
_PARTS: Final = _PACKAGE / "shipped"

INSTALLED: Final = _PARTS.is_dir()
"""Whether this is an installed package: only a wheel holds this folder, see pyproject.toml."""

ROOT: Final = _PARTS if INSTALLED else _PACKAGE.parent
"""Where app.py, pages, model and data are: the checkout, or the installed package's copy."""

PROGRAM: Final = "afterword" if INSTALLED else "python -m afterword"
"""What a person writes to start the command line."""

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
_ADDRESS: Final = re.compile(
    r"(https?://([a-z0-9]([a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])(:[0-9]{1,5})?"
    r"|(s3|gs)://[A-Za-z0-9][A-Za-z0-9._-]*)(/[^?#*\[\]\\\x00-\x1f]*)?"
)
_PUBLIC: Final = re.compile(
    r"https?://([a-z0-9]([a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])(:[0-9]{1,5})?"
    r"(/[a-z0-9._~/-]*)?",
    re.IGNORECASE,
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


def _addresses(value: object) -> object:
    """Take beginnings of addresses apart that stand in one line, and refuse what is none.

    >>> _addresses("s3://bucket/exports/, HTTPS://Files.Example.org")
    ('s3://bucket/exports/', 'https://files.example.org')
    """
    if isinstance(value, str):
        value = tuple(_same_case(each.strip()) for each in value.split(",") if each.strip())
    if isinstance(value, (list, tuple)) and not all(
        isinstance(each, str) and _ADDRESS.fullmatch(each) for each in value
    ):
        raise ValueError(
            "write beginnings of addresses with a bucket or a host, without user and query, "
            "separated by commas, like s3://our-bucket/exports/, https://files.example.org/"
        )
    return value


def _same_case(address: str) -> str:
    """An address with scheme and host in lower case; the names of buckets and paths stay."""
    scheme, sign, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    host = host.lower() if scheme.lower().startswith("http") else host
    return f"{scheme.lower()}{sign}{host}{slash}{path}"


def _public_url(value: object) -> object:
    """Refuse what no address can begin with: links are made of it by adding to its end.

    >>> _public_url("https://afterword.example.org/pages/")
    'https://afterword.example.org/pages/'
    """
    if not (isinstance(value, str) and _PUBLIC.fullmatch(value)):
        raise ValueError(
            "write the address at which people open the pages, with http:// or https://, without "
            "user, query and fragment, like https://afterword.example.org"
        )
    return value


def _or_none(value: object) -> object:
    """An empty variable names no file: a path would take it for the current folder."""
    return None if value == "" else value


def _home() -> Path:
    """The checkout's own folder; of an installed package, the user's: updates replace the rest."""
    if not INSTALLED:
        return ROOT / ".afterword"
    from platformdirs import user_data_path

    return Path(user_data_path("afterword", appauthor=False))


class Settings(BaseSettings):
    """What an operator may change. docs/settings.md lists every field."""

    model_config = SettingsConfigDict(env_prefix="AFTERWORD_", frozen=True, extra="ignore")

    def __getstate__(self) -> dict[Any, Any]:
        """What goes to another process: what works on a stranger's file needs no password."""
        state = super().__getstate__()
        return {**state, "__dict__": {**state["__dict__"], "store_url": None, "channels": ()}}

    model_dir: Path = Field(SHIPPED_MODEL, description="Folder of the model in service.")
    deployment: Annotated[Path | None, BeforeValidator(_or_none)] = Field(
        SHIPPED_DATA / "deployment.toml",
        description="File that says what is classified, and how pages speak of it; empty for "
        "neutral pages.",
    )
    max_characters: int = Field(
        20_000,
        gt=0,
        description="Longest description that is read, in characters; longer ones are rejected.",
    )
    max_rows: int = Field(100_000, gt=0, description="Largest number of rows in one batch.")
    max_upload_mb: int = Field(50, gt=0, description="Largest batch file, in megabytes.")
    read_timeout_s: float = Field(
        30,
        gt=0,
        le=86_400,
        description="Seconds after which reading a file is given up.",
    )
    max_texts: int = Field(1_000, gt=0, description="Largest number of texts in one HTTP call.")
    max_call_characters: int = Field(
        2_000_000,
        gt=0,
        description="Largest number of characters in one HTTP call, all its texts together.",
    )
    max_body_mb: int = Field(
        12,
        gt=0,
        description="Largest body of one HTTP call, in megabytes; the default holds as many "
        "characters as a call may have, each of them escaped.",
    )
    mode: ModeName = Field(
        BALANCED,
        description="Way of deciding that is used unless a visitor or a call chooses another.",
    )
    alpha: float = Field(
        0.05,
        ge=0.01,
        le=0.2,
        description="Probability that a check of unchanged inputs raises an alarm.",
    )
    floors: dict[str, Annotated[float, Field(ge=0, le=4, allow_inf_nan=False)]] = Field(
        {},
        description="Smallest distance that counts as a change, per measure, as a JSON object.",
    )
    null_draws: int = Field(
        10_000,
        ge=200,
        description="Random splits of the training set from which the thresholds of the check "
        "are computed.",
    )
    home: Path = Field(
        _home(),
        description="Folder of the database and of the key with which unknown words are hashed.",
    )
    store_url: SecretStr | None = Field(
        None,
        description="SQLAlchemy URL of the database; SQLite in the home folder if unset.",
    )
    recording: bool = Field(True, description="Whether classifications and checks are recorded.")
    retention_days: int = Field(
        365, ge=1, le=36_500, description="Days after which recorded data are deleted."
    )
    channels: tuple[SecretStr, ...] = Field(
        (), description="Where alerts are sent, as a JSON list of Apprise addresses."
    )
    public_url: Annotated[str, BeforeValidator(_public_url)] = Field(
        "http://localhost:8501",
        description="Address of the pages in a browser; links in messages begin with it.",
    )
    allowed_hosts: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_host_names)] = Field(
        (), description="Host names under which the server answers, besides localhost."
    )
    addresses: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_addresses)] = Field(
        (), description="Beginnings of addresses on other machines that may be read as files."
    )
    source_url: SecretStr | None = Field(
        None, description="SQLAlchemy URL of a database whose rows are read by a query."
    )
    behind_proxy: bool = Field(
        False,
        description="Whether a proxy that encrypts, and asks who calls, stands before the server.",
    )
    chart_alarms: float = Field(
        2.0,
        ge=0.1,
        le=100,
        description="Expected false alarms a year, over all control charts together.",
    )
    false_alarms: float | None = Field(
        None,
        gt=0,
        allow_inf_nan=False,
        description="Expected false alarms a year of scheduled checks; if set, it replaces "
        "AFTERWORD_ALPHA for them.",
    )
    request_timeout_s: float = Field(
        60,
        gt=0,
        allow_inf_nan=False,
        description="Seconds after which the server ends an HTTP call without an answer.",
    )
    report_ahead_rows: int = Field(
        20_000,
        ge=0,
        description="Largest check, in rows, whose Evidently reports are drawn before anybody "
        "opens them; with 0 every report is drawn when it is opened.",
    )
    report_ttl_s: int = Field(
        3_600,
        gt=0,
        description="Seconds for which an Evidently report that was drawn for a page can "
        "be opened.",
    )
    report_shelf_mb: int = Field(
        200, gt=0, description="Memory for drawn Evidently reports, in megabytes."
    )


def is_local(address: str) -> bool:
    """Whether only programs of this machine reach a server that listens on an address.

    >>> is_local("127.0.0.1"), is_local("::ffff:127.0.0.1"), is_local("0.0.0.0"), is_local("")
    (True, True, False, False)
    """
    try:
        found = ip_address(address.strip("[]"))
    except ValueError:
        return address.lower() == "localhost"
    return (getattr(found, "ipv4_mapped", None) or found).is_loopback


def unprotected(address: str, settings: Settings) -> str:
    """Why a server may not listen on an address, in a sentence; "" if it may.

    Parameters
    ----------
    address : an address or a host name; "" stands for all that this machine has.
    settings : say whether a proxy asks who calls.
    """
    if settings.behind_proxy or is_local(address):
        return ""
    return (
        f"A server that listens on {address or 'every address'} answers everybody who reaches this "
        "machine, and asks nobody who they are: let it listen on localhost, or put it behind a "
        "proxy that encrypts and asks who calls, and set AFTERWORD_BEHIND_PROXY=true."
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
        return Settings()
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
