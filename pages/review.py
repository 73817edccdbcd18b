"""A batch that was checked → a sample labelled by a person → its quality, with intervals."""

import streamlit as st

from afterword.ui.copy import review as copy_review
from afterword.ui.review.view import (
    ask_for_second,
    ask_to_start,
    checked,
    offer_labels,
    show_card,
    show_note,
    show_result,
    under_way,
)
from afterword.ui.shared import parts

parts.model_or_stop()

st.title(copy_review.REVIEW_TITLE)
st.write(copy_review.REVIEW_LEAD)

review = under_way()
show_note(review)
if review is None:
    upload = checked()
    if upload is not None:
        ask_to_start(upload)
elif review.open:
    show_card(review)
else:
    show_result(review)
    offer_labels(review)
    ask_for_second(review)
