"""What every file keeps to: its size, its first line, its name, and what it may not call."""

import ast

import pytest

from tests.architecture.source import APPS, ROOT, calls, functions, imports, modules, named, tree, written_modules

LONGEST_MODULE = 300
LONGEST_FUNCTION = 40
SHAPELESS = {"utils", "util", "helpers", "helper", "common", "core", "misc", "lib", "scripts", "base_utils", "tools"}


def test_every_init_file_is_empty():
    packages = [path for path in modules(*APPS, "tests") if path.name == "__init__.py"]

    assert [named(path) for path in packages if path.stat().st_size] == []


def test_every_module_begins_with_a_line_that_says_what_lives_there():
    wrong = []
    for path in written_modules(*APPS):
        words = ast.get_docstring(tree(path))
        if not words or not words.splitlines()[0].strip().endswith((".", "?")):
            wrong.append(named(path))

    assert wrong == []


def test_no_module_is_longer_than_three_hundred_lines():
    every = written_modules(*APPS, "tests")
    lengths = {named(path): len(path.read_text(encoding="utf-8").splitlines()) for path in every}

    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_no_function_is_longer_than_forty_lines():
    lengths = {
        f"{named(path)}: {function.name}": (function.end_lineno or 0) - function.lineno + 1
        for path in written_modules(*APPS)
        for function in functions(path)
    }

    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}


@pytest.mark.parametrize("folder", [*APPS, "tests"])
def test_nothing_is_named_for_having_no_shape(folder):
    wrong = [named(path) for path in modules(folder) if SHAPELESS & {*path.relative_to(ROOT).parts[:-1], path.stem}]

    assert wrong == []


def test_only_commands_print():
    may = ("management", "verify_ledger.py")
    others = [path for path in written_modules(*APPS) if not set(may) & set(path.parts)]

    assert [named(path) for path in others if any(_calls_name(call, "print") for call in calls(path))] == []


def test_no_service_deletes_a_row():
    services = [path for path in written_modules(*APPS) if "services" in path.parts]

    wrong = [f"{named(path)}:{call.lineno}" for path in services for call in calls(path) if _is_method(call, "delete")]

    assert wrong == []


def test_only_services_open_transactions():
    others = [path for path in written_modules(*APPS) if "services" not in path.parts]

    assert [named(path) for path in others if any(name == "django.db.transaction" for name in imports(path))] == []


def test_rules_and_services_read_no_clock():
    inner = [path for path in written_modules(*APPS) if {"domain", "services"} & set(path.parts)]

    wrong = [
        f"{named(path)}:{call.lineno}"
        for path in inner
        for call in calls(path)
        if any(_is_method(call, name) for name in ("now", "utcnow", "today"))
    ]

    assert wrong == []


def _calls_name(call: ast.Call, name: str) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == name


def _is_method(call: ast.Call, name: str) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr == name
