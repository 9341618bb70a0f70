"""The record and its checkpoints: published outside, and nothing written while the database is older than one."""

from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import rule

from biobank.domain.role import Role
from biobank.queries.ledger import head
from biobank.services.checkpoint import publish_checkpoint
from biobank.services.signing_key import signing_key
from biobank.services.standing import checkpoint_path, why_read_only
from inventory.domain.hold import HoldKind
from inventory.services.hold import NewHold, place_holds
from tests.factories.ledger import checkpoint_file
from tests.factories.person import staff, the_system
from tests.journeys.machine import WHICH, Machine

LATER_ENTRIES = 1000


class RecordMachine(Machine):
    """What proves the record from outside."""

    @rule(which=WHICH, is_old=st.sampled_from([False, False, True]))
    def publish_checkpoint(self, which: int, is_old: bool) -> None:
        """The day's checkpoint is published; or there is one of a later day, and nothing is written (INV-27)."""
        later = _of_a_later_day() if is_old else None
        done = self.attempt("publish checkpoint", lambda at: publish_checkpoint(by=the_system(), at=at))
        assert bool(why_read_only()) == is_old, "INV-27 the database is not held to its newest checkpoint"
        if later is not None:
            new = NewHold(HoldKind.INVESTIGATION, "odd", unit_id=self.unit(which).pk)
            held = self.attempt("hold", lambda at: place_holds([new], by=staff(Role.STORAGE_TECHNICIAN), at=at))
            assert (done, held) == (None, None), "INV-27 a record older than its checkpoint took an entry"
            later.unlink()


def _of_a_later_day() -> Path:
    """Write the checkpoint of a record that went on for longer than this one."""
    number = head().number + LATER_ENTRIES
    path = checkpoint_path(number)
    path.write_bytes(checkpoint_file(signing_key(), number=number, seal="f" * 64))
    return path
