"""What follows for a liver from a corrected fact: whose authorisation it rests on, how long it was warm and cold."""

from datetime import datetime

from biobank.models.person import Person
from biobank.services.ledger import record
from inventory.domain.correctable import FACTS, FactKind, written
from inventory.domain.hold import HoldKind
from inventory.domain.unit import UnitState
from inventory.domain.verdict import Outcome
from inventory.models.correction import Correction
from inventory.models.kinship import Kinship
from inventory.models.processing import Processing
from inventory.models.recovery import Recovery
from inventory.models.result import Result
from inventory.models.unit import Unit
from inventory.queries.correction import Target, target_of
from inventory.queries.recovery import authorisation_of
from inventory.queries.result import current_results
from inventory.services.correction import Correction as ResultCorrection
from inventory.services.correction import replace_result
from inventory.services.correction_follow import follow_correction
from inventory.services.correction_row import Prepared
from inventory.services.hold import NewHold, place_holds
from inventory.services.recovery import COMPUTED, minutes_result
from inventory.services.result import enter_results, take_back_acceptance

COLD_END = FACTS["recovery", "cold_ended_at"]


def renew_recovery(correction: Correction, target: Target, *, because: str, by: Person, at: datetime) -> None:
    """Write what follows for the livers behind a fact that was corrected just now, all of it in the same names."""
    fact = FACTS[correction.noun, correction.field]
    if fact.kind is FactKind.SOURCE:
        _authorise_anew(correction, target, because=because, by=by, at=at)
        _doubt_kinship(target, because=because, by=by, at=at)
    elif (fact.noun, fact.field) == ("processing", "started_at"):
        _follow_the_run(correction, target, because=because, by=by, at=at)
    elif fact.noun == "recovery" and fact.kind is FactKind.INSTANT:
        _renew_minutes(target.row, because=because, by=by, at=at)


def _authorise_anew(correction: Correction, target: Target, *, because: str, by: Person, at: datetime) -> None:
    """Name the authorisation of the donor whose infant it is now; without one the correction was refused."""
    recovery = Recovery.objects.filter(donation=target.row).first()
    if recovery is None:
        return
    authorisation = authorisation_of(target.row.donor_id, target.row.infant_id, at)
    old, recovery.authorisation = recovery.authorisation, authorisation.code if authorisation else ""
    recovery.save(update_fields=["authorisation"])
    record(
        "fact.corrected",
        subjects=[correction.reference, target.subject, recovery.authorisation],
        by=by,
        at=at,
        reason=because,
        old={"authorisation": old},
        new={"fact": "recovery.authorisation", "authorisation": recovery.authorisation},
    )


def _doubt_kinship(target: Target, *, because: str, by: Person, at: datetime) -> None:
    """Hold a gift whose recipients were shown to be kin of another infant than it turns out to be of."""
    if Kinship.objects.filter(donation=target.row).exists():
        reason = f"{because} Its recipients were shown to be kin of another infant."[:500]
        place_holds([NewHold(HoldKind.MIX_UP, reason, donation_id=target.row.pk)], by=by, at=at)


def _follow_the_run(correction: Correction, target: Target, *, because: str, by: Person, at: datetime) -> None:
    """End the cold of the livers that went into a run when it really began, or another that they went into before."""
    was = datetime.fromisoformat(correction.old_value)
    for recovery in Recovery.objects.filter(donation_id__in=target.donation_ids, cold_ended_at=was).order_by("pk"):
        runs = Processing.objects.filter(lineage__parent__sources__donation=recovery.donation_id)
        ended_at = min(runs.values_list("started_at", flat=True))
        found = target_of(COLD_END.noun, recovery.pk)
        if found is None or ended_at == was:
            continue
        prepared = Prepared(written(ended_at), ended_at)
        beside = ["cold_ischaemia_minutes"]
        follow_correction(correction, COLD_END, found, prepared, beside=beside, because=because, by=by, at=at)
        _renew_minutes(found.row, because=because, by=by, at=at)


def _renew_minutes(recovery: Recovery, *, because: str, by: Person, at: datetime) -> None:
    """Correct the minutes recorded of a liver as results, unverified again, and ask again who was accepted on them."""
    minutes = {"warm": recovery.warm_ischaemia_minutes, "cold": recovery.cold_ischaemia_minutes}
    livers = Unit.objects.filter(donation_id=recovery.donation_id, made_from__isnull=True)
    known: list[Result] = []
    for unit in livers.exclude(state=UnitState.VOIDED).order_by("pk"):
        news = [minutes_result(unit, which, each) for which, each in minutes.items()]
        olds = {each.assay: each for each in current_results().filter(unit=unit, method=COMPUTED)}
        enter_results([new for new in news if new.assay not in olds and new.value], by=by, at=at)
        known += [
            replace_result(olds[new.assay], ResultCorrection(olds[new.assay].pk, new, because), by=by, at=at)
            for new in news
            if new.assay in olds and olds[new.assay].number != (int(new.value) if new.value else None)
        ]
    take_back_acceptance(known, Outcome.UNKNOWN, Outcome.FAIL, because="a corrected recovery", by=by, at=at)
