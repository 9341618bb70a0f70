"""Potency assays, the mechanism each speaks of, and how potency is set beside what came of a recipient.

Which assay speaks of which mechanism is this project's reading of the field, to be argued about: a design, no standard.
Spearman's rank correlation is Pearson's over mean ranks (C. Spearman, American Journal of Psychology 15, 1904).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from statistics import correlation
from types import MappingProxyType

from biobank.domain.refusal import RuleViolation
from inventory.domain.assay import Qualifier
from inventory.domain.outcome_course import Change
from inventory.domain.specification import Measurement, SampleSource

FEWEST_PAIRS = 3


class Mechanism(StrEnum):
    """By what cells may help a liver. ``IDENTITY`` is none: the cells are what they are called."""

    ENGRAFTMENT = "engraftment"
    HEPATOCYTE_FUNCTION = "hepatocyte_like_function"
    TROPHIC = "trophic"
    IMMUNOMODULATORY = "immunomodulatory"
    ANTIFIBROTIC = "antifibrotic"
    IDENTITY = "identity"


_M = Mechanism

# Every assay of the group potency, with what it speaks of.
MECHANISMS: Mapping[str, frozenset[Mechanism]] = MappingProxyType(
    {
        "cfu_total": frozenset({_M.ENGRAFTMENT}),
        "cfu_growth": frozenset({_M.ENGRAFTMENT}),
        "cfu_gm": frozenset({_M.ENGRAFTMENT}),
        "cfu_gemm": frozenset({_M.ENGRAFTMENT}),
        "bfu_e": frozenset({_M.ENGRAFTMENT}),
        "cfu_mk": frozenset({_M.ENGRAFTMENT}),
        "clonogenic_efficiency_percent": frozenset({_M.ENGRAFTMENT}),
        "cfu_f_percent": frozenset({_M.ENGRAFTMENT, _M.IDENTITY}),
        "cd73_positive_percent": frozenset({_M.IDENTITY}),
        "cd90_positive_percent": frozenset({_M.IDENTITY}),
        "cd105_positive_percent": frozenset({_M.IDENTITY}),
        "cd11b_positive_percent": frozenset({_M.IDENTITY}),
        "cd14_positive_percent": frozenset({_M.IDENTITY}),
        "cd19_positive_percent": frozenset({_M.IDENTITY}),
        "cd31_positive_percent": frozenset({_M.IDENTITY}),
        "cd34_positive_percent": frozenset({_M.IDENTITY}),
        "cd45_positive_percent": frozenset({_M.IDENTITY}),
        "cd79a_positive_percent": frozenset({_M.IDENTITY}),
        "hla_dr_positive_percent": frozenset({_M.IDENTITY, _M.IMMUNOMODULATORY}),
        "epcam_positive_percent": frozenset({_M.IDENTITY}),
        "cd49f_positive_percent": frozenset({_M.IDENTITY}),
        "albumin_positive_percent": frozenset({_M.IDENTITY, _M.HEPATOCYTE_FUNCTION}),
        "asgpr1_positive_percent": frozenset({_M.IDENTITY, _M.HEPATOCYTE_FUNCTION}),
        "hnf4a_positive_percent": frozenset({_M.IDENTITY, _M.HEPATOCYTE_FUNCTION}),
        "ck18_positive_percent": frozenset({_M.IDENTITY}),
        "hgf_secretion": frozenset({_M.TROPHIC, _M.ANTIFIBROTIC}),
        "vegf_secretion": frozenset({_M.TROPHIC}),
        "il6_secretion": frozenset({_M.TROPHIC, _M.IMMUNOMODULATORY}),
        "pge2_secretion": frozenset({_M.IMMUNOMODULATORY}),
        "ido_activity": frozenset({_M.IMMUNOMODULATORY}),
        "t_cell_inhibition_percent": frozenset({_M.IMMUNOMODULATORY}),
        "mmp9_secretion": frozenset({_M.ANTIFIBROTIC}),
        "stellate_inhibition_percent": frozenset({_M.ANTIFIBROTIC}),
        "albumin_secretion": frozenset({_M.HEPATOCYTE_FUNCTION}),
        "urea_synthesis": frozenset({_M.HEPATOCYTE_FUNCTION}),
        "ammonia_clearance": frozenset({_M.HEPATOCYTE_FUNCTION}),
        "cyp3a4_activity": frozenset({_M.HEPATOCYTE_FUNCTION}),
        "cyp1a2_activity": frozenset({_M.HEPATOCYTE_FUNCTION}),
        "cyp2c9_activity": frozenset({_M.HEPATOCYTE_FUNCTION}),
        "plating_efficiency_percent": frozenset({_M.HEPATOCYTE_FUNCTION, _M.ENGRAFTMENT}),
    }
)


class NothingToCorrelate(RuleViolation):
    code = "nothing-to-correlate"
    title = "No correlation is stated"
    mend = "Look at the pairs themselves, or wait for more outcomes. Nothing was saved."


@dataclass(frozen=True)
class PotencyBesideChange:
    """One verified potency result of a unit beside one follow-up of the recipient whom the unit was for."""

    protocol: str
    unit: str
    measurement: Measurement
    change: Change

    @property
    def mechanisms(self) -> frozenset[Mechanism]:
        """What the assay speaks of."""
        return MECHANISMS[self.measurement.assay]


@dataclass(frozen=True)
class Pair:
    """One unit's potency beside the last change from baseline of its recipient's score."""

    potency: Decimal
    change: Decimal


@dataclass(frozen=True)
class Pairs:
    """The pairs of one assay, kind of sample and score, one per unit given to a recipient.

    ``left_out`` counts units without a pair: the value is below the method's limit or said twice differently, or the
    last follow-up has no change from baseline.
    """

    pairs: tuple[Pair, ...]
    left_out: int


@dataclass(frozen=True)
class Correlation:
    """Spearman's rank correlation over ``n`` pairs, from -1 to 1, rounded to a thousandth to be read."""

    n: int
    coefficient: Decimal


def pairs_of(rows: Iterable[PotencyBesideChange], *, assay: str, taken_from: SampleSource, score: str) -> Pairs:
    """Return each unit's one value of an assay, measured on one kind of sample, beside its recipient's last change."""
    grouped: dict[tuple[str, int, str], list[PotencyBesideChange]] = {}
    for row in rows:
        if (row.measurement.assay, row.measurement.taken_from, row.change.point.name) == (assay, taken_from, score):
            grouped.setdefault((row.protocol, row.change.point.recipient_id, row.unit), []).append(row)
    pairs = [_pair(grouped[key]) for key in sorted(grouped)]
    return Pairs(tuple(pair for pair in pairs if pair is not None), sum(pair is None for pair in pairs))


def _pair(rows: Sequence[PotencyBesideChange]) -> Pair | None:
    measured = {row.measurement for row in rows}
    numbers = {each.number for each in measured if each.verified and each.qualifier is Qualifier.MEASURED}
    potency = numbers.pop() if len(numbers) == 1 and len({each.qualifier for each in measured}) == 1 else None
    changes = sorted((row.change for row in rows), key=lambda each: each.point.outcome_date)
    change = changes[-1].change
    return None if potency is None or change is None else Pair(potency, change)


def rank_correlation(pairs: Sequence[Pair]) -> Correlation:
    """Return how far potency and change rise together.

    A description of these pairs and no more: it states no significance, no cause, and no effect of treatment; it is
    not adjusted for dose, disease, centre or time, and units given to one recipient are not independent of each other.
    Raises ``NothingToCorrelate`` under three pairs, and where either side never varies.
    """
    if len(pairs) < FEWEST_PAIRS:
        raise NothingToCorrelate(f"{len(pairs)} pairs are fewer than {FEWEST_PAIRS}.")
    potencies, changes = [pair.potency for pair in pairs], [pair.change for pair in pairs]
    if len(set(potencies)) == 1 or len(set(changes)) == 1:
        raise NothingToCorrelate("One of the two never varies.")
    found = Decimal(correlation(_ranks(potencies), _ranks(changes)))
    return Correlation(n=len(pairs), coefficient=found.quantize(Decimal("0.001")))


def _ranks(values: Iterable[Decimal]) -> list[float]:
    """Return the rank of each value from 1; equal values share the mean of their ranks."""
    listed = list(values)
    mean, below = {}, 0
    for value, times in sorted(Counter(listed).items()):
        mean[value] = below + (times + 1) / 2
        below += times
    return [mean[value] for value in listed]
