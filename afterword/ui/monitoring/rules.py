"""Parts of the page "Monitoring": the rules that open alerts, and the forms that change them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import streamlit as st

from afterword.alerts import rules
from afterword.alerts.rules import Rule
from afterword.errors import AfterwordError
from afterword.store import Store
from afterword.ui.copy import monitoring as copy
from afterword.ui.shared import parts
from afterword.ui.shared.asking import ask_first

_NEW: Final = Rule(0, "", "error_share", rules.ABOVE, 0.05)


def show_rules(store: Store) -> None:
    """Every rule as a sentence; each can be switched off, edited and deleted."""
    try:
        known = store.alerts.rules()
    except AfterwordError as error:
        st.error(parts.escape(str(error)), icon=":material/error:")
        return
    on = sum(rule.enabled for rule in known)
    label = copy.RULES_EXPANDER.format(on=on, count=len(known))
    with st.expander(label, icon=":material/rule:", key="rules"):
        st.caption(copy.RULES_NOTE)
        for rule in known:
            _show_rule(store, rule)
        with st.container(horizontal=True):
            with st.popover(copy.ADD_RULE, icon=":material/add:", key="rule_new"):
                _show_form(store, _NEW)
            ask_first(
                copy.RESTORE_RULES,
                copy.RESTORE_RULES_ASK,
                lambda: _what_restoring_loses(store),
                lambda: _tell(store.alerts.restore_shipped, copy.RULES_RESTORED),
                key="restore_rules",
                verb=copy.RESTORE_RULES_VERB,
                icon=":material/restart_alt:",
            )


def _what_restoring_loses(store: Store) -> str:
    shipped = {one.shipped: one for one in rules.SHIPPED}
    changed = [
        rule
        for rule in store.alerts.rules()
        if rule.shipped and rule != replace(shipped[rule.shipped], id=rule.id)
    ]
    return copy.rules_go_back(changed, _active(store, *(rule.id for rule in changed)))


def _active(store: Store, *rule_ids: int) -> int:
    """How many alerts of rules are not resolved, of own data and of samples."""
    return sum(
        alert.rule_id in rule_ids
        for sample in (False, True)
        for alert in store.alerts.alerts("active", sample=sample)
    )


def _show_rule(store: Store, rule: Rule) -> None:
    icon, word, colour = copy.SEVERITIES[rule.severity]
    with st.container(border=True, key=f"rule_{rule.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(word, icon=icon, color=colour)
            st.markdown(f"**{parts.escape(rule.name)}**", width="content")
            if not rule.enabled:
                st.badge(copy.RULE_OFF, icon=":material/notifications_off:", color="gray")
        st.markdown(parts.escape(rule.describe()))
        with st.container(horizontal=True):
            with st.popover(copy.EDIT_RULE, icon=":material/edit:", key=f"edit_{rule.id}"):
                _show_form(store, rule)
            switch = copy.SWITCH_OFF if rule.enabled else copy.SWITCH_ON
            if st.button(switch, icon=":material/power_settings_new:", key=f"switch_{rule.id}"):
                other = replace(rule, enabled=not rule.enabled)
                _do(lambda: store.alerts.save_rule(other), copy.RULE_SAVED)
            ask_first(
                copy.DELETE_RULE,
                copy.DELETE_RULE_ASK,
                lambda: copy.rule_goes(rule, _active(store, rule.id)),
                lambda: _tell(lambda: store.alerts.delete_rule(rule.id), copy.RULE_DELETED),
                key=f"delete_{rule.id}",
                verb=copy.DELETE_RULE_VERB,
            )


def _show_form(store: Store, rule: Rule) -> None:
    """Everything of a rule. No form: what can be asked for depends on the measure."""
    key = f"rule_{rule.id}"
    name = st.text_input(copy.RULE_NAME, rule.name, max_chars=rules.LONGEST_NAME, key=f"{key}_name")
    metrics = list(dict.fromkeys([*rules.METRICS, *_categories(), rule.metric]))
    metric = rules.metric_of(
        st.selectbox(
            copy.RULE_METRIC,
            metrics,
            metrics.index(rule.metric),
            format_func=lambda one: rules.metric_of(one).label,
            key=f"{key}_metric",
        )
    )
    st.caption(parts.escape(metric.help))
    direction, threshold = _ask_condition(rule, metric, key)
    window = rule.window
    if metric.windowed:
        window = st.selectbox(
            copy.RULE_WINDOW,
            metric.windows,
            metric.windows.index(rule.window) if rule.window in metric.windows else 0,
            format_func=rules.WINDOWS.__getitem__,
            key=f"{key}_window",
        )
    periods = st.number_input(
        copy.RULE_FOR,
        1,
        rules.MOST_PERIODS,
        rule.for_periods,
        help=copy.RULE_FOR_HELP,
        key=f"{key}_for",
    )
    severity = _ask_severity(rule, key)
    tell = st.checkbox(copy.RULE_TELL_OVER, rule.tell_when_over, key=f"{key}_tell_over")
    if st.button(copy.SAVE_RULE, type="primary", key=f"{key}_save"):
        changed = replace(
            rule,
            name=name,
            metric=metric.name,
            direction=direction,
            threshold=threshold,
            window=window,
            for_periods=int(periods),
            severity=severity,
            tell_when_over=tell,
        )
        _do(lambda: store.alerts.save_rule(changed), copy.RULE_SAVED)


def _ask_severity(rule: Rule, key: str) -> str:
    return st.radio(
        copy.RULE_SEVERITY,
        rules.SEVERITIES,
        rules.SEVERITIES.index(rule.severity),
        format_func=lambda one: copy.SEVERITIES[one][1],
        horizontal=True,
        key=f"{key}_severity",
    )


def _ask_condition(rule: rules.Rule, metric: rules.Metric, key: str) -> tuple[str, float]:
    """Direction and threshold, in the metric's unit."""
    if metric.kind == "verdict":
        return rules.IS, 1.0
    direction = rule.direction
    if direction not in metric.directions:
        direction = metric.directions[0]
    if len(metric.directions) > 1:
        direction = st.radio(
            copy.RULE_DIRECTION,
            metric.directions,
            metric.directions.index(direction),
            format_func=copy.DIRECTIONS.__getitem__,
            horizontal=True,
            key=f"{key}_direction",
        )
    # Shares are typed in per cent.
    unit, scale = ("%", 100) if metric.unit == "share" else (metric.unit, 1)
    shown = st.number_input(
        copy.threshold_label(unit),
        min_value=0.0,
        max_value=100.0 if scale == 100 else rules.LARGEST,
        value=rule.threshold * scale if metric.name == rule.metric else 1.0,
        key=f"{key}_threshold_{metric.name}",
    )
    return direction, shown / scale


def _categories() -> list[str]:
    return rules.of_categories(parts.model_or_stop().categories)


def _do(act: Callable[[], Any], said: str) -> None:
    """Change a rule and show the page again; or say why it could not be changed."""
    try:
        _tell(act, said)
    except AfterwordError as error:
        st.error(parts.escape(str(error)), icon=":material/error:")
        return
    st.rerun()


def _tell(act: Callable[[], Any], said: str) -> None:
    """Change a rule; the next run says what was done."""
    act()
    st.session_state["_said"] = (said, ":material/check:")
