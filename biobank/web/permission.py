"""The door's own question: may this person do this at all."""

from typing import ClassVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.views import View

from biobank.domain.role import PERMISSIONS, Permission, Role, permissions_of
from biobank.models.person import Person
from biobank.queries.person import roles_of


class PermissionMissing(PermissionDenied):
    """A signed-in person lacks one permission; the page says which, and which roles bring it."""

    def __init__(self, permission: Permission) -> None:
        super().__init__(f"You may not {permission.value}.")
        self.permission = permission
        self.roles = roles_with(permission)


def roles_with(permission: Permission) -> tuple[Role, ...]:
    """Return the roles that hold this permission."""
    return tuple(role for role in Role if permission in PERMISSIONS[role])


def roles_of_visitor(request: HttpRequest) -> frozenset[Role]:
    """Return the roles that whoever asks holds now; asked of the database once a request."""
    person = request.user
    if not (isinstance(person, Person) and person.is_active):
        return frozenset()
    held: frozenset[Role] | None = getattr(request, "held_roles", None)
    if held is None:
        held = roles_of(person, timezone.now())
        request.held_roles = held  # type: ignore[attr-defined]
    return held


def check_permission(request: HttpRequest, permission: Permission) -> Person:
    """Return who is signed in and may do this.

    Raises ``PermissionMissing``; somebody not signed in never gets here (``LoginRequiredMiddleware``).
    """
    person = request.user
    if not isinstance(person, Person) or not person.is_active:
        raise PermissionMissing(permission)
    if permission not in permissions_of(roles_of_visitor(request)):
        raise PermissionMissing(permission)
    return person


def check_signed_in(request: HttpRequest) -> Person:
    """Return who is signed in, whatever roles they hold."""
    person = request.user
    if not isinstance(person, Person) or not person.is_active:
        raise PermissionDenied("Nobody is signed in.")
    return person


class PermissionRequired(View):
    """A view whose every method needs ``permission``; ``self.person`` is who asks.

    A view must name its permission. ``None`` says that it is open to everybody who is signed in.
    """

    permission: ClassVar[Permission | None]
    person: Person

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        needed = self.permission
        self.person = check_permission(request, needed) if needed else check_signed_in(request)
        return super().dispatch(request, *args, **kwargs)
