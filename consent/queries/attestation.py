"""What attesting consents of many donors asks of the record, in a number of queries that donors do not change."""

from collections.abc import Collection, Mapping
from datetime import datetime

from consent.models.consent import Consent
from consent.models.form import ConsentForm
from consent.queries.strand import Strands


def forms_by_reference(references: Collection[str]) -> dict[str, ConsentForm]:
    """Return these form versions, written code/version/language, with their statements."""
    codes = {reference.partition("/")[0] for reference in references}
    forms = ConsentForm.objects.filter(code__in=codes).prefetch_related("statements")
    return {str(form): form for form in forms if str(form) in references}


def latest_of_mothers(donor_ids: Collection[int]) -> dict[int, Consent]:
    """Return the latest consent of each mother who has one, as it stands now under her lock."""
    rows = Consent.objects.filter(donor_id__in=donor_ids, infant__isnull=True, deceased__isnull=True)
    rows = rows.select_related("form", "donor")
    return {consent.donor_id: consent for consent in rows.order_by("id")}


def grown_donors(donor_ids: Collection[int], given_at: Mapping[str, datetime]) -> set[str]:
    """Return the codes of donors whose every infant was of age when the mother is said to have consented."""
    strands = Strands(donor_ids, recorded_by=None, upheld=())
    grown = set()
    for donor_id, donor in strands.donors.items():
        ages = [strands.of_age_at(donor, infant) for infant in strands.infants[donor_id]]
        given = given_at[donor.donor_code]
        if ages and all(age is not None and age <= given for age in ages):
            grown.add(donor.donor_code)
    return grown
