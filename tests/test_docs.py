"""The documents say what the code does: what is not documented fails."""

import doctest
import json
import re
import subprocess
from pathlib import Path

import pytest
import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

import afterword
from afterword.api.docs_page import EXAMPLE
from afterword.cli.main import app
from afterword.measures.definitions import definitions
from afterword.model.registry import load_manifest, load_model
from afterword.settings import Settings
from benchmarks.record import PLACE

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
def test_every_setting_is_documented_with_its_default(name: str) -> None:
    field = Settings.model_fields[name]
    lines = (ROOT / "docs" / "settings.md").read_text().splitlines()
    (line,) = [line for line in lines if f"`AFTERWORD_{name.upper()}`" in line]
    assert field.description is not None
    assert field.description in line
    if not isinstance(field.default, Path):
        assert f"| {field.default} |" in line


def commands() -> dict[str, TyperCommand]:
    """Every command of the command line by its name."""
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    found = {name: each for name, each in group.commands.items() if isinstance(each, TyperCommand)}
    for name, inner in group.commands.items():
        if isinstance(inner, TyperGroup):
            own = inner.commands.items()
            found |= {f"{name} {each}": of for each, of in own if isinstance(of, TyperCommand)}
    return found


def options_of(command: TyperCommand | TyperGroup) -> set[str]:
    """What a command's table in docs/commands.md has: options, and arguments in capitals."""
    return {
        option if isinstance(each, TyperOption) else str(each.name).upper()
        for each in command.params
        for option in each.opts
        if option != "--help"
    }


def test_every_command_and_option_is_documented_and_no_other() -> None:
    before, *sections = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8").split("\n## ")
    whole = typer.main.get_command(app)
    assert isinstance(whole, TyperGroup)
    for option in options_of(whole):
        assert f"{option}`" in before
    documented = {section.partition("\n")[0]: section for section in sections}
    assert set(documented) == set(commands())
    for name, command in commands().items():
        rows = re.findall(r"^\| `([^`]+)`", documented[name], re.MULTILINE)
        assert set(rows) == options_of(command), name


def in_fences(document: Path) -> list[str]:
    """The lines of a document's blocks of code."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", document.read_text(encoding="utf-8"), re.M | re.S)
    return [line for block in blocks for line in block.splitlines()]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_in_a_document_exists(document: Path) -> None:
    for line in in_fences(document):
        for name in re.findall(
            r"(?:^|[ /])afterword (?!afterword )((?:stream )?[a-z][a-z-]*)\b", line
        ):
            assert name in commands(), line


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_target_of_make_in_a_document_exists(document: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target, name in re.findall(
        r"`make ([a-z-]+)(?: NAME=([a-z_-]+))?`", document.read_text(encoding="utf-8")
    ):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
        if name:
            assert (ROOT / "benchmarks" / f"{name.replace('-', '_')}.py").exists(), name


def anchors_of(document: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    text = re.sub(r"^```.*?^```", "", document.read_text(encoding="utf-8"), flags=re.M | re.S)
    return {
        re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_local_link_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8"))
    for target, anchor in [link.partition("#")[::2] for link in links if "://" not in link]:
        aim = document.parent / target if target else document
        assert aim.exists(), target
        if anchor:
            assert anchor in anchors_of(aim), f"{target}#{anchor}"


def test_every_page_is_in_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    for page in (ROOT / "docs").glob("*.md"):
        assert page.name == "README.md" or f"({page.name})" in index


def test_every_picture_says_what_it_shows() -> None:
    for document in DOCUMENTS:
        for alt in re.findall(r"!\[([^\]]*)\]\(", document.read_text(encoding="utf-8")):
            assert len(alt.split()) >= 8, f"{document.name}: {alt}"


def test_every_public_name_has_an_example_that_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    for name in afterword.__all__:
        assert f"afterword.{name}" in page
    monkeypatch.chdir(ROOT)
    example = doctest.DocTestParser().get_doctest(page, {}, "python.md", None, None)
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    assert doctest.DocTestRunner(optionflags=flags).run(example).failed == 0


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
    kinds = {"ks": "KS", "mean": "d", "share": "h", "rising share": "h, rise", "mahalanobis": "M"}
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
def test_no_document_has_a_place_that_was_to_be_filled(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    assert "@@" not in text
    assert "<!--" not in PLACE.sub("", text)  # places of results, which test_results.py reads
