"""Recent production inputs → the verdict, the measures, and Evidently's reports."""

import streamlit as st

from afterword.ui import copy, parts
from afterword.ui.drift import (
    ask_for_batch,
    check_once,
    offer_template,
    show_cards,
    show_distribution,
    show_measures,
    show_reading,
    show_reports,
    show_verdict,
    show_words,
)

parts.model_or_stop()

st.title(copy.DRIFT_TITLE)
st.write(copy.DRIFT_LEAD)

upload = ask_for_batch()
if upload is None:
    offer_template()
    st.stop()

result = check_once(upload)
show_verdict(result)
show_cards(result)
show_measures(result)
show_words(result)
show_distribution(result)
show_reading(upload, result)
show_reports(upload.key, result)
