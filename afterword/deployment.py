"""What depends on what is classified, from one small file of the deployment.

The setting ``AFTERWORD_DEPLOYMENT`` names the file; docs/deployment-file.md tells every field. An
empty setting means none: then pages, documents and messages speak of texts and cases, with no
example, no sample, no help link and no exit.

>>> Deployment(text=Nouns(a="an e-mail", many="e-mails")).text.one
'e-mail'
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from afterword.errors import SettingsError
from afterword.settings import Settings, get_settings

_MARK_UP: Final = re.compile(r"[\\`*_{}\[\]<>#|~$&\n\r\t]|:\S|^\s*([-+=]|\d+[.)])|@|www\.")


def _plain(text: str) -> str:
    """Refuse what Markdown would read as mark-up, because pages show it among Markdown."""
    found = _MARK_UP.search(text)
    if found:
        raise ValueError(f"write it without {found[0]!r}, which pages would read as mark-up")
    return text


def _address(url: str) -> str:
    if url and not re.fullmatch(r"https?://[^\s()<>\[\]\"'\\]+", url):
        raise ValueError("write an address that begins with https://")
    return url


Plain = Annotated[str, AfterValidator(_plain)]
Url = Annotated[str, AfterValidator(_address)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Nouns(_Part):
    """What one thing is called, with its article, and what several are called."""

    a: Annotated[str, Field(pattern=r"^an? [^\W_]+([ '’-][^\W_]+)*$")]
    many: Annotated[str, Field(pattern=r"^[^\W_]+([ '’-][^\W_]+)*$")]

    @property
    def one(self) -> str:
        """The noun without its article."""
        return self.a.partition(" ")[2]


class Care(_Part):
    """For those whom the texts may hurt. What is "" is not shown."""

    note: Plain = ""
    help_text: Plain = "find someone to talk to"
    help_url: Url = ""
    exit_url: Url = ""


class Example(_Part):
    """An invented text to try, and what its button says."""

    title: Plain
    text: str


class Sample(_Part):
    """A file of the folder ``samples`` beside the deployment's, named without its ending."""

    file: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]
    title: Plain
    shows: Plain


class TemplateRow(_Part):
    """An invented row of the template, and the category that it shows as predicted."""

    text: str
    received_at: str = "2024-05-06 08:15"
    category: str = ""


class Template(_Part):
    """The file to fill in that the page Drift offers."""

    column: str = "text"
    rows: tuple[TemplateRow, ...] = (
        TemplateRow(text="The first text."),
        TemplateRow(text="The second text."),
    )


class Http(_Part):
    """What the documentation of the HTTP service says and shows."""

    summary: str = "Categories for short texts."
    example: str = "A text to classify"
    category: str = "A category"


class Deployment(_Part):
    """What is classified, and what is offered beside it; the defaults are neutral."""

    question: Plain = "Which categories does a text belong to?"
    label_question: Plain = "Which categories apply? Choose all that do."
    placeholder: str = ""
    text: Nouns = Nouns(a="a text", many="texts")
    finding: Nouns = Nouns(a="a case", many="cases")
    verb: Annotated[str, Field(pattern=r"^[^\W_]+( [^\W_]+)*$")] = "have"
    care: Care = Care()
    examples: tuple[Example, ...] = ()
    samples: tuple[Sample, ...] = ()
    sample_weeks: bool = False
    template: Template = Template()
    http: Http = Http()


def read_deployment(file: Path | None) -> Deployment:
    """Read a deployment's file.

    Parameters
    ----------
    file : in TOML; None for the neutral deployment.

    Raises
    ------
    SettingsError
        The file cannot be read, or a field of it is wrong; the message names the field.
    """
    if file is None:
        return Deployment()
    try:
        content = tomllib.loads(file.read_text("utf-8"))
    except OSError:
        raise SettingsError(
            "The file that AFTERWORD_DEPLOYMENT names cannot be read. Name another one, or set it "
            "to nothing for neutral pages."
        ) from None
    except UnicodeDecodeError:
        raise SettingsError(
            "The file that AFTERWORD_DEPLOYMENT names is no text in UTF-8: name a file in TOML."
        ) from None
    except ValueError as error:
        raise SettingsError(
            f"The file that AFTERWORD_DEPLOYMENT names is no TOML: {error}."
        ) from None
    try:
        return Deployment.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        raise SettingsError(
            f"The file that AFTERWORD_DEPLOYMENT names has a field that there is not: {field}. "
            "docs/deployment-file.md tells every field."
        )
    raise SettingsError(
        f"The field {field} of the file that AFTERWORD_DEPLOYMENT names is not valid: "
        f"{first['msg'].removeprefix('Value error, ')}."
    )


@cache
def get_deployment() -> Deployment:
    """Return this process's deployment, whose file is read once.

    Raises
    ------
    SettingsError
        The file, or a setting, is not valid.
    """
    return read_deployment(get_settings().deployment)


def _for_sentences() -> Deployment:
    """The deployment; the neutral one where its file is wrong, which every door says at once."""
    try:
        # Not the settings that are kept: who imports this may still be about to make them.
        return read_deployment(Settings().deployment)
    except (ValueError, SettingsError):
        return Deployment()


WORDS: Final = _for_sentences()
"""The deployment, for sentences that are constants."""
TEXT: Final = WORDS.text.one
TEXTS: Final = WORDS.text.many
A_TEXT: Final = WORDS.text.a
FINDING: Final = WORDS.finding.one
FINDINGS: Final = WORDS.finding.many
REPORT: Final = WORDS.verb
"""What texts do with a category: they "report" it, or "have" it."""
