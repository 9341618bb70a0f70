"""Facts of one unit for which every gate passes, to change one fact at a time."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from biobank.domain.role import Role
from biobank.domain.signature import Meaning
from consent.domain.permitted_use import PermittedUse, Verdict
from inventory.domain.criterion import Criterion, Scope
from inventory.domain.donation import DonationPurpose
from inventory.domain.eligibility import EligibilityVerdict
from inventory.domain.expiry import Expiry, ExpiryBasis
from inventory.domain.finding import Finding, Gate
from inventory.domain.gate import evaluate
from inventory.domain.gate_facts import (
    DeterminationFacts,
    DonorFacts,
    GateFacts,
    PeopleFacts,
    RequestFacts,
    ReservationFacts,
    UnitFacts,
)
from inventory.domain.protocol import ProtocolFacts, Validity
from inventory.domain.recipient import RecipientFacts, UnitOfRecipient
from inventory.domain.release import Signer
from inventory.domain.specification import Limit, Measurement, Operator, SampleSource, Stage
from inventory.domain.unit import ProductClass, UnitState, Use
from tests.factories.time import NOON, days

UNIT = "G123498654321S1234VA0"
SEGMENT = SampleSource.ATTACHED_SEGMENT
TNC = Measurement("tnc", SampleSource.UNIT, verified=True, number=Decimal("1.25e9"), reference="R1")
THAWED = Measurement("cd34_viability_percent", SEGMENT, verified=True, number=Decimal(92), reference="R2")
IDENTITY = Measurement("hla_identity", SEGMENT, verified=True, text="confirmed", reference="R3")
REVIEWER = Signer("quinn", Meaning.REVIEWED, frozenset({Role.QUALITY_REVIEWER}), trained=True)
RELEASER = Signer("rosa", Meaning.RELEASED, frozenset({Role.RELEASING_OFFICER}), trained=True)
ELIGIBLE = DeterminationFacts(EligibilityVerdict.ELIGIBLE, signed=True, reopened=False, code="DET-1")
ALLOWED = PermittedUse(Verdict.ALLOW, consents=("CON-1",))
DONOR = DonorFacts("DNR-1", "G123498654321", ALLOWED, ELIGIBLE)
IN_FORCE = Validity("APPROVED-1", date(2026, 1, 1), date(2026, 12, 31))
PROTOCOL = ProtocolFacts(
    code="LIVER-1",
    version="2",
    signed=True,
    human_application=True,
    product_classes=frozenset({ProductClass.CORD_BLOOD}),
    ethics=IN_FORCE,
    regulatory=IN_FORCE,
    site="STUDY-1",
    site_on_protocol=True,
    agreement=IN_FORCE,
    criteria=(
        Criterion(Scope.UNIT, "tnc", Operator.AT_LEAST, Decimal("5e8")),
        Criterion(Scope.RECIPIENT, "tnc_per_kg", Operator.AT_LEAST, Decimal("2.5e7")),
    ),
)
RECIPIENT = RecipientFacts("REC-1", weight_kg=Decimal(25), units=(UnitOfRecipient(UNIT, {"tnc": Decimal("1.25e9")}),))
REQUEST = RequestFacts("REQ-7F3K9QXM", "cora", units=(UNIT,), recipient=RECIPIENT)

UNIT_FACTS = UnitFacts(
    code=UNIT,
    product_class=ProductClass.CORD_BLOOD,
    accepted_use=Use.HUMAN_APPLICATION,
    collection_type="V",
    expiry=Expiry(ExpiryBasis.NOT_ASSIGNED),
    specification="cord-blood-human v1",
    acceptance_limits=(Limit(Stage.PRE_FREEZE, "tnc", Operator.AT_LEAST, Decimal("5e8")),),
    release_specification="cord-blood-human v1",
    release_limits=(
        Limit(Stage.POST_THAW, "cd34_viability_percent", Operator.MORE_THAN, Decimal(70), taken_from=SEGMENT),
    ),
    measurements=(TNC, THAWED, IDENTITY),
)

GOOD = GateFacts(
    unit=UNIT_FACTS,
    donors=(DONOR,),
    reservation=ReservationFacts(
        "REQ-7F3K9QXM", active=True, reserved_from=UnitState.AVAILABLE, lapses_at=NOON + days(7)
    ),
    protocol=PROTOCOL,
    request=REQUEST,
    people=PeopleFacts((REVIEWER, RELEASER), needed=2),
)


def with_unit(**changed: object) -> GateFacts:
    return replace(GOOD, unit=replace(UNIT_FACTS, **changed))  # type: ignore[arg-type]


def with_protocol(**changed: object) -> GateFacts:
    return replace(GOOD, protocol=replace(PROTOCOL, **changed))  # type: ignore[arg-type]


def with_request(**changed: object) -> GateFacts:
    return replace(GOOD, request=replace(REQUEST, **changed))  # type: ignore[arg-type]


def with_determination(**changed: object) -> GateFacts:
    return replace(GOOD, donors=(replace(DONOR, determination=replace(ELIGIBLE, **changed)),))  # type: ignore[arg-type]


def with_consent(permitted_use: PermittedUse | None) -> GateFacts:
    return replace(GOOD, donors=(replace(DONOR, permitted_use=permitted_use),))


OTHER_DONOR = DonorFacts("DNR-2", "G123498654322", DONOR.permitted_use, ELIGIBLE)


def answer(gate: Gate, facts: GateFacts) -> Finding:
    return next(finding for finding in evaluate(facts, NOON) if finding.gate is gate)


def of_degree(facts: GateFacts, degree: int | None, purpose: DonationPurpose = DonationPurpose.UNRELATED) -> GateFacts:
    """Return the facts where every donation behind the unit knows the recipient as such kin."""
    return replace(facts, donors=tuple(replace(each, degree=degree, purpose=purpose) for each in facts.donors))


def measured(*measurements: object) -> GateFacts:
    return with_unit(measurements=measurements)
