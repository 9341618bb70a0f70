"""Two-dimensional codes drawn as rectangles, so that they stay sharp at any size."""

from functools import lru_cache

import zxingcpp
from reportlab.pdfgen.canvas import Canvas

Modules = tuple[tuple[bool, ...], ...]
"""Rows from the top, each module dark or not."""


@lru_cache(maxsize=1024)
def data_matrix(text: str) -> Modules:
    """Return the square Data Matrix (ECC 200) of ``text``, without quiet zone."""
    symbol = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix, force_square=True)
    # The image speaks the buffer protocol, which its types do not say.
    pixels: list[list[int]] = memoryview(symbol.to_image(scale=1, add_quiet_zones=False)).tolist()  # type: ignore[arg-type,assignment]
    return tuple(tuple(pixel == 0 for pixel in row) for row in pixels)


def draw_modules(canvas: Canvas, modules: Modules, *, left: float, bottom: float, module: float) -> None:
    """Draw the code with its lower left corner at (left, bottom); ``module`` is the width of one in points.

    Neighbouring dark modules of a row are one rectangle: fewer operators, and no hairlines between them.
    """
    path = canvas.beginPath()
    for row, dark in enumerate(modules):
        y = bottom + (len(modules) - 1 - row) * module
        start = 0
        while start < len(dark):
            end = start + 1
            while end < len(dark) and dark[end] == dark[start]:
                end += 1
            if dark[start]:
                path.rect(left + start * module, y, (end - start) * module, module)
            start = end
    canvas.setFillGray(0)
    canvas.drawPath(path, stroke=0, fill=1)
