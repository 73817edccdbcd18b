"""A description, or a file of them → predicted categories with confidence bars."""

import streamlit as st

from afterword.model import answers
from afterword.model.scored import Scored
from afterword.ui.classify.view import (
    ask_for_text,
    ask_to_classify,
    choose_mode,
    classify_file,
    record_file_once,
    show_answer,
    show_file_answer,
)
from afterword.ui.copy import classify as copy
from afterword.ui.shared import parts, uploads

model = parts.model_or_stop()

parts.head(copy.TITLE, copy.LEAD, "classify-a-file")
st.info(copy.CONTENT_NOTE, icon=copy.NOTE_ICON)

mode = choose_mode(model)
one, several = st.tabs([copy.TAB_ONE, copy.TAB_FILE])

with one:
    text, place = ask_for_text()
    if text is not None:
        with place:
            show_answer(text, model, mode)

with several:
    upload = uploads.upload(copy.CLASSIFY_FILE_LABEL, "classify")
    if upload is None:
        st.write(copy.CLASSIFY_FILE_EMPTY)
    elif isinstance(upload.content, Scored):
        st.warning(copy.SCORED_NOT_TEXT, icon=":material/info:")
    else:
        uploads.show_reading(upload, "classify")
        batch = upload.content
        answer = ask_to_classify(
            upload.key,
            batch,
            model,
            lambda bar, seen: classify_file(batch, model, mode, bar, seen),
        )
        if answer is not None:
            # Only the decisions depend on the mode: the file is not read through again for another.
            show_file_answer(answers.apply_mode(answer, model, mode), batch, mode)
            record_file_once(upload.key, int(answer.rejected_rows.sum()))
