"""Answering REVIEW by a signature, for one protocol version and one form version."""

from dataclasses import dataclass
from datetime import datetime

from biobank.domain.role import Permission
from biobank.domain.signature import Credentials, Meaning
from biobank.models.person import Person
from biobank.services.code import new_code
from biobank.services.ledger import record
from biobank.services.service import service
from biobank.services.signature import sign
from consent.domain.form import FormStatus
from consent.domain.permitted_use import PermittedUse, Purpose
from consent.domain.standing import Source
from consent.domain.use_review import ReviewAnswer, ReviewFacts, check_answer, nothing_to_answer
from consent.models.form import ConsentForm
from consent.models.use_review import UseReview
from consent.queries.consent import latest_consents
from consent.queries.donor import lock_donors
from consent.queries.form import lock_form
from consent.queries.permitted_use import use_by_rule
from consent.queries.use_review import reviews_of


@dataclass(frozen=True, kw_only=True)
class NewUseReview:
    """An answer to the question that one consent raised for a purpose; the purpose names its protocol and version."""

    source: Source
    purpose: Purpose
    answer: ReviewAnswer
    reason: str


@service
def answer_review(new: NewUseReview, *, credentials: Credentials, by: Person, at: datetime) -> UseReview:
    """Answer REVIEW for the protocol version and the form version, and so for every consent given on that form version.

    Raises ``UseReviewRefused`` where the rules answer it themselves or somebody has, ``SignatureRefused`` as ``sign``.
    """
    donor = lock_donors([new.source.donor_id])[0]
    latest = latest_consents([new.source], new.purpose.at)[new.source]
    use = use_by_rule(latest, new.purpose)
    if latest.consent is None:
        raise nothing_to_answer()
    form = lock_form(latest.consent.form_id)
    check_answer(_facts(new, form, use))
    signature = sign(
        _signed(new, form, use),
        meaning=Meaning.REVIEWED,
        credentials=credentials,
        by=by,
        at=at,
        permission=Permission.REVIEW_USE,
    )
    review = UseReview.objects.create(
        code=new_code("USE"),
        protocol=new.purpose.protocol,
        protocol_version=new.purpose.protocol_version,
        form=form,
        answer=new.answer.value,
        reason=new.reason,
        signature=signature,
        answered_at=at,
    )
    record(
        "use.reviewed",
        subjects=[review.code, new.purpose.protocol, str(form), donor.donor_code, latest.consent.code],
        by=by,
        at=at,
        reason=new.reason,
        new={"answer": new.answer, "question": use.reasons, "content_sha256": signature.content_sha256},
    )
    return review


def _facts(new: NewUseReview, form: ConsentForm, use: PermittedUse) -> ReviewFacts:
    purpose = new.purpose
    return ReviewFacts(
        use=use,
        protocol=purpose.protocol,
        protocol_version=purpose.protocol_version,
        form=str(form) if form.status != FormStatus.DRAFT.value else "",
        answered_before=bool(reviews_of(purpose.protocol, purpose.protocol_version, [form.pk])),
        reason=new.reason,
    )


def _signed(new: NewUseReview, form: ConsentForm, use: PermittedUse) -> dict[str, object]:
    """Return what is signed: the question as it stood, for which protocol and form version, and the answer."""
    purpose = new.purpose
    return {
        "kind": "use review",
        "protocol": purpose.protocol,
        "version": purpose.protocol_version,
        "form": str(form),
        "purpose": {
            "disease": purpose.disease,
            "duo": sorted(purpose.duo),
            "human_application": purpose.human_application,
            "commercial": purpose.commercial,
            "for_profit": purpose.for_profit,
            "country": purpose.country,
            "institution": purpose.institution,
            "genetic": purpose.genetic,
            "ethics_approved": purpose.ethics_approved,
        },
        "question": use.reasons,
        "consents": use.consents,
        "answer": new.answer,
        "reason": new.reason,
    }
