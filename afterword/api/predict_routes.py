"""Routes that classify: a list of texts as JSON, and the text of a form."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import FastAPI, Form, HTTPException, Request

from afterword.api import wording
from afterword.api.docs_page import EXAMPLE
from afterword.api.failures import responses
from afterword.api.forms import check_fields
from afterword.api.predictions import Work
from afterword.api.schemas import MODE, FormPrediction, Predictions, Texts
from afterword.deployment import TEXTS
from afterword.settings import ModeName

FIELDS: Final = ("review_text", "mode", "stream")

_MOST_FIELDS: Final = 100
"""Of a form that is looked at, to say which of its fields is not known."""

_BYTES_PER_CHARACTER: Final = 12
"""At most: four in UTF-8, and each of these percent-encoded as three."""


def add_predict_routes(app: FastAPI, work: Work) -> None:
    """Add the routes /api/predict and /predict."""
    settings = work.settings

    @app.post(
        "/api/predict",
        summary=f"Classify {TEXTS}",
        description=(
            f"Up to {settings.max_texts:,} texts of {settings.max_characters:,} characters each, "
            f"and of {settings.max_call_characters:,} characters together. "
            "A text that cannot be classified gets an error in place of categories; the "
            "others are answered."
        ),
        responses=responses(400, 404, 408, 413, 415, 422, 500, 503, 504),
        response_model_exclude_none=True,
    )
    async def predict(body: Texts) -> Predictions:
        if len(body.texts) > settings.max_texts:
            raise HTTPException(413, wording.too_many_texts(settings.max_texts))
        characters = sum(len(text) for text in body.texts if isinstance(text, str))
        if characters > settings.max_call_characters:
            raise HTTPException(413, wording.too_many_characters(settings.max_call_characters))
        stream = await work.stream_of(body.stream)
        answer = await work.predict(body.texts, body.mode, stream=stream)
        return Predictions(
            model=answer.model, predictions=answer.predictions, recorded=answer.recorded
        )

    @app.post(
        "/predict",
        summary="Classify the text of a form",
        description="Takes review_text, mode and stream, urlencoded or multipart; no files.",
        responses=responses(400, 404, 408, 413, 415, 422, 500, 503, 504),
        # A file would be spooled to the disk; what is longer than a text can be is not decoded.
        form_limits={
            "max_files": 0,
            "max_fields": _MOST_FIELDS,
            "max_part_size": settings.max_characters * _BYTES_PER_CHARACTER + 1_000,
        },
    )
    async def predict_form(
        request: Request,
        review_text: Annotated[str, Form(examples=[EXAMPLE])],
        mode: Annotated[ModeName | None, Form(description=MODE)] = None,
        stream: Annotated[str | None, Form(description=wording.STREAM)] = None,
    ) -> FormPrediction:
        check_fields(await request.form(), FIELDS)
        named = await work.stream_of(stream or None)
        answer, categories = await work.predict_one(review_text, mode, named)
        return FormPrediction(model=answer.model, categories=categories, recorded=answer.recorded)
