"""The shipped specification profiles."""

from inventory.domain.assay import ASSAYS, ValueKind
from inventory.domain.profile import profiles
from inventory.domain.specification import Operator
from inventory.domain.unit import ProductClass, Use


def test_the_shipped_profiles_cover_cord_blood_and_placenta() -> None:
    covered = {(profile.product_class, profile.use) for profile in profiles()}

    assert covered == {
        (ProductClass.CORD_BLOOD, Use.HUMAN_APPLICATION),
        (ProductClass.CORD_BLOOD, Use.LABORATORY),
        (ProductClass.PLACENTA, Use.LABORATORY),
    }


def test_every_limit_is_of_a_known_assay_fits_its_kind_and_names_its_source() -> None:
    for profile in profiles():
        assert len(profile.marks) == len(profile.limits)
        assert all(profile.marks)
        for limit in profile.limits:
            assay = ASSAYS[limit.assay]
            assert set(limit.words) <= set(assay.codes)
            if limit.operator is not Operator.RECORDED:
                assert (limit.limit is not None) is (assay.kind is ValueKind.NUMBER)
                assert bool(limit.words) is (assay.kind is ValueKind.CODED)
