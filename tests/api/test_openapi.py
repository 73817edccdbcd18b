"""Schemathesis against the service: whatever the schema allows, forbids or does not name."""

from __future__ import annotations

from pathlib import Path

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema
from starlette.applications import Starlette

from afterword.api.service import routes
from afterword.settings import Settings
from afterword.store import Store

CONFIG = Path(__file__).parents[2] / "schemathesis.toml"
EXAMPLES = 30


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
                    for checks in event.recorder.checks.values()
                    for check in checks
                    if check.failure_info is not None
                ]
    assert not found, "\n\n".join(dict.fromkeys(found))
    assert cases > 300
    assert {"coverage", "fuzzing", "stateful"} <= phases
