"""Rules about people: their usernames, and which roles one person may hold together."""

import re
from collections.abc import Collection
from datetime import datetime
from typing import ClassVar

from biobank.domain.refusal import RuleViolation
from biobank.domain.role import Role, roles_clash

USERNAME = re.compile(r"[a-z][a-z0-9]*(?:[._-][a-z0-9]+)*", re.ASCII)
SHORTEST_USERNAME, LONGEST_USERNAME = 3, 64


class UnfitUsername(RuleViolation):
    code: ClassVar[str] = "unfit-username"
    title: ClassVar[str] = "User name cannot be used"
    mend = (
        f"Use {SHORTEST_USERNAME} to {LONGEST_USERNAME} lower-case letters and digits, beginning with a letter, "
        "with single dots, hyphens or underscores between them."
    )


class UsernameTaken(RuleViolation):
    code: ClassVar[str] = "username-taken"
    title: ClassVar[str] = "User name taken"
    mend = "Choose another one: a user name belongs to one person for ever."


class PrintedNameMissing(RuleViolation):
    code: ClassVar[str] = "printed-name-missing"
    title: ClassVar[str] = "Printed name missing"
    mend = "Give the name as it is to stand beside the person's signatures."


class UnfitPassword(RuleViolation):
    code: ClassVar[str] = "unfit-password"
    title: ClassVar[str] = "Password cannot be used"
    mend = "Choose another password."


class WrongCurrentPassword(RuleViolation):
    code: ClassVar[str] = "wrong-current-password"
    title: ClassVar[str] = "Wrong password"
    mend = "Type the password that you use now."


class RolesClash(RuleViolation):
    code: ClassVar[str] = "roles-clash"
    title: ClassVar[str] = "Roles exclude each other"
    mend = "End the other role first: an administrator never holds a clinical role at the same time."


class RoleNotHeld(RuleViolation):
    code: ClassVar[str] = "role-not-held"
    title: ClassVar[str] = "Role not held"


class RoleAlreadyHeld(RuleViolation):
    code: ClassVar[str] = "role-already-held"
    title: ClassVar[str] = "Role already held"
    mend = "End the grant in force first, if it is to be replaced."


class EndsBeforeItBegins(RuleViolation):
    code: ClassVar[str] = "ends-before-it-begins"
    title: ClassVar[str] = "Ends before it begins"
    mend = "Give an end that is after the beginning."


class NotActive(RuleViolation):
    code: ClassVar[str] = "person-not-active"
    title: ClassVar[str] = "Not active"


def check_username(username: str) -> None:
    """Refuse a username that is not in its one canonical form."""
    if not (SHORTEST_USERNAME <= len(username) <= LONGEST_USERNAME and USERNAME.fullmatch(username)):
        raise UnfitUsername("This user name cannot be used.", field="username")


def check_roles(held: Collection[Role], granted: Role) -> None:
    """Refuse to grant a role beside those held during the same time."""
    if granted in held:
        raise RoleAlreadyHeld(f"The role {granted.label} is already held in that time.", field="role")
    if roles_clash({*held, granted}):
        others = ", ".join(sorted(role.label for role in held))
        raise RolesClash(f"The role {granted.label} cannot be held together with {others}.", field="role")


def check_period(begins: datetime, ends: datetime | None, *, field: str) -> None:
    """Refuse a time that ends before it begins, or at once."""
    if ends is not None and ends <= begins:
        raise EndsBeforeItBegins("The end is not after the beginning.", field=field)


def check_active(*, is_active: bool, username: str) -> None:
    """Refuse to give anything more to a person who is not active."""
    if not is_active:
        raise NotActive(f"{username} is not active.")
