"""How well two people's HLA typings match: of six, of eight, and in which direction they do not.

Source: standards 5.3. Of six counts A and B as antigens and DRB1 by two fields (WMDA: an allele difference within one
antigen does not count); of eight counts A, B, C and DRB1 by two fields. Per locus the better of the two pairings
counts. A mismatch graft-versus-host is a copy of the recipient's that the donor lacks, host-versus-graft one of the
donor's that the recipient lacks: of a homozygous person both copies count, as they do of six.

No nomenclature service is asked (py-ard needs a network at its first use) and no list of alleles is shipped, so that
none is pinned: the first field stands for the antigen, splits decide where antigens are given on both sides, and what
rests on the first field alone is named as provisional. A null allele is not expressed: its carrier is compared as
homozygous for the other allele (general knowledge, ``docs/sources.md``).
"""

from dataclasses import dataclass

from inventory.domain.allele import Allele, HlaRefused, Locus
from inventory.domain.antigen import Antigen
from inventory.domain.likeness import Likening, as_antigens, by_two_fields
from inventory.domain.locus_match import LocusMatch, match_at_locus
from inventory.domain.typing import Typed, Typing, read_typing, typing_of

__all__ = [
    "Allele",
    "Antigen",
    "HlaRefused",
    "Locus",
    "LocusMatch",
    "Match",
    "Typing",
    "match",
    "read_typing",
    "typing_of",
]

OF_6: tuple[tuple[Locus, Likening], ...] = (
    (Locus.A, as_antigens),
    (Locus.B, as_antigens),
    (Locus.DRB1, by_two_fields),
)
OF_8: tuple[tuple[Locus, Likening], ...] = tuple(
    (locus, by_two_fields) for locus in (Locus.A, Locus.B, Locus.C, Locus.DRB1)
)
LEAST_OF_6 = 4


@dataclass(frozen=True)
class Match:
    """How well a donor matches a recipient.

    A count holds what is certain, ``possible_…`` also what an ambiguous or unsaid allele may be. A count is None where
    a locus of it is not typed in one of the two: neither no match nor a full one.
    """

    six: tuple[LocusMatch, ...]
    eight: tuple[LocusMatch, ...]

    @property
    def of_6(self) -> int | None:
        return _total(self.six, [each.matches for each in self.six])

    @property
    def possible_of_6(self) -> int:
        """The most that it can be, also where a locus is not typed."""
        return sum(each.possible_matches for each in self.six)

    @property
    def of_8(self) -> int | None:
        return _total(self.eight, [each.matches for each in self.eight])

    @property
    def possible_of_8(self) -> int:
        """The most that it can be, also where a locus is not typed."""
        return sum(each.possible_matches for each in self.eight)

    @property
    def gvh_mismatches_of_6(self) -> int | None:
        """Copies of the recipient's that the donor certainly lacks."""
        return _total(self.six, [each.gvh for each in self.six])

    @property
    def possible_gvh_mismatches_of_6(self) -> int:
        return sum(each.possible_gvh for each in self.six)

    @property
    def hvg_mismatches_of_6(self) -> int | None:
        """Copies of the donor's that the recipient certainly lacks."""
        return _total(self.six, [each.hvg for each in self.six])

    @property
    def possible_hvg_mismatches_of_6(self) -> int:
        return sum(each.possible_hvg for each in self.six)

    @property
    def provisional_antigen_matches(self) -> tuple[str, ...]:
        """What of A and B counts as one antigen on the word of the first field alone, donor's before recipient's."""
        return tuple(text for each in self.six for text in each.provisional)

    @property
    def untyped(self) -> tuple[Locus, ...]:
        """The loci of both counts of which one of the two is not typed."""
        return tuple(dict.fromkeys(each.locus for each in (*self.six, *self.eight) if not each.is_typed))

    @property
    def passes_4_of_6(self) -> bool | None:
        """Whether at least four of six match; None where what is ambiguous or not typed decides."""
        if self.possible_of_6 < LEAST_OF_6:
            return False
        return True if self.of_6 is not None and self.of_6 >= LEAST_OF_6 else None


def match(donor: Typed, recipient: Typed, *, blank_is_homozygous: bool = False) -> Match:
    """Return how well two typings match; each is a text, a sequence of alleles, or a ``Typing``.

    A single allele at a locus leaves the other copy open, unless the method reports a blank as homozygous.
    Raises a child of ``HlaRefused`` for what is no typing.
    """
    of_donor, of_recipient = (
        read_typing(typed, blank_is_homozygous=blank_is_homozygous) for typed in (donor, recipient)
    )
    six, eight = (
        tuple(match_at_locus(locus, of_donor, of_recipient, likening) for locus, likening in loci)
        for loci in (OF_6, OF_8)
    )
    return Match(six, eight)


def _total(loci: tuple[LocusMatch, ...], counts: list[int]) -> int | None:
    return sum(counts) if all(each.is_typed for each in loci) else None
