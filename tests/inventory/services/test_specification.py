from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from biobank.domain.role import Role
from biobank.domain.signature import NothingToSign, SignerNotAllowed, WrongPassword
from biobank.models.signature import Signature
from inventory.domain.specification import Limit, Operator, SampleSource, Stage
from inventory.domain.unit import ProductClass, Use
from inventory.models.specification import Specification, SpecificationLimit
from inventory.queries.specification import limits_of, specification_in_force, specifications_in_force
from inventory.services.specification import (
    NewSpecification,
    SpecificationRefused,
    draft_specification,
    put_specifications_in_force,
)
from tests.factories.person import credentials
from tests.factories.time import NOON
from tests.factories.trail import head_number, kinds_since, last_of
from tests.factories.unit import staff
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db

CELLS = Limit(Stage.PRE_FREEZE, "tnc", Operator.AT_LEAST, Decimal(500_000_000))
GROWTH = Limit(
    Stage.POST_THAW, "cfu_growth", Operator.ONE_OF, words=("growth",), taken_from=SampleSource.ATTACHED_SEGMENT
)


def new(*limits, name="house", use=Use.LABORATORY, **otherwise):
    return NewSpecification(name, ProductClass.CORD_BLOOD, use, limits or (CELLS,), mark="bank", **otherwise)


def draft(wanted=None):
    return draft_specification(wanted or new(), by=staff(Role.ADMINISTRATOR), at=NOON)


def put(*specifications, by=None, proof=None):
    quality = by or staff(Role.QUALITY_REVIEWER)
    proof = proof or credentials(quality)
    return put_specifications_in_force(list(specifications), credentials=proof, by=quality, at=NOON)


def test_a_draft_is_written_with_its_limits_and_used_by_nothing():
    before = head_number()

    drafted = draft(new(CELLS, GROWTH, marks=("standards 2.1", "standards 2.2")))

    assert (drafted.version, drafted.status, drafted.signature) == (1, "draft", None)
    assert limits_of([drafted.pk])[drafted.pk] == (CELLS, GROWTH)
    assert [row.mark for row in SpecificationLimit.objects.order_by("pk")] == ["standards 2.1", "standards 2.2"]
    assert specifications_in_force() == {}
    assert specification_in_force("cord_blood", Use.LABORATORY) is None
    assert kinds_since(before)[-1] == "specification.drafted"


@pytest.mark.parametrize(
    ("limits", "match"),
    [
        ((), "has no limit"),
        ((CELLS, replace(CELLS, assay="tcn")), "There is no assay “tcn”"),
        ((CELLS, replace(CELLS, limit=Decimal(1))), "limited twice alike at pre_freeze"),
    ],
)
def test_what_could_judge_nothing_is_not_drafted(limits, match):
    draft()

    with pytest.raises(SpecificationRefused, match=match), nothing_changes():
        draft(replace(new(), limits=limits))


def test_a_specification_is_in_force_from_the_signature_of_quality_and_supersedes_the_one_before():
    first, other_use = put(draft(), draft(new(name="other", use=Use.HUMAN_APPLICATION)))
    second = draft(new(GROWTH))

    put(second)

    statuses = dict(Specification.objects.values_list("pk", "status"))
    assert (statuses[first.pk], statuses[second.pk], statuses[other_use.pk]) == ("superseded", "in_force", "in_force")
    assert second.version == 2
    assert specification_in_force("cord_blood", Use.LABORATORY) == second
    assert last_of("specification.put_in_force")["new"]["version"] == 2


def test_one_signature_covers_every_version_put_in_force_with_its_limits():
    put(draft(), draft(new(GROWTH, name="other", use=Use.HUMAN_APPLICATION)))

    signature = Signature.objects.get()
    assert signature.item_count == 2
    assert '"assay":"cfu_growth"' in signature.content
    assert set(Specification.objects.values_list("signature_id", flat=True)) == {signature.pk}


def test_only_a_draft_is_put_in_force():
    standing, waiting = put(draft())[0], draft()

    with pytest.raises(SpecificationRefused, match="house v1 is in_force, not a draft"), nothing_changes():
        put(standing, waiting)


def test_who_only_drafts_puts_nothing_in_force():
    waiting, admin = draft(), staff(Role.ADMINISTRATOR)

    with pytest.raises(SignerNotAllowed), nothing_changes(leaving=("signature.refused",)):
        put(waiting, by=admin)


def test_a_wrong_password_puts_nothing_in_force_and_leaves_its_trace():
    waiting, quality = draft(), staff(Role.QUALITY_REVIEWER)

    with pytest.raises(WrongPassword), nothing_changes(leaving=("signature.refused",)):
        put(waiting, by=quality, proof=replace(credentials(quality), password="wrong"))


def test_nothing_is_signed_for_nothing():
    draft()
    staff(Role.QUALITY_REVIEWER)

    with pytest.raises(NothingToSign), nothing_changes():
        put()


def test_the_database_itself_refuses_an_unsigned_version_in_force_and_an_edited_limit():
    drafted = draft()

    with pytest.raises(DatabaseError, match="a_specification_in_force_is_signed"), transaction.atomic():
        Specification.objects.filter(pk=drafted.pk).update(status="in_force")
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        SpecificationLimit.objects.update(limit=Decimal(1))
    assert limits_of([drafted.pk])[drafted.pk] == (CELLS,)
