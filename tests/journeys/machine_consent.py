"""What donors do while their units are on the way: they withdraw, narrow, give again, are forgotten; and REVIEW."""

from datetime import datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from biobank.domain.role import Role
from consent.domain.consent import WithdrawalScope
from consent.domain.permitted_use import Verdict
from consent.domain.standing import Source
from consent.domain.use_review import ReviewAnswer
from consent.models.consent import Consent
from consent.models.donor import Donor
from consent.models.identity import DonorIdentity
from consent.queries.permitted_use import permitted_uses
from consent.services.consent import NewConsent, Withdrawal, give_consent, withdraw_consent
from consent.services.erasure import Erasure, erase_identity
from consent.services.expiry import record_expiries
from consent.services.narrowing import Narrowing, narrow_consent
from consent.services.use_review import NewUseReview, answer_review
from inventory.domain.referral import ReferralDecision
from inventory.models.hold import Hold
from inventory.models.protocol import Protocol
from inventory.models.referral import WithdrawalReferral
from inventory.queries.gate import purpose_of
from inventory.services.referral import decide_referral
from tests.factories.donor import form_in_force, recorder
from tests.factories.person import credentials, staff
from tests.factories.time import days
from tests.journeys.bank import LIMITED
from tests.journeys.machine import WHICH, Machine, one_of, reviewer

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

    @rule(which=WHICH, why=st.sampled_from(["Lawful request 7/2026", "Lawful request 7/2026", ""]))
    def erase(self, which: int, why: str) -> None:
        """A donor is forgotten on lawful request, be her identity kept or not, or for no reason."""
        named = [row.donor for row in DonorIdentity.objects.select_related("donor").order_by("pk")]
        donor = one_of(named, which) if named and which % 4 < 2 else self.donor(which)
        officer, wanted = staff(Role.IDENTITY_OFFICER), Erasure(donor=donor, reason=why)
        self.attempt("erase", lambda at: erase_identity(wanted, credentials=credentials(officer), by=officer, at=at))
        kept = DonorIdentity.objects.filter(donor=donor).exclude(wrapped_key="", lookup_index=None)
        assert self.was_refused or not kept.exists(), "an erased identity is kept"

    @rule(which=WHICH, answer=st.sampled_from(ReviewAnswer))
    def answer_review(self, which: int, answer: ReviewAnswer) -> None:
        """Quality answers whether a study may use what a consent leaves open, be it a question or not."""
        asking = list(Consent.objects.filter(form__code=LIMITED).order_by("pk"))
        consent = one_of(asking if asking and which % 4 < 2 else list(Consent.objects.order_by("pk")), which)
        study = one_of(list(Protocol.objects.filter(status="in_force").order_by("pk")), which // 4)
        source, purpose, quality = Source(consent.donor_id), purpose_of(study, self.now), reviewer()
        new = NewUseReview(source=source, purpose=purpose, answer=answer, reason="Ethics advice 12")
        proof = credentials(quality)
        if self.attempt("answer review", lambda at: answer_review(new, credentials=proof, by=quality, at=at)):
            said = Verdict.ALLOW if answer is ReviewAnswer.ALLOW else Verdict.DENY
            assert permitted_uses([source], purpose)[source].verdict is said, "a study may what was not answered"

    @rule(jump=st.sampled_from([timedelta(hours=1), timedelta(hours=5), days(1), days(3), days(10), days(200)]))
    def time_passes(self, jump: timedelta) -> None:
        """Time passes, and the sweep finds whose consent has ended meanwhile."""
        self.now += jump
        self.attempt("expire", lambda at: record_expiries(by=recorder(), at=at))

    @rule(back=st.sampled_from([timedelta(minutes=3), timedelta(hours=2)]))
    def clock_is_set_back(self, back: timedelta) -> None:
        """The server's clock is set back."""
        self.now -= back
