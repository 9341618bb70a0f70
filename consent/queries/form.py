"""Named reads of consent form versions, their lock, and what is shown and signed of one."""

from datetime import datetime

from django.db.models import F, Q, QuerySet

from consent.domain.form import FormPeriod, FormStatus, form_reference
from consent.models.form import ConsentForm


def lock_versions(code: str, language: str) -> list[ConsentForm]:
    """Lock every version of one form in one language, ascending by id, and return them as they are now."""
    return list(ConsentForm.objects.select_for_update().filter(code=code, language=language).order_by("id"))


def form_with_statements(form_id: int) -> ConsentForm:
    """Return a form version as it is now, with its statements in order."""
    return ConsentForm.objects.prefetch_related("statements").get(id=form_id)


def forms_in_force(at: datetime) -> QuerySet[ConsentForm]:
    """Return the form versions that a consent given at that instant could use."""
    return (
        ConsentForm.objects.exclude(status=FormStatus.DRAFT.value)
        .filter(Q(valid_until__isnull=True) | Q(valid_until__gt=at), valid_from__lte=at)
        .filter(Q(superseded_at__isnull=True) | Q(superseded_at__gt=at))
        .order_by(F("code"), F("language"), F("id"))
    )


def form_period(form: ConsentForm) -> FormPeriod:
    """Return what decides whether the form version is in force."""
    return FormPeriod(
        status=FormStatus(form.status),
        valid_from=form.valid_from,
        valid_until=form.valid_until,
        superseded_at=form.superseded_at,
    )


def form_snapshot(form: ConsentForm) -> dict[str, object]:
    """Return everything of a form version that a signature puts in force."""
    return {
        "kind": "consent form",
        "form": form_reference(form.code, form.version, form.language),
        "text_sha256": form.text_sha256,
        "ethics_reference": form.ethics_reference,
        "valid_from": form.valid_from,
        "valid_until": form.valid_until,
        "extent": form.extent,
        "withdrawal_until": form.withdrawal_until,
        "consent_months": form.consent_months,
        "establishment": form.establishment,
        "statements": [
            {
                "key": statement.key,
                "text": statement.text,
                "duo": statement.duo,
                "mondo": statement.mondo,
                "parameter": statement.parameter,
                "human_application": statement.human_application,
                "mandatory": statement.mandatory,
                "applies_when_refused": statement.applies_when_refused,
            }
            for statement in form.statements.all()
        ],
    }


def lock_form(form_id: int) -> ConsentForm:
    """Lock one form version and return it as it is now: of two who answer for it at once, the second sees the first."""
    return ConsentForm.objects.select_for_update().get(id=form_id)
