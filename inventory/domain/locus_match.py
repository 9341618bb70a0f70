"""How two people match at one locus: which of their two copies are the same, which may be, and who lacks what."""

from dataclasses import dataclass
from itertools import product

from inventory.domain.allele import Allele, Locus
from inventory.domain.antigen import Antigen, held_by
from inventory.domain.genotype import COPIES, Copy, Genotype
from inventory.domain.likeness import Likeness, Likening, by_two_fields
from inventory.domain.typing import Typing


@dataclass(frozen=True)
class LocusMatch:
    """How two people match at one locus: copies of two that are certainly, and that may be, the same or missing."""

    locus: Locus
    is_typed: bool = False
    matches: int = 0
    possible_matches: int = COPIES
    gvh: int = 0
    possible_gvh: int = COPIES
    hvg: int = 0
    possible_hvg: int = COPIES
    provisional: tuple[str, ...] = ()


def match_at_locus(locus: Locus, donor: Typing, recipient: Typing, likening: Likening) -> LocusMatch:
    """Compare every genotype that may be the donor's with every one that may be the recipient's."""
    compared = [
        _compared(locus, _expressed(one), _expressed(other), likening)
        for one, other in product(donor.at(locus), recipient.at(locus))
    ]
    if not compared:
        return LocusMatch(locus)
    return LocusMatch(
        locus,
        is_typed=True,
        matches=min(each.matches for each in compared),
        possible_matches=max(each.possible_matches for each in compared),
        gvh=min(each.gvh for each in compared),
        possible_gvh=max(each.possible_gvh for each in compared),
        hvg=min(each.hvg for each in compared),
        possible_hvg=max(each.possible_hvg for each in compared),
        provisional=tuple(dict.fromkeys(text for each in compared for text in each.provisional)),
    )


def _compared(locus: Locus, donor: Genotype, recipient: Genotype, likening: Likening) -> LocusMatch:
    alike = [[_likeness(one, other, likening) for other in recipient] for one in donor]
    pairings = [[(0, 0), (1, 1)], [(0, 1), (1, 0)]]

    def count(pairing: list[tuple[int, int]], *counted: Likeness) -> int:
        return sum(alike[one][other] in counted for one, other in pairing)

    best = max(pairings, key=lambda pairing: (count(pairing, Likeness.SAME), _finer(pairing, donor, recipient)))
    gvh = [[alike[one][other] for one in range(COPIES)] for other in range(COPIES) if not _is_silent(recipient[other])]
    hvg = [alike[one] for one in range(COPIES) if not _is_silent(donor[one])]
    paired = [(donor[one], recipient[other]) for one, other in best if alike[one][other] is Likeness.SAME]
    return LocusMatch(
        locus,
        is_typed=True,
        matches=count(best, Likeness.SAME),
        possible_matches=max(count(pairing, Likeness.SAME, Likeness.MAYBE) for pairing in pairings),
        gvh=_lacking(gvh),
        possible_gvh=_perhaps_lacking(gvh),
        hvg=_lacking(hvg),
        possible_hvg=_perhaps_lacking(hvg),
        provisional=tuple(_provisional(*pair) for pair in paired if _is_provisional(*pair)),
    )


def _finer(pairing: list[tuple[int, int]], donor: Genotype, recipient: Genotype) -> int:
    """How many copies of a pairing are the same by two fields: it decides between pairings that count alike."""
    return sum(_likeness(donor[one], recipient[other], by_two_fields) is Likeness.SAME for one, other in pairing)


def _lacking(rows: list[list[Likeness]]) -> int:
    return sum(set(row) == {Likeness.DIFFERENT} for row in rows)


def _perhaps_lacking(rows: list[list[Likeness]]) -> int:
    return sum(Likeness.SAME not in row for row in rows)


def _likeness(one: Copy, other: Copy, likening: Likening) -> Likeness:
    """What every combination of possible names agrees on; open where they do not agree."""
    all_of_them = (likening(name, other_name) for name, other_name in product(one, other))
    first = next(all_of_them)
    return first if all(each is first for each in all_of_them) else Likeness.MAYBE


def _expressed(genotype: Genotype) -> Genotype:
    """Return a carrier of one null allele as homozygous for the other copy."""
    expressed = [copy for copy in genotype if not _is_silent(copy)]
    return (expressed[0], expressed[0]) if len(expressed) == 1 else genotype


def _is_silent(copy: Copy) -> bool:
    return all(isinstance(name, Allele) and name.is_silent for name in copy)


def _is_provisional(donor: Copy, recipient: Copy) -> bool:
    """Whether a match rests on the first field: neither one protein nor one antigen named on both sides."""
    named = all(isinstance(name, Antigen) for name in (*donor, *recipient))
    return not named and _likeness(donor, recipient, by_two_fields) is not Likeness.SAME


def _provisional(donor: Copy, recipient: Copy) -> str:
    text = f"{'/'.join(map(str, donor))} and {'/'.join(map(str, recipient))}"
    groups = {(name.locus, name.group): name for name in (*donor, *recipient) if isinstance(name, Allele)}
    several = [
        f"{locus.value}*{group} holds {', '.join(held)}"
        for locus, group in groups
        if len(held := held_by(locus, group)) > 1
    ]
    return f"{text} ({'; '.join(several)})" if several else text
