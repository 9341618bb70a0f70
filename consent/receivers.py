"""What consent adds to the house when it starts: the guards of its rows in the database."""

from biobank.services.guard import declare_guards
from consent.services.guard import APPEND_ONLY, GUARDS

declare_guards(GUARDS, append_only=APPEND_ONLY)
