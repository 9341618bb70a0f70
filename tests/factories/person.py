"""Sites and people as the services make them."""

from datetime import datetime

from biobank.domain.role import Role
from biobank.domain.signature import TRAINING_TOPIC, Credentials
from biobank.domain.site import NewSite, SiteKind
from biobank.models.person import Person
from biobank.models.site import Site
from biobank.queries.person import find_person
from biobank.services.person import NewPerson, grant_role, record_training, register_person, system_person
from biobank.services.site import register_site
from tests.factories.time import NOON, days

PASSWORD = "seven quiet freezers"
LONG_AGO = NOON - days(400)


def site(code: str = "BANK-1", kind: SiteKind = SiteKind.BANK, **described: str) -> Site:
    """Return the site with this code, registered long before noon unless it is there; a bank in Berlin by default."""
    if found := Site.objects.filter(code=code).first():
        return found
    usual = {"name": f"Site {code}", "time_zone": "Europe/Berlin", "country": "DE", "address": "1 Cold Street"}
    return register_site(NewSite(code=code, kind=kind, **usual | described), by=the_system(), at=LONG_AGO)


def person(*roles: Role, site: Site | None = None, username: str = "", trained: bool = True) -> Person:
    """Return a new active person with these roles, PASSWORD and a training in signing, all since long before noon."""
    number = Person.objects.count() + 1
    new = NewPerson(
        username=username or f"person{number}",
        printed_name=f"Pat Example {number}",
        site=site or default_site(),
        password=PASSWORD,
        email=f"person{number}@bank.example",
        password_is_own=True,
    )
    registered = register_person(new, by=the_system(), at=LONG_AGO)
    for role in roles:
        grant_role(registered, role, by=the_system(), at=LONG_AGO)
    if trained:
        train(registered, valid_until=NOON + days(3650))
    return registered


def staff(role: Role, username: str = "") -> Person:
    """Return the one person of this role at the bank, registered on first asking."""
    name = username or f"the-{role.value.replace('_', '-')}"
    return find_person(name) or person(role, username=name)


def train(trained: Person, *, valid_until: datetime) -> None:
    """Record a training in electronic signature from long ago until then."""
    record_training(trained, TRAINING_TOPIC, valid_from=LONG_AGO, valid_until=valid_until, by=the_system(), at=LONG_AGO)


def credentials(signer: Person, *, web_session: str = "") -> Credentials:
    """Return what the person types at a first signature."""
    return Credentials(username=signer.username, password=PASSWORD, web_session=web_session)


def the_system() -> Person:
    """Return the named service that acts where no person does."""
    return system_person(at=LONG_AGO)


def default_site() -> Site:
    """Return the bank at which people work unless a test says otherwise."""
    return site()
