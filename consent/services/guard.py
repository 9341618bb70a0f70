"""What the database itself refuses of consent's rows: edited answers and forms, consents and identities revived."""

from biobank.services.trigger import Guard

# Rows that are written once: what was asked, what was answered, what happened, who looked.
APPEND_ONLY = (
    *("consent.Statement", "consent.Answer", "consent.ConsentEvent", "consent.TakenBack"),
    *("consent.IdentityRead", "consent.UseReview"),
)


def _changed(*columns: str) -> str:
    return " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in columns)


def _status_leaves(*allowed: tuple[str, str]) -> str:
    rows = " OR ".join(f"(OLD.status = '{before}' AND NEW.status = '{after}')" for before, after in allowed)
    return f"NEW.status <> OLD.status AND NOT ({rows})"


_FORM = (
    *("code", "version", "language", "text_sha256", "ethics_reference"),
    *("valid_from", "valid_until", "extent", "withdrawal_until", "consent_months", "establishment", "drafted_at"),
)
_CONSENT = (
    *("code", "donor_id", "infant_id", "deceased_id", "form_id", "given_at", "ends_at", "recorded_at"),
    *("taken_by_id", "witness_id", "attested_by", "document_sha256", "attestation_id"),
)

GUARDS = (
    Guard(
        name="form_is_signed_once",
        table="consent_consentform",
        event="UPDATE",
        condition=f"OLD.signature_id IS NOT NULL AND ({_changed('signature_id')})",
        message="The signature of a form version in force stays.",
    ),
    Guard(
        name="statement_is_written_with_its_form",
        table="consent_statement",
        event="INSERT",
        condition="NOT EXISTS (SELECT 1 FROM consent_consentform f WHERE f.id = NEW.form_id AND f.status = 'draft')",
        message="Nothing is added to a form version that is no longer a draft.",
    ),
    Guard(
        name="donor_keeps_its_code",
        table="consent_donor",
        event="UPDATE",
        condition=_changed("donor_code"),
        message="A donor's code never changes.",
    ),
    Guard(
        name="form_stays_as_drafted",
        table="consent_consentform",
        event="UPDATE",
        condition=_changed(*_FORM),
        message="A form version is never edited; a new version is drafted.",
    ),
    Guard(
        name="form_goes_from_draft_to_superseded",
        table="consent_consentform",
        event="UPDATE",
        condition=_status_leaves(("draft", "in_force"), ("in_force", "superseded")),
        message="A form version goes from draft to in force to superseded, and never back.",
    ),
    Guard(
        name="consent_is_never_edited",
        table="consent_consent",
        event="UPDATE",
        condition=_changed(*_CONSENT),
        message="A consent is never edited; another takes its place.",
    ),
    Guard(
        name="consent_ends_once",
        table="consent_consent",
        event="UPDATE",
        condition=_status_leaves(
            *(("active", ended) for ended in ("superseded", "withdrawn", "expired")), ("expired", "withdrawn")
        ),
        message="A consent that ended, or was declined, never becomes active again.",
    ),
    Guard(
        name="only_what_was_granted_is_taken_back",
        table="consent_takenback",
        event="INSERT",
        condition=(
            "NOT EXISTS (SELECT 1 FROM consent_answer a JOIN consent_consentevent e ON e.consent_id = a.consent_id"
            " WHERE a.id = NEW.answer_id AND a.granted AND e.id = NEW.event_id AND e.kind = 'narrowed')"
        ),
        message="Only what the same consent granted is taken back, by a narrowing.",
    ),
    Guard(
        name="a_consent_is_its_own_donors_infants",
        table="consent_consent",
        event="INSERT",
        condition=(
            "(NEW.infant_id IS NOT NULL AND NOT EXISTS"
            " (SELECT 1 FROM consent_infant i WHERE i.id = NEW.infant_id AND i.donor_id = NEW.donor_id))"
            " OR (NEW.deceased_id IS NOT NULL AND NOT EXISTS"
            " (SELECT 1 FROM consent_infant i WHERE i.id = NEW.deceased_id AND i.donor_id = NEW.donor_id))"
        ),
        message="A grown infant consents, and one that died is spoken of, under its own donor.",
    ),
    Guard(
        name="a_recovery_is_authorised_on_a_form_for_it",
        table="consent_consent",
        event="INSERT",
        condition=(
            "EXISTS (SELECT 1 FROM consent_consentform f WHERE f.id = NEW.form_id AND"
            " ((f.extent = 'after_death' AND NEW.deceased_id IS NULL)"
            " OR (f.extent <> 'after_death' AND NEW.deceased_id IS NOT NULL)))"
        ),
        message="A form for recovery after death names the infant that died, and no other form does.",
    ),
    Guard(
        name="no_consent_of_an_own_donor_is_attested",
        table="consent_consent",
        event="INSERT",
        condition=(
            "NEW.attested_by <> '' AND EXISTS"
            " (SELECT 1 FROM consent_donor d WHERE d.id = NEW.donor_id AND d.origin = 'own')"
        ),
        message="The consent of a donor of the bank's own is taken here, not attested.",
    ),
    Guard(
        name="a_draft_is_not_reviewed",
        table="consent_usereview",
        event="INSERT",
        condition="NOT EXISTS (SELECT 1 FROM consent_consentform f WHERE f.id = NEW.form_id AND f.status <> 'draft')",
        message="A form version that is a draft has nothing to review.",
    ),
    Guard(
        name="erased_identity_stays_erased",
        table="consent_donoridentity",
        event="UPDATE",
        condition="OLD.erased_at IS NOT NULL",
        message="An erased identity stays erased.",
    ),
)
