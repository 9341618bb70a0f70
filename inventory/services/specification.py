"""Drafting specifications and putting them in force."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from biobank.domain.refusal import Reason, RuleViolation
from biobank.domain.role import Permission
from biobank.domain.signature import Credentials, Meaning
from biobank.models.person import Person
from biobank.services.ledger import record
from biobank.services.service import service
from biobank.services.signature import sign
from inventory.domain.assay import ASSAYS
from inventory.domain.specification import Limit
from inventory.domain.unit import ProductClass, Use
from inventory.models.specification import Specification, SpecificationLimit
from inventory.queries.specification import limits_of


class SpecificationRefused(RuleViolation):
    """A specification cannot be drafted or put in force as asked."""

    code = "specification-refused"
    title = "The specification was not changed"
    mend = "Draft a new version with at least one limit, and have quality sign that."


@dataclass(frozen=True)
class NewSpecification:
    """A draft: name, product class, use, limits; ``mark`` says where it comes from, ``marks`` where each limit does."""

    name: str
    product_class: ProductClass
    use: Use
    limits: tuple[Limit, ...]
    mark: str
    marks: tuple[str, ...] = ()


@service
def draft_specification(new: NewSpecification, *, by: Person, at: datetime) -> Specification:
    """Write the next version of a specification as a draft that nothing uses yet.

    Raises ``SpecificationRefused`` without a limit, for an assay that is none, and for one limit said twice.
    """
    _check(new)
    last = Specification.objects.select_for_update().filter(name=new.name).order_by("-version").first()
    specification = Specification.objects.create(
        name=new.name,
        version=last.version + 1 if last else 1,
        product_class=new.product_class.value,
        use=new.use.value,
        mark=new.mark,
        drafted_at=at,
    )
    marks = new.marks or ("",) * len(new.limits)
    SpecificationLimit.objects.bulk_create(
        _row(specification, limit, mark) for limit, mark in zip(new.limits, marks, strict=True)
    )
    record(
        "specification.drafted", subjects=[specification.name], by=by, at=at, new=snapshot(specification, new.limits)
    )
    return specification


@service
def put_specifications_in_force(
    specifications: Sequence[Specification], *, credentials: Credentials, by: Person, at: datetime
) -> list[Specification]:
    """Put drafts in force by one signature of quality over all of them; what they replace is superseded.

    Raises ``SpecificationRefused`` for anything but a draft, ``SignatureRefused`` by the signature.
    """
    ids = [each.pk for each in specifications]
    locked = list(Specification.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    for specification in locked:
        if specification.status != "draft":
            raise SpecificationRefused(f"{specification} is {specification.status}, not a draft.")
    limits = limits_of([each.pk for each in locked])
    content = [snapshot(each, limits[each.pk]) for each in locked]
    signature = sign(
        content, meaning=Meaning.APPROVED, credentials=credentials, by=by, at=at, permission=Permission.PUT_IN_FORCE
    )
    for specification, what in zip(locked, content, strict=True):
        Specification.objects.filter(
            product_class=specification.product_class, use=specification.use, status="in_force"
        ).update(status="superseded")
        specification.status, specification.signature, specification.in_force_at = "in_force", signature, at
        specification.save(update_fields=["status", "signature", "in_force_at"])
        record("specification.put_in_force", subjects=[specification.name], by=by, at=at, new=what)
    return locked


def _check(new: NewSpecification) -> None:
    if not new.limits:
        raise SpecificationRefused(f"{new.name} has no limit.", field="limits")
    reasons = [
        Reason(f"There is no assay “{limit.assay}”.", "no-assay", "limits")
        for limit in new.limits
        if limit.assay not in ASSAYS
    ]
    said = Counter((limit.stage, limit.assay, limit.taken_from, limit.operator) for limit in new.limits)
    reasons += [
        Reason(f"{assay} is limited twice alike at {stage.value}.", "twice", "limits")
        for (stage, assay, _, _), times in said.items()
        if times > 1
    ]
    if reasons:
        raise SpecificationRefused(f"{new.name} was not drafted.", reasons=reasons)


def snapshot(specification: Specification, limits: Sequence[Limit]) -> dict[str, object]:
    """Return what is signed: the version and every limit."""
    return {
        "specification": specification.name,
        "version": specification.version,
        "product_class": specification.product_class,
        "use": specification.use,
        "limits": [asdict(limit) for limit in limits],
    }


def _row(specification: Specification, limit: Limit, mark: str) -> SpecificationLimit:
    return SpecificationLimit(
        specification=specification,
        stage=limit.stage.value,
        assay=limit.assay,
        operator=limit.operator.value,
        limit=limit.limit,
        words=list(limit.words),
        taken_from=limit.taken_from.value,
        mandatory=limit.mandatory,
        mark=mark,
    )
