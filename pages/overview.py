"""The verdict of the last check and since when, what to do, four numbers, the model's age."""

from afterword.ui.copy import overview as copy
from afterword.ui.overview.streams import named, of_streams_alone, show_streams
from afterword.ui.overview.view import (
    ask_to_begin,
    load_summary,
    offer_example,
    show_model,
    show_numbers,
    show_verdict,
)
from afterword.ui.shared import parts, state

parts.model_or_stop()

parts.head(copy.TITLE, copy.LEAD, "watch-a-service")

state.say_what_was_done()
store = state.store_or_stop()
sample = state.choose_data(store)
streams = () if sample else named(store)
if streams:
    show_streams(store, streams)
if sample or (state.has_own(store) and not (streams and of_streams_alone(store))):
    if sample:
        state.show_samples_banner(store)
    summary = load_summary(store, sample)
    show_verdict(summary)
    show_numbers(summary)
    show_model(summary)
    offer_example(store)
elif not streams:
    ask_to_begin(store)
