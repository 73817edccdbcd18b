"""What the service takes and answers, as records; its OpenAPI schema is made of them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field, WithJsonSchema

from afterword.api_page import EXAMPLE


class Texts(BaseModel):
    """Descriptions to classify."""

    # Any, so that one item that is no text spoils its own answer and not the others'.
    texts: list[Annotated[Any, WithJsonSchema({"type": "string"})]] = Field(
        min_length=1, examples=[[EXAMPLE]]
    )


class Category(BaseModel):
    """How one category fits a description."""

    probability: float = Field(description="Calibrated, from 0 to 1.", examples=[0.82])
    decision: bool = Field(description="Whether the probability reaches the threshold.")
    unsure: bool = Field(description="Whether the probability is close to the threshold.")


class Prediction(BaseModel):
    """The answer for one description: its categories, or the reason why there are none."""

    categories: dict[str, Category] | None = None
    error: str | None = None


class Predictions(BaseModel):
    """The answers, in the order of the texts."""

    model: str = Field(description="Which model answered.")
    predictions: list[Prediction]


class FormPrediction(BaseModel):
    """The answer for a form."""

    model: str = Field(description="Which model answered.")
    categories: dict[str, Category]


class Health(BaseModel):
    """Whether the service can answer."""

    status: str = Field(examples=["ok"])
    model: str = Field(description="Which model answers.")


class Failure(BaseModel):
    """Every error: one sentence that says what was wrong and what to do."""

    error: str
