"""Protocols: approvals, sites, caps and criteria of a liver study, and what stands against a unit under it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from inventory.domain.specification import Operator
from inventory.domain.unit import ProductClass


class Scope(StrEnum):
    UNIT = "unit"
    RECIPIENT = "recipient"
    BETWEEN = "between"


@dataclass(frozen=True)
class Criterion:
    """One criterion of a protocol. ``attribute`` is an assay; ``…_per_kg`` is a recipient's total by their weight."""

    scope: Scope
    attribute: str
    operator: Operator
    limit: Decimal | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Validity:
    """An approval, authorisation or agreement by its number, in force on both of its days; no end is open-ended."""

    number: str
    valid_from: date
    valid_until: date | None = None


@dataclass(frozen=True)
class Cap:
    """How many there may be, and how many there would be with this request; no limit None."""

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
