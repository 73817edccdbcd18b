"""Parts of the page "Review"."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from afterword.errors import AfterwordError, ReviewError
from afterword.files import exports
from afterword.measures.null_tables import load_tables
from afterword.model.apart import is_large, predict_apart
from afterword.quality.findings import figure_name
from afterword.quality.labelled import ALL, trained_figures
from afterword.quality.labelling import Comparison, Labelling, begin
from afterword.quality.review import LEAST, Assessment, labels_needed, review_verdict
from afterword.records import Batch
from afterword.store.open_reviews import get_open_reviews
from afterword.ui.copy import review as copy
from afterword.ui.copy import shared as shared_copy
from afterword.ui.review import card
from afterword.ui.shared import estimate_charts, parts, uploads
from afterword.ui.shared.asking import ask_first
from afterword.ui.shared.waiting import wait

_REVIEW: Final = "review"
_KEPT_UNDER: Final = "review_kept_under"
_SAID: Final = "review_said"
_CANDIDATE: Final = "to_review"
_DRIFT: Final = "pages/drift.py"
_PAGE: Final = "pages/review.py"


def remember(upload: uploads.Upload) -> None:
    """Remember what was checked last: the page Review offers it."""
    parts.once(upload.key, _CANDIDATE, lambda: upload)


def offer_review(upload: uploads.Upload) -> None:
    """Lead from a checked batch to its review."""
    if isinstance(upload.content, Batch) and not upload.content.rows.empty:
        st.page_link(_PAGE, label=copy.DRIFT_LINK, icon=":material/rate_review:")


def under_way() -> Labelling | None:
    """The review of this session, or the one that its browser tab had before it was reloaded."""
    state = st.session_state
    told, token = card.told(), card.token()
    if _REVIEW not in state and isinstance(token, str):
        found = get_open_reviews().take(token)
        state[_SAID] = copy.RESUMED if found else copy.GONE
        if found:
            state[_REVIEW], state[_KEPT_UNDER] = found, token
    get_open_reviews().sweep()
    review: Labelling | None = state.get(_REVIEW)
    if review is not None and review.gone:
        review = None
        _let_go()
        state[_SAID] = copy.ENDED
    unknown = review is None and token is not None
    card.knock(forget=unknown or state.pop("review_forgotten", False))
    if message := state.pop(_SAID, None):
        st.info(message, icon=":material/info:")
    if review is None:
        return None
    if told is not None:
        review.take(told)
    state[_KEPT_UNDER] = get_open_reviews().put(review, state.get(_KEPT_UNDER))
    return review


def show_note(review: Labelling | None) -> None:
    """Say what the descriptions can be like; shorter while somebody labels, above the card."""
    if review is not None and review.open:
        # No caption: links in captions are too faint to read.
        st.write(f"{copy.NOTE_ICON} {copy.SHORT_NOTE}")
    else:
        st.info(copy.CONTENT_NOTE, icon=copy.NOTE_ICON)


def checked() -> uploads.Upload | None:
    """The batch that was checked on Drift, if a person can review it; else what to do."""
    upload: uploads.Upload | None = parts.last(_CANDIDATE)
    if upload is None:
        sentence = copy.EMPTY
    elif not isinstance(upload.content, Batch):
        sentence = copy.NUMBERS_ONLY
    elif upload.content.rows.empty:
        sentence = copy.NO_ROWS
    else:
        return upload
    st.info(sentence, icon=":material/rate_review:")
    st.page_link(_DRIFT, label=copy.GO_TO_DRIFT, icon=":material/compare_arrows:")
    return None


def ask_to_start(upload: uploads.Upload) -> None:
    """Ask for the number of labels, say what it can show, and begin."""
    batch = upload.content
    assert isinstance(batch, Batch)
    with st.spinner(copy.RATING, show_time=True):
        probabilities = _rated(upload.key, batch)
    rows = len(batch.rows)
    st.header(copy.START_TITLE, anchor=False)
    error = _trained()[1]
    needed = parts.once(
        upload.key,
        "labels_needed",
        lambda: labels_needed(probabilities, trained_error=error),
    )
    st.write(copy.labels_needed(needed, rows))
    count = st.number_input(
        copy.COUNT_LABEL,
        min_value=min(copy.FEWEST_ROWS, rows),
        max_value=min(copy.MOST_ROWS, rows),
        value=min(copy.USUAL_ROWS, rows),
        step=1,
        key="review_count",
        width=200,
    )
    st.write(copy.HOW_CHOSEN)
    st.caption(f"{copy.SECOND_HINT} {copy.KEPT_NOTE}")
    if st.button(copy.START_BUTTON, type="primary", icon=":material/play_arrow:"):
        st.session_state[_REVIEW] = begin(
            batch,
            parts.model_or_stop(),
            probabilities,
            labels=int(count),
            key=upload.key,
        )
        st.session_state[_KEPT_UNDER] = None
        st.rerun()


def _rated(key: str, batch: Batch) -> np.ndarray:
    """The model's probabilities of every row; once per batch."""
    model = parts.model_or_stop()

    def predict() -> np.ndarray:
        if is_large(batch):
            return predict_apart(batch.texts, wait)
        return model.predict_proba(batch.texts.tolist())

    probabilities: np.ndarray = parts.once(key, "review_probabilities", predict)
    return probabilities


def show_card(review: Labelling) -> None:
    """Show one description to label, and the way out of labelling."""
    card.ask(
        {
            "token": st.session_state[_KEPT_UNDER],
            "place": review.place,
            "total": len(review.queue),
            "done": len(review.answers),
            "categories": list(review.categories),
            "answer": list(review.answers.get(review.place, ())) or None,
            "text": review.text,
            "keep": review.keep,
            "turn": review.turn,
            "words": copy.card_words(review),
        }
    )
    with st.container(horizontal=True):
        st.button(
            copy.STOP_BUTTON,
            key="review_stop",
            on_click=_stop,
            args=(review,),
            icon=":material/bar_chart:",
        )
        _offer_to_forget(review)
    _show_other_batch(review)
    st.caption(copy.KEPT_NOTE)


def _stop(review: Labelling) -> None:
    review.open, review.shown = False, review.keep


def _offer_to_forget(review: Labelling) -> None:
    ask_first(
        copy.FORGET_BUTTON,
        copy.FORGET_ASK,
        lambda: copy.review_goes(review),
        lambda: _forget(review),
        key="review_forget",
    )


def _forget(review: Labelling) -> None:
    if review.gone:
        raise ReviewError(copy.ENDED)
    get_open_reviews().drop(review)
    _let_go()
    st.session_state[_SAID] = copy.FORGOTTEN


def _let_go() -> None:
    """Drop the review from this session, and let the browser's tab forget its way back to it."""
    state = st.session_state
    state.pop(_REVIEW, None)
    state.pop(_KEPT_UNDER, None)
    uploads.forget("second")
    state["review_forgotten"] = True


def _show_other_batch(review: Labelling) -> None:
    upload: uploads.Upload | None = parts.last(_CANDIDATE)
    if upload is not None and upload.key != review.key:
        st.caption(copy.OTHER_BATCH)


def show_result(review: Labelling) -> None:
    """The result in a sentence, the verdict, the chart, and every figure as a table."""
    st.header(copy.RESULT_TITLE, anchor=False)
    if not review.enough:
        fewest = min(LEAST, len(review.table))
        st.write(copy.TOO_FEW_LABELS.format(fewest=fewest, labelled=len(review.answers)))
    else:
        _show_quality(review.assess())
    if review.skipped:
        st.caption(copy.SKIPPED.format(skipped=len(review.skipped)))
    with st.container(horizontal=True):
        if len(review.answers) < len(review.queue):
            st.button(
                copy.GO_ON_BUTTON,
                key="review_go_on",
                on_click=review.go_on,
                type="primary",
                icon=":material/play_arrow:",
            )
        _offer_to_forget(review)
    _show_other_batch(review)
    st.caption(f"{copy.progress(review)}. {copy.KEPT_NOTE}")


def _show_quality(found: Assessment) -> None:
    verdict = review_verdict(found, *_trained())
    icon, word, colour = copy.REVIEW_LEVELS[verdict.level]
    with st.container(border=True, key=f"review_verdict_{verdict.level}"):
        st.badge(word, icon=icon, color=colour)
        st.header(parts.escape(copy.result(found)), anchor=False)
        st.write(parts.escape(verdict.sentence))
    every = figures(found)
    shown = [one for one in every if not one.value.withheld and not one.rows]
    if shown:
        figure = estimate_charts.estimates(shown, dark=parts.dark())
        parts.chart(figure, estimate_charts.estimates_alt(shown), "review_estimates")
        st.caption(copy.INTERVAL_NOTE)
    if held := [one.name for one in every if one.value.withheld]:
        st.caption(parts.escape(copy.withheld(held)))
    with st.expander(copy.TABLE_TITLE):
        st.dataframe(
            figure_table(every),
            hide_index=True,
            height="content",
            alt=copy.TABLE_ALT,
            column_config={copy.TABLE_COLUMNS[-1]: st.column_config.Column(width="large")},
        )
        st.caption(copy.MEANINGS)


def _trained() -> tuple[float, float]:
    """Label accuracy in training at the thresholds, and its standard error, as the check has it."""
    return trained_figures(load_tables())[ALL, "accuracy"]


def figures(found: Assessment) -> list[estimate_charts.Estimate]:
    """Every figure of an assessment beside training's."""
    trained = trained_figures(load_tables())
    lines = [
        estimate_charts.Estimate(figure_name(ALL, name), value, trained[ALL, name][0])
        for name, value in (
            ("accuracy", found.accuracy),
            ("micro_f1", found.micro_f1),
            ("exact_match", found.exact_match),
        )
    ]
    for one in found.categories:
        for name, value in (
            ("precision", one.precision),
            ("recall", one.recall),
            ("f1", one.f1),
        ):
            before = trained.get((one.category, name), (None, 0.0))[0]
            label = figure_name(one.category, name)
            lines.append(estimate_charts.Estimate(label, value, before))
        missed = f"{one.category}: {copy.MISSED}"
        lines.append(estimate_charts.Estimate(missed, one.missed, None, True))
    return lines


def figure_table(every: list[estimate_charts.Estimate]) -> pd.DataFrame:
    """The figures as people read them."""
    return pd.DataFrame(
        [
            (
                one.name,
                copy.figure(one.value, rows=one.rows),
                shared_copy.interval(one.value, rows=one.rows),
                "–" if one.trained is None else shared_copy.percent(one.trained),
                one.value.withheld,
            )
            for one in every
        ],
        columns=copy.TABLE_COLUMNS,
    )


def offer_labels(review: Labelling) -> None:
    """Offer every row with its labels, for checks and for training."""
    if not review.answers:
        return
    st.header(copy.LABELS_TITLE, anchor=False)
    st.write(copy.LABELS_NOTE)
    with st.container(horizontal=True):
        # Functions: the files are written only when somebody asks for them.
        for label, write, name, mime in (
            (copy.DOWNLOAD_CSV, exports.to_csv, "labels.csv", "text/csv"),
            (copy.DOWNLOAD_PARQUET, exports.to_parquet, "labels.parquet", parts.PARQUET),
        ):
            parts.download(label, partial(_write, write, review), name, mime)
    st.caption(shared_copy.CSV_NOTE)


def _write(write: Callable[[pd.DataFrame], bytes], review: Labelling) -> bytes:
    return write(review.export())


def ask_for_second(review: Labelling) -> None:
    """Take another person's labels of the same rows, and say how far the two agree."""
    if not review.answers:
        return
    st.header(copy.SECOND_TITLE, anchor=False)
    st.write(copy.SECOND_NOTE)
    upload = uploads.upload(copy.SECOND_LABEL, "second")
    if upload is None:
        return
    if not isinstance(upload.content, Batch):
        st.warning(copy.SECOND_NUMBERS, icon=":material/info:")
        return
    uploads.show_reading(upload, "second")
    try:
        compared = review.compare(upload.content)
    except AfterwordError as error:
        st.error(parts.escape(str(error)), icon=":material/error:")
        return
    _show_agreement(compared)


def _show_agreement(compared: Comparison) -> None:
    st.write(copy.agreed(compared.rows, len(compared.differences)))
    if not compared.rows:
        return
    st.dataframe(
        agreement_table(compared), hide_index=True, height="content", alt=copy.AGREEMENT_ALT
    )
    st.caption(copy.AGREEMENT_NOTE)
    if len(compared.differences):
        parts.download(
            copy.DOWNLOAD_DIFFERENCES,
            lambda: exports.to_csv(compared.differences),
            "differences.csv",
            "text/csv",
        )


def agreement_table(compared: Comparison) -> pd.DataFrame:
    """Agreement per category as people read it."""
    return pd.DataFrame(
        [
            (
                one.category,
                shared_copy.percent(one.agreed),
                "–" if one.withheld else f"{one.kappa:.2f}",
                "–" if one.withheld else f"{one.low:.2f} to {one.high:.2f}",
                copy.kappa_words(one),
            )
            for one in compared.agreements
        ],
        columns=copy.AGREEMENT_COLUMNS,
    )
