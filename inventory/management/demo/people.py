"""The demo's sites and people: one person per role, plainly not real."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from biobank.domain.role import Role
from biobank.domain.signature import TRAINING_TOPIC, Credentials
from biobank.domain.site import NewSite, SiteKind
from biobank.models.person import Person
from biobank.models.site import Site
from biobank.services.demo import record_demo
from biobank.services.person import NewPerson, grant_role, record_training, register_person, system_person
from biobank.services.site import register_site

PASSWORD = "demo-only-liquid-nitrogen"  # noqa: S105 - printed by the demo; refused outside demo settings
ELSEWHERE = "Demo Bank of Another Country"

SITES = (
    NewSite("BANK-A", "Demo Bank, main site", SiteKind.BANK, "Europe/Berlin", "DE", "1 Example Way, Demo City"),
    NewSite("BANK-B", "Demo Bank, second site", SiteKind.BANK, "Europe/Lisbon", "PT", "2 Example Way, Demo Port"),
    NewSite("MATERNITY-1", "Demo Maternity Ward", SiteKind.COLLECTION, "Europe/Berlin", "DE", "3 Example Way"),
    NewSite("LAB-1", "Demo Reference Laboratory", SiteKind.LABORATORY, "Europe/Berlin", "DE", "7 Example Way"),
    NewSite("OTHER-1", ELSEWHERE, SiteKind.OTHER_BANK, "Europe/Oslo", "NO", "6 Example Way, Demo Fjord"),
    NewSite("STUDY-1", "Demo Liver Study Centre", SiteKind.STUDY, "Europe/London", "GB", "4 Example Way"),
    NewSite("STUDY-2", "Demo Hepatology Laboratory", SiteKind.STUDY, "Europe/Berlin", "DE", "5 Example Way"),
)

# username, role, site: the printed name is made of the role, so that nobody takes it for a person's.
PEOPLE = (
    ("collection", Role.COLLECTION_STAFF, "MATERNITY-1"),
    ("lab", Role.LAB_TECHNICIAN, "BANK-A"),
    ("lab2", Role.LAB_TECHNICIAN, "BANK-A"),
    ("storage", Role.STORAGE_TECHNICIAN, "BANK-A"),
    ("storage2", Role.STORAGE_TECHNICIAN, "BANK-B"),
    ("quality", Role.QUALITY_REVIEWER, "BANK-A"),
    ("releasing", Role.RELEASING_OFFICER, "BANK-A"),
    ("director", Role.MEDICAL_DIRECTOR, "BANK-A"),
    ("coordinator", Role.COORDINATOR, "STUDY-1"),
    ("coordinator2", Role.COORDINATOR, "STUDY-2"),
    ("auditor", Role.AUDITOR, "BANK-A"),
    ("identity", Role.IDENTITY_OFFICER, "BANK-A"),
    ("admin", Role.ADMINISTRATOR, "BANK-A"),
)


@dataclass(frozen=True)
class Bank:
    """Who and where everything of the demo is; ``start`` is a year before ``now``."""

    sites: Mapping[str, Site]
    people: Mapping[str, Person]
    start: datetime
    now: datetime

    def credentials(self, username: str) -> Credentials:
        """What this person types to sign; a command has no signing session, so always both."""
        return Credentials(username=username, password=PASSWORD)


def open_bank(*, start: datetime, now: datetime) -> Bank:
    """Register the sites and the people with their roles and training."""
    system = system_person(at=start)
    record_demo(by=system, at=start)
    sites = {new.code: register_site(new, by=system, at=start) for new in SITES}
    people = {username: _employ(username, role, sites[site], by=system, at=start) for username, role, site in PEOPLE}
    return Bank(sites=sites, people=people, start=start, now=now)


def _employ(username: str, role: Role, site: Site, *, by: Person, at: datetime) -> Person:
    new = NewPerson(
        username=username,
        printed_name=f"Demo {role.label.title()}{' Two' if username.endswith('2') else ''}",
        site=site,
        password=PASSWORD,
        email=f"{username}@demo.example",
        time_zone=site.time_zone,
        password_is_own=True,
    )
    person = register_person(new, by=by, at=at)
    grant_role(person, role, by=by, at=at)
    record_training(person, TRAINING_TOPIC, valid_from=at, valid_until=at + timedelta(days=3 * 365), by=by, at=at)
    return person
