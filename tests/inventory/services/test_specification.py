"""Specifications: drafted from profiles or the version before, put in force by a signature, never edited."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from biobank.domain.role import Role
from biobank.domain.signature import NothingToSign, SignerNotAllowed, WrongPassword
from biobank.models.signature import Signature
from inventory.domain.profile import LimitChange, Mark, MarkedLimit, NoSuchProfile, Provenance, profile_named
from inventory.domain.specification import Limit, Operator, SampleSource, Stage
from inventory.domain.unit import ProductClass, Use
from inventory.models.specification import Specification, SpecificationLimit
from inventory.queries.specification import limits_of, marked_limits_of, specification_in_force, specifications_in_force
from inventory.services.specification import (
    NewSpecification,
    SpecificationRefused,
    draft_from_profile,
    draft_next_version,
    draft_specification,
    put_specifications_in_force,
)
from tests.factories.person import credentials, staff
from tests.factories.time import NOON
from tests.factories.trail import head_number, kinds_since, last_of
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db

CELLS = Limit(Stage.PRE_FREEZE, "tnc", Operator.AT_LEAST, Decimal(500_000_000))
GROWTH = Limit(
    Stage.POST_THAW, "cfu_growth", Operator.ONE_OF, words=("growth",), taken_from=SampleSource.ATTACHED_SEGMENT
)
READ = Provenance(Mark.SEEN, "a label")
LIKELY = Provenance(Mark.GENERAL, "as remembered")
STRICTER = replace(CELLS, limit=Decimal(900_000_000))


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

    drafted = draft(new(CELLS, GROWTH, marks=(READ, LIKELY)))

    assert (drafted.version, drafted.status, drafted.signature) == (1, "draft", None)
    assert limits_of([drafted.pk])[drafted.pk] == (CELLS, GROWTH)
    assert marked_limits_of([drafted.pk])[drafted.pk] == (MarkedLimit(CELLS, READ), MarkedLimit(GROWTH, LIKELY))
    assert specifications_in_force() == {}
    assert specification_in_force("cord_blood", Use.LABORATORY) is None
    assert kinds_since(before)[-1] == "specification.drafted"


@pytest.mark.parametrize(
    ("limits", "match"),
    [
        ((), "There is no limit"),
        ((CELLS, replace(CELLS, assay="tcn")), "There is no assay “tcn”"),
        ((CELLS, replace(CELLS, limit=Decimal(600_000_000))), "Total nucleated cells is limited twice alike"),
        ((replace(CELLS, limit=Decimal("1e15")),), "a number from 1000000 to 20000000000 cells"),
        ((replace(GROWTH, taken_from=SampleSource.MOTHER),), "Colony growth is not measured on the mother"),
    ],
)
def test_what_could_judge_nothing_is_not_drafted(limits, match):
    draft()

    with pytest.raises(SpecificationRefused, match=match), nothing_changes():
        draft(replace(new(), limits=limits))


@pytest.mark.parametrize(
    ("otherwise", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 65}, "name"),
        ({"mark": "a\u202eb"}, "mark"),
        ({"marks": (READ, LIKELY)}, "marks"),
    ],
)
def test_a_draft_without_a_readable_name_or_with_marks_of_other_limits_is_refused(otherwise, field):
    draft()

    with pytest.raises(SpecificationRefused) as refusal, nothing_changes():
        draft(replace(new(), **otherwise))

    assert [each.field for each in refusal.value.reasons] == [field]


def test_limits_drafted_without_marks_are_the_banks_own():
    drafted = draft()

    (marked,) = marked_limits_of([drafted.pk])[drafted.pk]
    assert marked.provenance == Provenance(Mark.BANK, "bank")


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
    standing, waiting = put(draft())[0], draft(new(name="other", use=Use.HUMAN_APPLICATION))

    with pytest.raises(SpecificationRefused, match="house v1 is in_force, not a draft"), nothing_changes():
        put(standing, waiting)


def test_versions_only_go_forward():
    older, newer = draft(), draft()
    put(newer)

    with pytest.raises(SpecificationRefused, match="house v1 is older than v2, which was in force"), nothing_changes():
        put(older)


def test_of_two_drafts_for_one_product_and_use_neither_is_put_in_force():
    drafts = (draft(), draft(new(name="other")))
    staff(Role.QUALITY_REVIEWER)

    with pytest.raises(SpecificationRefused, match="Two of them are for one product class and use"), nothing_changes():
        put(*drafts)


def test_a_specification_is_drafted_from_a_profile_with_every_mark_and_source():
    drafted = draft_from_profile("Hepatocyte-like", by=staff(Role.ADMINISTRATOR), at=NOON)

    profile = profile_named("Hepatocyte-like")
    assert (drafted.name, drafted.version, drafted.status) == ("Hepatocyte-like", 1, "draft")
    assert (drafted.product_class, drafted.use) == (profile.product_class, profile.use)
    assert drafted.mark == f"Hepatocyte-like: {profile.source}"
    assert marked_limits_of([drafted.pk])[drafted.pk] == profile.marked
    assert set(SpecificationLimit.objects.values_list("mark", flat=True)) == {"seen", "general", "design"}


def test_what_the_bank_changes_of_a_profile_is_its_own_and_the_rest_keeps_its_mark():
    profile = profile_named("FACT-like unrelated")
    cells = next(limit for limit in profile.limits if limit.assay == "tnc")
    change = LimitChange(cells, STRICTER, "our validation VR-12")

    drafted = draft_from_profile(profile.name, name="house", changes=[change], by=staff(Role.ADMINISTRATOR), at=NOON)

    marked = marked_limits_of([drafted.pk])[drafted.pk]
    ours = MarkedLimit(STRICTER, Provenance(Mark.BANK, "our validation VR-12"))
    assert drafted.name == "house"
    assert set(profile.marked) - set(marked) == {MarkedLimit(cells, profile.marks[profile.limits.index(cells)])}
    assert set(marked) - set(profile.marked) == {ours}
    assert marked[profile.limits.index(cells)] == ours


def test_a_draft_is_edited_by_its_next_version_and_itself_stays_as_it_was():
    first = draft(new(CELLS, GROWTH, marks=(READ, LIKELY)))
    changes = [LimitChange(CELLS, STRICTER, "stock is rich"), LimitChange(old=GROWTH)]

    second = draft_next_version(first, changes=changes, by=staff(Role.ADMINISTRATOR), at=NOON)

    assert (second.name, second.version, second.mark) == ("house", 2, "bank")
    assert marked_limits_of([second.pk])[second.pk] == (MarkedLimit(STRICTER, Provenance(Mark.BANK, "stock is rich")),)
    assert limits_of([first.pk])[first.pk] == (CELLS, GROWTH)


def test_the_next_version_of_what_is_in_force_is_signed_with_its_marks_and_supersedes_it():
    first = put(draft(new(CELLS, GROWTH, marks=(READ, LIKELY))))[0]
    second = draft_next_version(
        first, changes=[LimitChange(CELLS, STRICTER, "VR-12")], by=staff(Role.ADMINISTRATOR), at=NOON
    )

    put(second)

    first.refresh_from_db()
    told = last_of("specification.put_in_force")["new"]["limits"]
    assert first.status == "superseded"
    assert [(each["mark"], each["source"]) for each in told] == [("bank", "VR-12"), ("general", "as remembered")]
    assert '"mark":"bank"' in Signature.objects.latest("pk").content


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (LimitChange(STRICTER, CELLS, "VR-12"), "Total nucleated cells at pre_freeze is not limited so in house"),
        (LimitChange(CELLS, STRICTER), "The source is missing"),
        (LimitChange(), "names no limit"),
        (LimitChange(CELLS, replace(CELLS, limit=Decimal(-1)), "VR-12"), "cannot be held to this limit"),
        (LimitChange(new=replace(CELLS), source="VR-12"), "limited twice alike"),
        (LimitChange(old=CELLS), "There is no limit"),
    ],
)
def test_a_change_of_what_is_not_there_or_that_could_not_judge_changes_nothing(change, match):
    first = draft()

    with pytest.raises(SpecificationRefused, match=match), nothing_changes():
        draft_next_version(first, changes=[change], by=staff(Role.ADMINISTRATOR), at=NOON)


def test_nothing_is_drafted_from_a_profile_that_is_not_shipped():
    draft()

    with pytest.raises(NoSuchProfile), nothing_changes():
        draft_from_profile("FACT", by=staff(Role.ADMINISTRATOR), at=NOON)


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
