"""The layers: import-linter's contracts, and a domain that stands without Django."""

import subprocess
import sys

import pytest

from tests.architecture.source import APPS, ROOT, imports, named, written_modules

_WITHOUT_FRAMEWORKS = """
import importlib, pkgutil, sys

BLOCKED = {"django", "rest_framework", "celery", "kombu", "redis", "reportlab", "psycopg"}


class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in BLOCKED:
            raise ImportError(f"{name} is not for the domain")
        return None


sys.meta_path.insert(0, Blocker())
count = 0
for name in sys.argv[1:]:
    package = importlib.import_module(name)
    for module in pkgutil.walk_packages(package.__path__, name + "."):
        importlib.import_module(module.name)
        count += 1
print(count)
"""


def test_every_import_goes_down_the_layers():
    answer = subprocess.run(
        [sys.executable, "-c", "import sys; from importlinter.cli import lint_imports_command as run; run()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_the_domain_can_be_imported_where_django_and_celery_are_absent():
    packages = [f"{app}.domain" for app in APPS]

    answer = subprocess.run(
        [sys.executable, "-c", _WITHOUT_FRAMEWORKS, *packages], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert answer.returncode == 0, answer.stderr
    assert int(answer.stdout) > 0


@pytest.mark.parametrize("app", APPS)
def test_migrations_import_nothing_of_ours_but_fields_and_one_another(app):
    migrations = sorted((ROOT / app / "migrations").glob("0*.py"))
    allowed = tuple(f"{owner}.{part}" for owner in APPS for part in ("fields", "migrations"))

    wrong = [
        f"{named(path)} imports {name}"
        for path in migrations
        for name in imports(path)
        if name.startswith(tuple(f"{owner}." for owner in APPS)) and not name.startswith(allowed)
    ]

    assert wrong == []


def test_only_documents_import_reportlab():
    others = [path for path in written_modules(*APPS) if "documents" not in path.parts]

    assert [named(path) for path in others if any(name.startswith("reportlab") for name in imports(path))] == []
