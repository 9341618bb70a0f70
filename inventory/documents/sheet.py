"""A4 paper with a cursor: where the next line goes, when a new page begins, and what is on every page."""

from collections.abc import Callable
from io import BytesIO

from reportlab import rl_config
from reportlab.pdfgen.canvas import Canvas

from inventory.documents.text import TextLayer
from inventory.documents.typeface import Style, legible, width, wrapped

# Streams are written as bytes, not as text of bytes: a fifth smaller, and faster.
rl_config.useA85 = 0

PAGE_WIDTH, PAGE_HEIGHT = 595.276, 841.89
LEFT, RIGHT = 48.0, PAGE_WIDTH - 48.0
MEASURE = RIGHT - LEFT
HAIRLINE, RULE = 0.3, 0.7
HEAD_FORM, FOOT_FORM, TOTAL_FORM = "head", "foot", "total"

Point = tuple[float, float]


class Sheet:
    """A document in the making. Text is drawn where asked; ``y`` is the cursor, falling towards ``bottom``.

    What stands on every page is drawn once, as forms that each page refers to; the number of pages is the last form.
    """

    def __init__(self, *, title: str, author: str, subject: str, top: float, bottom: float) -> None:
        self.target = BytesIO()
        self.canvas = Canvas(
            self.target, pagesize=(PAGE_WIDTH, PAGE_HEIGHT), invariant=1, pageCompression=1, lang="en", initialLeading=1
        )
        self.canvas.setTitle(title)
        self.canvas.setAuthor(author)
        self.canvas.setSubject(subject)
        self.canvas.setCreator(author)
        self.top, self.bottom, self.y = top, bottom, top
        self.page = 0
        self._total_at: tuple[Point, Style] = ((0, 0), Style("", 0, 0))
        self._text = TextLayer(self.canvas)

    def furnish(self, form: str, draw: Callable[["Sheet"], None]) -> None:
        """Define what every page shows under the name ``form``."""
        self.canvas.beginForm(form)
        draw(self)
        self._text.flush()
        self.canvas.endForm()

    def number_pages(self, x: float, y: float, style: Style) -> None:
        """Say where “Page x of y” stands."""
        self._total_at = ((x, y), style)

    def new_page(self) -> None:
        """Finish the page, if there is one, and begin the next with its furniture."""
        self._finish_page()
        self.page += 1
        self.y = self.top
        self.canvas.doForm(HEAD_FORM)
        self.canvas.doForm(FOOT_FORM)
        self._number_page()

    def need(self, height: float) -> bool:
        """Begin a new page unless ``height`` is left on this one; say whether it did."""
        if self.y - height >= self.bottom:
            return False
        self.new_page()
        return True

    def draw(self, text: str, x: float, baseline: float, style: Style) -> None:
        """Draw one line of text as it can be shown, starting at (x, baseline)."""
        self.draw_lines((legible(text),), x, baseline, style)

    def draw_lines(self, lines: tuple[str, ...], x: float, baseline: float, style: Style) -> None:
        """Draw legible lines below each other, the first at (x, baseline)."""
        self._text.draw_lines(lines, x, baseline, style)

    def paragraph(self, text: str, style: Style, *, left: float = LEFT, measure: float = MEASURE) -> None:
        """Set running text at the cursor, over as many pages as it takes."""
        for line in wrapped(text, style, measure):
            self.need(style.leading)
            self.draw_lines((line,), left, self.y - style.size, style)
            self.y -= style.leading

    def rule(
        self, y: float, *, left: float = LEFT, right: float = RIGHT, weight: float = HAIRLINE, grey: float = 0.7
    ) -> None:
        """Draw a horizontal line."""
        self.canvas.setFillGray(grey)
        self.canvas.rect(left, y, right - left, weight, stroke=0, fill=1)

    def triangle(self, x: float, baseline: float, size: float) -> None:
        """Draw the mark of what was amended; neither typeface has the glyph."""
        path = self.canvas.beginPath()
        path.moveTo(x, baseline)
        path.lineTo(x + size, baseline)
        path.lineTo(x + size / 2, baseline + size * 0.88)
        path.close()
        self.canvas.setFillGray(0.08)
        self.canvas.drawPath(path, stroke=0, fill=1)

    def box(self, x: float, y: float, box_width: float, height: float) -> None:
        """Draw the frame around a check character."""
        self.canvas.setStrokeGray(0.08)
        self.canvas.setLineWidth(0.6)
        self.canvas.rect(x, y, box_width, height, stroke=1, fill=0)

    def frame(self, x: float, y: float, frame_width: float, height: float) -> None:
        """Draw the heavy frame around what must be seen first."""
        self.canvas.setStrokeGray(0)
        self.canvas.setLineWidth(2.4)
        self.canvas.rect(x, y, frame_width, height, stroke=1, fill=0)

    def finish(self) -> bytes:
        """Return the document's bytes: the same for the same calls."""
        self._finish_page()
        _, style = self._total_at
        self.canvas.beginForm(TOTAL_FORM, lowerx=-1, lowery=-4, upperx=80, uppery=20)
        self.draw(str(self.page), 0, 0, style)
        self._text.flush()
        self.canvas.endForm()
        self.canvas.save()
        return self.target.getvalue()

    def _number_page(self) -> None:
        (x, y), style = self._total_at
        words = f"Page {self.page} of "
        self.draw(words, x, y, style)
        self._text.flush()
        self.canvas.saveState()
        self.canvas.translate(x + width(words, style), y)
        self.canvas.doForm(TOTAL_FORM)
        self.canvas.restoreState()

    def _finish_page(self) -> None:
        if self.page:
            self._text.flush()
            self.canvas.showPage()
