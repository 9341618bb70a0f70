"""The project's outside: its top level, its dependencies and the versions they are pinned to."""

import re
import tomllib

from tests.architecture.source import ROOT, kept_files

TOP_LEVEL = {
    ".ci",
    ".dockerignore",
    ".editorconfig",
    ".env.example",
    ".gitignore",
    "biobank",
    "CHANGELOG.md",
    "compose.yaml",
    "consent",
    "CONTRIBUTING.md",
    "Dockerfile",
    "docs",
    "inventory",
    "LICENSE",
    "manage.py",
    "NOTICE",
    "pyproject.toml",
    "README.md",
    "requirements.lock",
    "SECURITY.md",
    "templates",
    "tests",
}
# What only Windows needs is in no lock for Linux and macOS; nothing else may be missing.
PIN = re.compile(r"[a-z0-9][a-z0-9._-]*==[0-9][0-9a-z.]*( ; .+)?")


def _project() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def _dependencies() -> list[str]:
    project = _project()
    return [*project["dependencies"], *project["optional-dependencies"]["test"]]


def _normal(requirement: str) -> str:
    return re.split(r"[\[<>=; ]", requirement)[0].lower().replace("_", "-")


def test_the_top_level_holds_only_what_is_expected_there():
    found = {path.relative_to(ROOT).parts[0] for path in kept_files()}

    assert found - TOP_LEVEL - {"var", ".git", ".venv"} == set()


def test_every_dependency_says_what_it_is_for():
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()

    silent = [
        requirement
        for requirement in _dependencies()
        if not any(re.search(rf'^\s*"{re.escape(requirement)}",\s+# \S+', line) for line in lines)
    ]

    assert silent == []


def test_every_line_of_the_lock_is_an_exact_version_and_names_no_host():
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]

    assert [pin for pin in pins if not PIN.fullmatch(pin)] == []
    assert [line for line in lines if "://" in line or "/simple" in line] == []


def test_every_dependency_is_pinned_in_the_lock():
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pinned = {_normal(line) for line in lines if not line.startswith("#")}

    assert {_normal(requirement) for requirement in _dependencies()} - pinned == set()
