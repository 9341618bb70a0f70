"""Stored terms as people write them."""

import pytest

from inventory.domain.wording import in_words


@pytest.mark.parametrize(
    ("term", "words"),
    [
        ("cord_blood", "cord blood"),
        ("msc", "MSC"),
        ("maternal_dna", "maternal DNA"),
        ("qc_vial", "QC vial"),
        ("volume_ml", "volume mL"),
        ("content_sha256", "content SHA-256"),
        ("", ""),
    ],
)
def test_a_term_is_written_as_everybody_writes_it(term: str, words: str) -> None:
    assert in_words(term) == words
