"""What :func:`parts.escape` makes of a name is that name, in every call that reads Markdown."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import settle
from tests.pages.test_escape import NAMES
from tests.servers import environment, free_port, serving

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
MORE = (
    "![a](//127.0.0.1:9/x)", "[x](http://127.0.0.1:9/)", "<img src=http://127.0.0.1:9/w>",
    "HTTP://a.org", "mailto:a@b.c", "xmpp:a@b.c/x", "x WWW.a.org.", "<http://a.org>", ":+1:",
    ":blue-badge[x]", ":small[x]", "::note[x]", "[^1]: x", "[x]: http://127.0.0.1:9/z", "$$x$$",
    "~~~ x", "- [ ] x", "|a| - |b|", "--- x", "=== x", "3) x", "\u202eabc", "&#33;", "*x* **y**",
    "a.b@c.d:www.x.org:smile:", "http://www.a.org:80/:smile:/@x", "{x} %{x} ${x}", "1986. x",
)  # fmt: skip
PAGE = """
import json, sys
import pandas as pd
import streamlit as st
from afterword.ui.shared.parts import escape

for place, name in enumerate(json.loads(NAMES)):
    told = escape(name)
    with st.container(key=f"name_{place}"):
        st.markdown(told)
        st.markdown(f"**{told}**")
        st.markdown(f"- {told}\\n- {told}")
        st.markdown(f"1. {told}")
        st.caption(told)
        st.header(told, anchor=False)
        st.metric(told, "1", help=told)
        st.error(told)
        st.button(told, key=f"button_{place}")
        st.checkbox(told, key=f"checkbox_{place}")
        st.radio(told, [told], key=f"radio_{place}")
        st.segmented_control(told, [name], format_func=escape, key=f"control_{place}")
        st.tabs([told])
        st.expander(told, key=f"expander_{place}")
        st.table(pd.DataFrame({"name": [told]}), hide_index=True)
        st.selectbox(told, [name], key=f"select_{place}")
"""
LOOK = """place => {
    const shown = document.querySelector(".st-key-name_" + place);
    const made = "a, img, .katex, script, del, em, code, h1, h3, h4, blockquote, hr, ul ul, ol ol, "
        + "[data-testid=stMarkdownContainer] [data-testid=stIconMaterial]";
    const texts = shown.querySelectorAll("[data-testid=stMarkdownContainer]");
    return [[...shown.querySelectorAll(made)].map(one => one.outerHTML),
        [...texts].map(one => one.textContent)];
}"""
CALLS = 16


def test_every_call_shows_a_name_as_it_is(tmp_path: Path, browser: Browser) -> None:
    names = [*NAMES, *MORE]
    script = tmp_path / "names.py"
    script.write_text(f"NAMES = {json.dumps(json.dumps(names))}\n{PAGE}", encoding="utf-8")
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    command += ["--server.headless", "true", "--browser.gatherUsageStats", "false"]
    with serving(
        command, port, tmp_path / "log.txt", ROOT, environment(PYTHONPATH=str(ROOT)),
        health="/_stcore/health",
    ) as url:  # fmt: skip
        page = browser.new_page()
        asked: list[str] = []
        page.on("request", lambda one: asked.append(one.url))
        page.goto(url)
        expect(page.locator(f".st-key-name_{len(names) - 1}")).to_be_visible()
        settle(page)
        # Each kind of element is fetched when it is first shown.
        for kind in (
            "stTable",
            "stRadio",
            "stExpander",
            "stSelectbox",
            "stButtonGroup",
            "stMetric",
        ):
            expect(page.get_by_test_id(kind)).to_have_count(len(names))
        for place, name in enumerate(names):
            made, texts = page.evaluate(LOOK, place)
            wanted = " ".join(name.split())
            assert made == [], name
            assert len(texts) >= CALLS
            shown = [" ".join(one.split()) for one in texts]
            assert [one for one in shown if wanted not in one and one not in ("1", "name")] == []
        page.close()
    assert not [one for one in asked if not one.startswith((url, "data:"))]
