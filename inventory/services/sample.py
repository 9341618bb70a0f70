"""Registering reference samples and changing their state: the one writer of both."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from biobank.domain.refusal import Reason
from biobank.models.person import Person
from biobank.services.code import new_code
from biobank.services.ledger import record
from biobank.services.service import service
from inventory.domain.sample import (
    SampleRefused,
    SampleRole,
    SampleState,
    check_sample_transition,
    obstacles_to_sample,
)
from inventory.models.donation import Donation
from inventory.models.sample import ReferenceSample
from inventory.models.unit import Unit
from inventory.queries.sample import lock_samples
from inventory.services.placement import take_out


@dataclass(frozen=True)
class NewSample:
    """A sample of a donation; with ``unit``, of that unit, and attached to it where ``attached``. Volume in mL."""

    donation: Donation
    role: SampleRole
    holder: str
    unit: Unit | None = None
    attached: bool = False
    volume_ml: Decimal | None = None
    code: str = ""
    origin: str = "own"


@service
def register_samples(news: Sequence[NewSample], *, by: Person, at: datetime) -> list[ReferenceSample]:
    """Write samples in bulk and record each. Raises ``SampleRefused`` with everything that cannot be."""
    if reasons := [reason for new in news for reason in _obstacles(new)]:
        raise SampleRefused("No sample was registered.", reasons=reasons)
    samples = ReferenceSample.objects.bulk_create(
        ReferenceSample(
            code=new.code or new_code("SMP"),
            donation=new.donation,
            unit=new.unit,
            role=new.role.value,
            attached=new.attached,
            holder=new.holder,
            volume_ml=new.volume_ml,
            origin=new.origin,
            registered_at=at,
        )
        for new in news
    )
    for sample, new in zip(samples, news, strict=True):
        check_sample_transition(None, SampleState(sample.state))
        record(
            "sample.registered",
            subjects=[new.donation.code, *([new.unit.code] if new.unit else [])],
            item=sample.code,
            by=by,
            at=at,
            new={
                "state": sample.state,
                "holder": sample.holder,
                "role": sample.role,
                "attached_to": new.unit.code if new.unit and new.attached else "",
            },
        )
    return samples


@service
def end_samples(sample_ids: Iterable[int], to: SampleState, *, reason: str, by: Person, at: datetime) -> None:
    """Lead stored samples to a final state, out of their positions. Raises ``IllegalSampleTransition``."""
    samples = lock_samples(list(sample_ids))
    for sample in samples:
        check_sample_transition(SampleState(sample.state), to)
        record(
            f"sample.{to.value}",
            subjects=[sample.donation.code, *([sample.unit.code] if sample.unit else [])],
            item=sample.code,
            by=by,
            at=at,
            reason=reason,
            old={"state": sample.state},
            new={"state": to.value},
        )
        sample.state = to.value
    ReferenceSample.objects.bulk_update(samples, ["state"])
    take_out(samples, reason=reason, by=by, at=at)


def _obstacles(new: NewSample) -> list[Reason]:
    has_bag = new.unit is not None
    return obstacles_to_sample(new.role, attached=new.attached, has_bag=has_bag, volume_ml=new.volume_ml)


def change_holder(
    samples: Sequence[ReferenceSample], holder: str, *, kind: str, also: Iterable[str], by: Person, at: datetime
) -> None:
    """Write who holds locked samples that travel, and record each."""
    for sample in samples:
        record(
            kind,
            subjects=also,
            item=sample.code,
            by=by,
            at=at,
            old={"holder": sample.holder},
            new={"holder": holder},
        )
        sample.holder = holder
    ReferenceSample.objects.bulk_update(samples, ["holder"])
