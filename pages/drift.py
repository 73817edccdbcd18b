"""Recent production inputs → the verdict, the measures, and Evidently's reports; past checks."""

import streamlit as st

from afterword.ui import copy, copy_watch, parts
from afterword.ui.drift import (
    ask_for_batch,
    check_once,
    offer_template,
    show_cards,
    show_distribution,
    show_kept,
    show_measures,
    show_reading,
    show_reports,
    show_verdict,
    show_words,
)
from afterword.ui.history import opens_first, show_past_checks
from afterword.ui.quality import show_quality
from afterword.ui.review import offer_review

parts.model_or_stop()

st.title(copy.DRIFT_TITLE)
st.write(copy.DRIFT_LEAD)

new, past = st.tabs(
    [copy_watch.CHECK_TAB, copy_watch.PAST_TAB],
    default=opens_first(),
    key="drift_tab",
    on_change="rerun",
)

with new:
    upload = ask_for_batch()
    if upload is None:
        offer_template()
    else:
        result = check_once(upload)
        show_verdict(result)
        offer_review(upload)
        show_kept(upload)
        show_cards(result)
        show_quality(result)
        show_measures(result)
        show_words(result)
        show_distribution(result)
        show_reading(upload, result)
        show_reports(upload.key, result)

if past.open:
    with past:
        show_past_checks()
