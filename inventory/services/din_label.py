"""Issuing DIN labels in ranges, and recording those that are spoiled."""

from datetime import datetime

from biobank.models.person import Person
from biobank.models.site import Site
from biobank.services.code import new_code
from biobank.services.ledger import record
from biobank.services.service import service
from inventory.domain.din import Din
from inventory.domain.din_label import Roll, check_roll, check_spoiling
from inventory.models.din_label import DinRange, SpoiledDin
from inventory.models.donation import Donation
from inventory.queries.din_label import is_issued, ranges_overlapping, spoiled_among


@service
def issue_labels(first: str, last: str, *, site: Site, by: Person, at: datetime) -> DinRange:
    """Issue a roll of labels to a site, by its first and last DIN as read. Raises ``LabelsRefused``, ``DinRefused``."""
    roll = Roll(Din.parse(first), Din.parse(last))
    check_roll(roll, overlapping=ranges_overlapping(roll))
    issued = DinRange.objects.create(
        reference=new_code("LBL"),
        prefix=roll.prefix,
        first_serial=int(roll.first.serial),
        last_serial=int(roll.last.serial),
        site=site,
        issued_by=by,
        issued_at=at,
    )
    new = {"first": roll.first.text, "last": roll.last.text, "count": roll.count}
    record("label.issued", subjects=[issued.reference, site.code], by=by, at=at, new=new)
    return issued


@service
def spoil_label(din: str, *, reason: str, by: Person, at: datetime) -> SpoiledDin:
    """Record that a label was spoiled: its DIN is no donation's for ever. Raises ``LabelsRefused``, ``DinRefused``."""
    label = Din.parse(din)
    check_spoiling(
        label,
        reason,
        issued=is_issued(label),
        used=Donation.objects.filter(code=label.text).exists(),
        spoiled=bool(spoiled_among([label.text])),
    )
    return spoil_with(label.text, reason=reason, by=by, at=at)


def spoil_with(din: str, *, reason: str, by: Person, at: datetime) -> SpoiledDin:
    """Write a label as spoiled, together with what spoiled it."""
    spoiled = SpoiledDin.objects.create(din=din, reason=reason, spoiled_by=by, spoiled_at=at)
    record("label.spoiled", subjects=[din], by=by, at=at, reason=reason)
    return spoiled
