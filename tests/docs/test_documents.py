"""What the documents show is there: links, commands, settings, files, and the shape of the house."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand

from tests.architecture.source import APPS, ROOT, calls, named
from tests.docs.pages import anchors, documents, fenced, links, shown, text

INSTALL_AND_DEMO = "pip install -c requirements.lock -e '.[test]' && python manage.py demo"
TESTS = "python -m pytest"
FIRST_SCREEN = 25
LARGEST_PICTURE = 200_000

# Where a reader may be sent: what is cited, what a licence asks to be named, and the reader's own machine.
HOSTS = {
    "127.0.0.1",
    "biobank.example.org",
    "creativecommons.org",
    "github.com",
    "keepachangelog.com",
    "mondo.monarchinitiative.org",
    "semver.org",
}
# Read from the environment by what the bank runs on, not by its settings.
NOT_OURS = {"DJANGO_SETTINGS_MODULE", "POSTGRES_PASSWORD"}
READERS = {"text", "flag", "number", "words", "required", "named_keys", "hex_key", "folder"}
VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
COMMAND = re.compile(r"manage\.py ([a-z][a-z_]*)(.*)")
FILE = re.compile(r"(?:biobank|consent|inventory|templates|tests|docs)/[\w./-]*\w/?")
LAYER = re.compile(r"(\w+)(?:/|\.py)")

every_document = pytest.mark.parametrize("document", documents(), ids=named)


@every_document
def test_every_link_inside_leads_somewhere(document: Path):
    inside = [link for link in links(text(document)) if "://" not in link]

    dead = [link for link in inside if not _leads_somewhere(document, link)]

    assert dead == []


@every_document
def test_nobody_is_sent_to_a_place_outside_that_is_not_cited(document: Path):
    addresses = re.findall(r"https?://[^\s)>\]\"'`|]+", text(document))

    assert {urlsplit(address).hostname for address in addresses} - HOSTS == set()


@every_document
def test_no_document_names_an_issue_or_a_path_of_one_machine(document: Path):
    words = text(document)

    assert re.findall(r"(?<![\w&/])#\d+|\b[Ii]ssues? #?\d+", words) == []
    assert re.findall(r"(?<![\w.~…/>:-])/(?:home|root|tmp|work|opt|usr|Users|mnt)\b[\w./]*", words) == []


@every_document
def test_every_command_shown_exists_with_the_flags_shown(document: Path):
    commands = [(*found.groups(), line) for line in shown(text(document)) if (found := COMMAND.search(line))]

    wrong = [line for name, rest, line in commands if not _is_command(name, set(re.findall(r"--[a-z][a-z-]*", rest)))]

    assert wrong == []


@every_document
def test_every_file_named_is_there(document: Path):
    names = {name for line in shown(text(document)) for name in FILE.findall(line)}

    assert sorted(name for name in names if not (ROOT / name).exists()) == []


@every_document
def test_every_variable_of_the_bank_that_is_named_is_a_setting(document: Path):
    named_here = {name for name in VARIABLE.findall(text(document)) if name.startswith("BIOBANK_")}

    assert named_here - _read_from_the_environment() == set()


def test_the_two_commands_stand_in_the_first_screen_of_the_readme_exactly():
    readme = text(ROOT / "README.md")

    block = next(block for block in fenced(readme, "sh") if "pip install" in block)

    assert block.splitlines() == [INSTALL_AND_DEMO, TESTS]
    assert TESTS in readme.splitlines()[:FIRST_SCREEN]


def test_the_pictures_of_the_readme_are_small_enough_to_load():
    pictures = [ROOT / link for link in links(text(ROOT / "README.md")) if link.endswith(".png")]

    assert pictures
    assert [named(picture) for picture in pictures if picture.stat().st_size >= LARGEST_PICTURE] == []


def test_the_table_of_settings_lists_what_is_read_from_the_environment_and_nothing_else():
    listed = [row[0] for row in _settings_table()]

    assert sorted(listed) == sorted(_read_from_the_environment())


def test_what_production_requires_is_called_required():
    production = ROOT / "biobank" / "settings" / "production.py"
    needed = {_first_word(call) for call in calls(production) if _reader(call) == "required"}

    called = {name for name, given in _settings_table() if given == "required"}

    assert called == needed


def test_the_example_of_an_environment_names_only_settings_that_are_read():
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    given = {found[1] for line in lines if (found := re.match(r"#?([A-Z][A-Z_]+)=", line))}

    assert given - NOT_OURS - _read_from_the_environment() == set()
    assert "BIOBANK_DEMO" not in given


def test_the_flags_shown_of_the_verifier_are_its_flags():
    answer = subprocess.run(
        [sys.executable, "-S", "biobank/exchange/verify_ledger.py", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    used = [line for page in documents() for line in shown(text(page)) if "verify_ledger.py " in line]

    flags = {flag for line in used for flag in re.findall(r"--[a-z-]+", line)}

    assert flags == {"--key", "--checkpoint"}
    assert [flag for flag in flags if flag not in answer.stdout] == []


def test_decisions_are_numbered_without_gaps_and_say_context_decision_and_consequences():
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))

    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for number, page in enumerate(pages, start=1):
        lines = text(page).splitlines()
        assert lines[0].startswith(f"# {number}. "), named(page)
        assert [line for line in lines if line.startswith("## ")] == ["## Context", "## Decision", "## Consequences"]


def test_the_map_of_the_readme_shows_the_folders_that_are_there():
    tree = fenced(text(ROOT / "README.md"), "text")[0].splitlines()
    top = {LAYER.match(line)[1] for line in tree if not line.startswith(" ")}
    inside = {LAYER.match(line.strip())[1] for line in tree if line.startswith(" ")}

    folders = {path.name for path in (ROOT / "inventory").iterdir() if (path / "__init__.py").exists()}

    assert top == {*APPS, "templates", "tests", "docs"}
    assert folders - {"migrations", "templatetags"} <= inside
    assert [name for name in inside if not _in_app("inventory", name)] == []


def test_the_layers_of_the_architecture_are_those_of_the_contract_from_top_to_bottom():
    page = fenced(text("architecture.md"), "text")[0]
    drawn = [set(LAYER.findall(line[:76])) for line in page.splitlines()]
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(contract["layers"] for contract in contracts if contract["name"] == "Layers inside each app")

    held = [{name for name in re.findall(r"\w+", layer) if any(_in_app(app, name) for app in APPS)} for layer in layers]

    assert drawn == held


def test_every_name_beside_a_file_in_the_architecture_is_in_that_file():
    rows = [line for line in text("architecture.md").splitlines() if line.startswith("|")]
    pairs = [
        (path, name)
        for row in rows
        for path, names in re.findall(r"`([\w/]+\.py)` ((?:`\w+`(?:, )?)+)", row)
        for name in re.findall(r"\w+", names)
    ]

    assert pairs
    assert [pair for pair in pairs if not re.search(rf"\b{pair[1]}\b", (ROOT / pair[0]).read_text("utf-8"))] == []


def _leads_somewhere(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    return target.exists() and (not anchor or anchor in anchors(text(target)))


def _is_command(name: str, flags: set[str]) -> bool:
    app = get_commands().get(name)
    if app is None:
        return False
    command = app if isinstance(app, BaseCommand) else load_command_class(app, name)
    return all(flag in command.create_parser("manage.py", name)._option_string_actions for flag in flags)


def _settings_table() -> list[tuple[str, str]]:
    """Return name and production value of each setting that operations.md lists."""
    section = text("operations.md").split("\n## Settings\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `([A-Z0-9_]+)` \| ([^|]+?) \|", section, re.MULTILINE)


def _read_from_the_environment() -> set[str]:
    settings = sorted((ROOT / "biobank" / "settings").glob("*.py"))
    found = {_first_word(call) for path in settings for call in calls(path) if _reader(call) in READERS}
    return {name for name in found if VARIABLE.fullmatch(name)}


def _reader(call: ast.Call) -> str:
    """Return by which function of the settings' environment a call reads; nothing for any other call."""
    function = call.func
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        return function.attr if function.value.id == "environment" else ""
    return ""


def _first_word(call: ast.Call) -> str:
    first = call.args[0] if call.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""


def _in_app(app: str, name: str) -> bool:
    return (ROOT / app / name).is_dir() or (ROOT / app / f"{name}.py").is_file()
