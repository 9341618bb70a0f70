"""What the record has of all that a batch of attested facts speaks of; no more queries for a longer one."""

from collections.abc import Collection, Mapping

from biobank.domain.signature import snapshot_sha256
from biobank.models.person import Person
from consent.domain.attestation import AttestedConsent
from consent.queries.donor import donor_ids
from inventory.domain.attestation import (
    AttestedEligibility,
    AttestedResult,
    Batch,
    DonationStanding,
    Known,
    ResultStanding,
    content_of,
)
from inventory.domain.unit import Origin
from inventory.models.donation import Donation
from inventory.models.eligibility import EligibilityDetermination
from inventory.models.result import Result
from inventory.queries.custody_unit import number_text
from inventory.queries.result import donors_of_results


def known_of(batch: Batch, *, by: Person) -> Known:
    """Return what the record has of a batch; ``by`` is who would sign it."""
    return Known(
        donations=_donations({fact.donation for fact in batch.facts if isinstance(fact, AttestedEligibility)}),
        results=_results(_result_ids(batch), by=by),
    )


def donors_of_batch(batch: Batch) -> list[int]:
    """Return the ids of every donor that a batch speaks of."""
    named = donor_ids([fact.donor for fact in batch.facts if isinstance(fact, AttestedConsent)])
    donations = {fact.donation for fact in batch.facts if isinstance(fact, AttestedEligibility)}
    births = Donation.objects.filter(code__in=donations).values_list("donor_id", flat=True)
    results = _result_ids(batch)
    return sorted({*named.values(), *births, *(donors_of_results(results) if results else ())})


def shown(batch: Batch, *, by: Person) -> tuple[Mapping[str, object], str]:
    """Return the whole list as the signer sees it, and the hash by which signing proves that it was this one."""
    content = content_of(batch, known_of(batch, by=by))
    return content, snapshot_sha256(content)


def value_text(result: Result) -> str:
    """Return what a result says, as one text: its number, word, or why there is none."""
    text = number_text(result.number) if result.number is not None else result.text
    return " ".join(filter(None, (result.qualifier, text)))


def _result_ids(batch: Batch) -> list[int]:
    return sorted({fact.result for fact in batch.facts if isinstance(fact, AttestedResult)})


def _donations(codes: Collection[str]) -> dict[str, DonationStanding]:
    standing = EligibilityDetermination.objects.filter(donation__code__in=codes, reopened_at__isnull=True)
    verdicts = dict(standing.values_list("donation__code", "verdict"))
    return {
        donation.code: DonationStanding(
            origin=Origin(donation.origin),
            verdict=verdicts.get(donation.code, ""),
            autologous=donation.purpose == "autologous",
        )
        for donation in Donation.objects.filter(code__in=codes)
    }


def _results(ids: Collection[int], *, by: Person) -> dict[int, ResultStanding]:
    rows = Result.objects.filter(pk__in=ids, replaced_by__isnull=True).select_related("unit", "donation", "lot")
    found = {}
    for row in rows:
        thing = row.unit or row.donation
        found[row.pk] = ResultStanding(
            of=thing.code if thing else row.lot.code if row.lot else "",
            assay=row.assay,
            value=value_text(row),
            origin=Origin(thing.origin) if thing else Origin.OWN,
            reported_by=row.reported_by,
            is_verified=row.verified_at is not None,
            is_own=row.entered_by_id == by.pk,
        )
    return found
