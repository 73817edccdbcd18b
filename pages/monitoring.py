"""A window of time → open alerts, then outputs, inputs and software against training."""

from afterword.ui.copy import monitoring as copy
from afterword.ui.monitoring.alerts import show_alerts, show_channels, show_past_alerts
from afterword.ui.monitoring.rules import show_rules
from afterword.ui.monitoring.view import (
    load_monitoring,
    present,
    show_families,
    show_message,
    show_promise,
)
from afterword.ui.shared import parts, state

parts.model_or_stop()

parts.head(copy.TITLE, copy.LEAD, "watch-a-service")

state.say_what_was_done()
store = state.store_or_stop()
sample = state.choose_data(store)
if sample:
    state.show_samples_banner(store)
show_alerts(store, sample)

window = state.choose_window(present(store, sample))
seen = load_monitoring(store, window, sample)
show_message(seen)
show_families(seen)
show_promise(seen)
show_past_alerts(store, sample)
show_rules(store)
show_channels()
