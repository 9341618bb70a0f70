"""Attesting facts that another establishment found: one signature over the whole list, shown in full before it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from biobank.domain.role import Permission
from biobank.domain.signature import Credentials, Meaning, snapshot_sha256
from biobank.models.person import Person
from biobank.models.signature import Signature
from biobank.services.code import new_code
from biobank.services.ledger import record
from biobank.services.service import service
from biobank.services.signature import sign
from consent.domain.attestation import AttestedConsent, Paper
from consent.queries.donor import lock_donors
from inventory.domain.attestation import (
    AttestedEligibility,
    AttestedResult,
    Batch,
    FactKind,
    NotAsShown,
    check_batch,
    content_of,
    kind_of,
)
from inventory.models.attestation import Attestation, AttestedFact
from inventory.models.donation import Donation
from inventory.models.eligibility import EligibilityDetermination
from inventory.models.result import Result
from inventory.queries.attestation import donors_of_batch, known_of
from inventory.queries.attested import mark_of
from inventory.queries.eligibility import evidence_of
from inventory.queries.result import lock_results
from inventory.services.eligibility import evidence_sha256
from inventory.services.result import settle_results


class ConsentRow(Protocol):
    """A consent as the inventory may know it: by id and code."""

    @property
    def pk(self) -> int: ...
    @property
    def code(self) -> str: ...


class AttestConsents(Protocol):
    """Records consents on a signed paper and returns them in order: the door hands in the consent app's own service."""

    def __call__(
        self, news: Sequence[AttestedConsent], *, paper: Paper, signature: Signature, by: Person, at: datetime
    ) -> Sequence[ConsentRow]: ...


@service
def attest(
    batch: Batch,
    *,
    shown_sha256: str,
    attest_consents: AttestConsents,
    credentials: Credentials,
    by: Person,
    at: datetime,
) -> Attestation:
    """Take over facts on a document by one signature over the whole list; each is shown as attested from then on.

    ``shown_sha256`` is the hash of the list as the signer saw it. Raises ``AttestationRefused`` with every obstacle,
    ``NotAsShown``, or ``SignatureRefused`` as ``sign`` does.
    """
    lock_donors(donors_of_batch(batch))
    results = {result.pk: result for result in lock_results([each.result for each in _results(batch)])}
    known = known_of(batch, by=by)
    content = content_of(batch, known)
    check_batch(batch, known)
    if snapshot_sha256(content) != shown_sha256:
        raise NotAsShown("What would be signed is not the list that was shown.", field="shown_sha256")
    signature = sign(
        content,
        meaning=Meaning.REVIEWED,
        credentials=credentials,
        by=by,
        at=at,
        permission=Permission.ATTEST_FACTS,
    )
    attestation = _write(batch, signature, at=at)
    settle_results(list(results.values()), attestation=attestation, by=by, at=at)
    consents = attest_consents(_consents(batch), paper=batch.paper, signature=signature, by=by, at=at)
    determinations = _determine(_eligibility(batch), attestation, by=by, at=at)
    _write_facts(batch, attestation, consents, determinations, results)
    _record(batch, attestation, by=by, at=at)
    return attestation


def _consents(batch: Batch) -> list[AttestedConsent]:
    return [fact for fact in batch.facts if isinstance(fact, AttestedConsent)]


def _eligibility(batch: Batch) -> list[AttestedEligibility]:
    return [fact for fact in batch.facts if isinstance(fact, AttestedEligibility)]


def _results(batch: Batch) -> list[AttestedResult]:
    return [fact for fact in batch.facts if isinstance(fact, AttestedResult)]


def _write(batch: Batch, signature: Signature, *, at: datetime) -> Attestation:
    return Attestation.objects.create(
        reference=new_code("ATT"),
        establishment=batch.paper.establishment,
        document=batch.document,
        document_sha256=batch.paper.document_sha256,
        facts_stated=len(batch.facts),
        rows_compared=len(batch.checked),
        signature=signature,
        attested_at=at,
    )


def _determine(
    facts: Sequence[AttestedEligibility], attestation: Attestation, *, by: Person, at: datetime
) -> dict[str, EligibilityDetermination]:
    """Write the verdicts as attested: bound to the evidence as it is here now, so that any other reopens them."""
    donations = Donation.objects.filter(code__in=[fact.donation for fact in facts])
    by_code = {each.code: each for each in donations.select_related("donor", "collection_site")}
    evidence = evidence_of(by_code.values())
    rows = EligibilityDetermination.objects.bulk_create(
        (
            EligibilityDetermination(
                donation=by_code[fact.donation],
                verdict=fact.verdict.value,
                reasons=[mark_of(attestation)],
                reactive=list(fact.reactive),
                evidence_sha256=evidence_sha256(evidence[by_code[fact.donation].pk]),
                signature=attestation.signature,
                attestation=attestation,
                determined_at=at,
            )
            for fact in facts
        ),
        batch_size=500,
    )
    for row in rows:
        record(
            "eligibility.determined",
            subjects=[row.donation.code, row.donation.donor.donor_code, attestation.reference],
            by=by,
            at=at,
            reason=mark_of(attestation),
            new={"verdict": row.verdict, "evidence_sha256": row.evidence_sha256, **_on(attestation)},
        )
    return {row.donation.code: row for row in rows}


def _write_facts(
    batch: Batch,
    attestation: Attestation,
    consents: Sequence[ConsentRow],
    determinations: Mapping[str, EligibilityDetermination],
    results: Mapping[int, Result],
) -> None:
    of_donor = dict(zip([fact.donor for fact in _consents(batch)], consents, strict=True))
    rows = []
    for number, fact in enumerate(batch.facts, start=1):
        row = AttestedFact(attestation=attestation, row=number, compared=number in batch.checked)
        if isinstance(fact, AttestedConsent):
            row.kind, row.value, row.consent_id = FactKind.CONSENT.value, fact.form, of_donor[fact.donor].pk
        elif isinstance(fact, AttestedEligibility):
            row.kind, row.value = FactKind.ELIGIBILITY.value, fact.verdict.value
            row.determination = determinations[fact.donation]
        else:
            row.kind, row.value, row.result = FactKind.RESULT.value, fact.value, results[fact.result]
        rows.append(row)
    AttestedFact.objects.bulk_create(rows, batch_size=500)


def _record(batch: Batch, attestation: Attestation, *, by: Person, at: datetime) -> None:
    counted = {kind.value: sum(kind_of(fact) is kind for fact in batch.facts) for kind in FactKind}
    record(
        "facts.attested",
        subjects=[attestation.reference],
        by=by,
        at=at,
        new={
            **_on(attestation),
            "document": batch.document,
            "facts": counted,
            "rows_compared": sorted(batch.checked),
            "content_sha256": attestation.signature.content_sha256,
        },
    )


def _on(attestation: Attestation) -> dict[str, object]:
    return {
        "attestation": attestation.reference,
        "attested_by": attestation.establishment,
        "document_sha256": attestation.document_sha256,
        "signature": attestation.signature_id,
    }
