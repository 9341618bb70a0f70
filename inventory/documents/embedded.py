"""Data carried inside a PDF, so that the document can be read by machines too.

pyHanko is imported where it is used: it takes half a second, and most processes never read one back.
"""

from io import BytesIO

from reportlab.pdfbase.pdfdoc import PDFArray, PDFDictionary, PDFName, PDFStream, PDFString
from reportlab.pdfgen.canvas import Canvas

from biobank.domain.refusal import RuleViolation


def embed_text(canvas: Canvas, *, name: str, text: str, description: str, media_type: str) -> None:
    """Attach ``text`` as the file ``name``; the same text gives the same bytes."""
    # ReportLab has no public way to attach a file.
    document = canvas._doc  # type: ignore[attr-defined]  # noqa: SLF001
    data = text.encode()
    stream = PDFStream(
        PDFDictionary(
            {
                "Type": PDFName("EmbeddedFile"),
                "Subtype": "/" + media_type.replace("/", "#2F"),
                "Params": PDFDictionary({"Size": len(data)}),
            }
        ),
        data,
        filters=None,
    )
    specification = PDFDictionary(
        {
            "Type": PDFName("Filespec"),
            "F": PDFString(name),
            "UF": PDFString(name),
            "Desc": PDFString(description),
            "AFRelationship": PDFName("Data"),
            "EF": PDFDictionary({"F": document.Reference(stream)}),
        }
    )
    names = PDFArray([PDFString(name), document.Reference(specification)])
    document.Catalog.Names = PDFDictionary({"EmbeddedFiles": PDFDictionary({"Names": names})})


class EmbeddedTextUnreadable(RuleViolation):
    """A PDF does not carry the text it should."""

    code = "embedded-text-unreadable"
    title = "The data in the document cannot be read"


def embedded_text(pdf: bytes, *, name: str) -> str:
    """Return the text attached to a PDF as ``name``. Raises ``EmbeddedTextUnreadable``."""
    from pyhanko.pdf_utils.reader import PdfFileReader  # noqa: PLC0415

    try:
        names = PdfFileReader(BytesIO(pdf)).root["/Names"]["/EmbeddedFiles"]["/Names"]
        files = {str(names[index]): names[index + 1] for index in range(0, len(names), 2)}
        data: bytes = files[name]["/EF"]["/F"].data
        return data.decode()
    except Exception as error:  # a damaged file breaks its reader in any way
        raise EmbeddedTextUnreadable(f"The PDF carries no readable {name}: {error}.") from error
