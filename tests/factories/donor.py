"""Donors, consent forms and consents as the services make them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from hashlib import sha256

from biobank.domain.role import Role
from biobank.models.person import Person
from biobank.models.site import Site
from biobank.queries.person import find_person
from consent.domain.attestation import AttestedConsent, Paper
from consent.domain.consent import WithdrawalScope
from consent.domain.disease import diseases
from consent.domain.donor import InfantFacts, Origin, Sex
from consent.domain.duo import BIOMEDICAL, DISEASE_SPECIFIC, NON_COMMERCIAL
from consent.domain.form import Extent, FormFacts, StatementFacts, WithdrawalStage
from consent.domain.identity import Identity
from consent.models.consent import Consent
from consent.models.donor import Donor
from consent.models.form import ConsentForm
from consent.services.consent import NewConsent, Withdrawal, give_consent, withdraw_consent
from consent.services.donor import NewDonor, register_donor
from consent.services.form import NewForm, draft_form, put_form_in_force
from consent.services.narrowing import Narrowing, narrow_consent
from tests.factories.person import LONG_AGO, credentials, default_site, person
from tests.factories.time import NOON, days
from tests.kept import keepable

GIVEN_AT = NOON - days(30)
ANNA = Identity(
    mother_name="Annabelle Canary-Feather",
    birth_date=date(1994, 5, 17),
    record_number="KH-00-4711",
    contact="Nightingale Lane 5",
    infant_names="Wren Canary-Feather",
)

STORAGE = StatementFacts(key="storage", text="My gift is collected, tested and stored.", mandatory=True)
RESEARCH = StatementFacts(key="research", text="It is used for health research.", duo=BIOMEDICAL, mandatory=True)
TREATMENT = StatementFacts(key="treatment", text="Cells may be given to people.", human_application=True)
COMPANIES = StatementFacts(
    key="companies",
    text="Companies may use it.",
    duo=NON_COMMERCIAL,
    mandatory=True,
    applies_when_refused=True,
)
USUAL_STATEMENTS = (STORAGE, RESEARCH, TREATMENT, COMPANIES)


def recorder() -> Person:
    """Return the one midwife who registers donors and takes consents unless a test says otherwise."""
    return find_person("midwife") or person(Role.COLLECTION_STAFF, username="midwife")


def approver() -> Person:
    """Return the one quality reviewer who puts forms in force unless a test says otherwise."""
    return find_person("form-approver") or person(Role.QUALITY_REVIEWER, username="form-approver")


@keepable
def registered_donor(
    *, site: Site | None = None, infants: int = 1, origin: Origin = Origin.OWN, identity: Identity | None = None
) -> Donor:
    """Return a new donor of the bank's own with one girl born a month before noon, and nobody's identity."""
    born = tuple(
        InfantFacts(order=order, sex=Sex.FEMALE, born_at=GIVEN_AT + order * days(0.01))
        for order in range(1, infants + 1)
    )
    new = NewDonor(site=site or default_site(), infants=born, origin=origin, identity=identity)
    return register_donor(new, by=recorder(), at=GIVEN_AT + days(1))


def form_facts(
    code: str = "CF-USUAL",
    *,
    version: str = "1",
    extent: Extent = Extent.FULL,
    withdrawal_until: WithdrawalStage = WithdrawalStage.HAND_OVER,
    valid_from: datetime = LONG_AGO,
    valid_until: datetime | None = None,
) -> FormFacts:
    """Return a form version in English, valid since long before noon and without an end."""
    return FormFacts(
        code=code,
        version=version,
        language="en",
        text_sha256=sha256(f"{code} {version}".encode()).hexdigest(),
        ethics_reference="EC 2025/17",
        valid_from=valid_from,
        valid_until=valid_until,
        extent=extent,
        withdrawal_until=withdrawal_until,
    )


def form_in_force(
    facts: FormFacts | None = None, statements: Sequence[StatementFacts] = USUAL_STATEMENTS, *, at: datetime = LONG_AGO
) -> ConsentForm:
    """Return the form version in force since long before noon; a full one asking for the usual unless told."""
    facts = facts or form_facts()
    found = ConsentForm.objects.filter(code=facts.code, version=facts.version).exclude(status="draft").first()
    if found:
        return found
    drafted = draft_form(NewForm(form=facts, statements=tuple(statements)), by=approver(), at=at)
    return put_form_in_force(drafted, credentials=credentials(approver()), by=approver(), at=at)


@keepable
def given_consent(
    donor: Donor | None = None,
    form: ConsentForm | None = None,
    *,
    given_at: datetime = GIVEN_AT,
    at: datetime | None = None,
    **answers: bool,
) -> Consent:
    """Return a consent given a month before noon; every statement answered yes unless named otherwise."""
    form = form or form_in_force()
    asked = {statement.key: True for statement in form.statements.all()}
    new = NewConsent(donor=donor or registered_donor(), form=form, answers=asked | answers, given_at=given_at)
    return give_consent(new, by=recorder(), at=at or given_at)


def consented_donor(**answers: bool) -> Donor:
    """Return a new donor who answered every statement of the usual form yes, unless named otherwise."""
    return given_consent(None, None, given_at=GIVEN_AT, at=None, **answers).donor


def consent_for(disease: str, *, human_application: bool = True, donor: Donor | None = None) -> Consent:
    """Return a donor's consent for research on one disease only, named by the beginning of its label."""
    mondo = mondo_of(disease)
    specific = StatementFacts(
        key="disease", text=f"It is used for research on {disease}.", duo=DISEASE_SPECIFIC, mondo=mondo, mandatory=True
    )
    form = form_in_force(form_facts(f"CF-{mondo.removeprefix('MONDO:')}"), [STORAGE, specific, TREATMENT])
    return given_consent(donor, form, treatment=human_application)


def mondo_of(disease: str) -> str:
    """Return the Mondo term whose label begins so; ``hepatitis B`` is the infection."""
    return next(mondo for mondo, label in diseases().items() if label.casefold().startswith(disease.casefold()))


def withdrawn(consent: Consent, *, scope: WithdrawalScope = WithdrawalScope.ALL, at: datetime = NOON) -> Consent:
    """Withdraw all of this consent at noon."""
    withdrawal = Withdrawal(donor=consent.donor, scope=scope, reason="Letter of the donor", occurred_at=at)
    return withdraw_consent(withdrawal, by=recorder(), at=at)


def narrowed(consent: Consent, *keys: str, at: datetime = NOON) -> Consent:
    """Take these granted statements of a consent back at noon."""
    narrowing = Narrowing(donor=consent.donor, taken_back=keys, reason="Letter of the donor", occurred_at=at)
    return narrow_consent(narrowing, by=recorder(), at=at)


ELSEWHERE = "Northern Cord Blood Bank"
PAPER = Paper(ELSEWHERE, sha256(b"certificate of the other bank").hexdigest())


def form_of_another(establishment: str = ELSEWHERE) -> ConsentForm:
    """Return the form version in force that stands for the usual form of another establishment."""
    return form_in_force(replace(form_facts("CF-ELSEWHERE"), establishment=establishment))


def attested(donor: Donor, form: ConsentForm | None = None, **answers: bool) -> AttestedConsent:
    """Return what a paper says of this donor: every statement of the other's form answered yes, unless told."""
    form = form or form_of_another()
    asked = {statement.key: True for statement in form.statements.all()}
    return AttestedConsent(donor=donor.donor_code, form=str(form), answers=asked | answers, given_at=GIVEN_AT)
