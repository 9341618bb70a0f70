"""Drafting study protocols and putting them in force."""

from dataclasses import asdict, dataclass
from datetime import date, datetime

from biobank.domain.refusal import Reason, RuleViolation
from biobank.domain.role import Permission
from biobank.domain.signature import Credentials, Meaning
from biobank.models.person import Person
from biobank.models.site import Site
from biobank.services.ledger import record
from biobank.services.service import service
from biobank.services.signature import sign
from inventory.domain.criterion import Criterion, obstacles_to_criteria
from inventory.domain.unit import ProductClass
from inventory.models.protocol import Protocol, ProtocolCriterion, ProtocolSite
from inventory.queries.protocol import criteria_of, latest_version, lock_protocols


class ProtocolRefused(RuleViolation):
    code = "protocol-refused"
    title = "The protocol was not changed"
    mend = "Correct what is named, draft a new version, and have quality sign that."


@dataclass(frozen=True, kw_only=True)
class SiteOnProtocol:
    """A study site with its agreement and the days it holds."""

    site: Site
    agreement: str
    agreed_from: date
    agreed_until: date


@dataclass(frozen=True, kw_only=True)
class NewProtocol:
    """A study's protocol as drafted; the next version where the code is known."""

    code: str
    title: str
    sponsor: str
    principal_investigator: str
    indication: str
    duo: tuple[str, ...]
    human_application: bool
    country: str
    institution: str
    product_classes: tuple[ProductClass, ...]
    ethics_number: str
    ethics_from: date
    ethics_until: date
    commercial: bool = False
    for_profit: bool = False
    genetic: bool = False
    authorisation: str = ""
    authorisation_from: date | None = None
    authorisation_until: date | None = None
    recipients_cap: int | None = None
    units_per_recipient_cap: int | None = None
    open_reservations_cap: int = 20
    reservation_hours: int = 336
    criteria: tuple[Criterion, ...] = ()
    sites: tuple[SiteOnProtocol, ...] = ()


_NOT_COLUMNS = ("criteria", "sites", "duo", "product_classes")


@service
def draft_protocol(new: NewProtocol, *, by: Person, at: datetime) -> Protocol:
    """Write the next version of a protocol as a draft. Raises ``ProtocolRefused`` with everything it leaves out."""
    if reasons := _obstacles(new):
        raise ProtocolRefused(f"{new.code} cannot be drafted as written.", reasons=reasons)
    lock_protocols([new.code])
    columns = {name: value for name, value in vars(new).items() if name not in _NOT_COLUMNS}
    protocol = Protocol.objects.create(
        **columns,
        version=latest_version(new.code) + 1,
        duo=list(new.duo),
        product_classes=[each.value for each in new.product_classes],
        drafted_at=at,
    )
    ProtocolCriterion.objects.bulk_create(_row(protocol, criterion) for criterion in new.criteria)
    ProtocolSite.objects.bulk_create(
        ProtocolSite(
            protocol=protocol,
            site=each.site,
            agreement=each.agreement,
            agreed_from=each.agreed_from,
            agreed_until=each.agreed_until,
        )
        for each in new.sites
    )
    record("protocol.drafted", subjects=[protocol.code], by=by, at=at, new=protocol_snapshot(protocol))
    return protocol


@service
def put_protocol_in_force(protocol: Protocol, *, credentials: Credentials, by: Person, at: datetime) -> Protocol:
    """Put a draft in force by quality's signature; the version before it is superseded.

    Raises ``ProtocolRefused`` for anything but the latest draft, ``SignatureRefused`` by the signature.
    """
    versions = {each.pk: each for each in lock_protocols([protocol.code])}
    protocol = versions[protocol.pk]
    if protocol.status != "draft" or protocol.version != max(each.version for each in versions.values()):
        raise ProtocolRefused(f"{protocol} is {protocol.status}, and only the latest draft is put in force.")
    content = protocol_snapshot(protocol)
    signature = sign(
        content, meaning=Meaning.APPROVED, credentials=credentials, by=by, at=at, permission=Permission.PUT_IN_FORCE
    )
    Protocol.objects.filter(code=protocol.code, status="in_force").update(status="superseded")
    protocol.status, protocol.signature, protocol.in_force_at = "in_force", signature, at
    protocol.save(update_fields=["status", "signature", "in_force_at"])
    record("protocol.put_in_force", subjects=[protocol.code], by=by, at=at, new=content)
    return protocol


def protocol_snapshot(protocol: Protocol) -> dict[str, object]:
    """Return what is signed: the version with every condition, criterion and site."""
    columns = ("code", "version", *(name for name in NewProtocol.__dataclass_fields__ if name not in _NOT_COLUMNS))
    return {
        **{name: getattr(protocol, name) for name in columns},
        "duo": list(protocol.duo),
        "product_classes": list(protocol.product_classes),
        "criteria": [asdict(criterion) for criterion in criteria_of(protocol)],
        "sites": [
            {
                "site": each.site.code,
                "agreement": each.agreement,
                "agreed_from": each.agreed_from,
                "agreed_until": each.agreed_until,
            }
            for each in protocol.sites.select_related("site").order_by("site__code")
        ],
    }


def _obstacles(new: NewProtocol) -> list[Reason]:
    reasons = [
        Reason(f"Say the protocol's {name.replace('_', ' ')}.", "missing", name)
        for name in ("code", "title", "sponsor", "principal_investigator", "indication", "institution", "ethics_number")
        if not getattr(new, name).strip()
    ]
    if new.ethics_until < new.ethics_from:
        reasons.append(Reason("The ethics approval ends before it begins.", "period", "ethics_until"))
    if not new.product_classes:
        reasons.append(Reason("Name at least one product class.", "missing", "product_classes"))
    if new.human_application and not new.authorisation:
        text = "Human application names the regulatory authorisation it stands on."
        reasons.append(Reason(text, "missing", "authorisation"))
    if not new.sites:
        reasons.append(Reason("Name at least one study site with its agreement.", "missing", "sites"))
    return [*reasons, *obstacles_to_criteria(new.criteria, human_application=new.human_application)]


def _row(protocol: Protocol, criterion: Criterion) -> ProtocolCriterion:
    return ProtocolCriterion(
        protocol=protocol,
        scope=criterion.scope.value,
        attribute=criterion.attribute,
        operator=criterion.operator.value,
        limit=criterion.limit,
        words=list(criterion.words),
    )
