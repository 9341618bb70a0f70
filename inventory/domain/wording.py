"""Stored terms as people write them: ``maternal_dna`` is "maternal DNA"."""

from collections.abc import Mapping
from types import MappingProxyType

SPELLINGS: Mapping[str, str] = MappingProxyType(
    {
        "msc": "MSC",
        "dna": "DNA",
        "din": "DIN",
        "hla": "HLA",
        "qc": "QC",
        "tnc": "TNC",
        "dmso": "DMSO",
        "capa": "CAPA",
        "sha256": "SHA-256",
        "ml": "mL",
    }
)


def in_words(term: str) -> str:
    """Return a stored term in words, abbreviations written as everybody writes them."""
    return " ".join(SPELLINGS.get(word, word) for word in term.replace("_", " ").split(" "))
