"""The facts that the nine gates ask about: of one unit, its lot, all donors behind it, and the request for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from consent.domain.permitted_use import PermittedUse, Standing
from inventory.domain.donation import DonationPurpose
from inventory.domain.eligibility import EligibilityVerdict
from inventory.domain.expiry import Expiry
from inventory.domain.hold import HoldFacts
from inventory.domain.protocol import ProtocolFacts
from inventory.domain.recipient import RecipientFacts
from inventory.domain.release import ReleaseKind, Signer
from inventory.domain.specification import Limit, Measurement
from inventory.domain.unit import ProductClass, UnitState, Use


@dataclass(frozen=True)
class DeterminationFacts:
    """The latest eligibility determination of a donation; ``code`` and ``evidence_sha256`` name what was signed."""

    verdict: EligibilityVerdict
    signed: bool
    reopened: bool
    code: str = ""
    evidence_sha256: str = ""
    reactive: tuple[str, ...] = ()
    attested_by: str = ""

    @property
    def is_settled(self) -> bool:
        """Whether nothing about the donor is left to find out."""
        return self.signed and not self.reopened and self.verdict is not EligibilityVerdict.INCOMPLETE


@dataclass(frozen=True)
class DonorFacts:
    """One donation behind a unit and its donor; ``permitted_use`` is None while no purpose is known.

    ``standing`` is how the consent stands, where that was asked before a purpose is known.

    ``degree`` is the recipient's kinship to this infant (0: the infant itself), None where the donation names no such
    recipient.
    """

    donor_code: str
    din: str
    permitted_use: PermittedUse | None
    determination: DeterminationFacts | None
    purpose: DonationPurpose = DonationPurpose.UNRELATED
    degree: int | None = None
    standing: Standing | None = None


@dataclass(frozen=True)
class LotFacts:
    code: str
    expiry: Expiry


@dataclass(frozen=True)
class UnitFacts:
    """One unit and what was measured for it.

    ``acceptance_limits`` come from the version it was accepted under, ``release_limits`` from the one in force.
    ``collection_type`` is None where it is not known, empty for products that have none.
    ``measurements`` are all current results that could count: its own, its lot's, its source's, its segments'.
    """

    code: str
    product_class: ProductClass
    accepted_use: Use | None
    collection_type: str | None
    expiry: Expiry
    thawed: bool = False
    specification: str = ""
    acceptance_limits: tuple[Limit, ...] = ()
    release_specification: str = ""
    release_limits: tuple[Limit, ...] = ()
    measurements: tuple[Measurement, ...] = ()


@dataclass(frozen=True)
class DeviationFacts:
    """An open deviation that touches the unit."""

    code: str
    major: bool


@dataclass(frozen=True)
class ReservationFacts:
    request: str
    active: bool
    reserved_from: UnitState
    lapses_at: datetime | None = None


@dataclass(frozen=True)
class RequestFacts:
    """The request; ``units`` are the codes of all its units.

    ``stated_by`` is who stated benefit and risk of an exception. ``typings`` are their typings as text by assay, by
    unit code, and those of the recipient's other units where a criterion is between units; empty where none asks.
    """

    reference: str
    requested_by: str
    kind: ReleaseKind = ReleaseKind.NORMAL
    units: tuple[str, ...] = ()
    recipient: RecipientFacts | None = None
    stated_by: str = ""
    typings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def units_together(self) -> tuple[str, ...]:
        """The codes of all units that one recipient gets, by this request and by others; of nobody, the request's."""
        theirs = self.recipient.units if self.recipient else ()
        return tuple(sorted({*self.units, *(each.code for each in theirs)}))


@dataclass(frozen=True)
class PeopleFacts:
    """Who has signed and who signs now; ``needed`` is 1 at the first signature and 2 from the second on."""

    signers: tuple[Signer, ...] = ()
    needed: int = 2


@dataclass(frozen=True)
class GateFacts:
    """Everything the gates ask of one unit; protocol, request and reservation are None where there is none yet."""

    unit: UnitFacts
    donors: tuple[DonorFacts, ...]
    lot: LotFacts | None = None
    holds: tuple[HoldFacts, ...] = ()
    deviations: tuple[DeviationFacts, ...] = ()
    reservation: ReservationFacts | None = None
    protocol: ProtocolFacts | None = None
    request: RequestFacts | None = None
    people: PeopleFacts = PeopleFacts()
