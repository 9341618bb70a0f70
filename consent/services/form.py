"""Drafting consent form versions and putting them in force by a signature."""

from dataclasses import dataclass
from datetime import datetime

from biobank.domain.role import Permission
from biobank.domain.signature import Credentials, Meaning
from biobank.models.person import Person
from biobank.services.ledger import record
from biobank.services.service import service
from biobank.services.signature import sign
from consent.domain.form import FormFacts, FormRefused, FormStatus, StatementFacts, check_draft, check_force
from consent.models.form import ConsentForm, Statement
from consent.queries.form import form_period, form_snapshot, form_with_statements, lock_versions


@dataclass(frozen=True, kw_only=True)
class NewForm:
    """A form version to draft, with its statements in order."""

    form: FormFacts
    statements: tuple[StatementFacts, ...]


@service
def draft_form(new: NewForm, *, by: Person, at: datetime) -> ConsentForm:
    """Draft a form version; nobody can consent on it until quality has signed. Raises ``FormRefused``."""
    facts = new.form
    check_draft(facts, new.statements)
    if any(form.version == facts.version for form in lock_versions(facts.code, facts.language)):
        raise FormRefused(f"Version {facts.version} of this form exists already in this language.", field="version")
    form = ConsentForm.objects.create(
        code=facts.code,
        version=facts.version,
        language=facts.language,
        text_sha256=facts.text_sha256,
        ethics_reference=facts.ethics_reference,
        valid_from=facts.valid_from,
        valid_until=facts.valid_until,
        extent=facts.extent.value,
        withdrawal_until=facts.withdrawal_until.value,
        consent_months=facts.consent_months,
        establishment=facts.establishment,
        drafted_at=at,
    )
    Statement.objects.bulk_create(_statement(form, order, each) for order, each in enumerate(new.statements, start=1))
    snapshot = form_snapshot(form_with_statements(form.id))
    record("form.drafted", subjects=[str(form)], by=by, at=at, new=snapshot)
    return form


@service
def put_form_in_force(form: ConsentForm, *, credentials: Credentials, by: Person, at: datetime) -> ConsentForm:
    """Put a drafted version in force by a quality signature; the version before it ends when this one begins.

    Raises ``FormRefused``, or ``SignatureRefused`` as ``sign`` does.
    """
    versions = lock_versions(form.code, form.language)
    drafted = next(version for version in versions if version.id == form.id)
    check_force(form_period(drafted), at)
    snapshot = form_snapshot(drafted)
    signature = sign(
        snapshot, meaning=Meaning.APPROVED, credentials=credentials, by=by, at=at, permission=Permission.PUT_IN_FORCE
    )
    before = next((version for version in versions if version.status == FormStatus.IN_FORCE.value), None)
    if before is not None:
        before.status, before.superseded_at = FormStatus.SUPERSEDED.value, max(at, drafted.valid_from)
        before.save(update_fields=["status", "superseded_at"])
    drafted.status, drafted.signature = FormStatus.IN_FORCE.value, signature
    drafted.save(update_fields=["status", "signature"])
    record(
        "form.put_in_force",
        subjects=[str(drafted), *([str(before)] if before else [])],
        by=by,
        at=at,
        old={"in_force": str(before) if before else None},
        new={"in_force": str(drafted), "content_sha256": signature.content_sha256},
    )
    return drafted


def _statement(form: ConsentForm, order: int, facts: StatementFacts) -> Statement:
    return Statement(
        form=form,
        order=order,
        key=facts.key,
        text=facts.text,
        duo=facts.duo,
        mondo=facts.mondo,
        parameter=facts.parameter,
        human_application=facts.human_application,
        mandatory=facts.mandatory,
        applies_when_refused=facts.applies_when_refused,
    )
