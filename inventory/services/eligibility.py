"""Determining donor eligibility by signature, and reopening it when its evidence changes."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from biobank.domain.ledger import canonical_json, digest
from biobank.domain.refusal import RuleViolation
from biobank.domain.role import Permission
from biobank.domain.signature import Credentials, Meaning
from biobank.models.person import Person
from biobank.models.signature import Signature
from biobank.services.ledger import record
from biobank.services.service import service
from biobank.services.signature import sign
from consent.queries.donor import lock_donors
from inventory.domain.eligibility import Determination, Evidence, determine, evidence_content
from inventory.models.donation import Donation
from inventory.models.eligibility import EligibilityDetermination
from inventory.models.unit import UnitSource
from inventory.queries.donation import of_one_birth
from inventory.queries.eligibility import evidence_of
from inventory.services.void import take_back


class NotDetermined(RuleViolation):
    """The eligibility of a donation cannot be determined as asked."""

    code = "not-determined"
    title = "Eligibility was not determined"
    mend = "Look at the donations named: they are determined already, or do not exist."


@service
def determine_eligibility(
    donation_ids: Sequence[int], *, credentials: Credentials, by: Person, at: datetime
) -> list[EligibilityDetermination]:
    """Determine donors' eligibility by one signature over all, each bound to exactly its evidence.

    The verdict is what the evidence carries; whoever signs takes responsibility for it. Raises ``NotDetermined`` where
    a determination stands, ``SignatureRefused`` by the signature.
    """
    donations = _locked(donation_ids)
    evidence = evidence_of(donations)
    verdicts = {donation.pk: determine(evidence[donation.pk]) for donation in donations}
    content = [snapshot(each, evidence[each.pk], verdicts[each.pk]) for each in donations]
    signature = sign(
        content,
        meaning=Meaning.REVIEWED,
        credentials=credentials,
        by=by,
        at=at,
        permission=Permission.DETERMINE_ELIGIBILITY,
    )
    determinations = EligibilityDetermination.objects.bulk_create(
        _row(donation, evidence[donation.pk], verdicts[donation.pk], signature, at=at) for donation in donations
    )
    for donation, what in zip(donations, content, strict=True):
        record(
            "eligibility.determined",
            subjects=[donation.code, donation.donor.donor_code],
            by=by,
            at=at,
            reason="; ".join(verdicts[donation.pk].reasons),
            new={"verdict": what["verdict"], "evidence_sha256": what["evidence_sha256"], "signature": signature.pk},
        )
    return determinations


def reopen_eligibility(
    donation_ids: Sequence[int], *, because: str, by: Person, at: datetime, regardless: bool = False
) -> None:
    """Reopen what was determined on other evidence: donors are locked already; units go back to quarantine.

    With ``regardless``, also what the evidence does not show: a donation that turns out to be another donor's.

    What is found of a mother at one donation counts for every donation of the same birth, and reopens each.
    """
    standing = EligibilityDetermination.objects.select_for_update(of=("self",)).filter(
        donation__donor__donations__in=donation_ids, reopened_at__isnull=True
    )
    standing = standing.select_related("donation__donor", "donation__collection_site").order_by("pk")
    of_donors = {row.pk: row for row in standing}
    if not of_donors:
        return
    births = set().union(*of_one_birth(donation_ids).values())
    rows = [row for row in of_donors.values() if row.donation_id in births]
    changed = rows if regardless else _changed(rows)
    if not changed:
        return
    for row in changed:
        row.reopened_at, row.reopened_because = at, because
        record(
            "eligibility.reopened",
            subjects=[row.donation.code, row.donation.donor.donor_code],
            by=by,
            at=at,
            reason=because,
            old={"verdict": row.verdict, "evidence_sha256": row.evidence_sha256},
            new={"verdict": "incomplete"},
        )
    EligibilityDetermination.objects.bulk_update(changed, ["reopened_at", "reopened_because"])
    sources = UnitSource.objects.filter(donation__in=[row.donation_id for row in changed])
    unit_ids = sorted(set(sources.values_list("unit_id", flat=True)))
    take_back(unit_ids, because=f"Donor eligibility was reopened by {because}.", by=by, at=at)


def snapshot(donation: Donation, evidence: Evidence, verdict: Determination) -> Mapping[str, object]:
    """Return what is signed of one donation: the verdict, its reasons and the evidence it rests on."""
    return {
        "donation": donation.code,
        "verdict": verdict.verdict,
        "reasons": verdict.reasons,
        "evidence": evidence_content(evidence),
        "evidence_sha256": evidence_sha256(evidence),
    }


def evidence_sha256(evidence: Evidence) -> str:
    """Return the hash that binds a verdict to exactly its evidence."""
    return digest(canonical_json(evidence_content(evidence)))


def _row(
    donation: Donation, evidence: Evidence, verdict: Determination, signature: Signature, *, at: datetime
) -> EligibilityDetermination:
    return EligibilityDetermination(
        donation=donation,
        verdict=verdict.verdict.value,
        reasons=list(verdict.reasons),
        reactive=list(verdict.reactive),
        evidence_sha256=evidence_sha256(evidence),
        signature=signature,
        determined_at=at,
    )


def _locked(donation_ids: Sequence[int]) -> list[Donation]:
    named = Donation.objects.filter(pk__in=donation_ids)
    lock_donors(named.values_list("donor_id", flat=True))
    donations = list(named.select_related("donor", "collection_site").order_by("pk"))
    standing = EligibilityDetermination.objects.filter(donation_id__in=donation_ids, reopened_at__isnull=True)
    if len(donations) != len(set(donation_ids)) or not donations:
        raise NotDetermined("A donation named does not exist.")
    if taken := standing.select_related("donation").first():
        raise NotDetermined(f"{taken.donation.code} is determined already: {taken.verdict}.")
    return donations


def _changed(rows: Sequence[EligibilityDetermination]) -> list[EligibilityDetermination]:
    evidence = evidence_of(row.donation for row in rows)
    return [row for row in rows if evidence_sha256(evidence[row.donation_id]) != row.evidence_sha256]
