"""What the service takes and answers, as records; its OpenAPI schema is made of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from afterword import settings
from afterword.api import wording
from afterword.api.docs_page import EXAMPLE
from afterword.settings import ModeName

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


AT: Final = "When it was made, UTC; of a trial that was made to count, since when it does."


class CheckLine(BaseModel):
    """A check that was kept, in a line."""

    id: int
    at: datetime = Field(description=AT)
    source: str = Field(description="page, http, command, schedule or sample.")
    model: str = Field(description="Which model scored the rows.")
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

    id: int | None = Field(description="Number of the check, if it was kept.")
    recorded: bool = Field(description=RECORDED)
    trial: bool = Field(description=TRIAL)
    model: str = Field(description="Which model scored the rows.")
    stream: str | None = Field(None, description=wording.OF_STREAM)


class CheckWhole(CheckContent):
    """A check that was kept, with all that it found."""

    id: int
    at: datetime = Field(description=AT)
    source: str = Field(description="page, http, command, schedule or sample.")
    model: str = Field(description="Which model scored the rows.")
    window: list[datetime] | None = Field(
        description="First and last time, for a check of what the store held."
    )
    sample: bool
    trial: bool = Field(description=TRIAL)
    stream: str | None = Field(None, description=wording.OF_STREAM)
    stream_period: str | None = Field(None, description=wording.STREAM_PERIOD)


class Failure(BaseModel):
    """Every error: one sentence that says what was wrong and what to do."""

    error: str
