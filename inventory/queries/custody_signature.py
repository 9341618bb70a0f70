"""The signatures and the eligibility verdicts that a chain-of-custody document manifests."""

from collections.abc import Iterable, Iterator

from biobank.models.signature import Signature
from inventory.domain.custody import EligibilityRow, SignatureRow, utc_text
from inventory.models.disposition import Disposition
from inventory.models.eligibility import EligibilityDetermination
from inventory.models.release import ReleaseSignature
from inventory.models.request import UnitRequest
from inventory.queries.attested import mark_of
from inventory.queries.custody_line import Line


def signature_rows(line: Line, determinations: Iterable[EligibilityDetermination]) -> tuple[SignatureRow, ...]:
    """Return every signature about the unit, oldest first, those of its donors' determinations among them."""
    rows = [_row(signature, about) for signature, about in _signatures(line, determinations) if signature]
    return tuple(sorted(rows, key=lambda row: (row.signed_at, row.about, row.username)))


def _signatures(
    line: Line, determinations: Iterable[EligibilityDetermination]
) -> Iterator[tuple[Signature | None, str]]:
    for determination in determinations:
        yield determination.signature, f"donor eligibility of {determination.donation.code}: {determination.verdict}"
    for acceptance in line.behind.acceptances:
        if line.unit.pk == acceptance.unit_id or (acceptance.lot_id and acceptance.lot_id == line.unit.lot_id):
            yield acceptance.signature, f"acceptance for {acceptance.use}"
    yield from _signatures_of_the_way_out(line)


def _signatures_of_the_way_out(line: Line) -> Iterator[tuple[Signature | None, str]]:
    requests = UnitRequest.objects.filter(lines__unit=line.unit, approval__isnull=False).distinct()
    for request in requests.select_related("approval__person"):
        yield request.approval, f"approval of request {request.reference}"
    signed = ReleaseSignature.objects.filter(release__units__unit=line.unit).distinct()
    for each in signed.select_related("signature__person", "release"):
        yield each.signature, f"release {each.release.reference} ({each.release.kind}, {each.release.status})"
    endings = Disposition.objects.filter(unit=line.unit, signature__isnull=False)
    for ending in endings.select_related("signature__person"):
        yield ending.signature, f"statement that the unit is {ending.kind}"


def _row(signature: Signature, about: str) -> SignatureRow:
    return SignatureRow(
        printed_name=signature.printed_name,
        meaning=signature.meaning,
        signed_at=signature.signed_at,
        content_sha256=signature.content_sha256,
        about=about.replace("_", " "),
        username=signature.person.username,
        item_count=signature.item_count,
    )


def eligibility_rows(determinations: Iterable[EligibilityDetermination]) -> tuple[EligibilityRow, ...]:
    """Return determinations as they are stated, reopened ones said to be so."""
    return tuple(_eligibility(determination) for determination in determinations)


def _eligibility(row: EligibilityDetermination) -> EligibilityRow:
    standing = "stands"
    if row.reopened_at is not None:
        standing = f"reopened {utc_text(row.reopened_at)}: {row.reopened_because}"
    return EligibilityRow(
        verdict=row.verdict.replace("_", " "),
        determined_by=row.signature.printed_name,
        determined_at=row.determined_at,
        evidence_sha256=row.evidence_sha256,
        standing=f"{row.donation.code}, {standing}",
        remarks=tuple(dict.fromkeys(filter(None, (mark_of(row.attestation), *map(str, row.reasons))))),
    )


def determinations_behind(line: Line) -> list[EligibilityDetermination]:
    """Return every determination of the donations behind the unit, oldest first."""
    rows = EligibilityDetermination.objects.filter(donation_id__in=line.donation_ids)
    return list(rows.select_related("signature__person", "donation", "attestation").order_by("determined_at", "pk"))
