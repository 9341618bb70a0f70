"""Donor eligibility: the evidence, the verdict it carries, and the warnings that a verdict puts on label and papers."""

from enum import StrEnum


class EligibilityVerdict(StrEnum):
    ELIGIBLE = "eligible"
    INELIGIBLE = "ineligible"
    INCOMPLETE = "incomplete"
    NOT_REQUIRED = "not_required"
