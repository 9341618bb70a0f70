"""Corrections: the row that a fact is of, what rests on it, its value now, and the times it must agree with."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum

from consent.queries.consent import first_given
from inventory.domain.correctable import Fact, RestingVerdict
from inventory.domain.correction import Times
from inventory.domain.unit import UnitState
from inventory.models.acceptance import Acceptance
from inventory.models.correction import Correction
from inventory.models.donation import Donation
from inventory.models.eligibility import EligibilityDetermination
from inventory.models.processing import Processing
from inventory.models.receipt import Receipt
from inventory.models.release import ReleaseSignature
from inventory.models.request import RequestLine, UnitRequest
from inventory.models.shipment import ShipmentItem
from inventory.models.unit import Lineage, Unit, UnitSource
from inventory.queries.ancestry import source_of
from inventory.queries.correction_row import row_of, subject_of
from inventory.queries.recovery import facts_of_recoveries
from inventory.queries.request import unit_ids_of
from inventory.queries.unit import made_from

APPROVED = ("approved", "released", "completed")
STANDING = ("evaluated", "issued")


@dataclass(frozen=True)
class Target:
    """One row whose fact is corrected, and everything a verdict about which can rest on it, by id.

    ``subject`` is the code under which the ledger speaks of it, ``voided`` names it where it was voided.
    """

    noun: str
    row: Any
    subject: str
    unit_ids: tuple[int, ...]
    donation_ids: tuple[int, ...]
    donor_ids: tuple[int, ...]
    voided: str = ""


def target_of(noun: str, row_id: int) -> Target | None:
    """Return the row with what rests on it; None where there is none."""
    row = row_of(noun, row_id)
    if row is None:
        return None
    donations = _donations_of(noun, row)
    units = tuple(_units_of(noun, row, donations))
    behind = UnitSource.objects.filter(unit_id__in=units).values_list("donation__donor_id", flat=True)
    named = Donation.objects.filter(pk__in=donations).values_list("donor_id", flat=True)
    donors = {*behind, *named, *([row.donor_id] if noun == "infant" else [])}
    return Target(noun, row, subject_of(noun, row), units, donations, tuple(sorted(donors)), _voided(noun, row, units))


def lock_correction(correction_id: int) -> Correction:
    """Take one correction's row lock, after the donors', and return it fresh."""
    rows = Correction.objects.select_for_update(of=("self",)).select_related("asked_by")
    return rows.get(pk=correction_id)


def open_correction(fact: Fact, row_id: int) -> str:
    """Return the reference of the correction of this fact that waits for a second person, if one does."""
    waiting = Correction.objects.filter(noun=fact.noun, row_id=row_id, field=fact.field, status="proposed")
    return waiting.values_list("reference", flat=True).first() or ""


def standing_verdicts(target: Target) -> dict[RestingVerdict, bool]:
    """Return which verdicts stand now that could rest on a fact of this row."""
    units, row = target.unit_ids, target.row
    of_units = Q(unit_id__in=units) | Q(lot__vials__in=units)
    determined = EligibilityDetermination.objects.filter(donation_id__in=target.donation_ids)
    lines = RequestLine.objects.filter(removed_at__isnull=True, request__status__in=APPROVED)
    signed = ReleaseSignature.objects.filter(release__status__in=STANDING)
    asked_for, signed_for = Q(unit_id__in=units), Q(release__units__unit_id__in=units)
    if target.noun == "request":
        asked_for, signed_for = Q(request_id=row.pk), Q(release__request_id=row.pk)
    if target.noun == "kinship":
        asked_for &= Q(request__recipient=row.recipient_id)
        signed_for &= Q(release__request__recipient=row.recipient_id)
    return {
        RestingVerdict.RECEIPT: _was_received(target),
        RestingVerdict.ELIGIBILITY: determined.filter(reopened_at__isnull=True).exists(),
        RestingVerdict.ACCEPTANCE: Acceptance.objects.filter(of_units, withdrawn_at__isnull=True).exists(),
        RestingVerdict.APPROVAL: lines.filter(asked_for).exists(),
        RestingVerdict.SIGNATURE: signed.filter(signed_for).exists(),
        RestingVerdict.REPORT: target.noun == "outcome",
    }


def _was_received(target: Target) -> bool:
    """Whether a receipt was decided by what this row says."""
    if target.noun == "donation":
        return Receipt.objects.filter(unit__donation_id=target.row.pk, shipment__kind="collection").exists()
    return target.noun == "receipt" or (target.noun == "shipment" and target.row.received_at is not None)


def times_of(target: Target) -> list[Times]:
    """Return the times of each donation that this row's times must agree with, as they are now."""
    donations = Donation.objects.filter(pk__in=target.donation_ids).select_related("infant").order_by("pk")
    given, recoveries = first_given(source_of(donation) for donation in donations), facts_of_recoveries(donations)
    found = []
    for donation in donations:
        runs = Processing.objects.filter(lineage__parent__sources__donation=donation).distinct().order_by("pk")
        found.append(
            Times(
                collected_at=donation.collected_at,
                born_at=donation.infant.born_at if donation.infant else None,
                consented_at=given[source_of(donation)],
                runs=tuple(runs.values_list("started_at", "frozen_at")),
                recovery=recoveries.get(donation.pk),
            )
        )
    return found


def taken_from(unit_id: int) -> dict[str, Decimal]:
    """Return how much was taken of a unit for its children, by the field of its amount."""
    taken = Lineage.objects.filter(parent_id=unit_id).aggregate(ml=Sum("taken_ml"), g=Sum("taken_g"))
    return {"volume_ml": taken["ml"] or Decimal(0), "mass_g": taken["g"] or Decimal(0)}


def taken_in_run(step: Lineage) -> dict[str, Decimal]:
    """Return how much the run of a step took of its parent for all its children, by the column it is written in."""
    steps = Lineage.objects.filter(parent_id=step.parent_id, processing=step.processing)
    taken = steps.aggregate(ml=Sum("taken_ml"), g=Sum("taken_g"))
    return {"taken_ml": taken["ml"] or Decimal(0), "taken_g": taken["g"] or Decimal(0)}


def using_up(parent: Unit) -> Lineage | None:
    """Return a step of the run that wholly turned a unit into children; None where it lives on, or ended otherwise."""
    steps = Lineage.objects.filter(parent=parent, processing__isnull=False)
    return steps.order_by("-processing_id").first() if parent.state == UnitState.CONSUMED else None


def requests_resting_on(target: Target) -> list[int]:
    """Return the ids of the approved requests that rest on a row: the request itself, or those of a named recipient."""
    if target.noun == "request":
        return [int(target.row.pk)]
    asked = UnitRequest.objects.filter(lines__unit_id__in=target.unit_ids, lines__removed_at__isnull=True)
    named = asked.filter(recipient=target.row.recipient_id, status__in=APPROVED)
    return list(named.distinct().order_by("pk").values_list("pk", flat=True))


def waiting_corrections() -> list[Correction]:
    """Return the corrections that wait for a second person, the oldest first."""
    return list(Correction.objects.filter(status="proposed").select_related("asked_by").order_by("asked_at", "pk"))


def _donations_of(noun: str, row: Any) -> tuple[int, ...]:
    if noun == "donation":
        return (row.pk,)
    if noun == "infant":
        return tuple(Donation.objects.filter(infant_id=row.pk).order_by("pk").values_list("pk", flat=True))
    if noun in ("sample", "recovery", "kinship"):
        return (row.donation_id,)
    if noun == "batch_use" and row.donation_id is not None:
        return (row.donation_id,)
    if noun == "processing":
        of_parents = UnitSource.objects.filter(unit__made__processing_id=row.pk).order_by("donation_id")
        return tuple(dict.fromkeys(of_parents.values_list("donation_id", flat=True)))
    return ()


def _units_of(noun: str, row: Any, donations: Collection[int]) -> list[int]:
    """Return the units that a verdict about which can rest on a row: those it speaks of, and all made of them."""
    if noun == "request":
        return list(unit_ids_of(row.pk))
    if noun == "processing" or (noun in ("batch_use", "equipment_use") and row.processing_id is not None):
        return _through(row.pk if noun == "processing" else row.processing_id, with_parents=noun != "processing")
    if noun == "lineage":
        return sorted({row.parent_id, *made_from([row.child_id])})
    if donations and (noun != "sample" or row.unit_id is None):
        rows = UnitSource.objects.filter(donation_id__in=donations).values_list("unit_id", flat=True)
        return sorted(set(rows))
    return made_from(_begun_with(noun, row))


def _through(processing_id: int, *, with_parents: bool) -> list[int]:
    """Return all that was made in a run and of it; and what it was made of, which the run's means touched as well."""
    steps = Lineage.objects.filter(processing_id=processing_id)
    made = made_from(list(steps.values_list("child_id", flat=True)))
    return sorted({*made, *(steps.values_list("parent_id", flat=True) if with_parents else ())})


def _begun_with(noun: str, row: Any) -> list[int]:
    """Return the units that a row speaks of directly: what was made of them follows."""
    if noun == "unit":
        return [int(row.pk)]
    if noun in ("shipment", "equipment_use"):
        shipment_id = row.pk if noun == "shipment" else row.shipment_id
        inside = ShipmentItem.objects.filter(shipment_id=shipment_id, unit_id__isnull=False)
        return [each.unit_id for each in inside if each.unit_id is not None]
    return [int(row.unit_id)] if getattr(row, "unit_id", None) is not None else []


def _voided(noun: str, row: Any, units: Collection[int]) -> str:
    """Return what was voided: the unit or sample itself, or a donation whose every unit was."""
    if noun in ("unit", "sample"):
        return str(row.code) if row.state == UnitState.VOIDED.value else ""
    if noun not in ("donation", "recovery", "kinship"):
        return ""
    left = Unit.objects.filter(pk__in=units).exclude(state=UnitState.VOIDED.value)
    return subject_of(noun, row) if units and not left.exists() else ""
