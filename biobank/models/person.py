"""People who use the bank, the named services that act for it, and the roles granted to them."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower

from biobank.choices import one_of
from biobank.domain.role import Role
from biobank.models.site import Site


class PersonManager(BaseUserManager["Person"]):
    """Finds people by username; registering them is a service's work."""


class Person(AbstractBaseUser):
    """One human being for ever, or one named service: deactivated, never deleted, the username never given again."""

    username = models.CharField(max_length=64, unique=True)
    printed_name = models.CharField(max_length=200)
    email = models.EmailField(blank=True)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, related_name="people")
    time_zone = models.CharField(max_length=64)
    is_active = models.BooleanField(default=True)
    is_service = models.BooleanField(default=False)
    identity_verified_at = models.DateTimeField(null=True)
    identity_verified_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    password_changed_at = models.DateTimeField()
    password_is_own = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    deactivated_at = models.DateTimeField(null=True)

    # Django would write the last sign-in past the services; the log tells who signed in.
    last_login = None

    objects: ClassVar[PersonManager] = PersonManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        ordering = ["username"]
        constraints = [
            models.UniqueConstraint(Lower("username"), name="usernames_differ_in_more_than_case"),
            models.CheckConstraint(
                condition=models.Q(site__isnull=False) | models.Q(is_service=True),
                name="only_a_service_belongs_to_no_site",
            ),
            models.CheckConstraint(
                condition=models.Q(is_active=True, deactivated_at__isnull=True)
                | models.Q(is_active=False, deactivated_at__isnull=False),
                name="inactive_person_has_the_time_of_deactivation",
            ),
            models.CheckConstraint(
                condition=models.Q(identity_verified_at__isnull=True, identity_verified_by__isnull=True)
                | models.Q(identity_verified_at__isnull=False, identity_verified_by__isnull=False),
                name="verified_identity_names_who_verified_it",
            ),
        ]

    def __str__(self) -> str:
        return self.username


class RoleGrantQuerySet(models.QuerySet["RoleGrant"]):
    def held_at(self, at: datetime) -> RoleGrantQuerySet:
        """Grants in force at that instant; the instant of the end is past."""
        unended = models.Q(granted_until__isnull=True) | models.Q(granted_until__gt=at)
        return self.filter(unended, granted_from__lte=at)

    def not_over_at(self, at: datetime) -> RoleGrantQuerySet:
        """Grants in force at that instant or after it."""
        return self.filter(models.Q(granted_until__isnull=True) | models.Q(granted_until__gt=at))


class RoleGrant(models.Model):
    """One role held by one person from one instant to another, so that rights as of any instant can be asked."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="role_grants")
    role = models.CharField(max_length=32)
    granted_from = models.DateTimeField()
    granted_until = models.DateTimeField(null=True)
    granted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField()

    objects = RoleGrantQuerySet.as_manager()

    class Meta:
        ordering = ["person", "granted_from", "id"]
        constraints = [
            one_of("role", Role, name="granted_role_is_a_known_one"),
            models.CheckConstraint(
                condition=models.Q(granted_until__isnull=True) | models.Q(granted_until__gte=models.F("granted_from")),
                name="role_does_not_end_before_it_begins",
            ),
            models.UniqueConstraint(
                fields=["person", "role"],
                condition=models.Q(granted_until__isnull=True),
                name="one_unended_grant_of_a_role_per_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.role}"
