"""Protocols: approvals, sites, caps and criteria of a liver study, and what stands against a unit under it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from inventory.domain.specification import Operator, SampleSource
from inventory.domain.unit import ProductClass


class Scope(StrEnum):
    EVERY_UNIT = "every_unit"
    RECIPIENT_TOTAL = "recipient_total"
    BETWEEN_UNITS = "between_units"


@dataclass(frozen=True)
class Criterion:
    """One criterion of a protocol; ``per_kg`` divides a recipient's total by the recipient's weight."""

    code: str
    scope: Scope
    assay: str
    operator: Operator
    value: Decimal | None = None
    upper: Decimal | None = None
    codes: tuple[str, ...] = ()
    source: SampleSource = SampleSource.UNIT
    per_kg: bool = False


@dataclass(frozen=True)
class Validity:
    """An approval, authorisation or agreement by its number, in force on both of its days; no end is open-ended."""

    number: str
    valid_from: date
    valid_until: date | None = None


@dataclass(frozen=True)
class Cap:
    """How many there may be, and how many there would be with this request; no limit is None."""

    what: str
    limit: int | None
    with_this: int


@dataclass(frozen=True)
class ProtocolFacts:
    code: str
    version: str
    signed: bool
    human_application: bool
    product_classes: frozenset[ProductClass]
    ethics: Validity | None
    regulatory: Validity | None = None
    site: str = ""
    site_on_protocol: bool = False
    agreement: Validity | None = None
    criteria: tuple[Criterion, ...] = ()
    caps: tuple[Cap, ...] = ()


@dataclass(frozen=True)
class RecipientFacts:
    """The recipient as the study's code knows them; ``totals`` are over all their units, by assay."""

    code: str
    weight_kg: Decimal | None = None
    is_the_infant: bool = False
    blood_relative_degree: int | None = None
    totals: Mapping[str, Decimal] | None = None
