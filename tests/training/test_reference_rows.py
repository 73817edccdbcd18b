"""An ordinary batch that is drawn from the training set."""

from pathlib import Path

import afterword
from afterword.text.facts import find_facts
from afterword.training.reference_rows import build_reference, ordinary_rows
from tests.conftest import invented


def test_ordinary_rows_come_from_the_training_set_and_lines_of_it_cannot_be_found(
    small_model: Path,
) -> None:
    model = afterword.load_model(small_model)
    texts = invented(400)["description"].tolist()
    frame = build_reference(
        texts, model.predict_proba(texts), model.categories, model.thresholds, least=5
    )
    drawn = ordinary_rows(texts, frame, find_facts(texts, model), model, seed=3)
    assert (len(drawn.frame), drawn.texts.rows) == (200, 200)
    for name in frame:
        values = drawn.frame[name].value_counts()
        assert (values <= frame[name].value_counts().reindex(values.index)).all()
    same = drawn.frame.merge(frame, how="inner").drop_duplicates()
    assert len(same) < 50
    together = list(drawn.outputs)
    assert len(drawn.frame[together].merge(frame[together].drop_duplicates())) == 200
