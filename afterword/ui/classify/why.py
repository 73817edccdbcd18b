"""Why an answer: which words raised and lowered a category's score, exactly.

The words go to the page of the one who entered them and nowhere else: they are computed anew each
time that the page is drawn, and no key, address, cache or log holds any.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from afterword.model.explanation import Located, explain
from afterword.ui.classify import why_charts
from afterword.ui.copy import classify as copy
from afterword.ui.shared import parts

if TYPE_CHECKING:
    from afterword.model.classifier import Classifier
    from afterword.ui.classify.confidence_chart import Confidence


def show_why(
    text: str,
    model: Classifier,
    answers: Sequence[Confidence],
    located: Located,
    *,
    call: int = 0,
) -> None:
    """Show a sentence, the marked text and the bars for one category, which can be chosen.

    Parameters
    ----------
    text : one description that can be read.
    model : that answered.
    answers : one per category, the likeliest first.
    located : the description, read.
    call : number of the question; each opens with the category that matters most.
    """
    first = next((one for one in answers if one.decision), answers[0])
    st.subheader(copy.WHY_TITLE, anchor=False)
    category = st.segmented_control(
        copy.WHY_CATEGORY,
        [one.category for one in answers],
        format_func=parts.escape,
        default=first.category,
        required=True,
        key=f"why_{call}",
        label_visibility="collapsed",
    )
    chosen = next((one for one in answers if one.category == category), first)
    why = explain(text, model, located)
    raised, lowered = why_charts.named(why, chosen.category)
    st.write(parts.escape(copy.why_sentence(chosen.category, raised, lowered)))
    marked, bars = st.columns(2, gap="large")
    with marked:
        st.html(why_charts.marked_text(why, chosen.category))
        if why.repaired:
            st.caption(copy.WHY_REPAIRED)
        st.caption(copy.WHY_NOTE)
    with bars:
        place = why.place_of(chosen.category)
        title = copy.why_chart_title(
            chosen.category,
            float(why.intercept[place]),
            float(why.scores[place]),
            chosen.probability,
        )
        st.markdown(f"**{parts.escape(title)}**")
        figure = why_charts.why_bars(why, chosen.category, dark=parts.dark())
        parts.chart(figure, why_charts.why_alt(why, chosen.category), "why_bars")
