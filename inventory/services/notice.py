"""Consignee notices: opened to each site that has or had material, answered by it, closed by quality."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from biobank.domain.role import Permission
from biobank.domain.signature import Credentials, Meaning
from biobank.domain.text import check_text
from biobank.models.person import Person
from biobank.models.site import Site
from biobank.services.code import new_code
from biobank.services.ledger import record
from biobank.services.service import service
from biobank.services.signature import sign
from inventory.domain.notice import (
    LONGEST_REASON,
    ItemAnswer,
    NoticeKind,
    NoticeRefused,
    check_acknowledgement,
    check_answers,
    check_closing,
)
from inventory.domain.unit import UnitState
from inventory.domain.withdrawal import LEFT
from inventory.models.excursion import Excursion
from inventory.models.notice import ConsigneeNotice, NoticeAnswer, NoticeItem
from inventory.models.unit import Unit
from inventory.queries.notice import answers_to, awaited_by, lock_notice, notice_items, told_already
from inventory.queries.reservation import active_reservations
from inventory.queries.shipment import last_release_shipments
from inventory.queries.unit import with_codes_behind
from inventory.services.arrival import obstacles_to_acting_for


def tell_sites(
    kind: NoticeKind,
    units: Sequence[Unit],
    *,
    promised: Collection[int] = (),
    excursion: Excursion | None = None,
    because: str,
    by: Person,
    at: datetime,
) -> list[ConsigneeNotice]:
    """Open one notice to each site that has or had one of these locked units, or to which it is still promised.

    One about an ``excursion`` names it.
    """
    known = told_already(kind, because, [unit.pk for unit in units])
    fresh = [unit for unit in units if unit.pk not in known]
    left = last_release_shipments([unit.pk for unit in fresh if UnitState(unit.state) in LEFT])
    waiting = active_reservations(promised)
    concerned: dict[int, tuple[Site, list[Unit]]] = {}
    for unit in fresh:
        if unit.pk in left:
            site = left[unit.pk].to_site
        elif unit.pk in waiting:
            site = waiting[unit.pk].request.site
        else:
            continue
        concerned.setdefault(site.pk, (site, []))[1].append(unit)
    return [
        open_notice(kind, site=site, units=theirs, reason=because, excursion=excursion, by=by, at=at)
        for _, (site, theirs) in sorted(concerned.items())
    ]


@service
def open_notice(
    kind: NoticeKind,
    *,
    site: Site,
    units: Sequence[Unit],
    reason: str,
    excursion: Excursion | None = None,
    by: Person,
    at: datetime,
) -> ConsigneeNotice:
    """Open one notice to one site about locked units, and record it under each unit's codes."""
    check_text(reason, "reason", longest=LONGEST_REASON)
    notice = ConsigneeNotice.objects.create(
        reference=new_code("NTC"),
        kind=kind.value,
        site=site,
        reason=reason[:500],
        excursion=excursion,
        opened_at=at,
        opened_by=by,
    )
    NoticeItem.objects.bulk_create(NoticeItem(notice=notice, unit=unit, state=unit.state) for unit in units)
    behind, about = with_codes_behind(units), [excursion.reference] if excursion else []
    codes = (code for unit in units for code in (unit.code, *behind[unit.pk]))
    record(
        "notice.opened",
        subjects=[notice.reference, site.code, *about, *codes],
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


@service
def acknowledge_notice(
    notice: ConsigneeNotice, *, acknowledged_by: str, occurred_at: datetime, by: Person, at: datetime
) -> ConsigneeNotice:
    """Record who at the site has read a notice. Raises ``NoticeRefused``."""
    notice = lock_notice(notice.pk)
    _check_word(notice, by)
    check_acknowledgement(
        acknowledged_by, occurred_at, opened_at=notice.opened_at, at=at, is_known=notice.acknowledged_at is not None
    )
    notice.acknowledged_by, notice.acknowledged_at = acknowledged_by, occurred_at
    notice.save(update_fields=["acknowledged_by", "acknowledged_at"])
    record("notice.acknowledged", subjects=_named(notice), by=by, at=at, occurred_at=occurred_at)
    return notice


@service
def answer_items(
    notice: ConsigneeNotice, answers: Mapping[str, ItemAnswer], *, by: Person, at: datetime
) -> list[NoticeAnswer]:
    """Record what the site says became of some of a notice's units, by their codes.

    It is the site's word and changes no unit: a return, use or discard is recorded by its own service. Raises
    ``NoticeRefused`` with everything against the answers.
    """
    notice = lock_notice(notice.pk)
    _check_word(notice, by)
    answered = answers_to(notice.pk)
    open_items = {item.unit.code: item for item in notice_items(notice.pk) if item.unit.code not in answered}
    check_answers(answers, open_items=open_items, is_closed=notice.closed_at is not None, at=at)
    rows = [
        NoticeAnswer(
            item=open_items[code],
            disposition=answer.disposition.value,
            note=answer.note,
            occurred_at=answer.occurred_at,
            recorded_by=by,
            recorded_at=at,
        )
        for code, answer in sorted(answers.items())
    ]
    said = {code: answer.disposition for code, answer in sorted(answers.items())}
    record("notice.answered", subjects=[notice.reference, notice.site.code, *said], by=by, at=at, new={"units": said})
    return NoticeAnswer.objects.bulk_create(rows)


@service
def close_notice(notice: ConsigneeNotice, *, credentials: Credentials, by: Person, at: datetime) -> ConsigneeNotice:
    """Close a notice by quality's signature over all that was answered.

    Raises ``NoticeRefused`` until the site has said what became of every unit, ``SignatureRefused`` by the signature.
    """
    notice = lock_notice(notice.pk)
    answered = answers_to(notice.pk)
    codes = [item.unit.code for item in notice_items(notice.pk)]
    check_closing(
        is_closed=notice.closed_at is not None,
        is_acknowledged=notice.acknowledged_at is not None,
        unanswered=[code for code in codes if code not in answered],
        awaits=awaited_by(notice),
    )
    content = {
        "notice": notice.reference,
        "kind": notice.kind,
        "site": notice.site.code,
        "acknowledged_by": notice.acknowledged_by,
        "units": {code: answered[code].disposition for code in codes},
    }
    notice.closing = sign(
        content, meaning=Meaning.REVIEWED, credentials=credentials, by=by, at=at, permission=Permission.CLOSE_NOTICE
    )
    notice.closed_at = at
    notice.save(update_fields=["closing", "closed_at"])
    record("notice.closed", subjects=_named(notice), by=by, at=at, new=content)
    return notice


def _check_word(notice: ConsigneeNotice, by: Person) -> None:
    if reasons := obstacles_to_acting_for(notice.site, by, field="by"):
        raise NoticeRefused("The site's word was not recorded.", reasons=reasons)


def _named(notice: ConsigneeNotice) -> list[str]:
    return [notice.reference, notice.site.code, *(item.unit.code for item in notice_items(notice.pk))]
