"""The one shared form view: parse, check the permission, make one service call, show a refusal on the form."""

import json
import uuid
from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.generic import FormView

from biobank.domain.ledger import digest
from biobank.domain.refusal import RuleViolation
from biobank.models.person import Person
from biobank.services.idempotency import once
from biobank.web.permission import PermissionRequired

UNPROCESSABLE = 422


class ServiceForm(forms.Form):
    """A form of a service: it carries a key, so that sending it twice has one effect."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid.uuid4)
    mend = ""

    def show(self, refusal: RuleViolation) -> None:
        """Put a refusal beside the fields it speaks of; what names no field stands at the top."""
        self.mend = refusal.mend
        self.add_error(self._field(refusal.field), refusal.message)
        for reason in refusal.reasons:
            self.add_error(self._field(reason.field), reason.text)

    def fingerprint(self) -> str:
        """Return the hash of what was sent, without key and token: the same key with another body is refused."""
        sent = {name: self.data.get(self.add_prefix(name), "") for name in self.fields if name != "key"}
        return digest(json.dumps(sent, sort_keys=True, default=str))

    def _field(self, name: str) -> str | None:
        return name if name in self.fields else None


class ServiceFormView(PermissionRequired, FormView[ServiceForm], ABC):
    """Ask, make one service call, go on. A refusal comes back on the form with everything that was typed."""

    template_name = "biobank/service_form.html"
    title: ClassVar[str] = ""
    action_words: ClassVar[str] = "Save"
    done_words: ClassVar[str] = ""

    @abstractmethod
    def call(self, form: Any, *, by: Person, at: datetime) -> Mapping[str, object]:
        """Make the one service call; its answer is kept under the form's key."""

    def next_path(self, answer: Mapping[str, object]) -> str:
        """Return the page to go to afterwards."""
        return str(self.success_url or self.request.path)

    def form_valid(self, form: ServiceForm) -> HttpResponse:
        key = str(form.cleaned_data["key"] or uuid.uuid4())
        body = digest(f"{self.request.path} {form.fingerprint()}")
        at = timezone.now()
        try:
            answer = once(self.person, key, body, lambda: self.call(form, by=self.person, at=at), at=at)
        except RuleViolation as refusal:
            form.show(refusal)
            return self.form_invalid(form)
        if self.done_words:
            messages.success(self.request, self.done_words)
        return HttpResponseRedirect(self.next_path(answer))

    def form_invalid(self, form: ServiceForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=UNPROCESSABLE)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(title=self.title, action_words=self.action_words, **kwargs)
