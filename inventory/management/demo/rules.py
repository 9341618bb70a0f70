"""The demo's consent forms, specifications and liver-study protocols, each put in force by quality."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256

from consent.domain.duo import BIOMEDICAL, NON_COMMERCIAL
from consent.domain.form import AUTHORISES_RECOVERY, Extent, FormFacts, StatementFacts
from consent.services.form import NewForm, draft_form, put_form_in_force
from inventory.domain.criterion import DMSO_PER_KG_DAY, Criterion, Scope
from inventory.domain.profile import profile_named, profiles
from inventory.domain.specification import Operator
from inventory.domain.unit import ProductClass
from inventory.management.demo.people import ELSEWHERE, Bank
from inventory.models.protocol import Protocol
from inventory.services.protocol import NewProtocol, SiteOnProtocol, draft_protocol, put_protocol_in_force
from inventory.services.specification import NewSpecification, draft_specification, put_specifications_in_force

FORM, COLLECTION_FORM, RECOVERY_FORM = "CF-DEMO", "CF-DEMO-LABOUR", "CF-DEMO-RECOVERY"
# What stands here for the form of the other bank.
FORM_ELSEWHERE = "CF-DEMO-ELSEWHERE"
STATEMENTS = (
    StatementFacts(key="storage", text="My gift may be collected, tested and stored for decades.", mandatory=True),
    StatementFacts(key="research", text="It may be used for health research.", duo=BIOMEDICAL, mandatory=True),
    StatementFacts(key="treatment", text="Its cells may be given to patients in studies.", human_application=True),
    StatementFacts(
        key="companies",
        text="Companies may use it.",
        duo=NON_COMMERCIAL,
        mandatory=True,
        applies_when_refused=True,
    ),
)
# What is asked in labour: nothing but to collect, carry, test and freeze.
OF_COLLECTION = STATEMENTS[:1]
OF_RECOVERY = (
    StatementFacts(key=AUTHORISES_RECOVERY, text="The liver may be recovered after our child's death.", mandatory=True),
    *STATEMENTS,
)
CIRRHOSIS = "MONDO:0005155"
FATTY_LIVER = "MONDO:0013209"
OF_LOTS = ("UC-MSC-like", "Hepatocyte-like")
# Long enough for the demo's open requests to be open still when somebody looks at them.
RESERVED_HOURS = 45 * 24


@dataclass(frozen=True)
class Studies:
    """A study that treats patients with units, one that does with lots, and one that works in the laboratory."""

    clinical: Protocol
    stromal: Protocol
    laboratory: Protocol


def put_form_version(
    bank: Bank,
    version: str,
    *,
    code: str = FORM,
    statements: Sequence[StatementFacts] = STATEMENTS,
    extent: Extent = Extent.FULL,
    establishment: str = "",
    at: datetime,
) -> None:
    """Draft a version of a consent form, of the demo's usual one unless told, and put it in force."""
    facts = FormFacts(
        code=code,
        version=version,
        language="en",
        text_sha256=sha256(f"Demo consent form {code}, version {version}".encode()).hexdigest(),
        ethics_reference=f"Demo EC 2025/{version}",
        valid_from=at,
        extent=extent,
        establishment=establishment,
    )
    form = draft_form(NewForm(form=facts, statements=tuple(statements)), by=bank.people["admin"], at=at)
    put_form_in_force(form, credentials=bank.credentials("quality"), by=bank.people["quality"], at=at)


def put_forms_of_other_days(bank: Bank, *, at: datetime) -> None:
    """Put in force what is asked in labour, of parents whose child has died, and what stands for another's form."""
    put_form_version(bank, "1", code=COLLECTION_FORM, statements=OF_COLLECTION, extent=Extent.COLLECTION_ONLY, at=at)
    put_form_version(bank, "1", code=RECOVERY_FORM, statements=OF_RECOVERY, extent=Extent.AFTER_DEATH, at=at)
    put_form_version(bank, "1", code=FORM_ELSEWHERE, establishment=ELSEWHERE, at=at)


def put_specifications(bank: Bank, *, at: datetime) -> None:
    """Draft the shipped profiles of what the bank keeps, and put all in force by one signature."""
    drafts = [
        draft_specification(
            NewSpecification(
                name=profile.name,
                product_class=profile.product_class,
                use=profile.use,
                limits=profile.limits,
                mark=profile.source,
                marks=profile.marks,
            ),
            by=bank.people["admin"],
            at=at,
        )
        for profile in (*profiles(), *(profile_named(name) for name in OF_LOTS))
    ]
    put_specifications_in_force(drafts, credentials=bank.credentials("quality"), by=bank.people["quality"], at=at)


def put_protocols(bank: Bank, *, at: datetime) -> Studies:
    """Draft the studies and put them in force."""
    return Studies(
        clinical=_in_force(bank, _clinical(bank, at.date()), at=at),
        stromal=_in_force(bank, _stromal(bank, at.date()), at=at),
        laboratory=_in_force(bank, _laboratory(bank, at.date()), at=at),
    )


def _in_force(bank: Bank, new: NewProtocol, *, at: datetime) -> Protocol:
    draft = draft_protocol(new, by=bank.people["admin"], at=at)
    return put_protocol_in_force(draft, credentials=bank.credentials("quality"), by=bank.people["quality"], at=at)


def _clinical(bank: Bank, today: date) -> NewProtocol:
    until = today + timedelta(days=3 * 365)
    return NewProtocol(
        code="LIV-CIRR-01",
        title="Cord-blood cells in decompensated cirrhosis (demo)",
        sponsor="Demo Liver Foundation",
        principal_investigator="Demo Investigator One",
        indication=CIRRHOSIS,
        duo=(BIOMEDICAL,),
        human_application=True,
        country="GB",
        institution="STUDY-1",
        product_classes=(ProductClass.CORD_BLOOD,),
        ethics_number="DEMO-EC-7781",
        ethics_from=today,
        ethics_until=until,
        authorisation="DEMO-CTA-0042",
        authorisation_from=today,
        authorisation_until=until,
        recipients_cap=40,
        units_per_recipient_cap=2,
        reservation_hours=RESERVED_HOURS,
        criteria=(Criterion(Scope.UNIT, "tnc", Operator.AT_LEAST, Decimal(500_000_000)),),
        sites=(
            SiteOnProtocol(site=bank.sites["STUDY-1"], agreement="DEMO-MTA-11", agreed_from=today, agreed_until=until),
        ),
    )


def _stromal(bank: Bank, today: date) -> NewProtocol:
    return replace(
        _clinical(bank, today),
        code="LIV-MSC-02",
        title="Stromal cells of the umbilical cord in decompensated cirrhosis (demo)",
        principal_investigator="Demo Investigator Three",
        product_classes=(ProductClass.MSC,),
        ethics_number="DEMO-EC-7790",
        authorisation="DEMO-CTA-0051",
        units_per_recipient_cap=None,
        open_reservations_cap=100,
        criteria=(
            Criterion(Scope.RECIPIENT, "cell_count_per_kg", Operator.AT_LEAST, Decimal(1_000_000)),
            Criterion(Scope.RECIPIENT, DMSO_PER_KG_DAY, Operator.AT_MOST, Decimal(1)),
        ),
    )


def _laboratory(bank: Bank, today: date) -> NewProtocol:
    until = today + timedelta(days=3 * 365)
    return NewProtocol(
        code="LIV-LAB-07",
        title="Hepatocyte-like cells from placenta and cord blood in fatty liver disease (demo)",
        sponsor="Demo University",
        principal_investigator="Demo Investigator Two",
        indication=FATTY_LIVER,
        duo=(BIOMEDICAL,),
        human_application=False,
        country="DE",
        institution="STUDY-2",
        product_classes=(ProductClass.CORD_BLOOD, ProductClass.PLACENTA),
        reservation_hours=RESERVED_HOURS,
        ethics_number="DEMO-EC-9002",
        ethics_from=today,
        ethics_until=until,
        sites=(
            SiteOnProtocol(site=bank.sites["STUDY-2"], agreement="DEMO-MTA-12", agreed_from=today, agreed_until=until),
        ),
    )
