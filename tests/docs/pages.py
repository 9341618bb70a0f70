"""The documents as the tests read them: their text, their links, and the code that they show."""

import re
from pathlib import Path

from tests.architecture.source import ROOT

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def documents() -> list[Path]:
    """Return every page of ours: those at the top, and all under docs."""
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def text(page: Path | str) -> str:
    """Return what the page says; a page named by words lies under docs."""
    path = ROOT / "docs" / page if isinstance(page, str) else page
    return path.read_text(encoding="utf-8")


def fenced(words: str, language: str = "") -> list[str]:
    """Return the blocks of code, or those of one language."""
    return [block for name, block in FENCE.findall(words) if language in ("", name)]


def shown(words: str) -> list[str]:
    """Return all code shown, line by line: blocks, and what stands in backticks."""
    lines = [line for block in fenced(words) for line in block.splitlines()]
    return [*lines, *INLINE.findall(FENCE.sub("", words))]


def links(words: str) -> list[str]:
    """Return where the links and pictures of the page lead."""
    return LINK.findall(FENCE.sub("", words))


def anchors(words: str) -> set[str]:
    """Return the names under which a page's headings are linked."""
    titles = re.findall(r"^#+ (.+)$", FENCE.sub("", words), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}
