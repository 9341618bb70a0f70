import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("biobank", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ConsentForm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=24)),
                ("version", models.CharField(max_length=16)),
                ("language", models.CharField(max_length=16)),
                ("text_sha256", models.CharField(max_length=64)),
                ("ethics_reference", models.CharField(max_length=100)),
                ("valid_from", models.DateTimeField()),
                ("valid_until", models.DateTimeField(null=True)),
                ("extent", models.CharField(default="full", max_length=16)),
                ("withdrawal_until", models.CharField(default="hand_over", max_length=16)),
                ("consent_months", models.PositiveSmallIntegerField(null=True)),
                ("establishment", models.CharField(blank=True, default="", max_length=120)),
                ("status", models.CharField(default="draft", max_length=16)),
                ("superseded_at", models.DateTimeField(null=True)),
                ("drafted_at", models.DateTimeField()),
                (
                    "signature",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="biobank.signature"
                    ),
                ),
            ],
            options={
                "ordering": ("code", "version", "language"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("code", "version", "language"), name="one_form_per_version_and_language"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status", "in_force")),
                        fields=("code", "language"),
                        name="one_version_in_force_per_form_and_language",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("extent__in", ["full", "collection_only", "after_death"])),
                        name="form_extent_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("withdrawal_until__in", ["reservation", "release", "pick", "hand_over"])),
                        name="form_withdrawal_stage_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("signature__isnull", True), ("status", "draft"), ("superseded_at__isnull", True)),
                            models.Q(
                                ("signature__isnull", False), ("status", "in_force"), ("superseded_at__isnull", True)
                            ),
                            models.Q(
                                ("signature__isnull", False), ("status", "superseded"), ("superseded_at__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="form_is_in_force_only_by_signature",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_until__isnull", True), ("valid_until__gt", models.F("valid_from")), _connector="OR"
                        ),
                        name="form_ends_after_it_begins",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("consent_months__isnull", True), ("consent_months__range", (1, 9999)), _connector="OR"
                        ),
                        name="consent_on_a_form_lasts_whole_months",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Donor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("donor_code", models.CharField(max_length=32, unique=True)),
                ("origin", models.CharField(default="own", max_length=16)),
                ("created_at", models.DateTimeField()),
                (
                    "site",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="biobank.site"),
                ),
            ],
            options={
                "ordering": ("id",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("origin__in", ["own", "other_bank", "migrated"])),
                        name="donor_origin_is_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DonorIdentity",
            fields=[
                (
                    "donor",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="consent.donor",
                    ),
                ),
                ("wrapped_key", models.TextField()),
                ("mother_name", models.TextField()),
                ("birth_date", models.TextField()),
                ("record_number", models.TextField()),
                ("contact", models.TextField()),
                ("infant_names", models.TextField()),
                ("lookup_index", models.CharField(max_length=64, null=True, unique=True)),
                ("recorded_at", models.DateTimeField()),
                ("erased_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("erased_at__isnull", False), ("lookup_index__isnull", True), ("wrapped_key", "")),
                            models.Q(
                                ("erased_at__isnull", True),
                                ("lookup_index__isnull", False),
                                models.Q(("wrapped_key", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="identity_has_a_key_until_it_is_erased",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="IdentityRead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("read_at", models.DateTimeField()),
                ("kind", models.CharField(max_length=16)),
                ("reason", models.CharField(max_length=500)),
                ("inspector", models.CharField(default="", max_length=200)),
                (
                    "donor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="consent.donor"
                    ),
                ),
                (
                    "read_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["read", "lookup"])), name="identity_read_kind_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="identity_read_has_a_reason"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Infant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("order", models.PositiveSmallIntegerField()),
                ("sex", models.CharField(default="unknown", max_length=16)),
                ("born_at", models.DateTimeField(null=True)),
                (
                    "donor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="infants", to="consent.donor"
                    ),
                ),
            ],
            options={
                "ordering": ("donor", "order"),
                "constraints": [
                    models.UniqueConstraint(fields=("donor", "order"), name="one_infant_per_birth_order"),
                    models.CheckConstraint(condition=models.Q(("order__gte", 1)), name="infant_order_starts_at_one"),
                    models.CheckConstraint(
                        condition=models.Q(("sex__in", ["female", "male", "indeterminate", "unknown"])),
                        name="infant_sex_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Statement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("order", models.PositiveSmallIntegerField()),
                ("key", models.CharField(max_length=40)),
                ("text", models.TextField()),
                ("duo", models.CharField(blank=True, default="", max_length=16)),
                ("mondo", models.CharField(blank=True, default="", max_length=16)),
                ("parameter", models.CharField(blank=True, default="", max_length=200)),
                ("human_application", models.BooleanField(default=False)),
                ("mandatory", models.BooleanField(default=False)),
                ("applies_when_refused", models.BooleanField(default=False)),
                (
                    "form",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="statements", to="consent.consentform"
                    ),
                ),
            ],
            options={
                "ordering": ("form", "order"),
                "constraints": [
                    models.UniqueConstraint(fields=("form", "key"), name="one_statement_per_key_and_form"),
                    models.UniqueConstraint(fields=("form", "order"), name="one_statement_per_place_in_form"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("duo", "DUO:0000007"), models.Q(("mondo", ""), _negated=True)),
                            models.Q(models.Q(("duo", "DUO:0000007"), _negated=True), ("mondo", "")),
                            _connector="OR",
                        ),
                        name="disease_specific_statement_names_its_disease",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("human_application", False), ("duo", ""), _connector="OR"),
                        name="human_application_is_a_statement_of_its_own",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="UseReview",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=32, unique=True)),
                ("protocol", models.CharField(max_length=64)),
                ("protocol_version", models.CharField(max_length=16)),
                ("answer", models.CharField(max_length=8)),
                ("reason", models.CharField(max_length=500)),
                ("answered_at", models.DateTimeField()),
                (
                    "form",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reviews", to="consent.consentform"
                    ),
                ),
                (
                    "signature",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="biobank.signature"
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("protocol", "protocol_version", "form"), name="one_review_per_protocol_and_form_version"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("answer__in", ["allow", "deny"])), name="use_review_answer_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="use_review_has_a_reason"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=32, unique=True)),
                ("given_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(null=True)),
                ("recorded_at", models.DateTimeField()),
                ("attested_by", models.CharField(blank=True, default="", max_length=120)),
                ("document_sha256", models.CharField(blank=True, default="", max_length=64)),
                ("status", models.CharField(max_length=16)),
                (
                    "attestation",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="biobank.signature"
                    ),
                ),
                (
                    "taken_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "witness",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "form",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="consent.consentform"
                    ),
                ),
                (
                    "donor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="consents", to="consent.donor"
                    ),
                ),
                (
                    "deceased",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="authorisations",
                        to="consent.infant",
                    ),
                ),
                (
                    "infant",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consents",
                        to="consent.infant",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("deceased__isnull", True), ("infant__isnull", True), ("status", "active")),
                        fields=("donor",),
                        name="one_active_consent_per_donor",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("deceased__isnull", False), ("status", "active")),
                        fields=("deceased",),
                        name="one_active_authorisation_per_infant_that_died",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("infant__isnull", True), ("deceased__isnull", True), _connector="OR"),
                        name="parents_answer_for_an_infant_that_died",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("infant__isnull", False), ("status", "active")),
                        fields=("infant",),
                        name="one_active_consent_per_grown_infant",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["active", "declined", "superseded", "withdrawn", "expired"])
                        ),
                        name="consent_status_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("attestation__isnull", True),
                                ("attested_by", ""),
                                ("document_sha256", ""),
                                ("taken_by__isnull", False),
                            ),
                            models.Q(
                                models.Q(("attested_by", ""), _negated=True),
                                ("attestation__isnull", False),
                                ("document_sha256__regex", "^[0-9a-f]{64}$"),
                                ("taken_by__isnull", True),
                                ("witness__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="consent_was_taken_here_or_is_attested_on_a_document",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("witness__isnull", True),
                            models.Q(("witness", models.F("taken_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="consent_witness_is_another_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("given_at__lte", models.F("recorded_at"))),
                        name="consent_is_not_given_in_the_future",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at__isnull", True), ("ends_at__gt", models.F("given_at")), _connector="OR"
                        ),
                        name="consent_ends_after_it_was_given",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Answer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("granted", models.BooleanField()),
                (
                    "consent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="answers", to="consent.consent"
                    ),
                ),
                (
                    "statement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="consent.statement"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("consent", "statement"), name="one_answer_per_statement_and_consent"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ConsentEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=16)),
                ("scope", models.CharField(blank=True, default="", max_length=16)),
                ("occurred_at", models.DateTimeField()),
                ("at", models.DateTimeField()),
                ("reason", models.CharField(blank=True, default="", max_length=500)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "consent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="events", to="consent.consent"
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["given", "declined", "superseded", "narrowed", "withdrawn", "expired"])
                        ),
                        name="consent_event_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "withdrawn"), ("scope__in", ["future_use", "all"])),
                            models.Q(models.Q(("kind", "withdrawn"), _negated=True), ("scope", "")),
                            _connector="OR",
                        ),
                        name="only_a_withdrawal_has_a_scope",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("occurred_at__lte", models.F("at"))),
                        name="consent_event_is_not_in_the_future",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TakenBack",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "answer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="taken_back", to="consent.answer"
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="taken_back",
                        to="consent.consentevent",
                    ),
                ),
            ],
        ),
    ]
