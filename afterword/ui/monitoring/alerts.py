"""Parts of the page "Monitoring": alerts, who looks after them, and where they were sent."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from afterword.alerts import channels
from afterword.alerts.episodes import ACKNOWLEDGED, OPEN, RESOLVED, Alert
from afterword.alerts.rules import VERDICT
from afterword.errors import AfterwordError
from afterword.settings import get_settings
from afterword.store import Store
from afterword.ui.copy import monitoring as copy
from afterword.ui.copy import shared as shared_copy
from afterword.ui.monitoring.people import PERSON, ask_for_notes, ask_to_assign
from afterword.ui.shared import parts

_MOST_PAST = 30
_MOST_NOTES = 3


@st.fragment(run_every=copy.ALERT_REFRESH_S)
def show_alerts(store: Store, sample: bool) -> None:
    """What is open, newest first; then what somebody has acknowledged. Looks again each minute."""
    st.header(copy.ALERTS_TITLE, anchor=False)
    try:
        active = [
            alert
            for state in (OPEN, ACKNOWLEDGED)
            for alert in store.alerts.alerts(state, sample=sample)
        ]
    except AfterwordError as error:
        st.error(parts.escape(str(error)), icon=":material/error:")
        return
    if not active:
        st.write(copy.NO_ALERTS)
    for alert in active:
        _show_alert(store, alert)


def _show_alert(store: Store, alert: Alert) -> None:
    with st.container(border=True, gap="xxsmall", key=f"alert_{alert.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            for icon, word, colour in (
                copy.SEVERITIES[alert.severity],
                shared_copy.STATES[alert.state],
            ):
                st.badge(word, icon=icon, color=colour)
            st.markdown(f"**{parts.escape(alert.name)}**", width="content")
            who = copy.has_it(alert.assigned_to)
            st.badge(parts.escape(who), icon=":material/person:", color="gray")
        st.markdown(parts.escape(alert.what))
        for line in copy.facts(alert):
            st.caption(parts.escape(line))
        if alert.state == ACKNOWLEDGED:
            st.caption(
                parts.escape(
                    copy.signed(
                        shared_copy.STATES[ACKNOWLEDGED][1],
                        alert.acknowledged_by,
                        alert.acknowledged_why,
                        alert.acknowledged_at,
                    )
                )
            )
        for _, note in alert.notes[-_MOST_NOTES:]:
            st.caption(parts.escape(copy.note(note)))
        _show_deliveries(store, alert)
        with st.container(horizontal=True, vertical_alignment="center"):
            if alert.metric.startswith(VERDICT):
                _show_way_to_check(store, alert)
            if alert.state == OPEN:
                _ask_to_sign(alert, copy.ACKNOWLEDGE, store.alerts.acknowledge)
            ask_to_assign(store, alert)
            ask_for_notes(store, alert)
            _ask_to_sign(alert, copy.RESOLVE, store.alerts.resolve)


def _show_way_to_check(store: Store, alert: Alert) -> None:
    """A link to the check that the alert is about; where that is not kept, the last that counts."""
    number = alert.evidence.check
    if number is None and (last := store.checks.last(sample=alert.sample)) is not None:
        number = last.id
    if number is not None:
        st.page_link(
            "pages/drift.py",
            label=shared_copy.SEE_CHECK,
            icon=":material/compare_arrows:",
            query_params={"check": str(number), "data": "samples" if alert.sample else "own"},
        )


def _ask_to_sign(alert: Alert, verb: str, sign: Callable[[int, str, str], Alert]) -> None:
    """A form for a name and a reason; both are kept with the alert."""
    key = f"{verb.lower()}_{alert.id}"
    with (
        st.popover(verb, icon=copy.VERB_ICONS[verb], key=f"{key}_popover"),
        st.form(key, border=False),
    ):
        st.write(copy.VERB_HELP[verb])
        by = st.text_input(
            copy.YOUR_NAME,
            value=st.session_state.get(PERSON, ""),
            max_chars=80,
            key=f"{key}_by",
        )
        why = st.text_input(copy.WHY, max_chars=300, key=f"{key}_why")
        if not st.form_submit_button(verb, type="primary", key=f"{key}_submit"):
            return
        try:
            sign(alert.id, by, why)
        except AfterwordError as error:
            st.error(parts.escape(str(error)), icon=":material/error:")
            return
        st.session_state[PERSON] = by
    st.rerun()


def _show_deliveries(store: Store, alert: Alert) -> None:
    """Where the message went, and where not."""
    if not alert.deliveries:
        st.caption(copy.NO_DELIVERY if get_settings().channels else copy.NO_CHANNEL)
        return
    for one in alert.deliveries:
        sentence = copy.delivered(one)
        if one.state == "failed":
            st.warning(parts.escape(sentence), icon=":material/unsubscribe:")
        else:
            st.caption(parts.escape(sentence))
    if any(one.state == "failed" for one in alert.deliveries) and st.button(
        copy.SEND_AGAIN, icon=":material/forward_to_inbox:", key=f"again_{alert.id}"
    ):
        try:
            store.alerts.outbox.again(alert.id)
        except AfterwordError as error:
            st.error(parts.escape(str(error)), icon=":material/error:")
            return
        st.rerun()


def show_past_alerts(store: Store, sample: bool) -> None:
    """What is over, each with every step that was taken."""
    past = store.alerts.alerts(RESOLVED, sample=sample, limit=_MOST_PAST)
    label = copy.PAST_ALERTS.format(count=len(past))
    with st.expander(label, icon=":material/history:", key="past_alerts"):
        if not past:
            st.write(copy.NO_PAST_ALERTS)
        for alert in past:
            icon, word, colour = copy.SEVERITIES[alert.severity]
            with st.container(border=True):
                with st.container(horizontal=True, vertical_alignment="center"):
                    st.badge(word, icon=icon, color=colour)
                    st.markdown(f"**{parts.escape(alert.name)}**", width="content")
                st.markdown(parts.escape(alert.what))
                for line in copy.facts(alert):
                    st.caption(parts.escape(line))
                st.markdown("\n".join(f"- {parts.escape(step)}" for step in steps(alert)))


def steps(alert: Alert) -> list[str]:
    """Everything that happened to an alert, oldest first."""
    lines = [
        copy.step(shared_copy.STATES[one.state][1], one.at, one.by, one.why)
        if one.state in shared_copy.STATES
        else copy.note(one)
        for one in alert.history
    ]
    lines += [copy.delivered(one) for one in alert.deliveries]
    return lines


def show_channels() -> None:
    """The channels by name, each with a test message and what became of it."""
    try:
        known = channels.channels([one.get_secret_value() for one in get_settings().channels])
    except AfterwordError as error:
        st.error(parts.escape(str(error)), icon=":material/error:")
        return
    label = copy.CHANNELS_EXPANDER.format(count=len(known))
    with st.expander(label, icon=":material/outgoing_mail:", key="channels"):
        if not known:
            st.write(copy.NO_CHANNELS)
            return
        st.caption(copy.CHANNELS_NOTE)
        for channel in known:
            _show_channel(channel)


def _show_channel(channel: channels.Channel) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{parts.escape(channel.name)}**", width=160)
        asked = st.button(copy.TEST_CHANNEL, icon=":material/send:", key=f"test_{channel.name}")
    if not asked:
        return
    with st.spinner(copy.TESTING, show_time=True):
        message = channels.Message(copy.TEST_TITLE, copy.TEST_BODY)
        done = channel.send(message, attempts=1)
    if done.delivered:
        st.success(parts.escape(copy.tested(channel.name, done.seconds)), icon=":material/check:")
    else:
        st.error(parts.escape(done.problem), icon=":material/error:")
