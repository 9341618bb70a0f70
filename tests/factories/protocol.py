"""Study protocols as the services make them, signed and in force since long before noon."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from biobank.domain.role import Role
from biobank.domain.site import SiteKind
from biobank.models.site import Site
from consent.domain.duo import BIOMEDICAL
from inventory.domain.criterion import Criterion, Scope
from inventory.domain.specification import Operator
from inventory.domain.unit import ProductClass
from inventory.models.protocol import Protocol
from inventory.services.protocol import NewProtocol, SiteOnProtocol, draft_protocol, put_protocol_in_force
from tests.factories.donor import mondo_of
from tests.factories.person import LONG_AGO, credentials, site, staff

ENOUGH_CELLS = Criterion(Scope.UNIT, "tnc", Operator.AT_LEAST, Decimal(500_000_000))


def clinic(code: str = "CLINIC-1") -> Site:
    """Return the study site of this code."""
    return site(code, SiteKind.STUDY)


def new_protocol(**otherwise: Any) -> NewProtocol:
    """Return a human-application study of cirrhosis at the clinic that asks 5e8 cells of every unit."""
    usual = NewProtocol(
        code="LIVER-1",
        title="Cord blood in cirrhosis",
        sponsor="University of Examples",
        principal_investigator="Dr Example",
        indication=mondo_of("cirrhosis"),
        duo=(BIOMEDICAL,),
        human_application=True,
        country="DE",
        institution="University of Examples",
        product_classes=(ProductClass.CORD_BLOOD,),
        ethics_number="EC 2025/99",
        ethics_from=date(2025, 1, 1),
        ethics_until=date(2027, 12, 31),
        authorisation="CTA 2025-001",
        authorisation_from=date(2025, 1, 1),
        authorisation_until=date(2027, 12, 31),
        criteria=(ENOUGH_CELLS,),
        sites=(on_protocol(),),
    )
    return replace(usual, **otherwise)


def on_protocol(at: Site | None = None, *, until: date = date(2027, 12, 31)) -> SiteOnProtocol:
    """Return the clinic with an agreement that holds around noon."""
    return SiteOnProtocol(site=at or clinic(), agreement="MTA 12", agreed_from=date(2025, 1, 1), agreed_until=until)


def protocol_in_force(**otherwise: Any) -> Protocol:
    """Return the usual protocol in force since long before noon; a new version of it when something is otherwise."""
    new = new_protocol(**otherwise)
    found = Protocol.objects.filter(code=new.code, status="in_force").first()
    if found and not otherwise:
        return found
    quality = staff(Role.QUALITY_REVIEWER)
    drafted = draft_protocol(new, by=quality, at=LONG_AGO)
    return put_protocol_in_force(drafted, credentials=credentials(quality), by=quality, at=LONG_AGO)
