"""The key that seals reports: broken ones are refused, a demo's is made once and private."""

from pathlib import Path

import pytest

from biobank.domain.role import Role
from inventory.documents.seal import SealingKeyBroken
from inventory.models.report import Report
from inventory.services.report import generate_custody_report
from inventory.services.sealing_key import OnlyForADemo, SealingKeyExists, make_demo_key
from tests.factories.donation import registered_donation
from tests.factories.person import default_site, person
from tests.factories.report import reports_in, seal_as_in_a_demo
from tests.factories.time import NOON

pytestmark = pytest.mark.django_db
BEGINS_WITH = (registered_donation,)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    return reports_in(settings, tmp_path)


@pytest.fixture
def sealing(settings, folder):
    seal_as_in_a_demo(settings, folder, at=NOON)


@pytest.fixture
def unit():
    default_site()
    return registered_donation().units[0]


@pytest.fixture
def auditor(unit):
    return person(Role.AUDITOR)


def test_a_broken_sealing_key_is_refused_and_nothing_is_written(unit, auditor, sealing, folder):
    (folder / "keys" / "reports.key.pem").write_bytes(b"rubbish")

    with pytest.raises(SealingKeyBroken):
        generate_custody_report(unit.code, by=auditor, at=NOON)

    assert not Report.objects.exists()


def test_a_demo_key_is_made_only_in_a_demo_and_never_over_another(settings, folder):
    with pytest.raises(OnlyForADemo):
        make_demo_key(folder / "keys", at=NOON)
    assert not (folder / "keys").exists()

    settings.BIOBANK_DEMO = True
    key, _ = make_demo_key(folder / "keys", at=NOON)
    before = key.read_bytes()
    with pytest.raises(SealingKeyExists):
        make_demo_key(folder / "keys", at=NOON)

    assert key.read_bytes() == before
    assert Path(key).stat().st_mode & 0o077 == 0
