"""Drafting specifications, from a profile or from the version before, and putting them in force."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from biobank.domain.refusal import Reason, RuleViolation
from biobank.domain.role import Permission
from biobank.domain.signature import Credentials, Meaning
from biobank.domain.text import obstacles_to_text
from biobank.models.person import Person
from biobank.services.ledger import record
from biobank.services.service import service
from biobank.services.signature import sign
from inventory.domain.profile import (
    LimitChange,
    Mark,
    MarkedLimit,
    Profile,
    Provenance,
    obstacles_to_changes,
    obstacles_to_limits,
    profile_named,
    revised,
)
from inventory.domain.specification import Limit
from inventory.domain.unit import ProductClass, Use
from inventory.models.specification import Specification, SpecificationLimit
from inventory.queries.specification import as_profile, marked_limits_of, versions_once_in_force

LONGEST_NAME = 64
LONGEST_MARK = 200


class SpecificationRefused(RuleViolation):
    """A specification cannot be drafted or put in force as asked."""

    code = "specification-refused"
    title = "The specification was not changed"
    mend = "Draft a new version with at least one limit, and have quality sign that."


@dataclass(frozen=True)
class NewSpecification:
    """A draft: name, product class, use, limits; ``mark`` says where it comes from, ``marks`` where each limit does.

    Without ``marks`` every limit is the bank's own, and comes from where the whole does.
    """

    name: str
    product_class: ProductClass
    use: Use
    limits: tuple[Limit, ...]
    mark: str
    marks: tuple[Provenance, ...] = ()


@service
def draft_specification(new: NewSpecification, *, by: Person, at: datetime) -> Specification:
    """Write the next version of a specification as a draft that nothing uses yet.

    Raises ``SpecificationRefused`` without a limit, for one that could judge nothing, and for one said twice.
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
    marked = _marked(new)
    SpecificationLimit.objects.bulk_create(_row(specification, each) for each in marked)
    record("specification.drafted", subjects=[specification.name], by=by, at=at, new=snapshot(specification, marked))
    return specification


@service
def draft_from_profile(
    profile_name: str, *, name: str = "", changes: Sequence[LimitChange] = (), by: Person, at: datetime
) -> Specification:
    """Draft the next version of a specification from a shipped profile, with the bank's changes, under its own name.

    Every limit keeps its mark and source; what was changed is the bank's own. Raises ``NoSuchProfile``, and
    ``SpecificationRefused`` as a draft does, or for a change of what is not there or says no source.
    """
    profile = profile_named(profile_name)
    new = _revised(profile, changes, name=name or profile.name, mark=f"{profile.name}: {profile.source}")
    return draft_specification(new, by=by, at=at)


@service
def draft_next_version(
    specification: Specification, *, changes: Sequence[LimitChange] = (), by: Person, at: datetime
) -> Specification:
    """Draft the next version from one that stands: how limits are edited, a draft's too; no version is overwritten.

    Raises ``SpecificationRefused`` as a draft does, or for a change of what is not there or says no source.
    """
    profile = as_profile(specification)
    return draft_specification(_revised(profile, changes, name=profile.name, mark=profile.source), by=by, at=at)


@service
def put_specifications_in_force(
    specifications: Sequence[Specification], *, credentials: Credentials, by: Person, at: datetime
) -> list[Specification]:
    """Put drafts in force by one signature of quality over all of them; what they replace is superseded.

    Raises ``SpecificationRefused`` for anything but a draft, for a version older than one that was in force, and for
    two of one product class and use, ``SignatureRefused`` by the signature.
    """
    ids = [each.pk for each in specifications]
    locked = list(Specification.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    if reasons := _obstacles_to_force(locked):
        raise SpecificationRefused("Nothing was put in force.", reasons=reasons)
    limits = marked_limits_of([each.pk for each in locked])
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


def snapshot(specification: Specification, limits: Sequence[MarkedLimit]) -> dict[str, object]:
    """Return what is signed: the version and every limit with where it comes from."""
    return {
        "specification": specification.name,
        "version": specification.version,
        "product_class": specification.product_class,
        "use": specification.use,
        "from": specification.mark,
        "limits": [asdict(each.limit) | asdict(each.provenance) for each in limits],
    }


def _check(new: NewSpecification) -> None:
    reasons = obstacles_to_limits(new.limits)
    reasons += obstacles_to_text(new.name, "name", longest=LONGEST_NAME, needed=True)
    reasons += obstacles_to_text(new.mark, "mark", longest=LONGEST_MARK)
    if new.marks and len(new.marks) != len(new.limits):
        reasons.append(Reason("Every limit has its own mark, or none has.", "marks", "marks"))
    if reasons:
        raise SpecificationRefused("The specification was not drafted.", reasons=reasons)


def _revised(profile: Profile, changes: Sequence[LimitChange], *, name: str, mark: str) -> NewSpecification:
    if reasons := obstacles_to_changes(profile, changes):
        raise SpecificationRefused("The specification was not drafted.", reasons=reasons)
    found = revised(profile, changes)
    return NewSpecification(name, found.product_class, found.use, found.limits, mark, found.marks)


def _obstacles_to_force(drafts: Sequence[Specification]) -> list[Reason]:
    reasons = [
        Reason(f"{each} is {each.status}, not a draft.", "not-a-draft") for each in drafts if each.status != "draft"
    ]
    later = versions_once_in_force([each.name for each in drafts])
    reasons += [
        Reason(f"{each} is older than v{later[each.name]}, which was in force: draft it anew.", "older")
        for each in drafts
        if each.status == "draft" and each.version < later.get(each.name, 0)
    ]
    kinds = [(each.product_class, each.use) for each in drafts]
    if len(kinds) != len(set(kinds)):
        reasons.append(Reason("Two of them are for one product class and use: only one can be in force.", "twice"))
    return reasons


def _marked(new: NewSpecification) -> list[MarkedLimit]:
    marks = new.marks or (Provenance(Mark.BANK, new.mark),) * len(new.limits)
    return [MarkedLimit(limit, mark) for limit, mark in zip(new.limits, marks, strict=True)]


def _row(specification: Specification, marked: MarkedLimit) -> SpecificationLimit:
    limit = marked.limit
    return SpecificationLimit(
        specification=specification,
        stage=limit.stage.value,
        assay=limit.assay,
        operator=limit.operator.value,
        limit=limit.limit,
        words=list(limit.words),
        taken_from=limit.taken_from.value,
        mandatory=limit.mandatory,
        mark=marked.provenance.mark.value,
        source=marked.provenance.source,
    )
