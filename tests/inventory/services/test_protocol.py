from dataclasses import replace
from datetime import date

import pytest

from biobank.domain.role import Role
from biobank.domain.signature import SignatureRefused
from inventory.models.protocol import Protocol, ProtocolSite
from inventory.services.protocol import ProtocolRefused, draft_protocol, put_protocol_in_force
from tests.factories.person import LONG_AGO, credentials, person, staff
from tests.factories.protocol import ENOUGH_CELLS, new_protocol, protocol_in_force
from tests.factories.time import NOON
from tests.factories.trail import head_number, kinds_since

pytestmark = pytest.mark.django_db


def test_a_draft_is_the_next_version_with_its_criteria_and_sites():
    first = protocol_in_force()

    draft = draft_protocol(new_protocol(title="Amended"), by=staff(Role.ADMINISTRATOR), at=NOON)

    assert (draft.version, draft.status) == (first.version + 1, "draft")
    assert [each.attribute for each in draft.criteria.all()] == ["tnc"]
    assert [each.site.code for each in draft.sites.all()] == ["CLINIC-1"]


def test_a_draft_that_leaves_things_out_is_refused_with_all_of_them():
    new = new_protocol(sponsor=" ", product_classes=(), sites=(), authorisation="", ethics_until=date(2020, 1, 1))

    with pytest.raises(ProtocolRefused) as refused:
        draft_protocol(new, by=staff(Role.ADMINISTRATOR), at=NOON)

    assert {each.field for each in refused.value.reasons} == {
        *("sponsor", "product_classes", "sites", "authorisation", "ethics_until"),
    }
    assert not Protocol.objects.exists()
    assert not ProtocolSite.objects.exists()


def test_a_draft_whose_criterion_nobody_could_judge_is_refused_and_names_it():
    typo = replace(ENOUGH_CELLS, attribute="tnk")

    with pytest.raises(ProtocolRefused, match="unit tnk at_least 500000000” speaks of no assay"):
        draft_protocol(new_protocol(criteria=(ENOUGH_CELLS, typo)), by=staff(Role.ADMINISTRATOR), at=NOON)

    assert not Protocol.objects.exists()


def test_a_signature_of_quality_puts_a_version_in_force_and_supersedes_the_one_before():
    first, quality = protocol_in_force(), staff(Role.QUALITY_REVIEWER)
    draft = draft_protocol(new_protocol(), by=quality, at=NOON)
    before = head_number()

    put_protocol_in_force(draft, credentials=credentials(quality), by=quality, at=NOON)

    first.refresh_from_db()
    draft.refresh_from_db()
    assert (first.status, draft.status) == ("superseded", "in_force")
    assert draft.signature is not None
    assert kinds_since(before) == ["signature.made", "protocol.put_in_force"]


def test_an_administrator_drafts_but_never_puts_in_force():
    first, administrator = protocol_in_force(), person(Role.ADMINISTRATOR)
    draft = draft_protocol(new_protocol(), by=administrator, at=NOON)

    with pytest.raises(SignatureRefused):
        put_protocol_in_force(draft, credentials=credentials(administrator), by=administrator, at=NOON)

    first.refresh_from_db()
    draft.refresh_from_db()
    assert (first.status, draft.status) == ("in_force", "draft")


def test_only_the_latest_draft_is_put_in_force():
    quality = staff(Role.QUALITY_REVIEWER)
    older = draft_protocol(new_protocol(), by=quality, at=LONG_AGO)
    draft_protocol(new_protocol(), by=quality, at=NOON)

    with pytest.raises(ProtocolRefused, match="only the latest draft"):
        put_protocol_in_force(older, credentials=credentials(quality), by=quality, at=NOON)

    assert not Protocol.objects.filter(status="in_force").exists()


def test_a_version_in_force_is_not_put_in_force_twice():
    protocol, quality = protocol_in_force(), staff(Role.QUALITY_REVIEWER)

    with pytest.raises(ProtocolRefused, match="in_force"):
        put_protocol_in_force(protocol, credentials=credentials(quality), by=quality, at=NOON)
