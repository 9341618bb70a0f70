"""The one word consent sends to the other apps: a donor allows less than before."""

from django.dispatch import Signal

# Sent with sender=Consent, donor, consent, kind (an EventKind: withdrawn, narrowed, expired, declined after a
# collection-only consent, given in another's place), infant (who answers itself, or None), scope (of a withdrawal),
# reason, by, at: inside the change's transaction, with the donor's row locked. A receiver that raises undoes the
# change, so that one never stands half done.
consent_reduced = Signal()
