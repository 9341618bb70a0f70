"""The facts of a unit's chain-of-custody document, gathered as they stand at the ledger's head."""

from datetime import datetime

from biobank.domain.ledger import GENESIS
from biobank.domain.refusal import RuleViolation
from biobank.domain.site import SiteKind
from biobank.models.ledger import LedgerHead
from biobank.models.site import Site
from consent.domain.consent import ConsentStatus
from consent.domain.standing import Source
from consent.queries.consent import consent_statuses
from inventory.domain.custody import CustodyFacts, DonorConsent, Head
from inventory.models.unit import Unit
from inventory.queries.ancestry import source_of
from inventory.queries.custody_chain import chain_of
from inventory.queries.custody_line import Line, line_of
from inventory.queries.custody_result import result_rows
from inventory.queries.custody_shipment import shipment_rows
from inventory.queries.custody_signature import determinations_behind, eligibility_rows, signature_rows
from inventory.queries.custody_unit import identity_of, lineage_rows
from inventory.queries.unit_now import unit_now

READINGS = 5


class NoSuchUnit(RuleViolation):
    """No unit has this code."""

    code = "no-such-unit"
    title = "No such unit"
    mend = "Scan the unit's label again, or look it up by its donation identification number."


class LedgerMoving(RuleViolation):
    """The ledger grew during each of several readings."""

    code = "ledger-moving"
    title = "The record is being written to without pause"
    mend = "Ask for the report again in a minute."


def custody_facts(unit_code: str, at: datetime, *, ledger_key_sha256: str = "") -> CustodyFacts:
    """Return everything about a unit as of one ledger position.

    Every write moves the ledger's head, so facts read between two equal heads are of one instant, with no lock held.
    Raises ``NoSuchUnit`` and ``LedgerMoving``.
    """
    for _ in range(READINGS):
        before = _head(at)
        facts = _gather(unit_code, before, at, ledger_key_sha256)
        if _head(at) == before:
            return facts
    raise LedgerMoving(f"The ledger was written to during each of {READINGS} readings of {unit_code}.")


def _head(at: datetime) -> Head:
    head = LedgerHead.objects.filter(pk=1).first()
    if head is None or head.at is None:
        return Head(0, GENESIS, at)
    return Head(head.number, head.seal, head.at)


def _gather(unit_code: str, head: Head, at: datetime, ledger_key_sha256: str) -> CustodyFacts:
    found = unit_now(unit_code, Unit.objects.all())
    if found is None:
        raise NoSuchUnit(f"No unit of this bank has the code “{unit_code}”.", field="unit")
    line = line_of(found.unit)
    found.tell(line.behind)
    sites = list(Site.objects.order_by("pk"))
    bank = next((site for site in sites if site.kind == SiteKind.BANK), None)
    specification, results = result_rows(line)
    determinations = determinations_behind(line)
    return CustodyFacts(
        bank=bank.name if bank else "Biobank",
        time_zone=bank.time_zone if bank else "UTC",
        head=head,
        unit=identity_of(line, found.other_codes),
        lineage=lineage_rows(line),
        donors=_donors(line, max(at, head.at)),
        eligibility=eligibility_rows(determinations),
        specification=specification,
        results=results,
        signatures=signature_rows(line, determinations),
        entries=chain_of(line, sites),
        shipments=shipment_rows(line),
        ledger_key_sha256=ledger_key_sha256,
    )


def _donors(line: Line, at: datetime) -> tuple[DonorConsent, ...]:
    """Return how the consent of each donor stands, and beside it each authorisation of a recovery after death."""
    asked = [source_of(each) for each in line.donations]
    sources = [each if each.after_death else Source(each.donor_id) for each in asked]
    statuses = consent_statuses(dict.fromkeys(sources), at, recorded_by=at)
    return tuple(_donor(status) for status in statuses.values())


def _donor(status: ConsentStatus) -> DonorConsent:
    form = f"{status.form_code} version {status.form_version} ({status.form_language})" if status.form_code else ""
    scope = f", {status.withdrawal_scope.replace('_', ' ')}" if status.withdrawal_scope else ""
    return DonorConsent(
        donor_code=status.donor_code,
        form=form,
        status=", ".join(filter(None, (f"{status.standing.value}{scope}".replace("_", " "), status.attested))),
        permitted_use=_permitted_use(status),
        given_at=status.given_at,
        withdrawn_at=status.ended_at,
    )


def _permitted_use(status: ConsentStatus) -> str:
    """Return what the consent allows in one sentence each: permissions, restrictions, human application."""
    human = {True: "granted", False: "not granted", None: "unknown"}[status.human_application]
    parts = [f"Permissions (DUO): {'; '.join(status.permissions) or 'none'}."]
    if status.restrictions:
        parts.append(f"Restrictions: {'; '.join(status.restrictions)}.")
    return " ".join([*parts, f"Human application: {human}."])
