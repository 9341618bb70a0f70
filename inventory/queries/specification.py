"""Specifications in force, and their limits as the rules read them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Max, Q

from inventory.domain.profile import Mark, MarkedLimit, Profile, Provenance
from inventory.domain.specification import Limit, Operator, SampleSource, Stage
from inventory.domain.unit import ProductClass, Use
from inventory.models.specification import Specification, SpecificationLimit


@dataclass(frozen=True)
class Rulebook:
    """Some specifications by id with their limits: those in force, and others that were asked for."""

    specifications: Mapping[int, Specification]
    marked: Mapping[int, tuple[MarkedLimit, ...]]

    @cached_property
    def limits(self) -> Mapping[int, tuple[Limit, ...]]:
        """The limits as the rules judge by them."""
        return {each: tuple(one.limit for one in limits) for each, limits in self.marked.items()}

    def in_force(self, product_class: str, use: str) -> Specification | None:
        """Return the version in force for a product class and use, if there is one."""
        return next((each for each in self.specifications.values() if _is_in_force(each, product_class, use)), None)

    def in_force_for(self, use: str) -> dict[str, Specification]:
        """Return the versions in force for a use, by product class."""
        every = self.specifications.values()
        return {each.product_class: each for each in every if _is_in_force(each, each.product_class, use)}


def rulebook(product_classes: Collection[str], others: Collection[int] = ()) -> Rulebook:
    """Return what is in force for these product classes, and these others by id. One query: none is without limits."""
    wanted = Q(specification__status="in_force", specification__product_class__in=product_classes)
    rows = SpecificationLimit.objects.filter(wanted | Q(specification_id__in=others))
    found: dict[int, list[MarkedLimit]] = {}
    specifications: dict[int, Specification] = {}
    for row in rows.select_related("specification").order_by("pk"):
        specifications[row.specification_id] = row.specification
        found.setdefault(row.specification_id, []).append(_as_marked(row))
    return Rulebook(specifications, {each: tuple(limits) for each, limits in found.items()})


def _is_in_force(specification: Specification, product_class: str, use: str) -> bool:
    said = (specification.product_class, specification.use, specification.status)
    return said == (product_class, use, "in_force")


def specifications_in_force() -> dict[tuple[str, str], Specification]:
    """Return the specification in force by product class and use."""
    rows = Specification.objects.filter(status="in_force")
    return {(row.product_class, row.use): row for row in rows}


def specification_in_force(product_class: str, use: Use) -> Specification | None:
    """Return the version in force for a product class and use, if there is one."""
    return Specification.objects.filter(product_class=product_class, use=use.value, status="in_force").first()


def limits_of(specification_ids: Collection[int]) -> dict[int, tuple[Limit, ...]]:
    """Return the limits of specifications by id, in their order, as the rules judge by them."""
    marked = marked_limits_of(specification_ids)
    return {each: tuple(one.limit for one in limits) for each, limits in marked.items()}


def marked_limits_of(specification_ids: Collection[int]) -> dict[int, tuple[MarkedLimit, ...]]:
    """Return the limits of specifications by id, in their order, each with where it comes from: to sign and to show."""
    found: dict[int, list[MarkedLimit]] = {each: [] for each in specification_ids}
    for row in SpecificationLimit.objects.filter(specification_id__in=found).order_by("pk"):
        found[row.specification_id].append(_as_marked(row))
    return {each: tuple(limits) for each, limits in found.items()}


def _as_marked(row: SpecificationLimit) -> MarkedLimit:
    return MarkedLimit(as_limit(row), Provenance(Mark(row.mark), row.source))


def as_profile(specification: Specification) -> Profile:
    """Return a version of a specification as a profile to draft the next one from."""
    return Profile(
        name=specification.name,
        product_class=ProductClass(specification.product_class),
        use=Use(specification.use),
        source=specification.mark,
        marked=marked_limits_of([specification.pk])[specification.pk],
    )


def versions_once_in_force(names: Collection[str]) -> dict[str, int]:
    """Return, by name, the latest version of a specification that is or was in force."""
    rows = Specification.objects.filter(name__in=names, in_force_at__isnull=False).values("name")
    return {row["name"]: row["latest"] for row in rows.annotate(latest=Max("version"))}


def as_limit(row: SpecificationLimit) -> Limit:
    """Return a stored limit as the rule reads it."""
    return Limit(
        stage=Stage(row.stage),
        assay=row.assay,
        operator=Operator(row.operator),
        limit=row.limit,
        words=tuple(row.words),
        taken_from=SampleSource(row.taken_from),
        mandatory=row.mandatory,
    )
