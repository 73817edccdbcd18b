"""What the service takes and answers, as records; its OpenAPI schema is made of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from afterword import settings
from afterword.api import wording
from afterword.api.docs_page import EXAMPLE
from afterword.settings import ModeName
from afterword.store.stream_records import Cadence

TRIAL: Final = (
    f"Whether it is a trial: kept for {settings.TRIAL.days} days, and counted nowhere, neither as "
    "the last verdict nor by an alert rule."
)
MODE: Final = "How decisions are made; the service's own mode if left out."


class Texts(BaseModel):
    """Descriptions to classify."""

    # Any, so that one item that is no text spoils its own answer and not the others'.
    texts: list[Any] = Field(
        min_length=1,
        description="Each a string; whatever else it is gets its own error.",
        examples=[[EXAMPLE]],
    )
    mode: ModeName | None = Field(None, description=MODE)
    stream: str | None = Field(None, description=wording.STREAM)


class Category(BaseModel):
    """How one category fits a description."""

    probability: float = Field(description="Calibrated, from 0 to 1.", examples=[0.82])
    decision: bool = Field(description="Whether the probability reaches the threshold.")
    unsure: bool = Field(
        description="Whether the probability is too close to the threshold for what the model "
        "promises of answers that are not unsure; an alarm of the last check withdraws that."
    )


class Prediction(BaseModel):
    """The answer for one description: its categories, or the reason why there are none."""

    categories: dict[str, Category] | None = None
    error: str | None = None


RECORDED = "Whether this call is durably in the store; if not, only this answer tells of it."


class Predictions(BaseModel):
    """The answers, in the order of the texts."""

    model: str = Field(description="Which model answered.")
    predictions: list[Prediction]
    recorded: bool = Field(description=RECORDED)


class FormPrediction(BaseModel):
    """The answer for a form."""

    model: str = Field(description="Which model answered.")
    categories: dict[str, Category]
    recorded: bool = Field(description=RECORDED)


class Health(BaseModel):
    """Whether the service can answer."""

    status: str = Field(examples=["ok"])
    model: str = Field(description="Which model answers.")


class Ready(BaseModel):
    """Whether the service can answer, and record what it answers."""

    status: str = Field(description='"ready" or "not ready".', examples=["ready"])
    model: str = Field(description="Which model answers, verified; empty if there is none.")
    store: str = Field(description='"writable", "not writable", or "off" if nothing is recorded.')


NUMBER: Final = "Number of the check, if it was kept."
SCORED_BY: Final = "Which model scored the rows."
AT: Final = "When it was made, UTC; of a trial that was made to count, since when it does."


class CheckLine(BaseModel):
    """A check that was kept, in a line."""

    id: int
    at: datetime = Field(description=AT)
    source: str = Field(description="page, http, command, schedule or sample.")
    model: str = Field(description=SCORED_BY)
    level: str = Field(description="stable, changed, faulty or too_few.")
    alarm: bool = Field(description="Whether somebody has to look.")
    alpha: float = Field(description="Chance of a false alarm that the thresholds hold.")
    headline: str
    rows: int = Field(description="Rows that were read.")
    accepted: int = Field(description="Rows that were compared.")
    window: list[datetime] | None = Field(
        description="First and last time, for a check of what the store held."
    )
    sample: bool
    trial: bool = Field(description=TRIAL)
    stream: str | None = Field(None, description=wording.OF_STREAM)
    stream_period: str | None = Field(None, description=wording.STREAM_PERIOD)


class CheckLines(BaseModel):
    """The checks that were kept, newest first."""

    checks: list[CheckLine]


class CheckContent(BaseModel):
    """What a check found; there is no text of a description in it."""

    model_config = ConfigDict(extra="allow")

    level: str = Field(description="stable, changed, faulty or too_few.")
    alarm: bool = Field(description="Whether somebody has to look.")
    alpha: float = Field(description="Chance of a false alarm that the thresholds hold.")
    headline: str
    reasons: list[str] = Field(description="At most three sentences, largest first.")
    actions: list[str] = Field(description="What to do, in order.")
    remarks: list[str] = []
    limits: list[str] = Field(description="What the check could have seen.")
    rows: int = Field(description="Rows that were read.")
    accepted: int = Field(description="Rows that were compared.")
    rejections: dict[str, int] = Field(description="Reason to rows that were rejected for it.")
    period: list[str] | None = Field(description="First and last time in the file, if it tells.")
    measures: list[dict[str, Any]]
    words: list[dict[str, Any]] = Field(description="Words that changed, largest change first.")
    detectable: list[dict[str, Any]]
    missing: list[str] = Field(description="Measures that scored rows cannot have.")
    estimate: dict[str, Any] | None = Field(
        None, description="What the probabilities let expect of the decisions, without labels."
    )
    shares: list[dict[str, Any]] = Field(default=[], description=wording.SHARES_FIELD)
    quality: dict[str, Any] | None = Field(
        None, description="What the file's own labels say of the decisions, if it has them."
    )
    by: str | None = Field(None, description=wording.BY_RESULT)
    segments: list[dict[str, Any]] = Field([], description=wording.SEGMENTS)


class ReadingChoice(BaseModel):
    """One thing that was understood of a file."""

    of: str = Field(description=wording.CHOICE_OF)
    value: Any = Field(description=wording.CHOICE_VALUE)
    sentence: str = Field(description=wording.CHOICE_SENTENCE)
    doubtful: bool = Field(description=wording.CHOICE_DOUBTFUL)
    others: list[str] = Field(description=wording.CHOICE_OTHERS)


class CheckMade(CheckContent):
    """The verdict on a file."""

    reading: list[ReadingChoice] = Field(description=wording.READING)

    id: int | None = Field(description=NUMBER)
    recorded: bool = Field(description=RECORDED)
    trial: bool = Field(description=TRIAL)
    model: str = Field(description=SCORED_BY)
    stream: str | None = Field(None, description=wording.OF_STREAM)


class CheckWhole(CheckContent):
    """A check that was kept, with all that it found."""

    id: int
    at: datetime = Field(description=AT)
    source: str = Field(description="page, http, command, schedule or sample.")
    model: str = Field(description=SCORED_BY)
    window: list[datetime] | None = Field(
        description="First and last time, for a check of what the store held."
    )
    sample: bool
    trial: bool = Field(description=TRIAL)
    stream: str | None = Field(None, description=wording.OF_STREAM)
    stream_period: str | None = Field(None, description=wording.STREAM_PERIOD)


class NewStream(BaseModel):
    """A stream to make."""

    name: str = Field(description=wording.STREAM_NAME, min_length=1, examples=["Web form"])
    cadence: Cadence = Field("week", description=wording.STREAM_CADENCE)
    zone: str = Field("UTC", description=wording.STREAM_ZONE, examples=["Europe/Berlin"])


class StreamLine(BaseModel):
    """A stream, and what it holds."""

    name: str
    cadence: str = Field(description=wording.STREAM_CADENCE)
    zone: str = Field(description=wording.STREAM_ZONE)
    reference: dict[str, Any]
    created: datetime | None
    days: int = Field(description=wording.STREAM_DAYS)
    first: str | None
    last: str | None
    last_check: dict[str, Any] | None = Field(description=wording.LAST_CHECK)


class StreamLines(BaseModel):
    """The streams, that of the service first."""

    streams: list[StreamLine]


class StreamPeriod(BaseModel):
    """A period of a stream to check."""

    stream: str = Field(min_length=1)
    period: str | None = Field(None, description=wording.PERIOD_FIELD, examples=["2026-W47"])
    first: str | None = Field(None, description=wording.FIRST_FIELD)
    last: str | None = Field(None, description=wording.LAST_FIELD)


class StreamChecked(CheckContent):
    """The verdict on a period of a stream."""

    id: int | None = Field(description=NUMBER)
    recorded: bool = Field(description=RECORDED)
    model: str = Field(description=SCORED_BY)
    stream: str
    stream_period: str = Field(description=wording.STREAM_PERIOD)
    window: list[datetime]


class RowsAdded(BaseModel):
    """What became of the rows of a file."""

    stream: str
    rows: int = Field(description=wording.COUNTED_ROWS)
    first: str | None
    last: str | None
    periods: list[str]
    rejected: int
    known: int = Field(description=wording.KNOWN_ROWS)
    undated: int = Field(description=wording.UNDATED_ROWS)
    later: int = Field(description=wording.LATER_ROWS)
    left_out: dict[str, int] = Field(description=wording.LEFT_OUT)
    files: int
    known_files: int
    id_column: str
    notes: list[str] = Field(description=wording.ADDED_NOTES)


class Failure(BaseModel):
    """Every error: one sentence that says what was wrong and what to do."""

    error: str
