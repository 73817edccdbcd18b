"""Parts of the page "Drift" about how good the answers are: by labels, or without them."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from afterword.drift.result import CheckResult
from afterword.quality.category_shares import MOST_LISTED, listed
from afterword.quality.estimates import Assessed
from afterword.quality.expected import QualityEstimate
from afterword.quality.findings import Quality, figure_name
from afterword.quality.labelled import ALL
from afterword.ui.copy import drift as copy
from afterword.ui.shared import estimate_charts, parts


def show_shares(result: CheckResult) -> None:
    """How many descriptions report each category, as a chart beside training, where estimated."""
    found = [
        estimate_charts.Estimate(
            one.category, Assessed(one.value, one.low, one.high, 0.0, 0.0), one.trained
        )
        for one in sorted(result.shares, key=lambda share: -share.moved)[:MOST_LISTED]
        if one.value is not None and one.low is not None and one.high is not None
    ]
    if found:
        st.markdown(f"**{parts.escape(listed(result.shares)[0].rstrip(':'))}**")
        figure = estimate_charts.estimates(found, dark=parts.dark())
        parts.chart(figure, estimate_charts.estimates_alt(found), "shares")


def show_quality(result: CheckResult, *, prefix: str = "") -> None:
    """How good the answers are: what labels say, or else what the probabilities let expect.

    Parameters
    ----------
    result : of the check.
    prefix : of the chart's key; other than that of a check that stands on the same page.
    """
    quality = result.quality
    if quality is not None and quality.figures:
        _show_labelled(quality, prefix)
    elif result.estimate is not None:
        _show_estimate(result.estimate)
        if result.estimate.withheld:
            st.write("  \n".join(map(parts.escape, listed(result.shares))))
    elif quality is None:
        st.write(copy.NOT_KNOWN)
    if quality is not None and not quality.figures:
        st.warning(parts.escape(quality.sentence), icon=":material/rule:")


def _show_labelled(quality: Quality, prefix: str) -> None:
    st.header(copy.QUALITY_TITLES[quality.level], anchor=False)
    st.write(parts.escape(quality.sentence))
    st.caption(parts.escape(copy.labelled_note(quality)))
    found = [
        estimate_charts.Estimate(
            figure_name(one.scope, one.name),
            Assessed(one.value, one.low, one.high, 0.0, 0.0),
            one.trained,
        )
        for one in quality.figures
        if not one.withheld and (one.scope, one.name) in copy.drawn(quality)
    ]
    figure = estimate_charts.estimates(found, dark=parts.dark())
    parts.chart(figure, estimate_charts.estimates_alt(found), f"{prefix}quality")
    with st.expander(copy.ALL_FIGURES):
        st.caption(copy.FIGURES_NOTE)
        st.dataframe(
            labelled_table(quality), hide_index=True, height="content", alt=copy.FIGURES_ALT
        )


def labelled_table(quality: Quality) -> pd.DataFrame:
    """Every figure beside training's and the expected one, as people read them."""
    return pd.DataFrame(
        [
            (
                figure_name(one.scope, one.name),
                one.withheld or copy.with_interval(one.value, one.low, one.high),
                copy.share(one.trained),
                "–" if one.expected is None else copy.share(one.expected.value),
                one.fall_in_words,
            )
            for one in quality.figures
        ],
        columns=copy.FIGURE_COLUMNS,
    )


def _show_estimate(estimate: QualityEstimate) -> None:
    st.header(copy.ESTIMATE_TITLE, anchor=False)
    if estimate.withheld:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(copy.WITHHELD, icon=":material/help:", color="gray")
            st.markdown(parts.escape(estimate.withheld), width="content")
        return
    right, missed, *rest = estimate.sentences
    st.write(parts.escape(right))
    with st.container(horizontal=True):
        for one in estimate.categories:
            st.metric(
                parts.escape(copy.missed_label(one.category)),
                copy.about(one.missed.value, one.reports.value),
                border=True,
                help=parts.escape(copy.missed_help(one)),
            )
    for line in (missed, *rest):
        st.caption(parts.escape(line))
    with st.expander(copy.ALL_FIGURES):
        st.caption(copy.ESTIMATE_NOTE)
        st.dataframe(
            estimate_table(estimate),
            hide_index=True,
            height="content",
            alt=copy.FIGURES_ALT,
        )


def estimate_table(estimate: QualityEstimate) -> pd.DataFrame:
    """Every estimated figure with its interval, as people read them."""
    rows: list[tuple[str, str]] = []
    for name in ("accuracy", "micro_f1"):
        one = getattr(estimate, name)
        rows.append(
            (
                figure_name(ALL, name),
                copy.with_interval(one.value, one.low, one.high),
            )
        )
    for each in estimate.categories:
        for name in ("accuracy", "precision", "recall", "f1"):
            one = getattr(each, name)
            rows.append(
                (
                    figure_name(each.category, name),
                    each.withheld
                    if one is None
                    else copy.with_interval(one.value, one.low, one.high),
                )
            )
    return pd.DataFrame(rows, columns=copy.ESTIMATE_COLUMNS)
