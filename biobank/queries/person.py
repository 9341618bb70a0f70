"""What people may do and were trained in, as of any instant."""

from datetime import datetime

from django.db.models import Max

from biobank.domain.role import Permission, Role, permissions_of
from biobank.models.ledger import LedgerEntry
from biobank.models.person import Person, RoleGrant
from biobank.models.training import Training

ENDS_ROLES = ("role.ended", "person.deactivated")


def roles_of(person: Person, at: datetime) -> frozenset[Role]:
    """Return the roles that the person held at that instant."""
    held = RoleGrant.objects.held_at(at).filter(person=person).order_by().values_list("role", flat=True)
    return frozenset(Role(role) for role in held)


def roles_for_signing(person: Person, at: datetime) -> frozenset[Role]:
    """Return the roles held at that instant and not ended since, as the record stands.

    The instant was read before locks were waited for; a role that somebody ended meanwhile signs nothing any more.
    Only an answer under the person's lock stays true until the transaction ends.
    """
    ended = LedgerEntry.objects.filter(kind__in=ENDS_ROLES, links__code=person.username).aggregate(last=Max("at"))
    roles = roles_of(person, at)
    return roles if ended["last"] is None or ended["last"] <= at else roles & roles_of(person, ended["last"])


def has_permission(person: Person, permission: Permission, at: datetime) -> bool:
    """Whether a role held at that instant allows it."""
    return permission in permissions_of(roles_of(person, at))


def is_trained(person: Person, topic: str, at: datetime) -> bool:
    """Whether a training in the topic counted at that instant."""
    return Training.objects.valid_at(at).filter(person=person, topic=topic).exists()


def roles_during(person: Person, begins: datetime, ends: datetime | None) -> frozenset[Role]:
    """Return the roles held at any time from ``begins`` until ``ends``."""
    grants = RoleGrant.objects.not_over_at(begins).filter(person=person)
    if ends is not None:
        grants = grants.filter(granted_from__lt=ends)
    return frozenset(Role(role) for role in grants.values_list("role", flat=True))


def find_person(username: str) -> Person | None:
    """Return the person with this username, active or not."""
    return Person.objects.select_related("site").filter(username=username).first()


def lock_person(person: Person) -> Person:
    """Return the person as stored now, locked until the transaction ends.

    The key is left out of the lock: every ledger entry of this person refers to it, and is written under the lock of
    the ledger's head, which whoever holds this lock takes last.
    """
    return Person.objects.select_for_update(of=("self",), no_key=True).select_related("site").get(pk=person.pk)
