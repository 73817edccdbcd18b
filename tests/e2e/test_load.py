"""Ten thousand predictions from twenty clients, while somebody uses the pages."""

from __future__ import annotations

import http.client
import json
import multiprocessing
import os
import re
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from itertools import chain, cycle
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from prometheus_client.parser import text_string_to_metric_families

from afterword.monitoring.monitor import monitor
from afterword.monitoring.windows import window_of
from afterword.store import Store
from afterword.ui.copy import classify as classify_copy
from afterword.ui.copy import drift as drift_copy
from afterword.ui.copy import monitoring as monitoring_copy
from tests.conftest import invented
from tests.e2e.conftest import Server, Visit, serving, settle
from tests.stores import events

pytestmark = [pytest.mark.browser, pytest.mark.load]

CALLS = int(os.environ.get("AFTERWORD_LOAD", "10000"))
"""Fewer where a full load would take too long; the figures are then not those of the README."""
WARM = 200
"""Of these, sent before the clock starts, so that Monitoring has something to draw."""
PROCESSES = 2
CLIENTS = 20
SWITCH_S = 1.0
TITLES = (drift_copy.TITLE, classify_copy.TITLE, monitoring_copy.TITLE)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for a store in which nothing else is recorded."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def server(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of this test's own."""
    with serving(tmp_path_factory, AFTERWORD_HOME=str(home)) as running:
        yield running


def call_in_turn(address: str, texts: list[str]) -> list[tuple[float, bool]]:
    """Send texts one by one over one connection: seconds of each, and whether it was recorded."""
    host = urlsplit(address)
    line = http.client.HTTPConnection("127.0.0.1", host.port, timeout=60)
    done = []
    for text in texts:
        body = json.dumps({"texts": [text]})
        started = time.perf_counter()
        line.request("POST", "/api/predict", body, {"Content-Type": "application/json"})
        answer = line.getresponse()
        content = json.loads(answer.read())
        assert answer.status == 200, content
        assert content["predictions"][0]["categories"]
        done.append((time.perf_counter() - started, content["recorded"]))
    line.close()
    return done


def call_at_once(address: str, texts: list[str], clients: int) -> list[tuple[float, bool]]:
    """Share texts among clients that all send at the same time."""
    with ThreadPoolExecutor(clients) as pool:
        parts = pool.map(lambda n: call_in_turn(address, texts[n::clients]), range(clients))
        return list(chain.from_iterable(parts))


def switch_pages(page: Page, *until: Future[list[tuple[float, bool]]]) -> list[tuple[float, str]]:
    """Go from page to page until the load is over: seconds from click to title, and which."""
    took: list[tuple[float, str]] = []
    for title in cycle(TITLES):
        if all(one.done() for one in until):
            return took
        started = time.perf_counter()
        page.get_by_test_id("stTopNavLink").filter(has_text=title).click()
        expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
        took.append((time.perf_counter() - started, title))
        settle(page)
    return took


def shown_on_monitoring(page: Page) -> tuple[int, int]:
    """THE NUMBERS OF THE PAGE: descriptions and calls, as Monitoring's own sentence says them."""
    page.get_by_test_id("stTopNavLink").filter(has_text=monitoring_copy.TITLE).click()
    expect(page.get_by_role("heading", level=1, name=monitoring_copy.TITLE)).to_be_visible()
    settle(page)
    page.reload()
    sentence = page.get_by_text(re.compile(r"descriptions? in [\d,]+ calls?"))
    expect(sentence).to_be_visible()
    found = re.search(r"([\d,]+) descriptions? in ([\d,]+) calls?", sentence.inner_text())
    assert found is not None
    return int(found[1].replace(",", "")), int(found[2].replace(",", ""))


def counted(server: Server) -> dict[str, float]:
    """What /metrics counts of predictions."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{server.url}/metrics", timeout=30) as answer:
        text = answer.read().decode()
    return {
        "/".join([one.name, *one.labels.values()]): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
        if "predict" in one.name or "/api/predict" in one.labels.values() or "recorded" in one.name
    }


def test_store_metrics_and_page_agree_after_a_load_and_the_pages_stay_quick(
    visit: Visit, server: Server, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = invented(400)["description"].tolist()
    texts = [f"{texts[n % 400]} It was {n % 12 + 1} o'clock." for n in range(CALLS)]
    page = visit("/classify")
    # The first showing of a page, and of its first chart, loads what it needs: not a switch.
    answers = call_at_once(server.url, texts[:WARM], CLIENTS)
    for title in (*TITLES, *TITLES, *TITLES):
        page.get_by_test_id("stTopNavLink").filter(has_text=title).click()
        expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
        settle(page)
        page.wait_for_load_state("networkidle")

    rest = texts[WARM:]
    spawn = multiprocessing.get_context("spawn")
    started = time.perf_counter()
    with ProcessPoolExecutor(PROCESSES, spawn) as pool:
        load = [
            pool.submit(call_at_once, server.url, rest[n::PROCESSES], CLIENTS // PROCESSES)
            for n in range(PROCESSES)
        ]
        switches = switch_pages(page, *load)
        answers += [one for part in load for one in part.result()]
    seconds = time.perf_counter() - started

    latencies = np.array([latency for latency, _ in answers[WARM:]])
    with capsys.disabled():
        print(
            f"\n{CALLS:,} predictions from {CLIENTS} clients in {seconds:.1f} s "
            f"({(CALLS - WARM) / seconds:.0f} a second): p50 {1e3 * np.median(latencies):.0f} ms, "
            f"p95 {1e3 * np.quantile(latencies, 0.95):.0f} ms, "
            f"longest {1e3 * latencies.max():.0f} ms; {len(switches)} page switches, "
            f"median {np.median([took for took, _ in switches]):.2f} s, longest: "
            + ", ".join(f"{title} {took:.2f} s" for took, title in sorted(switches)[-3:])
        )
    assert len(answers) == CALLS
    assert sum(recorded for _, recorded in answers) == CALLS

    store = Store(f"sqlite:///{home / 'afterword.db'}", home / "store.key")
    seen = monitor(store, window_of("week"))
    assert (events(store), seen.descriptions, seen.calls) == (CALLS, CALLS, CALLS)
    store.close()
    found = counted(server)
    assert found["afterword_requests_total/POST//api/predict/200"] == CALLS
    assert found["afterword_request_seconds_count//api/predict"] == CALLS
    assert found["afterword_predictions_total/answered"] == CALLS
    assert found["afterword_recorded_total/true"] == CALLS
    assert shown_on_monitoring(page) == (CALLS, CALLS)
    assert max(switches)[0] < SWITCH_S, sorted(switches)[-10:]
