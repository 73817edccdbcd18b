"""The documents say what the code does: what is not documented fails."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from afterword.api.docs_page import EXAMPLE
from afterword.cli.main import app
from afterword.measures.definitions import definitions
from afterword.model.registry import load_manifest, load_model
from afterword.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted(
    path
    for path in (
        ROOT / name
        for name in subprocess.check_output(
            ["git", "ls-files", "*.md"], cwd=ROOT, text=True
        ).split()
    )
)


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented_with_its_default(name) -> None:
    field = Settings.model_fields[name]
    lines = (ROOT / "docs" / "settings.md").read_text().splitlines()
    (line,) = [line for line in lines if f"`AFTERWORD_{name.upper()}`" in line]
    assert field.description in line
    if not isinstance(field.default, Path):
        assert f"| {field.default} |" in line


@pytest.mark.parametrize(
    "command",
    [command.callback.__name__.replace("_", "-") for command in app.registered_commands],
)
def test_every_command_is_in_the_readme(command) -> None:
    assert f"python -m afterword {command} " in (ROOT / "README.md").read_text()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_local_link_leads_somewhere(document) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (document.parent / target).exists(), target


def test_every_required_package_has_its_reason_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    reasons = readme[readme.index("## What it is built on") :]
    for line in (ROOT / "requirements.txt").read_text().splitlines():
        if "==" in line:
            assert line.split("==")[0] in reasons


def test_every_requirement_is_pinned_exactly() -> None:
    for name in ("requirements.txt", "requirements-dev.txt", "constraints.txt"):
        for line in (ROOT / name).read_text().splitlines():
            if line and not line.startswith(("#", "-")):
                assert re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line), line


def test_the_model_card_names_the_shipped_training() -> None:
    manifest = load_manifest()
    card = (ROOT / "model" / "README.md").read_text()
    assert f"{manifest.rows:,} usable descriptions" in card
    for category in manifest.categories:
        assert category in card


def test_the_shipped_figures_are_in_the_manifest() -> None:
    metrics = load_manifest().metrics
    assert json.loads(json.dumps(metrics))["at_half"]["accuracy"]["value"] > 0.83
    assert max(quality["ece"]["value"] for quality in metrics["categories"]) <= 0.02


def test_the_documented_answer_over_http_is_the_shipped_models() -> None:
    found = load_model().predict_proba([EXAMPLE])[0]
    (documented,) = re.findall(
        r'"Commenting":{"probability":([\d.]+)', (ROOT / "docs/http.md").read_text()
    )
    assert EXAMPLE in (ROOT / "docs" / "http.md").read_text()
    assert float(documented) == round(found[0], 4)


def test_the_table_of_measures_is_that_of_the_check() -> None:
    kinds = {"ks": "KS", "mean": "d", "share": "h", "mahalanobis": "M"}
    page = (ROOT / "docs" / "how-the-verdict-works.md").read_text(encoding="utf-8")
    written = [line for line in page.splitlines() if line.startswith("| `")]
    expected = [
        f"| `{each.name.replace('A prob', '<category> prob')}` "
        f"| {each.label.replace('of A', 'of a category')} | {each.group} "
        f"| {kinds[each.distance]} | {each.floor:g} | {each.weight:g} "
        f"| {'yes' if each.column else ''} | {'yes' if each.fault else ''} |"
        for each in definitions(["A"])
    ]
    assert written == expected


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_document_has_a_place_that_was_to_be_filled(document) -> None:
    text = document.read_text(encoding="utf-8")
    assert "@@" not in text
    assert "<!--" not in text
