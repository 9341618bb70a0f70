"""The house's own files, for the tests of its structure."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("biobank", "consent", "inventory")


def modules(*folders: str) -> list[Path]:
    """Return every Python file of these folders but the migrations, which Django writes."""
    found = (path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")))
    return [path for path in found if "migrations" not in path.parts]


def written_modules(*folders: str) -> list[Path]:
    """Return the Python files that hold something: every one but ``__init__.py``."""
    return [path for path in modules(*folders) if path.name != "__init__.py"]


def named(path: Path) -> str:
    """Return the path as a person would say it."""
    return str(path.relative_to(ROOT))


def tree(path: Path) -> ast.Module:
    """Return what the file says, parsed."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function and method of the file."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def calls(path: Path) -> Iterator[ast.Call]:
    """Yield every call written in the file."""
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))


def imports(path: Path) -> Iterator[str]:
    """Yield the name of every module that the file imports, wherever in it."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def kept_files() -> list[Path]:
    """Return what the project keeps: git's list where there is a repository, else what lies there."""
    answer = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if answer.returncode == 0 and answer.stdout:
        return [ROOT / name for name in answer.stdout.decode().split("\0") if name and (ROOT / name).exists()]
    return [path for path in ROOT.rglob("*") if path.is_file()]
