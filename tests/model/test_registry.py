"""A model is verified before it is unpickled."""

import hashlib
import json
import pickle
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import afterword
from afterword.errors import ModelError
from afterword.measures.null_tables import load_tables
from afterword.model import registry
from afterword.model.reference import output_columns, unlink
from afterword.records import MANIFEST_FORMAT, how_to_restore
from afterword.settings import ROOT, SHIPPED_MODEL, get_settings
from afterword.training.reference_rows import build_reference
from tests.conftest import invented

TEXT = "He kept staring at me on the bus."


@pytest.fixture
def copy_of_model(small_model: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    shutil.copytree(small_model, folder)
    return folder


def change_manifest(folder: Path, **changes: object) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


class Planted:
    """Unpickling this leaves a trace."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self):
        return Path.touch, (self.trace,)


def test_the_shipped_model_answers_with_its_three_categories() -> None:
    model = afterword.load_model()
    assert model.categories == ("Commenting", "Ogling", "Groping")
    assert model.predict_proba([TEXT])[0].argmax() == 1


def test_a_changed_artefact_is_not_opened(copy_of_model: Path, tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    (copy_of_model / "classifier.joblib").write_bytes(pickle.dumps(Planted(trace)))
    with pytest.raises(ModelError, match="not the file that the manifest names"):
        registry.load_model(copy_of_model)
    assert not trace.exists()


@pytest.mark.parametrize(
    "file", ["classifier.joblib", "manifest.json", "reference.parquet", "reference-tables.npz"]
)
def test_a_missing_file_is_named_with_what_to_do(copy_of_model: Path, file: str) -> None:
    (copy_of_model / file).unlink()
    with pytest.raises(ModelError, match=rf"{file}.*missing.*afterword train"):
        registry.load_model(copy_of_model)


def test_a_changed_reference_is_refused(copy_of_model: Path) -> None:
    with (copy_of_model / "reference.parquet").open("ab") as file:
        file.write(b"x")
    with pytest.raises(ModelError, match="SHA-256"):
        registry.load_model(copy_of_model)
    with pytest.raises(ModelError, match="SHA-256"):
        registry.load_reference(copy_of_model)


def test_changed_tables_are_refused(copy_of_model: Path) -> None:
    with (copy_of_model / "reference-tables.npz").open("ab") as file:
        file.write(b"x")
    with pytest.raises(ModelError, match="SHA-256"):
        registry.load_model(copy_of_model)
    with pytest.raises(ModelError, match="SHA-256"):
        load_tables(copy_of_model)


def test_no_line_of_the_reference_is_that_of_a_description(small_model: Path) -> None:
    model = registry.load_model(small_model)
    texts = invented(400)["description"].tolist()
    frame = build_reference(
        texts, model.predict_proba(texts), model.categories, model.thresholds, least=5
    )
    shipped = registry.load_reference(small_model)
    inputs = [name for name in frame if name not in output_columns(model.categories)]
    for name in inputs:
        assert np.array_equal(np.sort(shipped[name]), np.sort(frame[name].to_numpy("float32")))
    assert len(shipped[inputs].astype(float).round(4).merge(frame[inputs].round(4))) < 40


def test_columns_can_stay_beside_each_other_when_lines_are_taken_apart() -> None:
    frame = pd.DataFrame({name: np.arange(300) for name in "abc"})
    apart = unlink(frame, together=[("a", "c")])
    assert (apart["a"] == apart["c"]).all()
    assert (apart["a"] == apart["b"]).sum() < 15
    assert list(apart) == list("abc")


def test_another_scikit_learn_gets_the_command_that_mends_it(
    copy_of_model: Path, tmp_path: Path
) -> None:
    trace = tmp_path / "ran"
    artefact = copy_of_model / "classifier.joblib"
    artefact.write_bytes(pickle.dumps(Planted(trace)))
    change_manifest(
        copy_of_model,
        versions={"scikit-learn": "0.1", "numpy": np.__version__, "python": "3.11"},
        artefact_sha256=hashlib.sha256(artefact.read_bytes()).hexdigest(),
    )
    with pytest.raises(ModelError, match=r"0\.1.*pip install scikit-learn==0\.1"):
        registry.load_model(copy_of_model)
    assert not trace.exists()


def test_the_shipped_model_is_restored_from_the_repository() -> None:
    assert how_to_restore(SHIPPED_MODEL).endswith("git checkout -- model data")


@pytest.mark.parametrize("changes", [{"versions": None}, {"format": 99}, {"thresholds": 3}])
def test_a_manifest_of_another_shape_is_one_clear_sentence(
    copy_of_model: Path, changes: dict[str, None] | dict[str, int]
) -> None:
    change_manifest(copy_of_model, **changes)
    with pytest.raises(ModelError, match="cannot be read as a manifest"):
        registry.load_model(copy_of_model)


@pytest.mark.parametrize("earlier", range(1, MANIFEST_FORMAT))
def test_a_manifest_of_an_earlier_version_says_so_and_to_train_again(
    copy_of_model: Path, earlier
) -> None:
    change_manifest(copy_of_model, format=earlier, metrics=None)
    with pytest.raises(ModelError) as caught:
        registry.load_model(copy_of_model)
    assert "was made by an earlier version of Afterword" in str(caught.value)
    assert "Train it again with: python -m afterword train" in str(caught.value)
    assert "cannot be read" not in str(caught.value)


@pytest.mark.parametrize("folder", [".", "data", "data/samples", "afterword/x", "model/inner"])
def test_a_model_is_never_written_into_the_project(folder: str) -> None:
    with pytest.raises(ModelError, match="belongs to the project"):
        registry.check_target(ROOT / folder)


def test_a_model_may_be_written_elsewhere_and_over_the_shipped_one_if_that_is_said(
    tmp_path: Path,
) -> None:
    registry.check_target(tmp_path)
    registry.check_target(ROOT / "scratch")
    registry.check_target(SHIPPED_MODEL)


def test_a_trained_model_can_be_put_into_service(
    small_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFTERWORD_MODEL_DIR", str(small_model))
    get_settings.cache_clear()
    try:
        assert afterword.load_model().categories == ("Remarks", "Staring")
        assert len(registry.load_reference()) == 400
    finally:
        monkeypatch.undo()
        get_settings.cache_clear()


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"categories": 1}', "\x00"])
def test_a_damaged_manifest_is_one_clear_sentence(copy_of_model: Path, content: str) -> None:
    (copy_of_model / "manifest.json").write_text(content)
    with pytest.raises(ModelError, match="cannot be read as a manifest"):
        registry.load_model(copy_of_model)


def test_defaults_do_not_depend_on_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    registry._load.cache_clear()
    assert len(afterword.load_model().categories) == 3
    assert len(registry.load_reference()) > 1_000
