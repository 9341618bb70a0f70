"""The strands of a donor's consents: the mother's, each grown infant's own, authorisations after death.

Four queries for any number.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, prefetch_related_objects

from consent.domain.consent import STANDINGS, EventKind
from consent.domain.expiry import end_of_consent
from consent.domain.majority import comes_of_age_at
from consent.domain.permitted_use import Standing, Term
from consent.domain.standing import Answered, Source, standing_at, standing_without_consent, terms_that_hold
from consent.models.consent import Answer, Consent, ConsentEvent
from consent.models.donor import Donor, Infant
from consent.models.form import Statement
from consent.queries.donor import infants_of

Strand = tuple[int, int | None, int | None]
"""A donor, the grown infant who answers, and the infant that died: what is None of the two stands for neither."""


@dataclass(frozen=True)
class ConsentAsOf:
    """The consent that speaks for a source at an instant, with the event that decides how it stands.

    ``ends_at`` is when it ends by itself; ``ended_at`` when it did end, by itself or by an event.
    """

    donor: Donor
    standing: Standing
    consent: Consent | None = None
    last: ConsentEvent | None = None
    answers: tuple[Answered, ...] = ()
    ends_at: datetime | None = None
    ended_at: datetime | None = None


class Strands:
    """All strands of some donors, as recorded by then, from which the one that speaks for a source is taken."""

    def __init__(self, donor_ids: Collection[int], *, recorded_by: datetime | None, upheld: Collection[str]) -> None:
        self.recorded_by, self.upheld = recorded_by, frozenset(upheld)
        events = self._last_events(donor_ids)
        self.donors = {event.consent.donor_id: event.consent.donor for event in events}
        if without := set(donor_ids) - set(self.donors):
            self.donors |= Donor.objects.select_related("site").in_bulk(without)
        self.infants = infants_of(donor_ids)
        self.first_given: dict[int, datetime] = {}
        self.deciding: dict[Strand, ConsentEvent] = {}
        for event in events:
            self._note(event)
        prefetch_related_objects(
            [event.consent for event in self.deciding.values()],
            Prefetch("answers", Answer.objects.select_related("taken_back__event").order_by("id")),
            Prefetch("form__statements", Statement.objects.order_by("order")),
        )

    def speaking_for(self, source: Source, at: datetime) -> ConsentAsOf:
        """Return the mother's consent until the infant comes of age, and from then on the infant's own.

        For what was recovered after death, return what the parents said of that: no consent of the birth covers it.
        """
        donor, infant = self.donors[source.donor_id], self._infant(source)
        if source.after_death:
            return self._as_of(donor, self.deciding.get((donor.pk, None, source.infant_id)), at)
        of_age_at = self.of_age_at(donor, infant)
        mothers = self.deciding.get((donor.pk, None, None))
        if of_age_at is None or infant is None or at < of_age_at:
            return self._as_of(donor, mothers, at)
        own = self.deciding.get((donor.pk, infant.pk, None))
        if own is not None:
            return self._as_of(donor, own, at)
        return self._outgrown(self._as_of(donor, mothers, at), of_age_at)

    def latest_of(
        self, donor_id: int, infant: Infant | None, at: datetime, *, deceased: Infant | None = None
    ) -> ConsentAsOf:
        """Return the latest consent of the mother, or of one infant that answered itself, whoever speaks now.

        With ``deceased`` it is what the parents last said of a recovery from that infant.
        """
        strand = (donor_id, infant.pk if infant is not None else None, deceased.pk if deceased is not None else None)
        last = self.deciding.get(strand)
        return self._as_of(self.donors[donor_id], last, at)

    def of_age_at(self, donor: Donor, infant: Infant | None) -> datetime | None:
        """Return when an infant comes of age; a birth not recorded is reckoned from the donor's first consent."""
        born_at = infant and (infant.born_at or self.first_given.get(donor.pk))
        return comes_of_age_at(born_at, donor.site.country) if born_at else None

    def ends(self) -> dict[int, datetime | None]:
        """Return, by consent id, when the latest consent of each strand ends by itself."""
        consents = [event.consent for event in self.deciding.values()]
        return {each.pk: _end_of(each, self._answered(each, is_upheld=False)) for each in consents}

    def _last_events(self, donor_ids: Collection[int]) -> list[ConsentEvent]:
        """Return the last event of each consent of these donors, oldest consent first."""
        rows = ConsentEvent.objects.filter(consent__donor_id__in=list(donor_ids))
        if self.recorded_by is not None:
            rows = rows.filter(consent__recorded_at__lte=self.recorded_by, at__lte=self.recorded_by)
        rows = rows.select_related("consent__form", "consent__donor__site").order_by("consent_id", "id")
        return list({event.consent_id: event for event in rows}.values())

    def _note(self, event: ConsentEvent) -> None:
        """Keep the latest consent of each strand: one that another took the place of decides nothing."""
        consent = event.consent
        first = self.first_given.get(consent.donor_id, consent.given_at)
        self.first_given[consent.donor_id] = min(first, consent.given_at)
        if EventKind(event.kind) is not EventKind.SUPERSEDED:
            self.deciding[consent.donor_id, consent.infant_id, consent.deceased_id] = event

    def _infant(self, source: Source) -> Infant | None:
        """Return the infant of a source; where it is not known which, the first-born stands for all."""
        infants = self.infants[source.donor_id]
        return next((each for each in infants if source.infant_id in (None, each.pk)), None)

    def _as_of(self, donor: Donor, last: ConsentEvent | None, at: datetime) -> ConsentAsOf:
        if last is None:
            return ConsentAsOf(donor, standing_without_consent(donor.origin))
        consent, is_upheld = last.consent, last.consent.code in self.upheld
        answers = self._answered(consent, is_upheld=is_upheld)
        ends_at = _end_of(consent, answers)
        recorded = Standing.ACTIVE if is_upheld else STANDINGS[EventKind(last.kind)]
        standing = standing_at(recorded, ends_at, at)
        ended_at = last.occurred_at if recorded is not Standing.ACTIVE else None
        ended_at = ends_at if standing is Standing.EXPIRED else ended_at
        return ConsentAsOf(donor, standing, consent, last, answers, ends_at, ended_at)

    def _outgrown(self, mothers: ConsentAsOf, of_age_at: datetime) -> ConsentAsOf:
        """Return the mother's consent as it stands once the infant has come of age: what had ended stays ended."""
        if mothers.standing is not Standing.ACTIVE:
            return mothers
        return ConsentAsOf(
            mothers.donor,
            Standing.OF_AGE,
            mothers.consent,
            mothers.last,
            mothers.answers,
            mothers.ends_at,
            ended_at=of_age_at,
        )

    def _answered(self, consent: Consent, *, is_upheld: bool) -> tuple[Answered, ...]:
        granted = {
            answer.statement_id: answer.granted and (is_upheld or not self._is_taken_back(answer))
            for answer in consent.answers.all()
        }
        return tuple(
            Answered(
                granted=granted.get(statement.id),
                term=Term(statement.duo, statement.mondo, statement.parameter),
                human_application=statement.human_application,
                applies_when_refused=statement.applies_when_refused,
            )
            for statement in consent.form.statements.all()
        )

    def _is_taken_back(self, answer: Answer) -> bool:
        taken = getattr(answer, "taken_back", None)
        return taken is not None and (self.recorded_by is None or taken.event.at <= self.recorded_by)


def are_of_age(donor_id: int, infant_id: int | None, *, at: datetime) -> bool:
    """Tell whether an infant of this donor is of age at an instant; of none named, whether every infant is.

    Nobody of whom neither birth nor mother's consent is on record is known to be of age; nor is another donor's infant.
    """
    strands = Strands({donor_id}, recorded_by=None, upheld=())
    infants = [each for each in strands.infants[donor_id] if infant_id in (None, each.pk)]
    ages = [strands.of_age_at(strands.donors[donor_id], each) for each in infants]
    return bool(ages) and all(of_age_at is not None and of_age_at <= at for of_age_at in ages)


def _end_of(consent: Consent, answers: tuple[Answered, ...]) -> datetime | None:
    return end_of_consent(
        consent.given_at,
        own_end=consent.ends_at,
        form_months=consent.form.consent_months,
        terms=terms_that_hold(answers),
    )
