"""Opening consignee notices: word to the sites that have or had material."""

from collections.abc import Sequence
from datetime import datetime

from biobank.domain.text import check_text
from biobank.models.person import Person
from biobank.models.site import Site
from biobank.services.code import new_code
from biobank.services.ledger import record
from biobank.services.service import service
from inventory.models.notice import ConsigneeNotice, NoticeItem
from inventory.models.unit import Unit
from inventory.queries.unit import with_codes_behind


@service
def open_notice(
    kind: str, *, site: Site, units: Sequence[Unit], reason: str, by: Person, at: datetime
) -> ConsigneeNotice:
    """Open one notice to one site about locked units, and record it under each unit's codes."""
    check_text(reason, "reason", longest=10_000)
    notice = ConsigneeNotice.objects.create(
        reference=new_code("NTC"), kind=kind, site=site, reason=reason[:500], opened_at=at
    )
    NoticeItem.objects.bulk_create(NoticeItem(notice=notice, unit=unit, state=unit.state) for unit in units)
    behind = with_codes_behind(units)
    record(
        "notice.opened",
        subjects=[notice.reference, site.code, *(code for unit in units for code in (unit.code, *behind[unit.pk]))],
        by=by,
        at=at,
        reason=reason,
        new={
            "notice": notice.reference,
            "kind": kind,
            "site": site.code,
            "units": {unit.code: unit.state for unit in units},
            "alert": "medical_director",
        },
    )
    return notice
