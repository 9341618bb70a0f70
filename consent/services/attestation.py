"""Recording consents that other establishments took, each on a signed paper."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime

from biobank.domain.refusal import Reason
from biobank.models.person import Person
from biobank.models.signature import Signature
from biobank.services.code import new_code
from biobank.services.ledger import record
from biobank.services.service import service
from consent.domain.attestation import (
    AttestationRefused,
    AttestedConsent,
    AttestingFacts,
    Paper,
    obstacles_to_attest,
    obstacles_to_paper,
)
from consent.domain.consent import ConsentState, EventKind, GivingFacts
from consent.domain.donor import Origin
from consent.domain.form import Extent, is_in_force
from consent.models.consent import Answer, Consent, ConsentEvent
from consent.models.donor import Donor
from consent.models.form import ConsentForm
from consent.queries.attestation import forms_by_reference, grown_donors, latest_of_mothers
from consent.queries.consent import earlier_consent
from consent.queries.donor import donor_ids, lock_donors
from consent.queries.form import form_period
from consent.services.consent import question_of


@service
def attest_consents(
    news: Sequence[AttestedConsent], *, paper: Paper, signature: Signature, by: Person, at: datetime
) -> list[Consent]:
    """Record consents as a paper states them, under the signature that quality set to the whole list.

    Each is read as any other from then on: narrowed, withdrawn and expired the same way, and always shown as attested.
    Raises ``AttestationRefused`` with every obstacle.
    """
    ids = donor_ids([new.donor for new in news])
    donors = {donor.donor_code: donor for donor in lock_donors(ids.values())}
    forms = forms_by_reference({new.form for new in news})
    _check(news, donors, forms, paper, at=at)
    consents = Consent.objects.bulk_create(
        (
            Consent(
                code=new_code("CNS"),
                donor=donors[new.donor],
                form=forms[new.form],
                given_at=new.given_at,
                recorded_at=at,
                attested_by=paper.establishment,
                document_sha256=paper.document_sha256,
                attestation=signature,
                status=ConsentState.ACTIVE.value,
            )
            for new in news
        ),
        batch_size=500,
    )
    _write_parts(news, consents, by=by, at=at)
    _record_given(news, consents, by=by, at=at)
    return consents


def _record_given(news: Sequence[AttestedConsent], consents: Sequence[Consent], *, by: Person, at: datetime) -> None:
    for new, consent in zip(news, consents, strict=True):
        record(
            "consent.given",
            subjects=[new.donor, consent.code],
            by=by,
            at=at,
            new={
                "form": new.form,
                "extent": consent.form.extent,
                "status": consent.status,
                "answers": dict(new.answers),
                "answered_by": "mother",
                "attested_by": consent.attested_by,
                "document_sha256": consent.document_sha256,
                "signature": consent.attestation_id,
            },
            occurred_at=new.given_at,
        )


def _check(
    news: Sequence[AttestedConsent],
    donors: dict[str, Donor],
    forms: dict[str, ConsentForm],
    paper: Paper,
    *,
    at: datetime,
) -> None:
    known = {donor.pk for donor in donors.values()}
    latest, grown = latest_of_mothers(known), grown_donors(known, {new.donor: new.given_at for new in news})
    reasons = [*obstacles_to_paper(paper), *_unknown(news, donors, forms)]
    for new in news:
        donor, form = donors.get(new.donor), forms.get(new.form)
        if donor is None or form is None:
            continue
        giving = _giving(new, form, latest.get(donor.pk), paper, is_of_age=new.donor in grown)
        facts = AttestingFacts(origin=Origin(donor.origin), giving=giving)
        reasons += [
            Reason(f"{new.donor}: {each.text}", each.code, each.field) for each in obstacles_to_attest(facts, at=at)
        ]
    if reasons:
        raise AttestationRefused("The consents cannot be attested as stated.", reasons=reasons)


def _unknown(news: Sequence[AttestedConsent], donors: Collection[str], forms: Collection[str]) -> list[Reason]:
    """Return who is stated twice, and which donors and form versions there are not."""
    stated = Counter(new.donor for new in news)
    twice = [code for code, times in stated.items() if times > 1]
    return [
        *(Reason(f"{code} has one consent, and the list states another.", "twice", "donor") for code in twice),
        *(Reason(f"There is no donor {code}.", "unknown-donor", "donor") for code in stated if code not in donors),
        *(
            Reason(f"There is no form version {form}.", "unknown-form", "form")
            for form in dict.fromkeys(new.form for new in news)
            if form not in forms
        ),
    ]


def _giving(
    new: AttestedConsent, form: ConsentForm, latest: Consent | None, paper: Paper, *, is_of_age: bool
) -> GivingFacts:
    return GivingFacts(
        form_in_force=is_in_force(form_period(form), new.given_at),
        extent=Extent(form.extent),
        questions={statement.key: question_of(statement) for statement in form.statements.all()},
        answers=new.answers,
        given_at=new.given_at,
        taken_by=0,
        witness=None,
        earlier=earlier_consent(latest) if latest else None,
        is_of_age=is_of_age,
        form_of=form.establishment,
        attested_by=paper.establishment,
    )


def _write_parts(news: Sequence[AttestedConsent], consents: Sequence[Consent], *, by: Person, at: datetime) -> None:
    """Write the events and the answers, as every consent has them."""
    ConsentEvent.objects.bulk_create(
        (
            ConsentEvent(consent=each, kind=EventKind.GIVEN.value, occurred_at=each.given_at, at=at, by=by)
            for each in consents
        ),
        batch_size=500,
    )
    Answer.objects.bulk_create(
        (
            Answer(consent=consent, statement=statement, granted=new.answers[statement.key])
            for new, consent in zip(news, consents, strict=True)
            for statement in consent.form.statements.all()
            if statement.key in new.answers
        ),
        batch_size=500,
    )
