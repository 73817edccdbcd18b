"""Parts of the page "Drift"."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from afterword.deployment import WORDS
from afterword.drift import figures
from afterword.drift.apart import check_apart
from afterword.drift.checking import check
from afterword.drift.result import CheckResult
from afterword.errors import AfterwordError
from afterword.files import exports
from afterword.files import reading as batches
from afterword.files.label_values import narrowed
from afterword.files.labels import BARE
from afterword.measures.definitions import INPUT, OUTPUT, Measure
from afterword.measures.word_changes import WordChange
from afterword.model.answers import agreement_with_predictions
from afterword.model.apart import apart, is_large
from afterword.model.scored import Scored
from afterword.model.scoring import score
from afterword.records import Batch
from afterword.ui.copy import drift as copy
from afterword.ui.copy import drift_past_checks as past_checks_copy
from afterword.ui.copy import drift_reports as reports_copy
from afterword.ui.copy import drift_segments as segments_copy
from afterword.ui.copy import shared as shared_copy
from afterword.ui.copy import uploads as uploads_copy
from afterword.ui.drift import distribution_chart, trial
from afterword.ui.drift.reports import kinds_of
from afterword.ui.shared import parts, samples, uploads
from afterword.ui.shared.waiting import wait, wait_with_bar

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

_GROUPS = {"data": INPUT, "prediction": OUTPUT}
_MOST_WORDS = 12
_NEAREST = 6
_SAMPLE = "sample/"
_BANNER_STYLE = """
<style>
.st-key-verdict_%s { border-left: 8px solid %s; }
.st-key-verdict_%s .stMarkdownBadge { font-size: 1.25rem !important; font-weight: 600; }
</style>
"""


def ask_for_batch() -> uploads.Upload | None:
    """Ask for an upload or a sample; an upload goes first."""
    left, right = st.columns([3, 2], gap="medium")
    with right:
        name = _ask_for_sample()
    with left:
        upload = uploads.upload(copy.UPLOAD_LABEL, "drift")
    if upload is None and name and not st.session_state.get("drift_file"):
        return _sample(name)
    return upload


def show_line(upload: uploads.Upload) -> DeltaGenerator | None:
    """Show how an own file was read; gives the place of the line, which knows more once checked."""
    if is_sample(upload):
        return None
    return uploads.show_reading(upload, "drift", _labels(upload))


def _labels(upload: uploads.Upload) -> str:
    """What the columns of labels were taken for, which only the check tells of some."""
    result: CheckResult | None = parts.kept(upload.key, "checked")
    if result is not None:
        doubt = result.profile.label_doubt
        return uploads_copy.OWN_ANSWERS if doubt else uploads_copy.LABELS
    content = upload.content
    open_yet = isinstance(content, Batch) and content.reading.value(BARE)
    return uploads_copy.LABELS_OR_ANSWERS if open_yet else uploads_copy.LABELS


def _ask_for_sample() -> str | None:
    """The name of the sample that is chosen, if there are any."""
    shipped = {one.file: one for one in WORDS.samples}
    if not shipped:
        return None
    name = st.selectbox(
        copy.SAMPLE_LABEL,
        list(shipped),
        index=None,
        format_func=lambda sample: shipped[sample].title,
        placeholder=copy.CHOOSE_SAMPLE,
        key="drift_sample",
        on_change=_choose_sample,
    )
    if name:
        st.caption(shipped[name].shows)
    return name


def offer_template() -> None:
    """Say what to do, and offer a file to fill in."""
    st.info(copy.DRIFT_EMPTY, icon=":material/upload_file:")
    template = batches.template(parts.model_or_stop().categories)
    parts.download(copy.TEMPLATE_BUTTON, template, "afterword-template.csv", "text/csv")


def _choose_sample() -> None:
    """A sample takes the place of a file that only memory has kept; not of one that is shown."""
    if not st.session_state.get("drift_file"):
        uploads.forget("drift")


def _sample(name: str) -> uploads.Upload | None:
    """A sample that the deployment offers."""
    try:
        content = parts.once(name, "drift_sample_read", lambda: samples.read_sample(name))
    except AfterwordError as error:
        st.error(parts.escape(str(error)), icon=":material/error:")
        return None
    return uploads.Upload(f"{_SAMPLE}{name}", content)


def check_once(upload: uploads.Upload) -> CheckResult:
    """Score and check, with a progress bar; once per file."""
    result: CheckResult | None = parts.kept(upload.key, "checked")
    if result is not None:
        return result
    place = st.empty()
    bar = place.progress(0.0, copy.CHECKING)
    try:
        found = _check(upload.content, bar)
        result = parts.once(upload.key, "checked", lambda: _kept(upload, found))
    except AfterwordError as error:
        st.error(parts.escape(str(error)), icon=":material/error:")
        st.stop()
    finally:
        place.empty()
    return result


def _check(content: Batch | Scored, bar: DeltaGenerator) -> CheckResult:
    """Check, and move a progress bar; another process checks what is large."""
    if isinstance(content, Scored):
        return check(content)
    if is_large(content):
        return check_apart(content, wait_with_bar(bar, copy.CHECKING))
    return check(score(content, progress=lambda done: bar.progress(done, copy.CHECKING)))


def _kept(upload: uploads.Upload, result: CheckResult) -> CheckResult:
    """The check of an own file, kept as a trial; a shipped sample's is nobody's."""
    if not is_sample(upload):
        with contextlib.suppress(AfterwordError):
            kept = trial.keep(upload.key.partition("/")[0], result)
            parts.once(upload.key, "kept_check", lambda: kept)
    return result


def is_sample(upload: uploads.Upload) -> bool:
    """Whether it is one of the shipped sample files."""
    return upload.key.startswith(_SAMPLE)


def show_verdict(upload: uploads.Upload, result: CheckResult) -> None:
    """The level with icon, word and colour; the headline; and whether it counts."""
    icon, word, colour = shared_copy.LEVELS[result.level]
    with st.container(border=True, key=f"verdict_{result.level}"):
        st.html(_BANNER_STYLE % (result.level, parts.EDGES[colour], result.level))
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(word, icon=icon, color=colour)
            st.markdown(f"**{copy.LEVEL_SENTENCES[result.level]}**", width="content")
        st.header(parts.escape(result.headline), anchor=False)
        _show_kept(upload)


def ask_about_labels(
    upload: uploads.Upload, result: CheckResult, line: DeltaGenerator | None
) -> None:
    """Columns that repeat the model's own answers: say so, and ask whether people gave them.

    The line of how the file was read stood there before the check, which tells what they are.
    """
    if line is not None and isinstance(upload.content, Batch):
        uploads.tell_reading(line, upload.content, _labels(upload))
    if result.profile.label_doubt:
        with st.container(border=True):
            st.markdown(f":orange[:material/help:] {parts.escape(copy.OWN_ANSWERS)}")
            if uploads.can_be_corrected("drift"):
                st.button(
                    uploads_copy.THEY_ARE_LABELS,
                    key="labels_are_true",
                    on_click=uploads.take_for_labels,
                    args=("drift", upload),
                )


def _show_kept(upload: uploads.Upload) -> None:
    """Say whether the check is kept, and whether it counts."""
    if is_sample(upload):
        st.caption(past_checks_copy.SAMPLE_NOT_KEPT)
    else:
        trial.show_own(parts.kept(upload.key, "kept_check"))


def open_tab(place: DeltaGenerator, result: CheckResult) -> tuple[str, DeltaGenerator]:
    """The tabs of a result: the name of the open one, which the address keeps, and its inside.

    The others stay empty until they are opened: a report is blank where it cannot be seen.
    """
    names = [
        copy.VERDICT_TAB,
        copy.CHANGED_TAB,
        copy.WORDS_TAB,
        segments_copy.TAB,
        copy.QUALITY_TAB,
        *(reports_copy.TABS[kind] for kind in kinds_of(result)),
        copy.READ_TAB,
    ]
    tabs = place.tabs(names, key="result", bind="query-params")
    return next((name, tab) for name, tab in zip(names, tabs, strict=True) if tab.open)


def show_reasons(result: CheckResult) -> None:
    """Why the verdict is what it is, what to do, and how sure that is."""
    if result.reasons:
        st.markdown("\n".join(f"- {parts.escape(reason)}" for reason in result.reasons))
    for remark in result.remarks:
        st.markdown(parts.escape(remark))
    st.markdown(f"**{copy.WHAT_TO_DO}**")
    if len(result.actions) == 1:
        st.markdown(parts.escape(result.actions[0]))
    else:
        st.markdown(
            "\n".join(
                f"{place}. {parts.escape(action)}" for place, action in enumerate(result.actions, 1)
            )
        )
    if result.comparable:
        _show_power(result)


def _show_power(result: CheckResult) -> None:
    """How often such a check is wrong, and what it could not have seen."""
    st.caption(parts.escape(" ".join([copy.window(result.profile), *result.limits])))
    with st.popover(copy.DETECTABLE_TITLE, type="tertiary"):
        st.caption(copy.DETECTABLE_NOTE)
        st.table(detectable_table(result), border="horizontal", hide_index=True)


def detectable_table(result: CheckResult) -> pd.DataFrame:
    """The smallest growth of each category that could have been seen."""
    return pd.DataFrame(
        [
            (
                parts.escape(one.category),
                shared_copy.percent(one.share),
                copy.NOT_TO_BE_SEEN if one.growth is None else f"{one.growth:.0%}"[:-1] + " %",
                "–" if one.growth is None else shared_copy.percent(one.share * (1 + one.growth)),
            )
            for one in result.detectable
        ],
        columns=copy.DETECTABLE_COLUMNS,
    )


def show_reading(upload: uploads.Upload, result: CheckResult) -> None:
    """What was read and what was not."""
    content = upload.content
    profile = result.profile
    st.header(parts.escape(copy.read_sentence(content)), anchor=False)
    lines = [copy.period_sentence(profile)]
    if isinstance(content, Batch):
        lines.append(uploads_copy.summary(content, _labels(upload)) + ".")
        found = parts.once(
            upload.key,
            "agreement",
            lambda: _agreement(content),
        )
        if found:
            lines.append(copy.agreement_sentence(*found))
        lines += content.notes
    else:
        lines.append(copy.SCORED_SAMPLE if profile.sample else copy.SCORED_FILE)
    st.write("  \n".join(map(parts.escape, lines)))
    if profile.rejected:
        st.write(parts.escape(copy.rejected_sentence(profile.rejections)))
    if isinstance(content, Batch) and len(content.rejected):
        parts.download(
            copy.REJECTED_DOWNLOAD,
            lambda: exports.to_csv(content.rejected),
            "rejected-rows.csv",
            "text/csv",
        )


def _agreement(batch: Batch) -> tuple[float, int] | None:
    if not is_large(batch):
        return agreement_with_predictions(batch, parts.model_or_stop())
    with st.spinner(copy.CHECKING):
        found: tuple[float, int] | None = apart(
            agreement_with_predictions, narrowed(batch), wait=wait
        )
    return found


def show_measures(result: CheckResult) -> None:
    """How many measures moved; each beside its threshold, as a chart; then all, as a table."""
    ranked = result.ranked()
    moved = sum(one.drifted for one in ranked)
    st.header(copy.measures_title(moved, len(figures.judged(ranked))), anchor=False)
    _show_cards(result)
    if result.comparable or result.alarm:
        # Beyond what moved, the nearest few are enough: a phone shows six at once.
        most = min(figures.MOST_MEASURES, moved + _NEAREST)
        figure = figures.measures(ranked, most=most, dark=parts.dark())
        parts.chart(figure, figures.measures_alt(ranked, most=most), "measures")
        if moved > figures.MOST_MEASURES:
            st.caption(copy.more_measures(moved - figures.MOST_MEASURES))
    else:
        st.write(copy.MEASURES_TOO_FEW)
    with st.expander(copy.measures_table(len(ranked))):
        show_measure_table(result)


def _show_cards(result: CheckResult) -> None:
    """Three cards in plain words: data drift, prediction drift, and what is no column."""
    columns = [one for one in result.ranked() if one.column]
    cards: list[tuple[str, list[Measure]]] = [
        (kind, [one for one in columns if one.group == group]) for kind, group in _GROUPS.items()
    ]
    beside = [one for one in figures.judged(result.ranked()) if not one.column]
    cards.append((copy.BESIDE, beside))
    for place, (kind, measures) in zip(st.columns(3), cards, strict=True):
        moved = [measure for measure in measures if measure.drifted]
        with place, st.container(border=True, height="stretch"):
            st.markdown(f"**{copy.CARD_TITLES[kind]}**")
            st.caption(copy.CARD_NOTES[kind])
            if not result.comparable:
                st.write(copy.CARD_TOO_FEW)
                continue
            st.write(copy.card_sentence(kind, len(moved), len(measures)))
            lines = [
                f"- **{parts.escape(one.label)}** {parts.escape(copy.moved_how(one))}"
                for one in moved
            ]
            st.markdown("\n".join(lines[:3]))


def show_measure_table(result: CheckResult) -> None:
    """Every measure with its distance and threshold, what moved most first."""
    st.caption(copy.MEASURES_NOTE)
    st.dataframe(
        measure_table(result.ranked()), hide_index=True, height="content", alt=copy.MEASURES_ALT
    )


def measure_table(measures: Sequence[Measure]) -> pd.DataFrame:
    """The measures as people read them, in the order given."""
    return pd.DataFrame(
        [
            (
                (copy.MOVED_FAULT if one.fault else copy.MOVED) if one.drifted else "",
                one.label,
                copy.DIRECTIONS.get(one.direction, ""),
                one.typical(one.reference),
                one.typical(one.batch),
                _number(one.distance),
                _number(one.threshold),
                copy.GROUPS[one.group],
                copy.COLUMN if one.column else "",
            )
            for one in measures
        ],
        columns=copy.MEASURE_COLUMNS,
    )


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"


def show_words(result: CheckResult, *, prefix: str = "") -> None:
    """The words that changed, as diverging bars; or why there are none.

    Parameters
    ----------
    result : of the check.
    prefix : of the chart's key; other than that of a check that stands on the same page.
    """
    changes = result.changed_words()
    if not changes:
        if result.missing and result.comparable:
            st.write(parts.escape(copy.words_missing(result.missing)))
        else:
            title = copy.WORDS_NONE if result.comparable else copy.WORDS_TOO_FEW
            st.header(title, anchor=False)
        return
    new = sum(one.new for one in changes)
    more = sum(one.log_odds > 0 for one in changes) - new
    title = copy.words_sentence(new, more, len(changes) - new - more, result.alarm)
    st.header(title, anchor=False)
    figure = figures.words(changes, most=_MOST_WORDS, dark=parts.dark())
    parts.chart(figure, figures.words_alt(changes, most=_MOST_WORDS), f"{prefix}words")
    st.caption(copy.WORDS_NOTE)
    with st.expander(copy.words_table(len(changes))):
        st.dataframe(word_table(changes), hide_index=True, alt=copy.WORDS_ALT)


def word_table(changes: Sequence[WordChange]) -> pd.DataFrame:
    """The words that changed as people read them, in the order given."""
    return pd.DataFrame(
        [
            (
                one.term,
                copy.WORD_NEW
                if one.new
                else copy.WORD_MORE
                if one.log_odds > 0
                else copy.WORD_LESS,
                figures.batch_share(one),
                figures.training_share(one),
            )
            for one in changes
        ],
        columns=copy.WORD_COLUMNS,
    )


def show_distribution(result: CheckResult) -> None:
    """The column that moved most: training set and batch, value by value."""
    if not result.comparable:
        return
    top = next(one for one in result.ranked(INPUT, OUTPUT) if one.column)
    title = copy.distribution_title(top.label, top.direction, top.drifted)
    st.header(parts.escape(title), anchor=False)
    figure = distribution_chart.distributions(
        result.reference[top.name].to_numpy(),
        result.profile.column(top.name).repeated(),
        label=top.label,
        unit=top.unit,
    )
    parts.chart(figure, f"{title}. {copy.DISTRIBUTION_ALT}", "distribution")
