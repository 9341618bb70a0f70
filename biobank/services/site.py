"""Registering places."""

from datetime import datetime

from biobank.domain.site import NewSite, SiteCodeTaken, check_site
from biobank.models.person import Person
from biobank.models.site import Site
from biobank.services.ledger import record
from biobank.services.service import service


@service
def register_site(new: NewSite, *, by: Person, at: datetime) -> Site:
    """Register a place under a code that no other has.

    Raises ``UnfitSite`` or ``SiteCodeTaken``.
    """
    check_site(new)
    facts = {
        "name": new.name.strip(),
        "kind": new.kind.value,
        "time_zone": new.time_zone,
        "country": new.country,
    }
    described = facts | {"address": new.address.strip(), "registered_at": at}
    site, is_new = Site.objects.get_or_create(code=new.code, defaults=described)
    if not is_new:
        raise SiteCodeTaken(f"The code {new.code} belongs to another site.", field="code")
    record("site.registered", subjects=[site.code], by=by, at=at, new=facts)
    return site
