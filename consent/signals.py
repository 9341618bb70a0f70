"""The one word consent sends to the other apps: a donor's consent was withdrawn."""

from django.dispatch import Signal

# Sent with sender=Consent, donor, consent, scope, reason, by, at: inside the withdrawal's transaction, with the donor's
# row locked. A receiver that raises undoes the withdrawal, so that one never stands half done.
consent_withdrawn = Signal()
