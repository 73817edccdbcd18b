"""Parts of the page "Classify"."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from afterword.deployment import WORDS
from afterword.files import exports
from afterword.files.column_names import unique_names
from afterword.files.reading import EMPTY, reason_to_reject
from afterword.model import answers
from afterword.model.answers import remarks_of
from afterword.model.explanation import read
from afterword.model.registry import load_model
from afterword.records import Batch, Classified
from afterword.settings import get_settings
from afterword.streams.recording import Observing, is_off, observe, problem, record
from afterword.text.analysis import Analysis, analyse
from afterword.ui.classify.confidence_chart import (
    LIKELY_FROM,
    Confidence,
    confidence_alt,
    confidence_bars,
)
from afterword.ui.classify.promise import modes_of_service, show_modes, show_promise, show_withdrawn
from afterword.ui.classify.why import show_why
from afterword.ui.copy import classify as copy
from afterword.ui.copy import shared as shared_copy
from afterword.ui.shared import parts

if TYPE_CHECKING:
    import pandas as pd
    from streamlit.delta_generator import DeltaGenerator

    from afterword.model.classifier import Classifier

_AT_ONCE = 5_000
"""Answers that are counted at once: what comes back of more would hold up the server."""
_TEXT = "classify_text"
_ASKED = "classify_asked"
_CALL = "classify_call"
_MODE_KEPT = "_mode"
_SEEN = "seen"
_SHOWN_ROWS = 1_000


def ask_for_text() -> tuple[str | None, DeltaGenerator]:
    """Show the text area, the buttons and the examples.

    Returns
    -------
    (str or None, container)
        What is to be classified, None before anything was asked; and the place for the answer,
        before the examples: on a phone it would be out of sight after them.
    """
    if _TEXT not in st.session_state:
        # The visitor was on another page, where the box and its text ended: so does the answer.
        st.session_state.pop(_ASKED, None)
    with st.form("classify_form", border=False):
        st.text_area(copy.TEXT_LABEL, key=_TEXT, height=140, placeholder=copy.TEXT_PLACEHOLDER)
        with st.container(horizontal=True):
            asked = st.form_submit_button(
                copy.CLASSIFY_BUTTON, type="primary", icon=":material/label:"
            )
            st.form_submit_button(copy.CLEAR_BUTTON, type="tertiary", on_click=_clear)
    if asked:
        _ask(st.session_state[_TEXT])
    place = st.container()
    if WORDS.examples:
        st.caption(copy.EXAMPLES_LABEL)
    with st.container(horizontal=True):
        for number, one in enumerate(WORDS.examples):
            st.button(one.title, key=f"example_{number}", on_click=_choose, args=(one.text,))
    asked_text: str | None = st.session_state.get(_ASKED)
    return asked_text, place


def _choose(text: str) -> None:
    st.session_state[_TEXT] = text
    _ask(text)


def _ask(text: str) -> None:
    """Every press is a call of its own; drawing its answer again is none."""
    st.session_state[_ASKED] = text
    st.session_state[_CALL] = st.session_state.get(_CALL, 0) + 1


def _clear() -> None:
    st.session_state[_TEXT] = ""
    st.session_state.pop(_ASKED, None)


def choose_mode(model: Classifier) -> str:
    """Ask how to decide, say what that finds and costs, and return the mode's name."""
    kept = st.session_state.get(_MODE_KEPT, get_settings().mode)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name: str = st.segmented_control(
            copy.MODE_LABEL,
            [mode.name for mode in model.modes],
            format_func=copy.MODES.__getitem__,
            default=kept,
            required=True,
            key="classify_mode",
        )
        with st.popover(copy.MODE_TABLE, type="tertiary", icon=":material/balance:"):
            show_modes()
    st.session_state[_MODE_KEPT] = name
    told = modes_of_service().get(name)
    if told is not None:
        st.caption("  \n".join(parts.escape(each.cost) for each in told.categories))
    return name


def show_answer(text: str, model: Classifier, mode: str) -> None:
    """Show the answer in a sentence, what makes it doubtful, and the bars."""
    limit = get_settings().max_characters
    if len(text) > limit:
        _record_once(lambda: record("page", latency_s=0.0, outcome="refused"))
        st.warning(copy.too_long(len(text), limit), icon=":material/warning:")
        return
    reason = reason_to_reject(text, limit)
    if reason:
        _record_once(lambda: record("page", latency_s=0.0, outcome="refused"))
        sentence = copy.EMPTY_TEXT if reason == EMPTY else copy.DAMAGED_TEXT
        st.info(sentence, icon=":material/info:")
        return
    started = time.perf_counter()
    # Read once, for the answer, for what is doubtful, for what explains it and for what is kept.
    located = read(text)
    found = analyse([text], model, words=[located.words])
    answers = answers_of(text, model, mode, found)
    latency = time.perf_counter() - started
    said = {
        word: [one.category for one in answers if one.word == word] for word in copy.ANSWER_WORDS
    }
    st.header(parts.escape(copy.answer(*said.values())), anchor=False)
    for remark in remarks_of(found.descriptors())[0]:
        st.warning(copy.REMARKS[remark], icon=":material/warning:")
    figure = confidence_bars(answers, dark=st.context.theme.type == "dark")
    parts.chart(figure, confidence_alt(answers), "confidence")
    st.caption(copy.BARS_LEGEND)
    if any(one.unsure for one in answers):
        st.write(copy.UNSURE_ADVICE)
    show_promise(mode)
    withdrawn = st.container()
    st.caption(copy.HINT_NOTE)
    show_why(text, model, answers, located, call=st.session_state.get(_CALL, 0))

    def keep() -> bool:
        seen = observe([text], _row_of(answers, model), model, found=found)
        return record("page", seen, latency_s=latency)

    # After the answer: it does not wait for the disk.
    show_unrecorded(_record_once(keep))
    with withdrawn:
        show_withdrawn()


def _record_once(keep: Callable[[], bool]) -> bool:
    """Keep a call the first time that its answer is drawn."""
    done: bool = parts.once(str(st.session_state.get(_CALL, 0)), "recorded", keep)
    return done


def _row_of(answers: Sequence[Confidence], model: Classifier) -> np.ndarray:
    """Probabilities (1, k) in the model's order."""
    by_name = {one.category: one.probability for one in answers}
    return np.array([[by_name[name] for name in model.categories]])


def show_unrecorded(recorded: bool) -> None:
    """Say that an answer was given and could not be recorded; not if nobody wants it to be."""
    if not recorded and not is_off():
        st.warning(f"{copy.NOT_RECORDED} {parts.escape(problem())}", icon=":material/warning:")


def record_file_once(key: str, rejected: int) -> None:
    """Keep the numbers of a file that was answered, the first time that it is shown.

    Parameters
    ----------
    key : of the upload.
    rejected : rows without an answer.
    """

    def keep() -> bool:
        seen: Observing | None = parts.kept(key, _SEEN)
        done = record(
            "file",
            seen.joined() if seen else None,
            rejected=rejected,
            latency_s=parts.kept(key, "seconds") or 0.0,
        )
        parts.drop(key, _SEEN)
        return done

    with st.spinner(copy.COUNTING, show_time=True):
        recorded: bool = parts.once(key, "recorded_file", keep)
    show_unrecorded(recorded)


def prepare() -> None:
    """Load what the first answer needs, and answer once.

    Raises
    ------
    AfterwordError
        There is no model, or a setting is wrong.
    """
    text, model = WORDS.http.example, load_model()
    confidence_bars(answers_of(text, model, found=analyse([text], model)))


def answers_of(
    text: str, model: Classifier, mode: str | None = None, found: Analysis | None = None
) -> list[Confidence]:
    """One entry per category, the likeliest first; ``found`` if the text was looked through."""
    chosen = model.mode(mode)
    probabilities = (
        model.predict_proba([text]) if found is None else model.probabilities_of(found.tokens)
    )
    decisions, unsure = chosen.decide(probabilities)[0], chosen.unsure(probabilities)[0]
    answers = [
        Confidence(
            category=name,
            probability=float(probabilities[0, j]),
            threshold=None if np.isnan(threshold) else float(threshold),
            band=(float(chosen.bands[j, 0]), float(chosen.bands[j, 1])),
            decision=bool(decisions[j]),
            unsure=bool(unsure[j]),
        )
        for j, (name, threshold) in enumerate(zip(model.categories, chosen.thresholds, strict=True))
    ]
    return sorted(answers, key=lambda one: -one.probability)


def classify_file(
    batch: Batch, model: Classifier, mode: str, bar: DeltaGenerator, seen: Observing | None
) -> Classified:
    """Classify a file, and move a progress bar; another process classifies what is large.

    Parameters
    ----------
    batch, model, mode : as of :func:`afterword.model.answers.classify`.
    bar : that is moved.
    seen : counts what is recorded.
    """
    # Late: the first answer does without.
    from afterword.model.apart import apart, is_large
    from afterword.ui.shared.waiting import wait_with_bar

    if not is_large(batch):
        return answers.classify(batch, model, mode=mode, progress=bar.progress, observe=seen)
    texts = batch.numbered().texts
    rated = apart(answers.rate_and_tell, texts, wait=wait_with_bar(bar))
    shares = rated[[f"{name} probability" for name in model.categories]].to_numpy(float)
    for at in range(0, len(texts) if seen else 0, _AT_ONCE):
        part = (texts.iloc[at : at + _AT_ONCE], shares[at : at + _AT_ONCE])
        assert seen is not None
        seen.add(partial(apart, observe, *part))
    return answers.joined(batch, rated, model, mode)


def ask_to_classify(
    key: str,
    batch: Batch,
    model: Classifier,
    begin: Callable[[DeltaGenerator, Observing | None], Classified],
) -> Classified | None:
    """Offer to classify a file, with a progress bar and a way to cancel.

    Parameters
    ----------
    key : of the upload.
    batch : its rows.
    model : that answers.
    begin : classifies it; is given what shows how far it is, and what counts what is recorded.

    Returns
    -------
    Classified or None
        Every row with its answer, once it is done.
    """
    name = "classified"
    before: Classified | None = parts.kept(key, name)
    if before is not None:
        return before
    place = st.empty()
    with place.container():
        started = st.button(
            copy.classify_rows_button(len(batch.rows)),
            type="primary",
            icon=":material/label:",
            disabled=batch.rows.empty,
        )
    if st.session_state.pop("classify_cancelled", False):
        st.info(copy.CANCELLED, icon=":material/info:")
    if not started:
        return None
    with place.container():
        bar = st.progress(0.0)
        # Any click starts the page again, which ends this run at its next sign of progress.
        st.button(shared_copy.CANCEL_BUTTON, on_click=_cancel, icon=":material/close:")
        # What was counted of a run that was cancelled is forgotten.
        parts.drop(key, _SEEN)
        seen: Observing | None = parts.once(
            key, _SEEN, lambda: None if is_off() else Observing(model)
        )
        started_at = time.perf_counter()
        done: Classified = parts.once(key, name, lambda: begin(bar, seen))
        counting = seen.seconds if seen else 0.0
        parts.once(key, "seconds", lambda: time.perf_counter() - started_at - counting)
    place.empty()
    return done


def _cancel() -> None:
    st.session_state["classify_cancelled"] = True


def show_file_answer(answer: Classified, batch: Batch, mode: str) -> None:
    """Show counts, what is promised, the table with probability bars, and the downloads."""
    table, unsure, rejected = answer.table, answer.unsure_rows, answer.rejected_rows
    remarked = table[answer.remark] != ""
    counts = (int(flags.sum()) for flags in (rejected, unsure, remarked))
    st.header(copy.file_answer(len(table), *counts), anchor=False)
    with st.container(horizontal=True):
        for category in answer.decision:
            label = parts.escape(copy.predicted_rows(category))
            st.metric(label, f"{answer.predicted(category):,}", border=True)
    show_promise(mode)
    show_withdrawn()
    with st.container(horizontal=True):
        # Functions: the files are written only when somebody asks for them.
        for label, write, name, mime in (
            (copy.DOWNLOAD_CSV, exports.to_csv, "classified.csv", "text/csv"),
            (copy.DOWNLOAD_PARQUET, exports.to_parquet, "classified.parquet", parts.PARQUET),
        ):
            parts.download(label, partial(write, table), name, mime)
    st.caption(f"{copy.SCORE_NOTE} {shared_copy.CSV_NOTE}")
    everything, unsure_only, remarked_only, rejected_only = copy.TABLE_FILTERS
    filters = {unsure_only: unsure, remarked_only: remarked, rejected_only: rejected}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = st.segmented_control(
            copy.TABLE_FILTER, copy.TABLE_FILTERS, default=everything, label_visibility="collapsed"
        )
        order = st.selectbox(
            copy.TABLE_ORDER,
            [None, *answer.score],
            format_func=lambda name: copy.LIKELIEST.format(name) if name else copy.AS_IN_FILE,
            width=280,
        )
    rows = table.index if order is None else answer.likeliest_first(order)
    if wanted in filters:
        rows = rows[filters[wanted].loc[rows]]
    bars = list(answer.probability.values())
    told = unique_names([*table.columns, copy.ANSWER_COLUMN])[-1]
    first = [batch.columns.description, told, *bars, answer.remark, answer.rejected]
    # Through Arrow, as it can be shown: where a column cannot, Streamlit logs its cells.
    safe = exports.from_arrow(exports.to_arrow(table.loc[rows[:_SHOWN_ROWS]]))
    # The bars count in whole per cent, as a person reads them.
    safe[bars] = 100 * safe[bars]
    safe.index = rows[:_SHOWN_ROWS]
    safe[told] = answers_in_words(answer, rows[:_SHOWN_ROWS])
    st.dataframe(
        safe,
        column_order=[*first, *(name for name in table.columns if name not in first)],
        column_config={
            name: st.column_config.ProgressColumn(
                name, min_value=0.0, max_value=100.0, format="%.0f %%"
            )
            for name in bars
        },
        alt=copy.FILE_TABLE_ALT,
    )
    if len(rows) > _SHOWN_ROWS:
        st.caption(copy.shown_rows(_SHOWN_ROWS, len(rows)))


def answers_in_words(answer: Classified, rows: pd.Index) -> list[str]:
    """Each row's answer in words, as for one description; "" for a row that has none.

    Parameters
    ----------
    answer : of a file, decided in the mode that is shown.
    rows : index of the rows.
    """
    table = answer.table.loc[rows]
    sides = {name: (answer.decision[name], answer.unsure[name]) for name in answer.decision}
    found = []
    for place, rejected in enumerate(table[answer.rejected] != ""):
        line = table.iloc[place]
        said: dict[str, list[str]] = {word: [] for word in copy.ANSWER_WORDS}
        for name, (decision, unsure) in () if rejected else sides.items():
            if line[unsure]:
                said[copy.UNSURE].append(name)
            elif line[decision]:
                likely = line[answer.probability[name]] >= LIKELY_FROM
                said[copy.LIKELY if likely else copy.POSSIBLE].append(name)
        found.append("" if rejected else copy.answer(*said.values()))
    return found
