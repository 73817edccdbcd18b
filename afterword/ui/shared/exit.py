"""The quick exit: one click, or Shift three times, and the page is blank and then another one.

After the "Exit this page" pattern of the GOV.UK Design System: the page is blanked before the
neutral site is asked for, because that can take seconds on a slow line.
"""

from __future__ import annotations

import json

import streamlit as st

from afterword.ui.copy import shared as copy

KEPT_AS = "afterword-review"
"""Under this name a browser's tab keeps the token of its review: never in the address, which
histories and logs keep. It is all that Afterword keeps in a browser."""

_WITHIN_MS = 5_000
"""Three presses count if they come within this time, with no other key between."""

_STYLE = """
<style>
.afterword-exit {
  position: fixed; z-index: 1000000; right: 1rem; bottom: 1rem;
  padding: .6rem 1rem; border-radius: .5rem; border: 2px solid #fff;
  background: #a1161f; color: #fff; font: 600 1rem/1.2 sans-serif; cursor: pointer;
  text-align: center; box-shadow: 0 1px 6px rgba(0,0,0,.35);
}
.afterword-exit small { display: block; font-weight: 400; font-size: .8rem; }
.afterword-exit:focus-visible { outline: 3px solid #ffbf47; outline-offset: 2px; }
/* It hovers, so its place on the page stays empty: without this there would be a gap. */
.stElementContainer:has(.afterword-exit) { position: absolute; }
@media (max-width: 640px) {
  .afterword-exit { left: 0; right: 0; bottom: 0; border-radius: 0; width: 100%; }
  .stMainBlockContainer { padding-bottom: 6rem; }
}
@media (hover: none) { .afterword-exit small { display: none; } }
@media print { .afterword-exit { display: none; } }
</style>
"""

_SCRIPT = """
<script>
(() => {
  if (window.afterwordExit) return;
  window.afterwordExit = true;
  const leave = () => {
    // Whoever comes back by the browser's button finds no review that goes on.
    try { sessionStorage.removeItem("KEPT_AS"); } catch { /* nothing was kept */ }
    const sheet = document.createElement("div");
    sheet.id = "afterword-left";
    sheet.style.cssText = "position:fixed;inset:0;background:#fff;z-index:2147483647";
    document.body.replaceChildren(sheet);
    // A chart that is still being drawn would put parts of itself back.
    new MutationObserver(() => {
      if (document.body.childNodes.length > 1) document.body.replaceChildren(sheet);
    }).observe(document.body, { childList: true });
    document.title = "\\u200b";
    window.location.replace(SITE);
  };
  let presses = [];
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Shift") { presses = []; return; }
    if (event.repeat) return;
    const now = Date.now();
    presses = presses.filter((then) => now - then < WITHIN).concat(now);
    if (presses.length >= 3) leave();
  }, true);
  document.addEventListener("click", (event) => {
    if (event.target.closest && event.target.closest(".afterword-exit")) leave();
  }, true);
})();
</script>
"""


def quick_exit() -> None:
    """Put the exit on the page, if there is one; it works before, during and after a rerun."""
    if not copy.EXIT_URL:
        return
    button = (
        f'<button type="button" class="afterword-exit">{copy.EXIT_BUTTON}'
        f"<small>{copy.EXIT_HINT}</small></button>"
    )
    script = (
        _SCRIPT.replace("SITE", json.dumps(copy.EXIT_URL))
        .replace("WITHIN", str(_WITHIN_MS))
        .replace("KEPT_AS", KEPT_AS)
    )
    st.html(_STYLE + button + script, unsafe_allow_javascript=True)
