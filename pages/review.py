"""A batch that was checked → a sample labelled by a person → its quality, with intervals."""

from afterword.ui.copy import review as copy
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

parts.head(copy.TITLE, copy.LEAD, "review-a-sample")

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
