import pytest
from django.db import IntegrityError, transaction

from biobank.domain.role import Role
from biobank.domain.signature import SignatureRefused
from biobank.models.signature import Signature
from inventory.domain.container import NotPlaceable
from inventory.domain.sample import SampleRole, SampleState
from inventory.domain.stocktake import StocktakeRefused
from inventory.domain.unit import UnitState
from inventory.models.container import Container
from inventory.models.disposition import Disposition
from inventory.models.hold import Hold
from inventory.models.stocktake import Stocktake, StocktakeDifference, StocktakeScan
from inventory.queries.fold import fold_findings
from inventory.queries.item import places_of_items
from inventory.services.placement import PutAway, put_away
from inventory.services.stocktake import abandon_stocktake, compare_stocktake, open_stocktake
from inventory.services.stocktake_end import NewResolution
from tests.factories.person import staff
from tests.factories.release import issued_release
from tests.factories.stocktake import LATER, at, close, compared, count, counter, counting, label_of, quality, resolve
from tests.factories.time import NOON, hours
from tests.factories.trail import head_number, kinds_since, last_of
from tests.factories.unit import available_unit, box, frozen_unit
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (frozen_unit,)


def test_what_is_misplaced_changes_places_in_one_command():
    first, second = frozen_unit(), frozen_unit()
    stocktake, rows = compared(("A01", second.code), ("A02", first.code))

    resolve(stocktake, *(NewResolution(row.pk, "placed", row.found_position_id) for row in rows))

    assert (label_of(first), label_of(second)) == ("A02", "A01")
    close(stocktake)


def test_what_is_put_back_where_the_record_has_it_is_not_moved():
    unit = frozen_unit()
    stocktake, rows = compared(("A02", unit.code))
    before = head_number()

    resolve(stocktake, NewResolution(rows[0].pk, "placed", at("A01").pk))

    assert kinds_since(before) == ["stocktake.resolved"]


def test_what_is_missing_is_found_elsewhere_and_moved():
    unit = frozen_unit()
    stocktake, rows = compared(("A01",))

    resolve(stocktake, NewResolution(rows[0].pk, "placed", at("H12").pk, note="behind the rack"))

    assert label_of(unit) == "H12"
    assert close(stocktake).status == "closed"


def test_an_unreadable_label_is_identified_held_as_a_mix_up_and_found_with_it():
    unit = frozen_unit()
    stocktake, rows = compared(("B01", "", False))

    new = NewResolution(rows[0].pk, "identified", at("B01").pk, item=unit.code, note="by its segment's typing")
    written = resolve(stocktake, new)

    assert label_of(unit) == "B01"
    assert (Hold.objects.get().unit, Hold.objects.get().kind) == (unit, "mix_up")
    assert [row.resolution for row in written] == ["identified", "placed"]
    assert close(stocktake).status == "closed"


def test_an_unknown_code_is_set_aside_with_what_was_done():
    stocktake, rows = compared(("A01", frozen_unit().code), ("B01", "NOBODY-KNOWS"))

    resolve(stocktake, NewResolution(rows[0].pk, "set_aside", note="in quarantine drawer 3, DEV-1"))

    assert close(stocktake).status == "closed"


def test_what_is_lost_is_lost_by_the_signature_with_all_that_was_promised_and_attached():
    unit = available_unit(segment=True)
    release = issued_release(unit)
    stocktake, rows = compared(("A01",))
    resolve(stocktake, NewResolution(rows[0].pk, "lost", note="tank, floor and pockets searched"))

    unit.refresh_from_db()
    assert unit.state == UnitState.RELEASED
    close(stocktake)

    unit.refresh_from_db()
    release.refresh_from_db()
    lost = Disposition.objects.get(kind="lost")
    assert (unit.state, release.status, places_of_items([unit])) == (UnitState.LOST, "void", {})
    assert (lost.unit, lost.signature.person, lost.recorded_by, lost.witness) == (unit, quality(), quality(), counter())
    assert {each.state for each in unit.samples.filter(attached=True)} == {SampleState.LOST}
    assert unit.samples.get(role=SampleRole.DNA).state == SampleState.STORED
    assert stocktake.reference in last_of("unit.lost")["reason"]
    assert list(fold_findings()) == []


def test_a_sample_is_lost_by_the_same_signature():
    sample = frozen_unit().samples.get(role=SampleRole.DNA)
    put_away([PutAway(at("C01").pk, sample_id=sample.pk)], reason="in", by=counter(), at=NOON - hours(1))

    stocktake, rows = compared(("A01", sample.unit.code))
    resolve(stocktake, NewResolution(rows[0].pk, "lost", note="searched"))

    close(stocktake)

    sample.refresh_from_db()
    assert sample.state == SampleState.LOST
    assert last_of("sample.lost")["item"] == sample.code


def test_what_was_moved_since_it_was_missed_is_not_lost():
    unit = frozen_unit()
    stocktake, rows = compared(("A01",))
    resolve(stocktake, NewResolution(rows[0].pk, "lost", note="searched"))
    put_away([PutAway(at("D01").pk, unit_id=unit.pk)], reason="found", by=counter(), at=LATER)

    with pytest.raises(StocktakeRefused, match="was moved since it was missed"), nothing_changes():
        close(stocktake)


def test_an_open_difference_keeps_the_stocktake_open():
    frozen_unit()
    stocktake, _ = compared(("A01",))

    with pytest.raises(StocktakeRefused, match="is not resolved"), nothing_changes():
        close(stocktake)


@pytest.mark.parametrize(
    ("rows", "new", "match"),
    [
        (("A01",), {"resolution": "set_aside", "note": "x"}, "what is missing is lost or placed"),
        (("A01",), {"resolution": "lost"}, "Say what was done"),
        (("A01",), {"resolution": "placed"}, "Name the position"),
        (("A01",), {"resolution": "gone"}, "what is missing is lost or placed"),
        (("B01", "NOBODY"), {"resolution": "lost", "note": "x"}, "what is unknown is identified or set aside"),
        (("B01", "NOBODY"), {"resolution": "identified", "note": "x", "position_id": 1}, "Name what it is"),
        (
            ("B01", "NOBODY"),
            {"resolution": "identified", "note": "x", "position_id": 1, "item": "NOBODY"},
            "names no one unit",
        ),
    ],
)
def test_a_difference_ends_only_in_its_own_ways(rows, new, match):
    unit = frozen_unit()
    stocktake, found = compared(rows, *([("A01", unit.code)] if rows[0] != "A01" else []))

    with pytest.raises(StocktakeRefused, match=match), nothing_changes():
        resolve(stocktake, NewResolution(found[0].pk, **new))


def test_a_difference_of_another_stocktake_or_named_twice_is_not_resolved():
    frozen_unit()
    stocktake, rows = compared(("A01",))
    new = NewResolution(rows[0].pk, "lost", note="searched")

    for news in ([new, new], [NewResolution(0, "lost", note="x")], []):
        with pytest.raises(StocktakeRefused), nothing_changes():
            resolve(stocktake, *news)


def test_the_rules_of_places_hold_for_what_is_found():
    first, second = frozen_unit(), frozen_unit()
    stocktake, rows = compared(("A01", second.code))
    misplaced = next(row for row in rows if row.kind == "misplaced")

    with pytest.raises(NotPlaceable, match=f"holds {first.code}"), nothing_changes():
        resolve(stocktake, NewResolution(misplaced.pk, "placed", at("A01").pk))


def test_who_counted_does_not_close_and_neither_does_who_may_not():
    frozen_unit()
    stocktake = open_stocktake(box(), by=quality(), at=NOON)
    count(stocktake, ("A02",))
    compare_stocktake(stocktake, by=counter(), at=LATER)
    resolve(stocktake, NewResolution(StocktakeDifference.objects.get().pk, "lost", note="searched"))

    with pytest.raises(StocktakeRefused, match="does not sign the closing"), nothing_changes():
        close(stocktake)
    with pytest.raises(SignatureRefused), nothing_changes(leaving=("signature.refused",)):
        close(stocktake, by=staff(Role.LAB_TECHNICIAN))
    assert close(stocktake, by=staff(Role.MEDICAL_DIRECTOR)).status == "closed"


def test_each_step_begins_where_the_one_before_ended():
    unit = frozen_unit()
    stocktake = counting()
    for step in (lambda: resolve(stocktake), lambda: close(stocktake)):
        with pytest.raises(StocktakeRefused, match="counting"), nothing_changes():
            step()
    count(stocktake, ("A01", unit.code))
    compare_stocktake(stocktake, by=counter(), at=LATER)
    for step in (lambda: count(stocktake, ("A01",)), lambda: compare_stocktake(stocktake, by=counter(), at=LATER)):
        with pytest.raises(StocktakeRefused, match="is compared"), nothing_changes():
            step()
    close(stocktake)
    with pytest.raises(StocktakeRefused, match="is closed"), nothing_changes():
        abandon_stocktake(stocktake, reason="late", by=counter(), at=LATER)


def test_the_database_itself_keeps_counts_as_they_were_made_and_signed():
    unit = frozen_unit()
    stocktake, _ = compared(("A01",))
    own = Signature.objects.create(
        person=counter(), printed_name="P", meaning="approved", signed_at=NOON, content="x", content_sha256="0" * 64,
        item_count=1,
    )  # fmt: skip
    mine = Stocktake.objects.filter(pk=stocktake.pk)
    closing = {"status": "closed", "ended_at": LATER}
    differences = StocktakeDifference.objects.all()

    for rows, change in (
        (StocktakeScan.objects.all(), {"text": unit.code}),
        (mine, {"status": "counting"}),
        (mine, closing),
        (mine, closing | {"signature": own}),
        (mine, {"compared_at": NOON}),
        (differences, {"code": "another"}),
        (differences, {"resolution": "lost"}),
        (Container.objects.all(), {"parent": None, "code": "moved"}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        StocktakeScan.objects.create(stocktake=stocktake, position=at("A01"), scanned_by=counter(), scanned_at=NOON)
