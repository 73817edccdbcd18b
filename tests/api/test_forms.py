"""Fields of forms that are not known, or stand twice."""

from __future__ import annotations

import pytest
from fastapi import HTTPException
from starlette.applications import Starlette
from starlette.datastructures import FormData
from starlette.testclient import TestClient

from afterword.api import checks, service
from afterword.api.forms import check_fields
from afterword.settings import Settings
from afterword.store import Store
from afterword.store.session_reports import SessionReports

SECRET = "zebrafinch stared at me"


def refusal(*names: str) -> str:
    form = FormData([(name, "value") for name in names])
    with pytest.raises(HTTPException) as caught:
        check_fields(form, checks.FIELDS, ("label",))
    assert caught.value.status_code == 422
    return str(caught.value.detail)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("colum", "column"), ("Column", "column"), ("labels", "label"),
        ("date-order", "date_order"),
        ("headerrow", "header_row"), ("sheets", "sheet"), ("times", "time"), ("Keep ", "keep"),
        ("timezone", "zone"),
    ],
)  # fmt: skip
def test_a_field_that_is_nearly_known_is_told_with_the_one_that_is(name: str, meant: str) -> None:
    said = refusal("file", name)
    assert said == f"Field 2 of the form is not known: perhaps {meant} is meant."


def test_a_field_of_a_usual_name_is_named_and_any_other_is_not() -> None:
    assert "The field description of the form is not known: send only file" in refusal(
        "description"
    )
    said = refusal("file", "column", SECRET)
    assert said.startswith("Field 3 of the form is not known: send only file, column, time,")
    assert SECRET not in said
    assert len(refusal("x" * 1_000_000)) < 200


def test_a_field_that_stands_twice_is_refused_unless_it_may() -> None:
    check_fields(FormData([("label", "a"), ("label", "b")]), checks.FIELDS, ("label",))
    assert (
        refusal("sheet", "time", "sheet")
        == "The form has the field sheet more than once: send it once."
    )


# ---------------------------------------------------------------- over HTTP


@pytest.fixture
def client(store: Store) -> TestClient:
    reports = SessionReports(60, 1_000)
    return TestClient(Starlette(routes=service.routes(None, reports, Settings(), store)))


CONTENT = b"text\nHe stared at me.\n" * 40


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"colum": "text"}, "perhaps column is meant"),
        ({"description": "text"}, "The field description"),
        ({"zone": ["UTC", "UTC"]}, "zone more than once"),
        ({"keep": ["false", "true"]}, "keep more than once"),
        ({"file": "text"}, "file more than once"),
        ({SECRET: SECRET}, "Field 1 of the form"),
    ],
)
def test_a_check_is_not_made_with_such_fields(
    client: TestClient, fields: dict[str, str | list[str]], word: str
) -> None:
    answer = client.post("/api/check", files={"file": ("week.csv", CONTENT)}, data=fields)
    assert answer.status_code == 422
    assert word in answer.json()["error"]
    assert "zebrafinch" not in answer.text
    assert client.get("/api/checks").json()["checks"] == []


@pytest.mark.parametrize("encoding", ["urlencoded", "multipart"])
@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ([("modes", "balanced")], "perhaps mode is meant"),
        ([("token", SECRET)], "send only review_text, mode"),
        ([("review_text", "He waved.")], "review_text more than once"),
        ([("mode", "nowhere")], "send balanced, find-more or be-sure"),
    ],
)
def test_a_text_is_not_answered_with_such_fields(
    client: TestClient, encoding: str, fields: list[tuple[str, str]], word: str
) -> None:
    sent = [("review_text", "He stared at me."), *fields]
    if encoding == "multipart":
        answer = client.post("/predict", files=[(name, (None, value)) for name, value in sent])
    else:
        many: dict[str, list[str]] = {}
        for name, value in sent:
            many.setdefault(name, []).append(value)
        answer = client.post("/predict", data=many)
    assert answer.status_code == 422
    assert word in answer.json()["error"]
    assert "zebrafinch" not in answer.text


def test_a_mode_that_is_none_is_told_as_that_in_json_too(client: TestClient) -> None:
    answer = client.post("/api/predict", json={"texts": ["He stared."], "mode": "nowhere"})
    assert (answer.status_code, "find-more" in answer.json()["error"]) == (422, True)
