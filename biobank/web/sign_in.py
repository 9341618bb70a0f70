"""Signing in and out."""

from django import forms
from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from django.views.generic import FormView

from biobank.domain.refusal import RuleViolation
from biobank.domain.signature import SessionEnd
from biobank.models.person import Person
from biobank.services.sign_in import prove_identity
from biobank.services.signing_session import end_signing_sessions
from biobank.web.form import UNPROCESSABLE
from biobank.web.next_page import next_page


class SignInForm(forms.Form):
    username = forms.CharField(
        label="User name",
        max_length=64,
        error_messages={"required": "Enter your user name."},
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = forms.CharField(
        label="Password",
        max_length=1024,
        strip=False,
        error_messages={"required": "Enter your password."},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    mend = ""


@method_decorator(
    [login_not_required, never_cache, sensitive_post_parameters("password")],
    name="dispatch",
)
class SignIn(FormView[SignInForm]):
    """User name and password; wrong ones are counted together with those at signing."""

    form_class = SignInForm
    template_name = "biobank/sign_in.html"

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.user.is_authenticated:
            return HttpResponseRedirect(next_page(request))
        return super().get(request, *args, **kwargs)

    def form_valid(self, form: SignInForm) -> HttpResponse:
        typed = form.cleaned_data
        try:
            person = prove_identity(typed["username"], typed["password"], at=timezone.now())
        except RuleViolation as refusal:
            form.mend = refusal.mend
            form.add_error(None, refusal.message)
            return self.form_invalid(form)
        login(self.request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
        return HttpResponseRedirect(next_page(self.request))

    def form_invalid(self, form: SignInForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=UNPROCESSABLE)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(next=next_page(self.request), **kwargs)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the sign-in and the signing session with it."""
    if isinstance(request.user, Person):
        end_signing_sessions(request.user, reason=SessionEnd.SIGNED_OUT, by=request.user, at=timezone.now())
    logout(request)
    return HttpResponseRedirect(reverse("sign-in"))
