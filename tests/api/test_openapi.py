"""Schemathesis against the service: whatever the schema allows, forbids or does not name."""

from __future__ import annotations

from pathlib import Path

import pytest
import schemathesis
from schemathesis import Case
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema
from starlette.applications import Starlette
from starlette.testclient import TestClient

from afterword.api.service import routes
from afterword.settings import Settings
from afterword.store import Store

CONFIG = Path(__file__).parents[2] / "schemathesis.toml"
EXAMPLES = 30


@pytest.mark.whole
def test_schemathesis_finds_nothing(store: Store) -> None:
    server = Starlette(routes=routes(settings=Settings(), store=store))
    config = SchemathesisConfig.from_path(CONFIG)
    config.update(seed=1, max_failures=None)  # a failure here is one that can be made again
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", server, config=config)
    schema.config.generation.update(max_examples=EXAMPLES)
    found, cases, phases = [], 0, set()
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            found.append(str(event))
        if isinstance(event, events.ScenarioFinished):
            cases += len(event.recorder.cases)
            phases.add(event.phase.value)
            if event.status in (Status.FAILURE, Status.ERROR):
                found += [
                    f"{event.recorder.label}: {check.failure_info.failure}"
                    for case, checks in event.recorder.checks.items()
                    for check in checks
                    if check.failure_info is not None
                    and not _leaves_mode_empty(event.recorder.cases[case].value)
                ]
    assert not found, "\n\n".join(dict.fromkeys(found))
    assert cases > 300
    assert {"coverage", "fuzzing", "stateful"} <= phases


def _leaves_mode_empty(case: Case) -> bool:
    """A form sends an empty field where nobody chose: the service takes it for one left out."""
    return case.path == "/predict" and isinstance(case.body, dict) and case.body.get("mode") == ""


def test_a_form_whose_mode_is_empty_is_answered_as_one_without_it(store: Store) -> None:
    with TestClient(Starlette(routes=routes(settings=Settings(), store=store))) as client:
        sent = {"review_text": "He kept staring at me."}
        answers = [client.post("/predict", data=sent | more) for more in ({}, {"mode": ""})]
    assert answers[0].status_code == 200
    assert answers[1].json() == answers[0].json()
