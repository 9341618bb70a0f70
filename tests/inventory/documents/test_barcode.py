"""Data Matrix codes decode to what they were made of."""

import pytest
import zxingcpp
from PIL import Image

from inventory.documents.barcode import data_matrix


@pytest.mark.parametrize("text", ["1:" + "0" * 64, "987654321:" + "9af3" * 16, "=A99992600012300", "Ł→漢"])
def test_a_data_matrix_is_square_and_decodes(text):
    modules = data_matrix(text)

    side = len(modules)
    image = Image.new("L", (side + 4, side + 4), 255)
    for y, row in enumerate(modules):
        for x, dark in enumerate(row):
            image.putpixel((x + 2, y + 2), 0 if dark else 255)
    found = zxingcpp.read_barcode(image.resize((image.width * 4, image.height * 4), Image.Resampling.NEAREST))

    assert {len(row) for row in modules} == {side}
    assert found is not None
    assert found.text == text
