"""What donors do while their units are on the way: they withdraw, narrow, give again, and their consent runs out."""

from datetime import datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from biobank.domain.role import Role
from consent.domain.consent import WithdrawalScope
from consent.models.consent import Consent
from consent.models.donor import Donor
from consent.services.consent import NewConsent, Withdrawal, give_consent, withdraw_consent
from consent.services.expiry import record_expiries
from consent.services.narrowing import Narrowing, narrow_consent
from inventory.domain.referral import ReferralDecision
from inventory.models.hold import Hold
from inventory.models.referral import WithdrawalReferral
from inventory.services.referral import decide_referral
from tests.factories.donor import form_in_force, recorder
from tests.factories.person import credentials, staff
from tests.factories.time import days
from tests.journeys.machine import WHICH, Machine, one_of

LETTER = "Letter of the donor"


class ConsentMachine(Machine):
    """Consents that change."""

    def donor(self, which: int) -> Donor:
        """Return one of the donors."""
        return one_of(list(Donor.objects.order_by("pk")), which)

    @rule(which=WHICH, scope=st.sampled_from(WithdrawalScope))
    def withdraw(self, which: int, scope: WithdrawalScope) -> None:
        """A donor withdraws: her consent is withdrawn, and she is held."""
        donor = self.donor(which)

        def call(at: datetime) -> Consent:
            withdrawal = Withdrawal(donor=donor, scope=scope, reason=LETTER, occurred_at=at)
            return withdraw_consent(withdrawal, by=recorder(), at=at)

        if self.attempt("withdraw", call):
            held = Hold.objects.filter(donor=donor, kind="consent_withdrawn", lifted_at=None)
            assert held.exists(), "INV-12 a donor withdrew and is not held"

    @rule(
        which=WHICH,
        decision=st.sampled_from(ReferralDecision),
        by=st.sampled_from([Role.MEDICAL_DIRECTOR, Role.MEDICAL_DIRECTOR, Role.QUALITY_REVIEWER]),
    )
    def decide_referral(self, which: int, decision: ReferralDecision, by: Role) -> None:
        """Somebody decides about a unit that a withdrawal or narrowing came too late for."""
        referrals = list(WithdrawalReferral.objects.filter(decision="").order_by("pk"))
        if referrals := referrals or list(WithdrawalReferral.objects.order_by("pk")):
            chosen, person, reason = one_of(referrals, which), staff(by), "The patient is conditioned."
            self.attempt(
                "decide referral",
                lambda at: decide_referral(
                    chosen, decision, reason=reason, credentials=credentials(person), by=person, at=at
                ),
            )

    @rule(which=WHICH, key=st.sampled_from(["treatment", "treatment", "research", "unknown"]))
    def narrow(self, which: int, key: str) -> None:
        """A donor takes one statement back."""
        donor = self.donor(which)
        self.attempt(
            "narrow",
            lambda at: narrow_consent(
                Narrowing(donor=donor, taken_back=(key,), reason=LETTER, occurred_at=at), by=recorder(), at=at
            ),
        )

    @rule(which=WHICH, treatment=st.booleans(), lasts=st.sampled_from([None, None, 2, 30, -1]))
    def give_again(self, which: int, treatment: bool, lasts: int | None) -> None:
        """A donor answers anew, for some days perhaps, or as if it had ended before it began."""
        donor, form = self.donor(which), form_in_force()
        answers = {statement.key: True for statement in form.statements.all()} | {"treatment": treatment}
        self.attempt(
            "give again",
            lambda at: give_consent(
                NewConsent(
                    donor=donor,
                    form=form,
                    answers=answers,
                    given_at=at,
                    ends_at=at + days(lasts) if lasts else None,
                ),
                by=recorder(),
                at=at,
            ),
        )

    @rule(jump=st.sampled_from([timedelta(hours=1), timedelta(hours=5), days(1), days(3), days(10), days(200)]))
    def time_passes(self, jump: timedelta) -> None:
        """Time passes, and the sweep finds whose consent has ended meanwhile."""
        self.now += jump
        self.attempt("expire", lambda at: record_expiries(by=recorder(), at=at))

    @rule(back=st.sampled_from([timedelta(minutes=3), timedelta(hours=2)]))
    def clock_is_set_back(self, back: timedelta) -> None:
        """The server's clock is set back."""
        self.now -= back
