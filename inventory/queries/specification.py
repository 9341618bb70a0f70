"""Specifications in force, and their limits as the rules read them."""

from collections.abc import Collection

from inventory.domain.specification import Limit, Operator, SampleSource, Stage
from inventory.domain.unit import Use
from inventory.models.specification import Specification, SpecificationLimit


def specifications_in_force() -> dict[tuple[str, str], Specification]:
    """Return the specification in force by product class and use."""
    rows = Specification.objects.filter(status="in_force")
    return {(row.product_class, row.use): row for row in rows}


def specification_in_force(product_class: str, use: Use) -> Specification | None:
    """Return the version in force for a product class and use, if there is one."""
    return Specification.objects.filter(product_class=product_class, use=use.value, status="in_force").first()


def limits_of(specification_ids: Collection[int]) -> dict[int, tuple[Limit, ...]]:
    """Return the limits of specifications by id, in their order."""
    found: dict[int, list[Limit]] = {each: [] for each in specification_ids}
    for row in SpecificationLimit.objects.filter(specification_id__in=found).order_by("pk"):
        found[row.specification_id].append(as_limit(row))
    return {each: tuple(limits) for each, limits in found.items()}


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
