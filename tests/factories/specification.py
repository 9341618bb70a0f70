"""Specifications as shipped, in force by quality's signature."""

from biobank.domain.role import Role
from inventory.domain.profile import profiles
from inventory.models.specification import Specification
from inventory.services.specification import NewSpecification, draft_specification, put_specifications_in_force
from tests.factories.person import LONG_AGO, credentials, staff


def specifications_in_force() -> None:
    """Put every shipped profile in force, once."""
    if Specification.objects.exists():
        return
    drafts = [
        draft_specification(
            NewSpecification(
                profile.name, profile.product_class, profile.use, profile.limits, profile.source, profile.marks
            ),
            by=staff(Role.QUALITY_REVIEWER),
            at=LONG_AGO,
        )
        for profile in profiles()
    ]
    quality = staff(Role.QUALITY_REVIEWER)
    put_specifications_in_force(drafts, credentials=credentials(quality), by=quality, at=LONG_AGO)
