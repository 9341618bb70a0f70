"""A command has one effect under its key."""

import pytest

from biobank.domain.idempotency import KeyReused, UnfitKey
from biobank.domain.refusal import RuleViolation
from biobank.models.idempotency import IdempotencyKey
from biobank.models.site import Site
from biobank.services.idempotency import once
from biobank.services.site import register_site
from tests.biobank.services.test_site import NEW
from tests.factories.person import person
from tests.factories.time import NOON

pytestmark = pytest.mark.django_db
BODY, OTHER_BODY = "a" * 64, "b" * 64


def registering(actor):
    def call():
        return {"site": register_site(NEW, by=actor, at=NOON).pk}

    return call


def test_the_first_call_has_its_effect_and_the_second_its_answer():
    actor = person()

    first = once(actor, "key-1", BODY, registering(actor), at=NOON)
    second = once(actor, "key-1", BODY, registering(actor), at=NOON)

    assert first == second == {"site": Site.objects.get(code=NEW.code).pk}
    assert (first.replayed, second.replayed) == (False, True)


def test_another_body_under_the_same_key_is_refused():
    actor = person()
    once(actor, "key-1", BODY, registering(actor), at=NOON)

    with pytest.raises(KeyReused):
        once(actor, "key-1", OTHER_BODY, registering(actor), at=NOON)

    assert Site.objects.filter(code=NEW.code).count() == 1


def test_keys_of_two_people_are_two_keys():
    ana, ben = person(), person()

    once(ana, "key-1", BODY, lambda: {"who": "ana"}, at=NOON)

    assert once(ben, "key-1", OTHER_BODY, lambda: {"who": "ben"}, at=NOON) == {"who": "ben"}


def test_a_refusal_is_not_kept_so_the_key_may_be_used_again():
    actor = person()

    def refuse():
        register_site(NEW, by=actor, at=NOON)
        raise RuleViolation("No.")

    with pytest.raises(RuleViolation, match="No"):
        once(actor, "key-1", BODY, refuse, at=NOON)

    assert not Site.objects.filter(code=NEW.code).exists()
    assert not IdempotencyKey.objects.exists()
    assert not once(actor, "key-1", OTHER_BODY, registering(actor), at=NOON).replayed


def test_an_unfit_key_has_no_effect():
    actor = person()

    with pytest.raises(UnfitKey):
        once(actor, "", BODY, registering(actor), at=NOON)

    assert not Site.objects.filter(code=NEW.code).exists()
