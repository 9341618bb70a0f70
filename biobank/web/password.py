"""Changing one's own password: whoever got one from somebody else signs nothing before."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth import password_validation, update_session_auth_hash
from django.contrib.auth.hashers import make_password
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters

from biobank.domain.ledger import digest
from biobank.models.person import Person
from biobank.services.person import change_password
from biobank.web.form import ServiceForm, ServiceFormView

SALT_LENGTH = 22
PASSWORDS = ("current_password", "password", "password_again")


def _password(label: str, missing: str, *, autocomplete: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=1024,
        strip=False,
        error_messages={"required": missing},
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
    )


class PasswordForm(ServiceForm):
    current_password = _password(
        "Current password", "Enter the password that you use now.", autocomplete="current-password"
    )
    password = _password("New password", "Enter a new password.", autocomplete="new-password")
    password_again = _password("New password again", "Enter the new password again.", autocomplete="new-password")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = " ".join(password_validation.password_validators_help_texts())

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        first, second = typed.get("password"), typed.get("password_again")
        if first and second and first != second:
            self.add_error("password_again", "The two new passwords are not the same.")
        return typed

    def fingerprint(self) -> str:
        """Tell one sending from another by the slow hash of passwords, salted with the form's key: it is kept."""
        sent = json.dumps([self.data.get(name, "") for name in PASSWORDS])
        return make_password(sent, salt=digest(f"password form {self.data.get('key', '')}")[:SALT_LENGTH])


@method_decorator(sensitive_post_parameters(*PASSWORDS), name="dispatch")
class ChangePassword(ServiceFormView):
    """Ask for the current password and a new one; whoever is signed in may."""

    permission = None
    form_class = PasswordForm
    title = "Change your password"
    action_words = "Change the password"
    done_words = "Your password is changed."
    success_url = reverse_lazy("inventory:home")

    def call(self, form: Any, *, by: Person, at: datetime) -> Mapping[str, object]:
        typed = form.cleaned_data
        change_password(by, current=typed["current_password"], new=typed["password"], by=by, at=at)
        return {}

    def form_valid(self, form: ServiceForm) -> HttpResponse:
        answer = super().form_valid(form)
        if not form.errors:
            # The session is bound to the password: this one goes on, every other of this person ends.
            update_session_auth_hash(self.request, self.person)
        return answer
