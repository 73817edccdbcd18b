"""Parts of the page "Drift"."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

import pandas as pd
import streamlit as st

from afterword import batch as batches
from afterword import exports, reports
from afterword.drift import INPUT, OUTPUT, CheckResult, Measure, check
from afterword.errors import AfterwordError
from afterword.reports import Kind
from afterword.schema import Batch
from afterword.scoring import agreement, score
from afterword.ui import charts, copy, parts, samples
from afterword.ui.session import on_shelf, shelve_report

_GROUPS: dict[Kind, str] = {"data": INPUT, "prediction": OUTPUT}
_REPORT_HEIGHT = 900


def ask_for_batch() -> parts.Upload | None:
    """Ask for an upload or a sample; an upload goes first."""
    left, right = st.columns([3, 2], gap="large")
    with right:
        name = st.selectbox(
            copy.SAMPLE_LABEL,
            list(copy.SAMPLES),
            index=None,
            format_func=lambda sample: copy.SAMPLES[sample][0],
            placeholder=copy.CHOOSE_SAMPLE,
            key="drift_sample",
            on_change=_choose_sample,
        )
        if name:
            st.caption(copy.SAMPLES[name][1])
        template = batches.template(parts.model_or_stop().categories)
        parts.download(copy.TEMPLATE_BUTTON, template, "afterword-template.csv", "text/csv")
    with left:
        upload = parts.upload(copy.UPLOAD_LABEL, "drift")
    if upload is None and name and not st.session_state.get("drift_file"):
        return _sample(name)
    return upload


def _choose_sample() -> None:
    """A sample takes the place of a file that only memory has kept; not of one that is shown."""
    if not st.session_state.get("drift_file"):
        parts.forget("drift")


def _sample(name: str) -> parts.Upload | None:
    """A sample that the repository ships."""
    try:
        content = parts.once(name, "drift_sample_read", lambda: samples.read_sample(name))
    except AfterwordError as error:
        st.error(str(error), icon=":material/error:")
        return None
    return parts.Upload(f"sample/{name}", content)


def check_once(upload: parts.Upload) -> CheckResult:
    """Score and check, with a progress bar; once per file."""
    result: CheckResult | None = parts.kept(upload.key, "checked")
    if result is not None:
        return result
    place = st.empty()
    bar = place.progress(0.0, copy.CHECKING)
    try:
        scored = (
            score(
                upload.content,
                progress=lambda done: bar.progress(done, copy.CHECKING),
            )
            if isinstance(upload.content, Batch)
            else upload.content
        )
        result = parts.once(upload.key, "checked", lambda: check(scored))
    except AfterwordError as error:
        st.error(str(error), icon=":material/error:")
        st.stop()
    finally:
        place.empty()
    return result


def show_verdict(result: CheckResult) -> None:
    """The level with icon, word and colour; the headline; why, and what to do."""
    icon, word, colour = copy.LEVELS[result.level]
    with st.container(border=True, key=f"verdict_{result.level}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(word, icon=icon, color=colour)
            if result.level != "too_few":
                st.badge(copy.NOT_CALIBRATED, icon=":material/science:", color="gray")
        st.markdown(f"**{copy.LEVEL_SENTENCES[result.level]}**")
        st.header(result.headline, anchor=False)
        if result.reasons:
            st.markdown("\n".join(f"- {_escape(reason)}" for reason in result.reasons))
        st.markdown(f"**{copy.WHAT_TO_DO}**")
        if len(result.actions) == 1:
            st.markdown(result.actions[0])
        else:
            st.markdown(
                "\n".join(f"{place}. {action}" for place, action in enumerate(result.actions, 1))
            )
        if result.level != "too_few":
            st.caption(copy.NOT_CALIBRATED_HELP)


def show_reading(upload: parts.Upload, result: CheckResult) -> None:
    """What was read and what was not."""
    st.header(copy.READ_TITLE, anchor=False)
    content = upload.content
    scored = result.scored
    lines = [copy.read_sentence(content), copy.period_sentence(scored)]
    if isinstance(content, Batch):
        lines.append(copy.columns_sentence(content))
        found = parts.once(
            upload.key, "agreement", lambda: agreement(content, parts.model_or_stop())
        )
        if found:
            lines.append(copy.agreement_sentence(*found))
        lines += [f"{note.rstrip('.')}." for note in content.notes]
    else:
        lines.append(copy.SCORED_SAMPLE if scored.sample else copy.SCORED_FILE)
    st.write("  \n".join(map(_escape, lines)))
    if scored.rejected:
        st.write(copy.rejected_sentence(scored.rejections))
    if isinstance(content, Batch) and len(content.rejected):
        parts.download(
            copy.REJECTED_DOWNLOAD,
            lambda: exports.to_csv(content.rejected),
            "rejected-rows.csv",
            "text/csv",
        )


def show_cards(result: CheckResult) -> None:
    """Two cards in plain words: data drift and prediction drift."""
    for place, (kind, group) in zip(st.columns(2), _GROUPS.items(), strict=True):
        measures = result.ranked(group)
        moved = [measure for measure in measures if measure.drifted]
        with place, st.container(border=True, height="stretch"):
            st.markdown(f"**{copy.CARD_TITLES[kind]}**")
            if not result.comparable:
                st.write(copy.CARD_TOO_FEW)
                continue
            st.write(copy.card_sentence(kind, len(moved), len(measures)))
            for one in moved[:3]:
                st.markdown(
                    f"- **{_escape(one.label)}** {one.direction}: "
                    f"{one.typical(one.reference)} → {one.typical(one.batch)}"
                )


def show_measures(result: CheckResult) -> None:
    """The measure that moved most, as a chart; then every measure, as a table."""
    if result.comparable:
        top = result.ranked(INPUT, OUTPUT)[0]
        title = copy.distribution_title(top.label, top.direction, top.drifted)
        st.header(title, anchor=False)
        figure = charts.distributions(
            result.reference[top.name].to_numpy(),
            result.scored.frame[top.name].to_numpy(),
            label=top.label,
            unit=top.unit,
        )
        parts.chart(figure, f"{title}. {copy.DISTRIBUTION_ALT}", "distribution")
    st.header(copy.MEASURES_TITLE, anchor=False)
    st.caption(copy.MEASURES_NOTE)
    st.dataframe(
        measure_table(result.ranked()),
        hide_index=True,
        height="content",
        alt=copy.MEASURES_ALT,
    )
    parts.download(
        copy.DOWNLOAD_RESULT,
        lambda: json.dumps(result.to_dict(), indent=2, ensure_ascii=False),
        "check.json",
        "application/json",
    )


def measure_table(measures: Sequence[Measure]) -> pd.DataFrame:
    """The measures as people read them, in the order given."""
    return pd.DataFrame(
        [
            (
                copy.MOVED if one.drifted else "",
                one.label,
                copy.DIRECTIONS.get(one.direction, ""),
                one.typical(one.reference),
                one.typical(one.batch),
                "–" if math.isnan(one.threshold) else f"{one.distance:.3f}",
                "–" if math.isnan(one.threshold) else f"{one.threshold:.3f}",
                copy.GROUPS[one.group],
            )
            for one in measures
        ],
        columns=copy.MEASURE_COLUMNS,
    )


def show_reports(key: str, result: CheckResult) -> None:
    """Evidently's two reports, each made when it is asked for."""
    st.header(copy.REPORTS_TITLE, anchor=False)
    if not result.comparable:
        st.write(copy.REPORTS_TOO_FEW)
        return
    st.write(copy.REPORTS_NOTE)
    for kind in get_args(Kind):
        _show_report(kind, key, result)
    reports.warm_up()


@dataclass(frozen=True)
class _Report:
    """An Evidently report of this session: its downloads, and where the page shows it."""

    html: str
    json: str
    path: str


def _show_report(kind: Kind, key: str, result: CheckResult) -> None:
    name = f"report_{kind}"
    made: _Report | None = parts.kept(key, name)
    if made is not None and not on_shelf(made.path):
        parts.drop(key, name)
        st.info(copy.REPORT_GONE, icon=":material/info:")
        made = None
    if made is None:
        place = st.empty()
        if not place.button(copy.REPORT_BUTTONS[kind], key=name, icon=":material/bar_chart:"):
            return
        with place, st.spinner(copy.REPORT_SPINNER, show_time=True):
            try:
                made = parts.once(key, name, lambda: _make_report(kind, result))
            except AfterwordError as error:
                st.error(str(error), icon=":material/error:")
                return
        place.empty()
    st.markdown(f"**{copy.CARD_TITLES[kind]}**")
    with st.container(horizontal=True):
        for label, content, ending, mime in (
            (copy.DOWNLOAD_HTML, made.html, "html", "text/html"),
            (copy.DOWNLOAD_JSON, made.json, "json", "application/json"),
        ):
            parts.download(label, content, f"{kind}-drift.{ending}", mime)
    st.iframe(made.path, height=_REPORT_HEIGHT, alt=copy.REPORT_ALT[kind])


def _make_report(kind: Kind, result: CheckResult) -> _Report:
    # Importing Evidently holds the interpreter for seconds: let the spinner reach the browser.
    time.sleep(0.2)
    snapshot = reports.report(result, kind=kind)
    html = reports.to_html(snapshot, copy.CARD_TITLES[kind])
    return _Report(html, reports.to_json(snapshot), shelve_report(html))


def _escape(text: str) -> str:
    """Show a text as it is: nothing in it is Markdown or HTML."""
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]()<>#+!|~$:" else sign for sign in text)
