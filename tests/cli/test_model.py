"""The command line does what the API does, with the same words."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from afterword.cli.main import app
from afterword.drift.checking import check
from afterword.model import registry, scored_files, scoring
from afterword.settings import get_settings
from tests.conftest import invented

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "samples"
ICON = SAMPLES.parents[1] / "afterword" / "ui" / "icon.png"
SECRET = "zebrafinch"


def run(*arguments: object):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def sample(name: str) -> Path:
    return next(path for path in SAMPLES.glob(f"{name}.*"))


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_classify_writes_every_row(tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"out.{ending}"
    done = run("classify", sample("broken-export"), "--out", out)
    assert done.exit_code == 0, done.output
    table = pd.read_csv(out) if ending == "csv" else pd.read_parquet(out)
    batch_rows = len(table)
    assert batch_rows >= 200
    assert table["rejected"].fillna("").ne("").sum() > 0
    assert {"Groping probability", "Groping decision", "Groping unsure"} <= set(table)


def test_classify_decides_as_it_is_told(tmp_path: Path) -> None:
    counts = []
    for mode in ("be-sure", "balanced", "find-more"):
        out = tmp_path / f"{mode}.csv"
        done = run("classify", sample("broken-export"), "--out", out, "--mode", mode)
        assert done.exit_code == 0, done.output
        counts.append(int(pd.read_csv(out)["Commenting decision"].fillna(False).sum()))
    assert counts[0] < counts[1] < counts[2]


def test_an_unknown_way_to_decide_is_refused_by_naming_those_there_are(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    done = run("classify", sample("broken-export"), "--out", out, "--mode", "boldly")
    assert done.exit_code == 3
    assert "find-more" in done.stderr
    assert not out.exists()


def test_a_check_of_labelled_rows_prints_what_labels_say_beside_training(tmp_path: Path) -> None:
    texts = [f"A man kept staring at me on day {n} at the stop." for n in range(60)]
    table = pd.DataFrame({"description": texts, "Commenting": 0, "Ogling": 1, "Groping": 0})
    file = tmp_path / "labelled.csv"
    table.to_csv(file, index=False)
    done = run("check", file)
    assert "60 of 60 descriptions have labels" in done.stdout
    assert "Ogling: reports that are" in done.stdout
    content = json.loads(run("check", file, "--json").stdout)
    assert content["quality"]["labelled"] == 60
    assert content["estimate"]["withheld"]


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("ordinary-week", "stable"),
        ("new-app-in-the-news", "changed"),
        ("broken-export", "faulty"),
        ("many-more-of-one-category", "changed"),
    ],
)
def test_check_prints_json_alone(name: str, level: str) -> None:
    done = run("check", sample(name), "--json")
    assert done.exit_code == (0 if level == "stable" else 1), done.output
    content = json.loads(done.stdout)
    assert content["level"] == level
    assert {"measure", "distance", "threshold", "drifted"} <= set(content["measures"][0])


def test_the_ordinary_sample_is_ordinary_by_every_measure() -> None:
    measures = json.loads(run("check", sample("ordinary-week"), "--json").stdout)["measures"]
    assert not any(measure["drifted"] for measure in measures)


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("ordinary-week", "Stable"),
        ("broken-export", "Faulty feed"),
        ("many-more-of-one-category", "Changed"),
    ],
)
def test_check_in_words_names_the_level(name: str, word: str) -> None:
    done = run("check", sample(name))
    assert done.exit_code == (0 if word == "Stable" else 1), done.output
    assert done.stdout.startswith(word)
    assert "not yet calibrated" not in done.stdout


def test_scored_rows_cannot_be_classified() -> None:
    done = run("classify", sample("ordinary-week"), "--out", "never.csv")
    assert done.exit_code == 3
    assert "nothing to classify" in done.stderr
    assert not Path("never.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("classify", "missing.csv", "--out", "x.csv"), "no such file"),
        (("classify", ICON, "--out", "x.csv"), "Error:"),
        (("classify", "a.csv", "--out", "x.docx"), "ending .csv or .parquet"),
        (("check", "missing.csv"), "no such file"),
        (("check", "a.csv", "--column", "nothing"), "no such file"),
        (("train", "--data", "nowhere", "--out", "x"), "no file or folder"),
        (("evaluate", "--data", "a.csv", "--model", "nowhere"), "no model at nowhere"),
    ],
)
def test_bad_input_is_one_sentence_and_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments, sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run(*arguments)
    assert done.exit_code == 3
    assert sentence in done.stderr.replace("\n", " ")
    assert "Traceback" not in done.output
    assert not list(tmp_path.iterdir())


def test_an_error_never_repeats_a_cell(tmp_path: Path) -> None:
    bad = tmp_path / "numbers.csv"
    bad.write_text(f"a,b\n1,{SECRET} 2\n")
    done = run("check", bad, "--column", "missing")
    assert done.exit_code == 3
    assert SECRET not in done.output


def test_training_writes_model_manifest_and_reference(small_model: Path) -> None:
    manifest = registry.load_manifest(small_model)
    assert manifest.categories == ("Remarks", "Staring")
    assert manifest.rows == 400
    assert set(manifest.versions) == {"python", "scikit-learn", "numpy"}
    assert len(registry.load_reference(small_model)) == 400
    assert (registry.load_reference(small_model).dtypes == "float32").all()


@pytest.mark.whole
def test_training_twice_gives_the_same_bytes_and_an_ordinary_batch_on_request(
    small_data: Path, small_model: Path, tmp_path: Path
) -> None:
    again, week = tmp_path / "again", tmp_path / "week.parquet"
    done = run("train", "--data", small_data, "--out", again, "--sample", week)
    assert done.exit_code == 0, done.output
    for file in ("classifier.joblib", "reference.parquet", "reference-tables.npz"):
        assert (again / file).read_bytes() == (small_model / file).read_bytes()
    scored = scored_files.read(week)
    assert len(scored.frame) == 200
    assert not check(scored, model_dir=small_model).missing


@pytest.mark.whole
def test_training_tells_what_is_promised_and_what_no_way_to_decide_attains(tmp_path: Path) -> None:
    data, out = tmp_path / "data.csv", tmp_path / "model"
    table = invented(500)
    # Who was born in a leap year, say: nothing in the text tells it.
    table["Leaping"] = (np.random.default_rng(0).random(len(table)) < 0.1).astype(int)
    table.to_csv(data, index=False)
    done = run("train", "--data", data, "--out", out, "--promise", "80")
    assert done.exit_code == 0, done.output
    assert "Leaping: not attainable in any way to decide." in " ".join(done.stderr.split())
    told = " ".join(done.stdout.split())
    assert "not unsure, its “no” is right in at least 80" in told
    assert "right of each sure yes, promised" in told
    assert "unsure, find-more" in told
    # As strict readers of JSON want it: without NaN.
    manifest = json.loads((out / "manifest.json").read_text(), parse_constant=pytest.fail)
    for mode in manifest["modes"]:
        assert mode["wanted"] == 0.8
        assert [one["works"] for one in mode["categories"]] == [True, True, False]
        assert mode["categories"][2]["threshold"] is None
    assert manifest["metrics"]["categories"][2]["threshold"] is None
    model = registry.load_model(out)
    answers = model.predict(table["description"])
    assert not answers["Leaping", "decision"].any()
    assert 0 < model.thresholds[2] < 1
    again = run("evaluate", "--data", data, "--model", out)
    assert "not attainable" in again.stdout
    assert check(table[["description"]], model_dir=out).level


@pytest.mark.parametrize("promise", ["50", "100", "0.95", "nan", "-5"])
def test_a_promise_that_cannot_be_made_is_refused(
    small_data: Path, tmp_path: Path, promise: str
) -> None:
    done = run("train", "--data", small_data, "--out", tmp_path / "m", "--promise", promise)
    assert done.exit_code == 3
    assert "--promise takes 75 to 99, of 100 answers" in " ".join(done.stderr.split())


@pytest.mark.whole
def test_a_category_can_be_named_for_people(tmp_path: Path) -> None:
    data = tmp_path / "folder"
    data.mkdir()
    table = invented(300).rename(columns={"Staring": "Staring/=looks"})
    table.iloc[:200].to_csv(data / "a.csv", index=False)
    table.iloc[200:].to_csv(data / "b.csv", index=False)
    (data / "README.md").write_text("Not a table.")
    (data / "notes.txt").write_text("Not a table either.")
    out = tmp_path / "model"
    done = run("train", "--data", data, "--out", out, "--category", "Staring/=looks=Ogling")
    assert done.exit_code == 0, done.output
    assert registry.load_model(out).categories == ("Remarks", "Ogling")
    assert registry.load_manifest(out).rows == 300


def test_a_category_that_is_not_there_is_said(small_data: Path, tmp_path: Path) -> None:
    done = run("train", "--data", small_data, "--out", tmp_path / "m", "--category", "No=Yes")
    assert done.exit_code == 3
    assert "has no column 'No'" in done.stderr


def test_evaluation_tells_repeated_rows(
    small_model: Path, small_data: Path, tmp_path: Path
) -> None:
    rows = pd.concat([pd.read_csv(small_data).head(100), invented(200, seed=9)])
    rows.to_csv(tmp_path / "fresh.csv", index=False)
    done = run("evaluate", "--data", tmp_path / "fresh.csv", "--model", small_model, "--json")
    assert done.exit_code == 0, done.output
    content = json.loads(done.stdout)
    everything, unseen = (part["rows"] for part in content.values())
    assert everything == 300
    assert 0 < unseen <= 200


def test_evaluation_says_whether_the_model_was_trained_on_the_rows(
    small_model: Path, small_data: Path, tmp_path: Path
) -> None:
    done = run("evaluate", "--data", small_data, "--model", small_model)
    assert "was trained on these rows" in " ".join(done.stderr.split())
    shutil.copytree(small_model, tmp_path / "model")
    (tmp_path / "model" / "seen.npy").unlink()
    invented(200, seed=9).to_csv(tmp_path / "fresh.csv", index=False)
    done = run("evaluate", "--data", tmp_path / "fresh.csv", "--model", tmp_path / "model")
    assert "if these rows are among" in " ".join(done.stderr.split())


@pytest.mark.real_data
def test_evaluation_tells_by_its_figures_that_the_shipped_model_saw_the_rows(
    safecity: Path,
) -> None:
    for name in ("dev.csv", "train.csv"):
        done = run("evaluate", "--data", safecity / name)
        assert "was probably trained on these rows" in " ".join(done.stderr.split()), name


def test_a_file_that_was_classified_before_is_classified_again(tmp_path: Path) -> None:
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    assert run("classify", sample("broken-export"), "--out", first).exit_code == 0
    done = run("classify", first, "--out", second)
    assert done.exit_code == 0, done.output
    assert len(pd.read_csv(second)) == len(pd.read_csv(first))


def test_an_unexpected_error_shows_its_kind_and_place_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError(f"Could not convert {SECRET}")

    monkeypatch.setattr(scoring, "score", fail)
    done = run("check", sample("broken-export"))
    assert done.exit_code == 3
    assert "ValueError" in done.stderr
    assert SECRET not in done.output
    assert "Traceback" not in done.output


def test_a_setting_that_is_not_valid_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERWORD_MAX_ROWS", "many")
    get_settings.cache_clear()
    try:
        done = run("check", sample("broken-export"))
    finally:
        monkeypatch.undo()
        get_settings.cache_clear()
    assert done.exit_code == 3
    assert "AFTERWORD_MAX_ROWS" in done.stderr


def test_yes_and_no_are_labels_too(small_model: Path, tmp_path: Path) -> None:
    words = {0: "no", 1: "yes"}
    table = invented(80, seed=3).assign(
        Remarks=lambda rows: rows["Remarks"].map(words), Staring=lambda rows: rows["Staring"]
    )
    table.to_csv(tmp_path / "x.csv", index=False)
    done = run("evaluate", "--data", tmp_path / "x.csv", "--model", small_model)
    assert done.exit_code == 0, done.output


def test_labels_that_are_none_are_one_sentence(small_model: Path, tmp_path: Path) -> None:
    invented(80).assign(Staring="perhaps").to_csv(tmp_path / "x.csv", index=False)
    done = run("evaluate", "--data", tmp_path / "x.csv", "--model", small_model)
    assert done.exit_code == 3
    assert "no column with the true labels of 'Staring'" in done.stderr.replace("\n", " ")


def test_a_damaged_list_of_repeats_is_one_sentence(
    small_model: Path, small_data: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(small_model, folder)
    (folder / "seen.npy").write_bytes(b"x")
    done = run("evaluate", "--data", small_data, "--model", folder)
    assert done.exit_code == 3
    assert "is damaged" in done.stderr.replace("\n", " ")


@pytest.mark.parametrize(
    ("categories", "sentence"),
    [
        (["Remarks=X", "Staring=X"], "same name"),
        (["id=Staring"], "holds 0 or 1 in"),
        (["Staring"], 'as "column=name"'),
    ],
)
def test_a_category_that_cannot_be_is_refused(
    small_data: Path, tmp_path: Path, categories: list[str], sentence: str
) -> None:
    named = [part for one in categories for part in ("--category", one)]
    done = run("train", "--data", small_data, "--out", tmp_path / "m", *named)
    assert done.exit_code == 3
    assert sentence in done.stderr.replace("\n", " ")


def test_the_reason_of_a_folder_without_tables_is_told(small_data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    shutil.copy(small_data, folder / "a.csv")
    done = run("train", "--data", folder, "--out", tmp_path / "m", "--category", "Typo=X")
    assert done.exit_code == 3
    assert "has no column 'Typo'" in done.stderr.replace("\n", " ")


def test_evaluation_without_labels_says_which_are_missing(
    small_model: Path, tmp_path: Path
) -> None:
    invented(50).drop(columns="Staring").to_csv(tmp_path / "x.csv", index=False)
    done = run("evaluate", "--data", tmp_path / "x.csv", "--model", small_model)
    assert done.exit_code == 3
    assert "Staring" in done.stderr


def test_a_column_of_names_is_measured_by_and_asked_about(
    small_model: Path, tmp_path: Path
) -> None:
    table = invented(80)
    names = [
        "; ".join(name for name in ("Remarks", "Staring") if row[name]) or "[]"
        for row in table.to_dict(orient="records")
    ]
    kept = table[["description"]].assign(Kategorie=names, label=names, was_cancelled=[0, 1] * 40)
    kept.to_csv(tmp_path / "named.csv", index=False)
    data = ("--data", tmp_path / "named.csv")
    done = run("evaluate", *data, "--model", small_model, "--label", "Kategorie", "--json")
    assert done.exit_code == 0
    table.to_csv(tmp_path / "marks.csv", index=False)
    same = run("evaluate", "--data", tmp_path / "marks.csv", "--model", small_model, "--json")
    assert json.loads(done.stdout) == json.loads(same.stdout)
    asked = run("train", *data, "--out", tmp_path / "m")
    assert asked.exit_code == 3
    assert "--label NAME=COLUMN" in " ".join(asked.stderr.split())
    missing = run("train", *data, "--out", tmp_path / "m", "--label", "A=nowhere")
    assert "no column 'nowhere'" in " ".join(missing.stderr.split())
