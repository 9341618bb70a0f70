"""The typefaces of printed documents: which glyphs they have, how wide text is, where lines break."""

import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

import fontpkg_ibm_plex_mono
import fontpkg_noto_sans
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

SANS, MONO = "NotoSans", "PlexMono"
FILES = {
    SANS: fontpkg_noto_sans.ROOT / "files" / "NotoSans[wdth,wght].ttf",
    MONO: fontpkg_ibm_plex_mono.ROOT / "files" / "IBMPlexMono-Regular.ttf",
}


@dataclass(frozen=True)
class Style:
    """How a piece of text is set; sizes in points, ``grey`` 0 black to 1 white, ``bold`` a stroke around the glyphs."""

    font: str
    size: float
    leading: float
    grey: float = 0.08
    bold: bool = False


BODY = Style(SANS, 7.6, 9.8)
STRONG = Style(SANS, 7.6, 9.8, bold=True)
QUIET = Style(SANS, 6.7, 8.8, grey=0.38)
HASH = Style(MONO, 5.9, 7.8, grey=0.38)
CODE = Style(MONO, 6.9, 9.8)
COLUMN_HEAD = Style(SANS, 6.3, 8.2, grey=0.38)
HEADING = Style(SANS, 11.5, 15, bold=True)
TITLE = Style(SANS, 16, 20)
FURNITURE = Style(SANS, 6.3, 8.2, grey=0.30)

Run = tuple[str, str]
"""A font name and the text that this font can show."""


@cache
def font(name: str) -> TTFont:
    """Return the font, read from its package once per process and made known to ReportLab."""
    face = TTFont(name, str(FILES[name]))
    pdfmetrics.registerFont(face)
    return face


@lru_cache(maxsize=8192)
def legible(text: str) -> str:
    """Return the text as it can be printed: composed, one line, what cannot be shown as its code point ``[U+6F22]``.

    Control and direction characters are shown too: a document must not look different from what it holds.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_shown, unicodedata.normalize("NFC", text)))


def _shown(character: str) -> str:
    if character in "\n\r\t":
        return " "
    if _font_of(character, SANS) and unicodedata.category(character) not in {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}:
        return character
    return f"[U+{ord(character):04X}]"


@lru_cache(maxsize=10_000)
def _font_of(character: str, wanted: str) -> str:
    """Return the wanted font if it has the glyph, else the other one if that has it, else nothing."""
    for name in (wanted, MONO if wanted == SANS else SANS):
        if ord(character) in font(name).face.charToGlyph:
            return name
    return ""


def runs(text: str, name: str) -> list[Run]:
    """Split legible text into stretches of one font each; nearly always there is one."""
    glyphs = font(name).face.charToGlyph
    if text.isascii() or all(ord(character) in glyphs for character in text):
        return [(name, text)]
    found: list[Run] = []
    for character in text:
        chosen = _font_of(character, name) or name
        if found and found[-1][0] == chosen:
            found[-1] = (chosen, found[-1][1] + character)
        else:
            found.append((chosen, character))
    return found


def width(text: str, style: Style) -> float:
    """Return the width of legible text in points."""
    return sum(_advance(name, part) for name, part in runs(text, style.font)) * style.size / 1000


def _advance(name: str, text: str) -> float:
    widths, default = _widths(name)
    return sum([widths.get(ord(character), default) for character in text])


@cache
def _widths(name: str) -> tuple[dict[int, float], float]:
    face = font(name).face
    return face.charWidths, face.defaultWidth


@lru_cache(maxsize=8192)
def wrapped(text: str, style: Style, available: float) -> tuple[str, ...]:
    """Break text into lines that fit; a word that fits no line is broken between characters, never cut off."""
    text = legible(text)
    if width(text, style) <= available:
        return (text,)
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if width(longer, style) <= available:
            line = longer
            continue
        if line:
            lines.append(line)
        *full, line = _pieces(word, style, available)
        lines.extend(full)
    return (*lines, line)


def _pieces(word: str, style: Style, available: float) -> list[str]:
    """Cut one word into pieces that fit."""
    pieces, start = [], 0
    for end in range(1, len(word) + 1):
        if end - start > 1 and width(word[start:end], style) > available:
            pieces.append(word[start : end - 1])
            start = end - 1
    return [*pieces, word[start:]]


def spaced(number: str) -> str:
    """Return a whole number of five digits or more in thousands, ``1 420 000 000``; anything else as it is."""
    if not (number.isascii() and number.isdigit() and len(number) > 4) or number.startswith("0"):
        return number
    return f"{int(number):,}".replace(",", "\u00a0")


def grouped(digits: str, size: int = 4) -> str:
    """Return a hash in groups of ``size``, so that two can be compared by eye."""
    return " ".join(digits[start : start + size] for start in range(0, len(digits), size))
