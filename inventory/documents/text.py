"""Lines of text as PDF operators, each distinct line encoded once per document."""

from reportlab.pdfgen.canvas import Canvas

from inventory.documents.typeface import Style, font, runs, width

BOLD_STROKE = 0.26
INK = 0.08
# Names and places stay known over many pages; times and seals, each printed once, must not pile up.
MOST_KNOWN = 4096


class TextLayer:
    """The text of the page or form being drawn, written out at once by ``flush``.

    ReportLab's own text object encodes and escapes every line anew; names, places and kinds come a thousand times.
    """

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._known: dict[tuple[str, float, str], str] = {}
        self._operators: list[str] = []
        self._style: Style | None = None

    def draw_lines(self, lines: tuple[str, ...], x: float, baseline: float, style: Style) -> None:
        """Draw legible lines below each other, the first at (x, baseline)."""
        if style is not self._style:
            self._operators.append(f"{style.grey:g} g {2 if style.bold else 0} Tr")
            self._style = style
        for line in lines:
            left = x
            parts = runs(line, style.font)
            for name, part in parts:
                shown = self._known.get((name, style.size, part)) or self._encoded(name, style.size, part)
                self._operators.append(f"1 0 0 1 {left:.2f} {baseline:.2f} Tm {shown}")
                if len(parts) > 1:
                    left += width(part, Style(name, style.size, style.leading))
            baseline -= style.leading

    def flush(self) -> None:
        """Write what was drawn to the canvas and begin anew."""
        self._canvas.setLineWidth(BOLD_STROKE)
        self._canvas.setStrokeGray(INK)
        self._canvas.addLiteral("\n".join(("BT", *self._operators, "ET")))
        self._operators, self._style = [], None

    def _encoded(self, name: str, size: float, text: str) -> str:
        """Return the operators that show ``text``: a font subset holds 256 glyphs, so a line may need several."""
        face, document = font(name), self._canvas._doc  # type: ignore[attr-defined]  # noqa: SLF001
        shown = " ".join(
            f"{face.getSubsetInternalName(subset, document)} {size:g} Tf ({self._canvas._escape(codes)}) Tj"  # type: ignore[attr-defined]  # noqa: SLF001
            for subset, codes in face.splitString(text, document)
        )
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[name, size, text] = shown
        return shown
