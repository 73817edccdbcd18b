"""Recent production inputs → the verdict, and in tabs what it rests on; past checks."""

import streamlit as st

from afterword.ui.copy import drift as copy
from afterword.ui.copy import drift_past_checks as past_checks_copy
from afterword.ui.copy import drift_segments as segments_copy
from afterword.ui.drift.passing_on import about, offer
from afterword.ui.drift.past_checks import opens_first, show_past_checks
from afterword.ui.drift.quality import show_quality, show_shares
from afterword.ui.drift.reports import begin_reports, get_ready, kind_of, show_report
from afterword.ui.drift.segments import in_parts, show_segments
from afterword.ui.drift.view import (
    ask_about_labels,
    ask_for_batch,
    check_once,
    offer_template,
    open_tab,
    show_distribution,
    show_line,
    show_measures,
    show_reading,
    show_reasons,
    show_verdict,
    show_words,
)
from afterword.ui.review.view import offer_review, remember
from afterword.ui.shared import parts

parts.model_or_stop()

parts.head(copy.TITLE, copy.LEAD, "check-a-batch")

new, past = st.tabs(
    [past_checks_copy.CHECK_TAB, past_checks_copy.PAST_TAB],
    default=opens_first(),
    key="drift_tab",
    on_change="rerun",
)

with new:
    upload = ask_for_batch()
    if upload is None:
        offer_template()
        get_ready()
    else:
        line = show_line(upload)
        key, result = in_parts(upload, check_once(upload))
        remember(upload)
        show_verdict(upload, result)
        ask_about_labels(upload, result, line)
        begin_reports(key, result, about(upload))

if new.open and upload is not None:
    name, place = open_tab(new, result)
    with place:
        match name:
            case copy.VERDICT_TAB:
                show_shares(result)
                show_reasons(result)
                offer(upload, result)
                offer_review(upload)
            case copy.CHANGED_TAB:
                show_measures(result)
                show_distribution(result)
            case copy.WORDS_TAB:
                show_words(result)
            case segments_copy.TAB:
                show_segments(upload, result)
            case copy.QUALITY_TAB:
                show_quality(result)
            case copy.READ_TAB:
                show_reading(upload, result)
            case _:
                show_report(kind_of(name), key, result, about(upload))

if past.open:
    with past:
        show_past_checks()
