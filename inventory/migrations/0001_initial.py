import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("biobank", "0001_initial"),
        ("consent", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Attestation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=16, unique=True)),
                ("establishment", models.CharField(max_length=120)),
                ("document", models.CharField(max_length=120)),
                ("document_sha256", models.CharField(max_length=64)),
                ("facts_stated", models.PositiveIntegerField()),
                ("rows_compared", models.PositiveIntegerField()),
                ("attested_at", models.DateTimeField()),
                (
                    "signature",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="biobank.signature"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("establishment", ""), _negated=True),
                        name="an_attestation_names_the_establishment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("document_sha256__regex", "^[0-9a-f]{64}$")),
                        name="an_attestation_has_its_document",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rows_compared__gte", 1), ("rows_compared__lte", models.F("facts_stated"))),
                        name="a_sample_of_an_attestation_was_compared",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Batch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=16, unique=True)),
                ("kind", models.CharField(max_length=24)),
                ("manufacturer", models.CharField(max_length=120)),
                ("catalogue_number", models.CharField(max_length=64)),
                ("lot_number", models.CharField(max_length=64)),
                ("serial_number", models.CharField(blank=True, max_length=20)),
                ("gtin", models.CharField(blank=True, max_length=14)),
                ("expires_on", models.DateField()),
                ("expires_at", models.DateTimeField()),
                ("state", models.CharField(default="quarantined", max_length=16)),
                ("received_at", models.DateTimeField()),
                ("inspected_at", models.DateTimeField(null=True)),
                ("note", models.CharField(blank=True, max_length=500)),
                (
                    "inspected_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "received_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="biobank.site"),
                ),
            ],
            options={
                "verbose_name_plural": "batches",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("manufacturer", "catalogue_number", "lot_number"),
                        name="one_batch_per_lot_of_an_article",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "collection_bag_set",
                                    "freezing_bag",
                                    "cryovial",
                                    "dmso",
                                    "hes",
                                    "density_medium",
                                    "dextran_albumin",
                                    "culture_medium",
                                    "enzyme",
                                    "perfusion_solution",
                                    "processing_set",
                                    "test_kit",
                                    "other",
                                ],
                            )
                        ),
                        name="batch_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["quarantined", "released", "rejected"])),
                        name="batch_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("inspected_at__isnull", True), ("inspected_by__isnull", True), ("state", "quarantined")
                            ),
                            models.Q(
                                models.Q(("state", "quarantined"), _negated=True),
                                ("inspected_at__isnull", False),
                                ("inspected_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="a_batch_leaves_quarantine_by_an_inspection",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("inspected_by__isnull", True),
                            models.Q(("inspected_by", models.F("received_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="a_batch_is_inspected_by_another_person",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContainerKind",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=64, unique=True)),
                ("level", models.CharField(max_length=16)),
                ("rows", models.PositiveSmallIntegerField(default=0)),
                ("columns", models.PositiveSmallIntegerField(default=0)),
                ("row_labels", models.CharField(default="letters", max_length=8)),
                ("column_labels", models.CharField(default="numbers", max_length=8)),
                ("capacity", models.PositiveIntegerField(default=0)),
                ("accepts", models.JSONField(default=list)),
                ("warmest_celsius", models.DecimalField(decimal_places=1, max_digits=5, null=True)),
                ("coldest_celsius", models.DecimalField(decimal_places=1, max_digits=5, null=True)),
                ("minutes_allowed", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("warmest_celsius__isnull", True),
                            ("coldest_celsius__isnull", True),
                            ("coldest_celsius__lte", models.F("warmest_celsius")),
                            _connector="OR",
                        ),
                        name="the_coldest_allowed_is_not_above_the_warmest",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("level__in", ["room", "tank", "freezer", "rack", "box", "shelf", "fridge"])
                        ),
                        name="container_level_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Deviation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=16, unique=True)),
                ("deviation_class", models.CharField(max_length=12)),
                ("what_happened", models.CharField(max_length=2000)),
                ("immediate_action", models.CharField(max_length=2000)),
                ("occurred_at", models.DateTimeField()),
                ("opened_at", models.DateTimeField()),
                ("investigation", models.CharField(blank=True, max_length=2000)),
                ("capa_reference", models.CharField(blank=True, max_length=32)),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "signature",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="biobank.signature"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("closed_at__isnull", True)), fields=["opened_at"], name="open_deviations"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("deviation_class__in", ["minor", "major", "critical"])),
                        name="deviation_class_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at__isnull", True), ("signature__isnull", True)),
                            models.Q(
                                ("closed_at__isnull", False),
                                ("signature__isnull", False),
                                models.Q(("investigation", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="a_deviation_is_closed_by_signature_after_inquiry",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("what_happened", ""), _negated=True),
                            models.Q(("immediate_action", ""), _negated=True),
                        ),
                        name="a_deviation_says_what_happened",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DinRange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=16, unique=True)),
                ("prefix", models.CharField(max_length=7)),
                ("first_serial", models.PositiveIntegerField()),
                ("last_serial", models.PositiveIntegerField()),
                ("issued_at", models.DateTimeField()),
                (
                    "issued_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="biobank.site"),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("last_serial__gte", models.F("first_serial")), ("last_serial__lte", 999999)
                        ),
                        name="a_range_of_labels_is_in_order",
                    ),
                    models.UniqueConstraint(fields=("prefix", "first_serial"), name="one_range_begins_with_a_label"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Donation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=64, unique=True)),
                ("din", models.CharField(max_length=13, null=True, unique=True)),
                ("event", models.CharField(default="birth", max_length=24)),
                ("purpose", models.CharField(default="unrelated", max_length=16)),
                ("origin", models.CharField(default="own", max_length=16)),
                ("donor_key", models.CharField(blank=True, db_index=True, max_length=64)),
                ("procedure_version", models.CharField(blank=True, max_length=32)),
                ("collected_at", models.DateTimeField(null=True)),
                ("delivery", models.CharField(blank=True, max_length=16)),
                ("gestational_age_days", models.PositiveSmallIntegerField(null=True)),
                ("clamp_seconds", models.PositiveIntegerField(null=True)),
                ("registered_at", models.DateTimeField()),
                (
                    "collection_site",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="biobank.site"),
                ),
                (
                    "collector",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "donor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="donations", to="consent.donor"
                    ),
                ),
                (
                    "infant",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="donations",
                        to="consent.infant",
                    ),
                ),
                (
                    "registered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("event__in", ["birth", "recovery_after_death"])),
                        name="donation_event_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("purpose__in", ["unrelated", "related", "autologous"])),
                        name="donation_purpose_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("origin__in", ["own", "other_bank", "migrated"])),
                        name="donation_origin_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("din__isnull", True), ("din", models.F("code")), _connector="OR"),
                        name="a_din_is_the_code_of_its_donation",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("din__isnull", True),
                            ("din__regex", "^[A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{10}$"),
                            _connector="OR",
                        ),
                        name="a_din_has_thirteen_characters",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("origin", "own"), _negated=True),
                            models.Q(
                                ("collected_at__isnull", False), ("collector__isnull", False), ("din__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="an_own_donation_has_din_time_and_collector",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Duty",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=16, unique=True)),
                ("kind", models.CharField(max_length=32)),
                ("subject", models.CharField(max_length=80)),
                ("because", models.CharField(max_length=500)),
                ("opened_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(null=True)),
                ("done_note", models.CharField(blank=True, max_length=500)),
                (
                    "done_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("done_at__isnull", True)), fields=["due_at"], name="open_duties_by_due"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "inform_mothers_physician",
                                    "complete_determination",
                                    "inform_treating_physician",
                                    "report_deviation",
                                ],
                            )
                        ),
                        name="duty_kind_is_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("done_at__isnull", True)),
                        fields=("kind", "subject"),
                        name="one_open_duty_per_kind_and_subject",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("done_at__isnull", True), ("done_by__isnull", True)),
                            models.Q(
                                ("done_at__isnull", False),
                                ("done_by__isnull", False),
                                models.Q(("done_note", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="a_duty_done_has_person_time_and_note",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Equipment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=32, unique=True)),
                ("kind", models.CharField(max_length=32)),
                ("manufacturer", models.CharField(max_length=120)),
                ("serial_number", models.CharField(max_length=64)),
                ("location", models.CharField(blank=True, max_length=120)),
                ("registered_at", models.DateTimeField()),
                (
                    "site",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="biobank.site"),
                ),
            ],
            options={
                "verbose_name_plural": "equipment",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "cell_processor",
                                    "centrifuge",
                                    "cell_counter",
                                    "balance",
                                    "cabinet",
                                    "incubator",
                                    "controlled_rate_freezer",
                                    "logger",
                                    "dry_shipper",
                                    "other",
                                ],
                            )
                        ),
                        name="equipment_kind_is_known",
                    ),
                    models.UniqueConstraint(
                        fields=("manufacturer", "serial_number"), name="one_device_per_serial_number"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=24)),
                ("name", models.CharField(max_length=200)),
                ("sha256", models.CharField(max_length=64)),
                ("mapping_sha256", models.CharField(max_length=64)),
                ("rows", models.PositiveIntegerField()),
                ("imported_at", models.DateTimeField()),
                (
                    "imported_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "sha256"), name="one_import_per_file_and_kind")
                ],
            },
        ),
        migrations.CreateModel(
            name="Processing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=16, unique=True)),
                ("method", models.CharField(max_length=32)),
                ("started_at", models.DateTimeField()),
                ("frozen_at", models.DateTimeField(null=True)),
                ("volume_before_ml", models.DecimalField(decimal_places=2, max_digits=9, null=True)),
                ("volume_after_ml", models.DecimalField(decimal_places=2, max_digits=9, null=True)),
                ("additives", models.JSONField(default=list)),
                ("freezer_run", models.CharField(blank=True, max_length=32)),
                ("stays_frozen", models.BooleanField(default=False)),
                ("batches", models.JSONField(default=list)),
                ("recorded_at", models.DateTimeField()),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("frozen_at__isnull", True), ("frozen_at__gte", models.F("started_at")), _connector="OR"
                        ),
                        name="freezing_follows_the_start_of_processing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("stays_frozen", False), ("frozen_at__isnull", True), _connector="OR"),
                        name="what_stays_frozen_is_not_frozen_anew",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Protocol",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=32)),
                ("version", models.PositiveIntegerField(default=1)),
                ("title", models.CharField(max_length=200)),
                ("sponsor", models.CharField(max_length=120)),
                ("principal_investigator", models.CharField(max_length=120)),
                ("indication", models.CharField(max_length=16)),
                ("duo", models.JSONField(default=list)),
                ("human_application", models.BooleanField()),
                ("commercial", models.BooleanField(default=False)),
                ("for_profit", models.BooleanField(default=False)),
                ("genetic", models.BooleanField(default=False)),
                ("country", models.CharField(max_length=2)),
                ("institution", models.CharField(max_length=64)),
                ("product_classes", models.JSONField(default=list)),
                ("ethics_number", models.CharField(max_length=64)),
                ("ethics_from", models.DateField()),
                ("ethics_until", models.DateField()),
                ("authorisation", models.CharField(blank=True, max_length=64)),
                ("authorisation_from", models.DateField(null=True)),
                ("authorisation_until", models.DateField(null=True)),
                ("recipients_cap", models.PositiveIntegerField(null=True)),
                ("units_per_recipient_cap", models.PositiveIntegerField(null=True)),
                ("open_reservations_cap", models.PositiveIntegerField(default=20)),
                ("reservation_hours", models.PositiveIntegerField(default=336)),
                ("status", models.CharField(default="draft", max_length=12)),
                ("drafted_at", models.DateTimeField()),
                ("in_force_at", models.DateTimeField(null=True)),
                (
                    "signature",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="biobank.signature"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("code", "version"), name="one_protocol_per_code_and_version"),
                    models.UniqueConstraint(
                        condition=models.Q(("status", "in_force")),
                        fields=("code",),
                        name="one_protocol_version_in_force",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["draft", "in_force", "superseded", "closed"])),
                        name="protocol_status_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status", "draft"),
                            models.Q(("in_force_at__isnull", False), ("signature__isnull", False)),
                            _connector="OR",
                        ),
                        name="a_protocol_in_force_is_signed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ethics_until__gte", models.F("ethics_from"))),
                        name="ethics_approval_ends_after_it_begins",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Recipient",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("protocol_code", models.CharField(max_length=32)),
                ("code", models.CharField(max_length=32)),
                ("registered_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("protocol_code", "code"), name="one_recipient_per_study_and_code"),
                    models.CheckConstraint(
                        condition=models.Q(("code", ""), _negated=True), name="a_recipient_has_a_code"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=16, unique=True)),
                ("kind", models.CharField(max_length=16)),
                ("subject", models.CharField(max_length=64)),
                ("ledger_number", models.BigIntegerField()),
                ("ledger_seal", models.CharField(max_length=64)),
                ("facts_sha256", models.CharField(max_length=64)),
                ("content_sha256", models.CharField(max_length=64)),
                ("file_sha256", models.CharField(max_length=64)),
                ("file_name", models.CharField(max_length=120)),
                ("size_bytes", models.PositiveBigIntegerField()),
                ("sealed", models.BooleanField()),
                ("certificate_sha256", models.CharField(blank=True, max_length=64)),
                ("generated_at", models.DateTimeField()),
                (
                    "generated_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reports", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["-ledger_number", "-id"],
                "indexes": [models.Index(fields=["kind", "subject", "-ledger_number"], name="report_by_subject")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["custody", "papers"])), name="report_kind_is_known"
                    ),
                    models.UniqueConstraint(
                        fields=("kind", "subject", "ledger_number", "certificate_sha256"),
                        name="one_report_per_subject_and_ledger_position",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("certificate_sha256__gt", ""), ("sealed", True)),
                            models.Q(("certificate_sha256", ""), ("sealed", False)),
                            _connector="OR",
                        ),
                        name="a_sealed_report_names_its_certificate",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            django.db.models.lookups.Exact(django.db.models.functions.text.Length("file_sha256"), 64),
                            django.db.models.lookups.Exact(
                                django.db.models.functions.text.Length("content_sha256"), 64
                            ),
                        ),
                        name="report_hashes_are_whole",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Specification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=64)),
                ("version", models.PositiveIntegerField()),
                ("product_class", models.CharField(max_length=24)),
                ("use", models.CharField(max_length=20)),
                ("status", models.CharField(default="draft", max_length=12)),
                ("mark", models.CharField(max_length=200)),
                ("drafted_at", models.DateTimeField()),
                ("in_force_at", models.DateTimeField(null=True)),
                (
                    "signature",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="biobank.signature"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("name", "version"), name="one_specification_per_name_and_version"),
                    models.UniqueConstraint(
                        condition=models.Q(("status", "in_force")),
                        fields=("product_class", "use"),
                        name="one_specification_in_force_per_product_and_use",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["draft", "in_force", "superseded"])),
                        name="specification_status_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status", "draft"),
                            models.Q(("in_force_at__isnull", False), ("signature__isnull", False)),
                            _connector="OR",
                        ),
                        name="a_specification_in_force_is_signed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SpoiledDin",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("din", models.CharField(max_length=13, unique=True)),
                ("reason", models.CharField(max_length=500)),
                ("spoiled_at", models.DateTimeField()),
                (
                    "spoiled_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="a_spoiled_label_says_why"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BatchUse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("used_at", models.DateTimeField()),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="uses", to="inventory.batch"
                    ),
                ),
                (
                    "donation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="batch_uses",
                        to="inventory.donation",
                    ),
                ),
                (
                    "processing",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="batch_uses",
                        to="inventory.processing",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("batch", "processing"), name="one_use_per_batch_and_processing"),
                    models.UniqueConstraint(fields=("batch", "donation"), name="one_use_per_batch_and_donation"),
                    models.CheckConstraint(
                        condition=models.Q(("processing__isnull", True), ("donation__isnull", True), _connector="XOR"),
                        name="a_batch_is_used_for_one_thing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Container",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=64, unique=True)),
                ("registered_at", models.DateTimeField()),
                (
                    "parent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="inventory.container",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="containers", to="biobank.site"
                    ),
                ),
                (
                    "kind",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="containers",
                        to="inventory.containerkind",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("parent", models.F("id")), _negated=True),
                        name="a_container_does_not_stand_in_itself",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Correction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=16, unique=True)),
                ("subject", models.CharField(max_length=80)),
                ("noun", models.CharField(max_length=16)),
                ("row_id", models.BigIntegerField()),
                ("field", models.CharField(max_length=32)),
                ("old_value", models.CharField(blank=True, max_length=4000)),
                ("new_value", models.CharField(blank=True, max_length=4000)),
                ("new_number", models.DecimalField(decimal_places=3, max_digits=18, null=True)),
                ("new_time", models.DateTimeField(null=True)),
                ("new_id", models.BigIntegerField(null=True)),
                ("reason", models.CharField(max_length=500)),
                ("rested", models.JSONField(default=list)),
                ("needs_second", models.BooleanField(default=False)),
                ("status", models.CharField(max_length=12)),
                ("asked_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("effective_at", models.DateTimeField(null=True)),
                ("rejected_because", models.CharField(blank=True, max_length=500)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "rejected_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "deviation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="inventory.deviation",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["noun", "row_id", "field"], name="corrections_by_fact")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["proposed", "applying", "in_effect", "rejected"])),
                        name="correction_status_is_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status", "proposed")),
                        fields=("noun", "row_id", "field"),
                        name="one_open_correction_per_fact",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_by__isnull", True),
                            models.Q(("confirmed_by", models.F("asked_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="a_correction_is_confirmed_by_another_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("needs_second", False),
                            ("status__in", ["proposed", "rejected"]),
                            models.Q(("confirmed_at__isnull", False), ("confirmed_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="what_a_verdict_rests_on_is_corrected_by_two",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("effective_at__isnull", False), ("status", "in_effect")),
                            models.Q(models.Q(("status", "in_effect"), _negated=True), ("effective_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="a_correction_in_effect_has_its_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "rejected"), _negated=True),
                            models.Q(("rejected_by__isnull", False), models.Q(("rejected_because", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="a_rejected_correction_says_by_whom_and_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="a_correction_of_a_fact_says_why"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EligibilityDetermination",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("verdict", models.CharField(max_length=16)),
                ("reasons", models.JSONField(default=list)),
                ("reactive", models.JSONField(default=list)),
                ("evidence_sha256", models.CharField(max_length=64)),
                ("determined_at", models.DateTimeField()),
                ("reopened_at", models.DateTimeField(null=True)),
                ("reopened_because", models.CharField(blank=True, max_length=500)),
                (
                    "attestation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="determinations",
                        to="inventory.attestation",
                    ),
                ),
                (
                    "donation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="determinations",
                        to="inventory.donation",
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
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("verdict__in", ["eligible", "ineligible", "incomplete", "not_required"])),
                        name="eligibility_verdict_is_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("reopened_at__isnull", True)),
                        fields=("donation",),
                        name="one_standing_determination_per_donation",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EquipmentCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=16)),
                ("valid_from", models.DateTimeField()),
                ("valid_until", models.DateTimeField()),
                ("certificate", models.CharField(max_length=120)),
                ("recorded_at", models.DateTimeField()),
                (
                    "equipment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="checks", to="inventory.equipment"
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["calibration", "maintenance"])),
                        name="equipment_check_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("valid_until__gt", models.F("valid_from"))),
                        name="a_check_ends_after_it_begins",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EquipmentOutage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("began_at", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                ("reason", models.CharField(max_length=500)),
                (
                    "closed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "equipment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="outages", to="inventory.equipment"
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("until__isnull", True)),
                        fields=("equipment",),
                        name="one_open_outage_per_device",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_by__isnull", True), ("until__isnull", True)),
                            models.Q(("closed_by__isnull", False), ("until__gt", models.F("began_at"))),
                            _connector="OR",
                        ),
                        name="an_outage_ends_after_it_begins_by_a_person",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Kinship",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("degree", models.PositiveSmallIntegerField()),
                ("shown_by", models.CharField(max_length=200)),
                ("stated_at", models.DateTimeField()),
                (
                    "donation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="kinships", to="inventory.donation"
                    ),
                ),
                (
                    "stated_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="kinships", to="inventory.recipient"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("donation", "recipient"), name="one_kinship_per_donation_and_recipient"
                    ),
                    models.CheckConstraint(condition=models.Q(("degree__range", (0, 4))), name="kinship_has_a_degree"),
                    models.CheckConstraint(
                        condition=models.Q(("shown_by", ""), _negated=True), name="kinship_is_shown_by_a_document"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Lot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=16, unique=True)),
                ("pool_din", models.CharField(max_length=13, null=True, unique=True)),
                ("product_code", models.CharField(max_length=6)),
                ("product_class", models.CharField(max_length=24)),
                ("size", models.PositiveIntegerField()),
                ("expires_at", models.DateTimeField(null=True)),
                ("expiry_basis", models.CharField(blank=True, max_length=20)),
                ("made_at", models.DateTimeField()),
                (
                    "processing",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lot", to="inventory.processing"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "product_class__in",
                                [
                                    "cord_blood",
                                    "placenta",
                                    "cord_tissue",
                                    "msc",
                                    "hepatocyte",
                                    "amnion_epithelial",
                                    "liver_progenitor",
                                    "liver_tissue",
                                ],
                            )
                        ),
                        name="lot_product_class_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("expiry_basis__in", ["", "policy_years", "stability_data", "retest_due", "not_assigned"])
                        ),
                        name="lot_expiry_basis_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("expires_at__isnull", True),
                            models.Q(("expiry_basis__in", ["", "not_assigned"]), _negated=True),
                            _connector="OR",
                        ),
                        name="an_expiry_of_a_lot_has_its_basis",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("size__gte", 1), ("size__lte", 999)), name="a_lot_has_vials"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("pool_din__isnull", True),
                            ("pool_din__regex", "^[A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{10}$"),
                            _connector="OR",
                        ),
                        name="a_pool_has_a_din",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProductCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=5)),
                ("class_name", models.CharField(max_length=200)),
                ("modifiers", models.CharField(blank=True, max_length=200)),
                ("text", models.CharField(blank=True, max_length=1000)),
                ("valid_from", models.DateField()),
                (
                    "loaded_from",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="product_codes",
                        to="inventory.importfile",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("code", "loaded_from"), name="one_product_code_per_file")
                ],
            },
        ),
        migrations.CreateModel(
            name="ProtocolCriterion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("scope", models.CharField(max_length=12)),
                ("attribute", models.CharField(max_length=40)),
                ("operator", models.CharField(max_length=12)),
                ("limit", models.DecimalField(decimal_places=3, max_digits=15, null=True)),
                ("words", models.JSONField(default=list)),
                (
                    "protocol",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="criteria", to="inventory.protocol"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("scope__in", ["unit", "recipient", "between"])),
                        name="criterion_scope_is_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ProtocolSite",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("agreement", models.CharField(max_length=64)),
                ("agreed_from", models.DateField()),
                ("agreed_until", models.DateField()),
                (
                    "protocol",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="sites", to="inventory.protocol"
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="protocols", to="biobank.site"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("protocol", "site"), name="one_row_per_protocol_and_site")
                ],
            },
        ),
        migrations.CreateModel(
            name="Recovery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("organisation", models.CharField(max_length=100)),
                ("authorisation", models.CharField(max_length=32)),
                ("died_at", models.DateTimeField()),
                ("cross_clamp_at", models.DateTimeField()),
                ("cold_ended_at", models.DateTimeField(null=True)),
                ("warm_ischaemia_minutes", models.PositiveIntegerField()),
                ("cold_ischaemia_minutes", models.PositiveIntegerField(null=True)),
                ("preservation_fluid", models.CharField(blank=True, max_length=64)),
                (
                    "donation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="recovery", to="inventory.donation"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("cross_clamp_at__gte", models.F("died_at"))),
                        name="a_recovery_begins_after_death",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("cold_ended_at__isnull", True), ("cold_ischaemia_minutes__isnull", True)),
                            models.Q(
                                ("cold_ended_at__gte", models.F("cross_clamp_at")),
                                ("cold_ischaemia_minutes__lte", 2880),
                            ),
                            _connector="OR",
                        ),
                        name="cold_ischaemia_ends_after_it_began",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("warm_ischaemia_minutes__lte", 1440)), name="warm_ischaemia_is_plausible"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("organisation", ""), _negated=True),
                            models.Q(("authorisation", ""), _negated=True),
                        ),
                        name="a_recovery_was_authorised",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SpecificationLimit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stage", models.CharField(max_length=16)),
                ("assay", models.CharField(max_length=40)),
                ("operator", models.CharField(max_length=12)),
                ("limit", models.DecimalField(decimal_places=3, max_digits=15, null=True)),
                ("words", models.JSONField(default=list)),
                ("taken_from", models.CharField(default="unit", max_length=24)),
                ("mandatory", models.BooleanField(default=True)),
                ("mark", models.CharField(default="bank", max_length=12)),
                ("source", models.CharField(blank=True, max_length=200)),
                (
                    "specification",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="limits", to="inventory.specification"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("specification", "stage", "assay", "taken_from", "operator"), name="one_limit_per_assay"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("stage__in", ["pre_process", "pre_freeze", "post_thaw", "release"])),
                        name="limit_stage_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("operator__in", ["at_least", "more_than", "at_most", "less_than", "one_of", "recorded"])
                        ),
                        name="limit_operator_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "taken_from__in",
                                ["unit", "source", "attached_segment", "qc_vial", "lot", "mother", "infant"],
                            )
                        ),
                        name="limit_taken_from_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("mark__in", ["seen", "general", "design", "bank"])),
                        name="limit_mark_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="UnitRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=16, unique=True)),
                ("kind", models.CharField(default="normal", max_length=12)),
                ("status", models.CharField(default="submitted", max_length=12)),
                ("requested_at", models.DateTimeField()),
                ("needed_by", models.DateField()),
                ("delivery_address", models.CharField(max_length=300)),
                ("delivery_contact", models.CharField(max_length=120)),
                ("weight_kg", models.DecimalField(decimal_places=2, max_digits=6, null=True)),
                ("recipient_typing", models.JSONField(default=dict)),
                ("ordering_physician", models.CharField(blank=True, max_length=120)),
                ("order_sha256", models.CharField(blank=True, max_length=64)),
                ("approved_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_because", models.CharField(blank=True, max_length=500)),
                (
                    "approval",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="biobank.signature"
                    ),
                ),
                (
                    "protocol",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="requests", to="inventory.protocol"
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to="inventory.recipient",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="requests", to="biobank.site"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["normal", "exceptional", "urgent"])),
                        name="request_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind", "normal"), ("recipient__isnull", False), _connector="OR"),
                        name="an_exception_is_for_a_named_recipient",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                [
                                    "submitted",
                                    "approved",
                                    "released",
                                    "completed",
                                    "rejected",
                                    "cancelled",
                                    "lapsed",
                                    "void",
                                ],
                            )
                        ),
                        name="request_status_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status__in", ["approved", "released", "completed"]), _negated=True),
                            ("approval__isnull", False),
                            _connector="OR",
                        ),
                        name="an_approved_request_is_signed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("recipient__isnull", True),
                            models.Q(
                                models.Q(("ordering_physician", ""), _negated=True),
                                models.Q(("order_sha256", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="a_request_for_a_recipient_has_physician_and_order",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Excursion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=16, unique=True)),
                ("started_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField()),
                ("extreme_celsius", models.DecimalField(decimal_places=1, max_digits=5)),
                ("minutes_beyond", models.PositiveIntegerField()),
                ("warmest_celsius", models.DecimalField(decimal_places=1, max_digits=5, null=True)),
                ("coldest_celsius", models.DecimalField(decimal_places=1, max_digits=5, null=True)),
                ("minutes_allowed", models.PositiveIntegerField()),
                ("is_beyond", models.BooleanField()),
                ("note", models.CharField(blank=True, max_length=500)),
                ("reported_at", models.DateTimeField()),
                ("assessed_at", models.DateTimeField(null=True)),
                (
                    "container",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="excursions", to="inventory.container"
                    ),
                ),
                (
                    "reported_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "signature",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="biobank.signature"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("is_beyond", True)), fields=["ended_at"], name="excursions_beyond_by_end"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ended_at__gte", models.F("started_at"))),
                        name="an_excursion_ends_after_its_start",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("assessed_at__isnull", True), ("signature__isnull", True)),
                            models.Q(("assessed_at__isnull", False), ("signature__isnull", False)),
                            _connector="OR",
                        ),
                        name="an_excursion_is_assessed_by_signature",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("is_beyond", True), ("assessed_at__isnull", True), _connector="OR"),
                        name="an_excursion_within_its_limits_is_not_assessed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Position",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("label", models.CharField(max_length=12)),
                ("row", models.PositiveSmallIntegerField(default=0)),
                ("column", models.PositiveSmallIntegerField(default=0)),
                ("code", models.CharField(max_length=80, unique=True)),
                (
                    "container",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="positions", to="inventory.container"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("container", "label"), name="one_position_per_container_and_label")
                ],
            },
        ),
        migrations.CreateModel(
            name="Release",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=16, unique=True)),
                ("kind", models.CharField(default="normal", max_length=12)),
                ("status", models.CharField(default="evaluated", max_length=12)),
                ("snapshot", models.TextField()),
                ("snapshot_sha256", models.CharField(max_length=64)),
                ("evaluated_at", models.DateTimeField()),
                ("issued_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_because", models.CharField(blank=True, max_length=500)),
                (
                    "evaluated_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="releases", to="inventory.unitrequest"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["normal", "exceptional", "urgent"])),
                        name="release_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["evaluated", "issued", "void"])),
                        name="release_status_is_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ["evaluated", "issued"])),
                        fields=("request",),
                        name="one_standing_release_per_request",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "issued"), _negated=True), ("issued_at__isnull", False), _connector="OR"
                        ),
                        name="an_issued_release_has_its_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "void"), _negated=True),
                            models.Q(("ended_because", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="a_void_release_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Stocktake",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=16, unique=True)),
                ("status", models.CharField(default="counting", max_length=12)),
                ("opened_at", models.DateTimeField()),
                ("compared_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_because", models.CharField(blank=True, max_length=500)),
                (
                    "container",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="stocktakes", to="inventory.container"
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "signature",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="biobank.signature"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["counting", "compared", "closed", "abandoned"])),
                        name="stocktake_status_is_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ["counting", "compared"])),
                        fields=("container",),
                        name="one_open_stocktake_per_container",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("compared_at__isnull", False), ("signature__isnull", False), ("status", "closed")
                            ),
                            models.Q(models.Q(("status", "closed"), _negated=True), ("signature__isnull", True)),
                            _connector="OR",
                        ),
                        name="a_stocktake_is_closed_by_signature",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("status__in", ["counting", "compared"])),
                            models.Q(("ended_at__isnull", False), ("status__in", ["closed", "abandoned"])),
                            _connector="OR",
                        ),
                        name="a_stocktake_that_ended_says_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "abandoned"), _negated=True),
                            models.Q(("ended_because", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="an_abandoned_stocktake_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Unit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=64, unique=True)),
                ("product_code", models.CharField(blank=True, max_length=8)),
                ("kind", models.CharField(max_length=16)),
                ("product_class", models.CharField(max_length=24)),
                ("origin", models.CharField(default="own", max_length=16)),
                ("state", models.CharField(max_length=16)),
                ("use", models.CharField(blank=True, max_length=20)),
                ("reserved_from", models.CharField(blank=True, max_length=16)),
                ("holder", models.CharField(max_length=32)),
                ("volume_ml", models.DecimalField(decimal_places=2, max_digits=9, null=True)),
                ("mass_g", models.DecimalField(decimal_places=2, max_digits=9, null=True)),
                ("tnc", models.BigIntegerField(null=True)),
                ("expires_at", models.DateTimeField(null=True)),
                ("expiry_basis", models.CharField(blank=True, max_length=20)),
                ("thawed", models.BooleanField(default=False)),
                ("registered_at", models.DateTimeField()),
                (
                    "donation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="units", to="inventory.donation"
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="vials", to="inventory.lot"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["state", "product_class", "id"], name="unit_by_state"),
                    models.Index(fields=["expires_at", "id"], name="unit_by_expiry"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["collected_bag", "cryobag", "piece", "vial"])),
                        name="unit_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "product_class__in",
                                [
                                    "cord_blood",
                                    "placenta",
                                    "cord_tissue",
                                    "msc",
                                    "hepatocyte",
                                    "amnion_epithelial",
                                    "liver_progenitor",
                                    "liver_tissue",
                                ],
                            )
                        ),
                        name="unit_product_class_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "collected",
                                    "quarantined",
                                    "available",
                                    "reserved",
                                    "released",
                                    "shipped",
                                    "received",
                                    "returned",
                                    "consumed",
                                    "used",
                                    "discarded",
                                    "lost",
                                    "voided",
                                ],
                            )
                        ),
                        name="unit_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("use__in", ["", "human_application", "laboratory"])),
                        name="unit_use_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("origin__in", ["own", "other_bank", "migrated"])),
                        name="unit_origin_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("expiry_basis__in", ["", "policy_years", "stability_data", "retest_due", "not_assigned"])
                        ),
                        name="unit_expiry_basis_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("expires_at__isnull", True),
                            models.Q(("expiry_basis__in", ["", "not_assigned"]), _negated=True),
                            _connector="OR",
                        ),
                        name="an_expiry_has_its_basis",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("volume_ml__isnull", True), ("volume_ml__gte", 0), _connector="OR"),
                            models.Q(("mass_g__isnull", True), ("mass_g__gte", 0), _connector="OR"),
                            models.Q(("tnc__isnull", True), ("tnc__gte", 0), _connector="OR"),
                        ),
                        name="unit_amounts_are_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("lot__isnull", True), ("kind", "vial"), _connector="OR"),
                        name="a_lot_is_of_vials",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("lot__isnull", True),
                            models.Q(("expires_at__isnull", True), ("expiry_basis", "")),
                            _connector="OR",
                        ),
                        name="a_vial_expires_with_its_lot",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "available"), _negated=True),
                            models.Q(("use", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="an_available_unit_was_accepted_for_a_use",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("reserved_from__in", ["available", "quarantined"]),
                                ("state__in", ["reserved", "released"]),
                            ),
                            models.Q(
                                models.Q(("state__in", ["reserved", "released"]), _negated=True), ("reserved_from", "")
                            ),
                            _connector="OR",
                        ),
                        name="a_reserved_unit_knows_where_it_came_from",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Waiver",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=12)),
                ("physician", models.CharField(max_length=120)),
                ("physician_request_sha256", models.CharField(max_length=64)),
                ("deviation_known", models.CharField(max_length=1000)),
                ("no_alternative", models.CharField(max_length=1000)),
                ("asked_at", models.DateTimeField()),
                ("benefit", models.CharField(blank=True, max_length=1000)),
                ("risk", models.CharField(blank=True, max_length=1000)),
                ("stated_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="waiver", to="inventory.unitrequest"
                    ),
                ),
                (
                    "stated_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["exceptional", "urgent"])), name="waiver_kind_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("benefit", ""), ("risk", ""), ("stated_at__isnull", True), ("stated_by__isnull", True)
                            ),
                            models.Q(
                                ("stated_at__isnull", False),
                                ("stated_by__isnull", False),
                                models.Q(("benefit", ""), _negated=True),
                                models.Q(("risk", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="benefit_and_risk_are_stated_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Acceptance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("use", models.CharField(max_length=20)),
                ("snapshot_sha256", models.CharField(max_length=64)),
                ("accepted_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("withdrawn_because", models.CharField(blank=True, max_length=500)),
                (
                    "signature",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="biobank.signature"
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="acceptances",
                        to="inventory.lot",
                    ),
                ),
                (
                    "specification",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="inventory.specification"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="acceptances",
                        to="inventory.unit",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("use__in", ["human_application", "laboratory"])),
                        name="acceptance_use_is_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at__isnull", True)),
                        fields=("unit",),
                        name="one_standing_acceptance_per_unit",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at__isnull", True)),
                        fields=("lot",),
                        name="one_standing_acceptance_per_lot",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("unit__isnull", True), ("lot__isnull", True), _connector="XOR"),
                        name="an_acceptance_is_of_one_thing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ConsigneeNotice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=16, unique=True)),
                ("kind", models.CharField(max_length=20)),
                ("reason", models.CharField(max_length=500)),
                ("opened_at", models.DateTimeField()),
                ("acknowledged_by", models.CharField(blank=True, max_length=120)),
                ("acknowledged_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "closing",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="biobank.signature"
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="notices", to="biobank.site"
                    ),
                ),
                (
                    "excursion",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="inventory.excursion",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("closed_at__isnull", True)), fields=["opened_at"], name="open_notices"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["consent_withdrawal", "look_back", "excursion", "recall"])),
                        name="notice_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("excursion__isnull", False), ("kind", "excursion")),
                            models.Q(models.Q(("kind", "excursion"), _negated=True), ("excursion__isnull", True)),
                            _connector="OR",
                        ),
                        name="a_notice_of_an_excursion_names_it",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("acknowledged_at__isnull", True), ("acknowledged_by", "")),
                            models.Q(
                                ("acknowledged_at__isnull", False), models.Q(("acknowledged_by", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="an_acknowledged_notice_names_who_read_it",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at__isnull", True), ("closing__isnull", True)),
                            models.Q(
                                ("acknowledged_at__isnull", False),
                                ("closed_at__isnull", False),
                                ("closing__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="a_closed_notice_is_acknowledged_and_signed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Disposition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=12)),
                ("reason", models.CharField(blank=True, max_length=32)),
                ("note", models.CharField(blank=True, max_length=500)),
                ("amount", models.CharField(blank=True, max_length=120)),
                ("left_over", models.CharField(blank=True, max_length=300)),
                ("occurred_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "signature",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="biobank.signature"
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
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="dispositions", to="inventory.unit"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["used", "returned", "consumed", "discarded", "lost", "voided"])
                        ),
                        name="disposition_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "discarded"), _negated=True),
                            models.Q(("witness__isnull", False), models.Q(("reason", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="a_discard_has_reason_and_witness",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "lost"), _negated=True), ("signature__isnull", False), _connector="OR"
                        ),
                        name="a_loss_is_a_signed_discrepancy",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "lost"), _negated=True), ("witness__isnull", False), _connector="OR"
                        ),
                        name="a_loss_has_a_witness",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("witness__isnull", True),
                            models.Q(("witness", models.F("recorded_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="a_witness_is_another_person",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Lineage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("taken_ml", models.DecimalField(decimal_places=2, max_digits=9, null=True)),
                ("taken_g", models.DecimalField(decimal_places=2, max_digits=9, null=True)),
                (
                    "processing",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lineage",
                        to="inventory.processing",
                    ),
                ),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="made_from", to="inventory.unit"
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="made", to="inventory.unit"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("parent", "child"), name="one_lineage_per_parent_and_child"),
                    models.CheckConstraint(
                        condition=models.Q(("parent", models.F("child")), _negated=True),
                        name="a_unit_is_not_its_own_parent",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Outcome",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=24)),
                ("outcome_date", models.DateField()),
                ("values", models.JSONField(default=dict)),
                ("reported_at", models.DateTimeField()),
                (
                    "reported_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outcomes",
                        to="inventory.recipient",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="outcomes", to="inventory.unit"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["thaw", "administration", "baseline", "follow_up", "experiment"])
                        ),
                        name="outcome_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind__in", ["administration", "baseline", "follow_up"]), _negated=True),
                            ("recipient__isnull", False),
                            _connector="OR",
                        ),
                        name="an_outcome_in_a_person_names_the_recipient",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Pick",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("picked_at", models.DateTimeField()),
                (
                    "picked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "position",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="inventory.position"
                    ),
                ),
                (
                    "release",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="picks", to="inventory.release"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="picks", to="inventory.unit"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("release", "unit"), name="one_pick_per_release_and_unit")
                ],
            },
        ),
        migrations.CreateModel(
            name="ReferenceSample",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=64, unique=True)),
                ("role", models.CharField(max_length=20)),
                ("state", models.CharField(default="stored", max_length=16)),
                ("attached", models.BooleanField(default=False)),
                ("holder", models.CharField(max_length=32)),
                ("volume_ml", models.DecimalField(decimal_places=3, max_digits=7, null=True)),
                ("origin", models.CharField(default="own", max_length=16)),
                ("registered_at", models.DateTimeField()),
                (
                    "donation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="samples", to="inventory.donation"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="samples",
                        to="inventory.unit",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "role__in",
                                [
                                    "segment",
                                    "viable_vial",
                                    "serum",
                                    "plasma",
                                    "dna",
                                    "red_cell_pellet",
                                    "maternal_serum",
                                    "maternal_plasma",
                                    "maternal_dna",
                                ],
                            )
                        ),
                        name="sample_role_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["stored", "consumed", "discarded", "lost", "voided"])),
                        name="sample_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("attached", False), ("unit__isnull", False), _connector="OR"),
                        name="an_attached_sample_has_its_bag",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReleaseSignature",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("meaning", models.CharField(max_length=12)),
                ("content_sha256", models.CharField(max_length=64)),
                (
                    "release",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="signatures", to="inventory.release"
                    ),
                ),
                (
                    "signature",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="release", to="biobank.signature"
                    ),
                ),
                (
                    "signer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("release", "signer"), name="one_signature_per_release_and_signer"),
                    models.UniqueConstraint(
                        fields=("release", "meaning"), name="one_signature_per_release_and_meaning"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReleaseUnit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "release",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="units", to="inventory.release"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="releases", to="inventory.unit"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("release", "unit"), name="one_row_per_release_and_unit")
                ],
            },
        ),
        migrations.CreateModel(
            name="RequestLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("removed_at", models.DateTimeField(null=True)),
                ("removed_because", models.CharField(blank=True, max_length=500)),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="request_lines", to="inventory.unit"
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="inventory.unitrequest"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("request", "unit"), name="one_line_per_request_and_unit")
                ],
            },
        ),
        migrations.CreateModel(
            name="Reservation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reserved_at", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_because", models.CharField(blank=True, max_length=500)),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reservations", to="inventory.unit"
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reservations",
                        to="inventory.unitrequest",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=["until"],
                        name="active_reservations_by_end",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("unit",),
                        name="one_active_reservation_per_unit",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until__gt", models.F("reserved_at"))),
                        name="a_reservation_ends_after_it_begins",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at__isnull", True), models.Q(("ended_because", ""), _negated=True), _connector="OR"
                        ),
                        name="an_ended_reservation_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Shipment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=16, unique=True)),
                ("kind", models.CharField(max_length=12)),
                ("shipper", models.CharField(max_length=16)),
                ("shipper_code", models.CharField(max_length=32)),
                ("seal_code", models.CharField(blank=True, max_length=32)),
                ("logger_code", models.CharField(max_length=32)),
                ("logger_file_sha256", models.CharField(blank=True, max_length=64)),
                ("courier", models.CharField(max_length=64)),
                ("packed_at", models.DateTimeField()),
                ("handed_over_at", models.DateTimeField(null=True)),
                ("handed_over_to", models.CharField(blank=True, max_length=120)),
                ("received_at", models.DateTimeField(null=True)),
                ("warmest_celsius", models.DecimalField(decimal_places=1, max_digits=5, null=True)),
                (
                    "from_site",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="biobank.site"),
                ),
                (
                    "handed_over_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "packed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "received_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "release",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shipments",
                        to="inventory.release",
                    ),
                ),
                (
                    "to_site",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="biobank.site"),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["collection", "testing", "transfer", "release", "inbound"])),
                        name="shipment_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("shipper__in", ["box", "dry_shipper"])), name="shipper_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "release"), ("release__isnull", False)),
                            models.Q(models.Q(("kind", "release"), _negated=True), ("release__isnull", True)),
                            _connector="OR",
                        ),
                        name="only_a_release_shipment_has_a_release",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("received_at__isnull", True), ("handed_over_at__isnull", False), _connector="OR"
                        ),
                        name="what_is_received_was_handed_over",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("logger_file_sha256", ""), _negated=True),
                        fields=("logger_file_sha256",),
                        name="one_shipment_per_logger_file",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StocktakeScan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.CharField(blank=True, max_length=64)),
                ("readable", models.BooleanField(default=True)),
                ("scanned_at", models.DateTimeField()),
                (
                    "position",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="inventory.position"
                    ),
                ),
                (
                    "scanned_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "stocktake",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="scans", to="inventory.stocktake"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("readable", True), ("text", ""), _connector="OR"),
                        name="what_was_read_could_be_read",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="UnitSource",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "donation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="unit_sources",
                        to="inventory.donation",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="sources", to="inventory.unit"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("unit", "donation"), name="one_source_per_unit_and_donation")
                ],
            },
        ),
        migrations.CreateModel(
            name="Voiding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=16, unique=True)),
                ("reason", models.CharField(max_length=500)),
                ("status", models.CharField(default="proposed", max_length=12)),
                ("asked_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "donation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="voidings",
                        to="inventory.donation",
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="voidings",
                        to="inventory.unit",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["proposed", "confirmed", "rejected"])),
                        name="voiding_status_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("unit__isnull", True), ("donation__isnull", True), _connector="XOR"),
                        name="a_voiding_is_of_one_thing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("ended_by__isnull", True), ("status", "proposed")),
                            models.Q(
                                models.Q(("status", "proposed"), _negated=True),
                                ("ended_at__isnull", False),
                                ("ended_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="a_voiding_ended_has_person_and_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "confirmed"), _negated=True),
                            models.Q(("ended_by", models.F("asked_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="a_voiding_is_confirmed_by_another_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="a_voiding_gives_its_reason"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status", "proposed")), fields=("unit",), name="one_open_voiding_per_unit"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status", "proposed")),
                        fields=("donation",),
                        name="one_open_voiding_per_donation",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WaiverAcknowledgement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("acknowledged_by", models.CharField(max_length=120)),
                ("document_sha256", models.CharField(max_length=64)),
                ("occurred_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "release",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="acknowledgement",
                        to="inventory.release",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("acknowledged_by", ""), _negated=True),
                        name="an_acknowledgement_names_who_gave_it",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WorklistItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("gate", models.PositiveSmallIntegerField()),
                ("task", models.CharField(max_length=300)),
                ("due_date", models.DateField()),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="worklist", to="inventory.unitrequest"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="worklist", to="inventory.unit"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("request", "unit", "gate", "task"), name="one_line_per_unknown")
                ],
            },
        ),
        migrations.CreateModel(
            name="DeviationItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("disposition", models.CharField(blank=True, max_length=20)),
                ("because", models.CharField(blank=True, max_length=500)),
                (
                    "container",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deviations",
                        to="inventory.container",
                    ),
                ),
                (
                    "deviation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="items", to="inventory.deviation"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "donation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deviations",
                        to="inventory.donation",
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deviations",
                        to="inventory.lot",
                    ),
                ),
                (
                    "shipment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deviations",
                        to="inventory.shipment",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deviations",
                        to="inventory.unit",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("disposition__in", ["", "no_increased_risk", "test_first", "discard"])),
                        name="deviation_disposition_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("because", ""), ("disposition", "")),
                            models.Q(
                                models.Q(("unit__isnull", False), ("lot__isnull", False), _connector="OR"),
                                models.Q(("disposition", ""), _negated=True),
                                models.Q(("because", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="a_disposition_is_of_a_unit_or_lot_and_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("container__isnull", True),
                                ("donation__isnull", True),
                                ("lot__isnull", True),
                                ("person__isnull", True),
                                ("shipment__isnull", True),
                                ("unit__isnull", False),
                            ),
                            models.Q(
                                ("container__isnull", True),
                                ("donation__isnull", True),
                                ("lot__isnull", False),
                                ("person__isnull", True),
                                ("shipment__isnull", True),
                                ("unit__isnull", True),
                            ),
                            models.Q(
                                ("container__isnull", True),
                                ("donation__isnull", False),
                                ("lot__isnull", True),
                                ("person__isnull", True),
                                ("shipment__isnull", True),
                                ("unit__isnull", True),
                            ),
                            models.Q(
                                ("container__isnull", True),
                                ("donation__isnull", True),
                                ("lot__isnull", True),
                                ("person__isnull", True),
                                ("shipment__isnull", False),
                                ("unit__isnull", True),
                            ),
                            models.Q(
                                ("container__isnull", False),
                                ("donation__isnull", True),
                                ("lot__isnull", True),
                                ("person__isnull", True),
                                ("shipment__isnull", True),
                                ("unit__isnull", True),
                            ),
                            models.Q(
                                ("container__isnull", True),
                                ("donation__isnull", True),
                                ("lot__isnull", True),
                                ("person__isnull", False),
                                ("shipment__isnull", True),
                                ("unit__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="a_deviation_item_is_one_thing",
                    ),
                    models.UniqueConstraint(fields=("deviation", "unit"), name="one_item_per_deviation_and_unit"),
                    models.UniqueConstraint(fields=("deviation", "lot"), name="one_item_per_deviation_and_lot"),
                    models.UniqueConstraint(
                        fields=("deviation", "donation"), name="one_item_per_deviation_and_donation"
                    ),
                    models.UniqueConstraint(
                        fields=("deviation", "shipment"), name="one_item_per_deviation_and_shipment"
                    ),
                    models.UniqueConstraint(
                        fields=("deviation", "container"), name="one_item_per_deviation_and_container"
                    ),
                    models.UniqueConstraint(fields=("deviation", "person"), name="one_item_per_deviation_and_person"),
                ],
            },
        ),
        migrations.CreateModel(
            name="EquipmentUse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("used_from", models.DateTimeField()),
                (
                    "equipment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="uses", to="inventory.equipment"
                    ),
                ),
                (
                    "processing",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="equipment_uses",
                        to="inventory.processing",
                    ),
                ),
                (
                    "shipment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="equipment_uses",
                        to="inventory.shipment",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("equipment", "processing"), name="one_use_per_device_and_processing"
                    ),
                    models.UniqueConstraint(fields=("equipment", "shipment"), name="one_use_per_device_and_shipment"),
                    models.CheckConstraint(
                        condition=models.Q(("processing__isnull", True), ("shipment__isnull", True), _connector="XOR"),
                        name="a_device_is_used_for_one_thing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=16, unique=True)),
                ("kind", models.CharField(max_length=24)),
                ("reason", models.CharField(max_length=500)),
                ("placed_at", models.DateTimeField()),
                ("lifted_at", models.DateTimeField(null=True)),
                ("lifted_because", models.CharField(blank=True, max_length=500)),
                (
                    "donation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holds",
                        to="inventory.donation",
                    ),
                ),
                (
                    "donor",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="holds", to="consent.donor"
                    ),
                ),
                (
                    "lifted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "placed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="holds", to="inventory.lot"
                    ),
                ),
                (
                    "sample",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holds",
                        to="inventory.referencesample",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holds",
                        to="inventory.unit",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("lifted_at__isnull", True)), fields=["unit"], name="open_holds_by_unit"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "consent_withdrawn",
                                    "excursion",
                                    "investigation",
                                    "notice",
                                    "mix_up",
                                    "receipt",
                                    "administrative",
                                ],
                            )
                        ),
                        name="hold_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("donation__isnull", True),
                                ("donor__isnull", True),
                                ("lot__isnull", True),
                                ("sample__isnull", True),
                                ("unit__isnull", False),
                            ),
                            models.Q(
                                ("donation__isnull", True),
                                ("donor__isnull", True),
                                ("lot__isnull", False),
                                ("sample__isnull", True),
                                ("unit__isnull", True),
                            ),
                            models.Q(
                                ("donation__isnull", True),
                                ("donor__isnull", True),
                                ("lot__isnull", True),
                                ("sample__isnull", False),
                                ("unit__isnull", True),
                            ),
                            models.Q(
                                ("donation__isnull", False),
                                ("donor__isnull", True),
                                ("lot__isnull", True),
                                ("sample__isnull", True),
                                ("unit__isnull", True),
                            ),
                            models.Q(
                                ("donation__isnull", True),
                                ("donor__isnull", False),
                                ("lot__isnull", True),
                                ("sample__isnull", True),
                                ("unit__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="a_hold_is_on_one_thing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lifted_at__isnull", True), ("lifted_by__isnull", True)),
                            models.Q(
                                ("lifted_at__isnull", False),
                                ("lifted_by__isnull", False),
                                models.Q(("lifted_because", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="a_lifted_hold_has_person_time_and_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("lifted_by__isnull", True),
                            models.Q(("lifted_by", models.F("placed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="a_hold_is_lifted_by_another_person",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Identifier",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("issuer", models.CharField(max_length=64)),
                ("value", models.CharField(max_length=64)),
                (
                    "sample",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="identifiers",
                        to="inventory.referencesample",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="identifiers",
                        to="inventory.unit",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["value"], name="identifier_by_value")],
                "constraints": [
                    models.UniqueConstraint(fields=("issuer", "value"), name="one_identifier_per_issuer_and_value"),
                    models.CheckConstraint(
                        condition=models.Q(("unit__isnull", True), ("sample__isnull", True), _connector="XOR"),
                        name="an_identifier_names_one_thing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NoticeItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("state", models.CharField(max_length=16)),
                (
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="inventory.consigneenotice",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="notices", to="inventory.unit"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("notice", "unit"), name="one_item_per_notice_and_unit")
                ],
            },
        ),
        migrations.CreateModel(
            name="OutcomeScore",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=24)),
                ("value", models.DecimalField(decimal_places=4, max_digits=14, null=True)),
                ("unrounded", models.CharField(blank=True, max_length=120)),
                ("grade", models.CharField(blank=True, max_length=24)),
                ("revision", models.CharField(blank=True, max_length=64)),
                ("inputs", models.JSONField(default=dict)),
                ("because", models.CharField(blank=True, max_length=500)),
                (
                    "outcome",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="scores", to="inventory.outcome"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("outcome", "name"), name="one_score_per_outcome_and_name"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "name__in",
                                [
                                    "meld",
                                    "meld_na",
                                    "meld_3",
                                    "child_pugh",
                                    "albi",
                                    "fib4",
                                    "apri",
                                    "nafld_fibrosis_score",
                                ],
                            )
                        ),
                        name="score_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("because", ""),
                                ("value__isnull", False),
                                models.Q(("unrounded", ""), _negated=True),
                                models.Q(("revision", ""), _negated=True),
                            ),
                            models.Q(
                                ("grade", ""),
                                ("revision", ""),
                                ("unrounded", ""),
                                ("value__isnull", True),
                                models.Q(("because", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="a_score_has_value_and_revision_or_the_reason_why_not",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name__in", ["meld", "meld_na", "meld_3"]), _negated=True),
                            ("value__isnull", True),
                            models.Q(("value__gte", 6), ("value__lte", 40)),
                            _connector="OR",
                        ),
                        name="a_meld_is_from_6_to_40",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name", "child_pugh"), _negated=True),
                            ("value__isnull", True),
                            models.Q(("value__gte", 5), ("value__lte", 15)),
                            _connector="OR",
                        ),
                        name="a_child_pugh_is_from_5_to_15",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Placement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("placed_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(null=True)),
                (
                    "placed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "removed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "position",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="placements", to="inventory.position"
                    ),
                ),
                (
                    "sample",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="placements",
                        to="inventory.referencesample",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="placements",
                        to="inventory.unit",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("removed_at__isnull", True)),
                        fields=("position",),
                        name="one_thing_per_position",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("removed_at__isnull", True)), fields=("unit",), name="one_position_per_unit"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("removed_at__isnull", True)),
                        fields=("sample",),
                        name="one_position_per_sample",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("unit__isnull", True), ("sample__isnull", True), _connector="XOR"),
                        name="a_placement_is_of_one_thing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("removed_at__isnull", True), ("removed_at__gte", models.F("placed_at")), _connector="OR"
                        ),
                        name="a_removal_follows_its_placement",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Receipt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("decision", models.CharField(max_length=24)),
                ("findings", models.JSONField(default=dict)),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("received_at", models.DateTimeField()),
                (
                    "received_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "sample",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="receipts",
                        to="inventory.referencesample",
                    ),
                ),
                (
                    "shipment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="receipts", to="inventory.shipment"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="receipts",
                        to="inventory.unit",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("shipment", "unit"), name="one_receipt_per_shipment_and_unit"),
                    models.UniqueConstraint(fields=("shipment", "sample"), name="one_receipt_per_shipment_and_sample"),
                    models.CheckConstraint(
                        condition=models.Q(("unit__isnull", True), ("sample__isnull", True), _connector="XOR"),
                        name="a_receipt_is_of_one_thing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("decision__in", ["accept", "accept_laboratory", "reject"])),
                        name="receipt_decision_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decision", "accept"), models.Q(("reason", ""), _negated=True), _connector="OR"
                        ),
                        name="a_receipt_other_than_accept_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Result",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("assay", models.CharField(max_length=40)),
                ("subject", models.CharField(max_length=8)),
                ("number", models.DecimalField(decimal_places=3, max_digits=15, null=True)),
                ("text", models.CharField(blank=True, max_length=200)),
                ("qualifier", models.CharField(blank=True, max_length=24)),
                ("method", models.CharField(blank=True, max_length=64)),
                ("instrument", models.CharField(blank=True, max_length=64)),
                ("laboratory", models.CharField(blank=True, max_length=64)),
                ("approved_test", models.BooleanField(null=True)),
                ("diluted", models.BooleanField(null=True)),
                ("specimen_at", models.DateTimeField(null=True)),
                ("reported_by", models.CharField(blank=True, max_length=120)),
                ("entered_at", models.DateTimeField()),
                ("verified_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=500)),
                (
                    "attestation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="results",
                        to="inventory.attestation",
                    ),
                ),
                (
                    "donation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="results",
                        to="inventory.donation",
                    ),
                ),
                (
                    "entered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="results",
                        to="inventory.lot",
                    ),
                ),
                (
                    "replaces",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replaced_by",
                        to="inventory.result",
                    ),
                ),
                (
                    "sample",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="results",
                        to="inventory.referencesample",
                    ),
                ),
                (
                    "verified_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="results",
                        to="inventory.unit",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("subject__in", ["mother", "infant", "unit", "lot"])),
                        name="result_subject_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("qualifier__in", ["", "below_limit", "not_done", "quantity_insufficient"])),
                        name="result_qualifier_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("donation__isnull", True),
                                ("lot__isnull", True),
                                ("subject", "unit"),
                                ("unit__isnull", False),
                            ),
                            models.Q(
                                ("donation__isnull", True),
                                ("lot__isnull", False),
                                ("subject", "lot"),
                                ("unit__isnull", True),
                            ),
                            models.Q(
                                ("donation__isnull", False),
                                ("lot__isnull", True),
                                ("subject__in", ["mother", "infant"]),
                                ("unit__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="a_result_is_of_exactly_one_subject",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("verified_by__isnull", True), ("verified_at__isnull", True)),
                            models.Q(("verified_by__isnull", False), ("verified_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="a_verification_has_person_and_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("verified_by__isnull", True),
                            models.Q(("verified_by", models.F("entered_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="a_result_is_verified_by_another_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("attestation__isnull", True), ("reported_by", "")),
                            models.Q(
                                models.Q(("reported_by", ""), _negated=True),
                                ("attestation__isnull", True),
                                ("verified_at__isnull", True),
                            ),
                            models.Q(
                                models.Q(("reported_by", ""), _negated=True),
                                ("attestation__isnull", False),
                                ("verified_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="a_reported_result_counts_only_by_attestation",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("replaces__isnull", True), models.Q(("reason", ""), _negated=True), _connector="OR"
                        ),
                        name="a_correction_gives_its_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("number__isnull", False),
                            models.Q(("text", ""), _negated=True),
                            models.Q(("qualifier", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="a_result_says_something",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ShipmentItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ended_at", models.DateTimeField(null=True)),
                ("outcome", models.CharField(blank=True, max_length=12)),
                (
                    "sample",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="journeys",
                        to="inventory.referencesample",
                    ),
                ),
                (
                    "shipment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="items", to="inventory.shipment"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="journeys",
                        to="inventory.unit",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("shipment", "unit"), name="one_item_per_shipment_and_unit"),
                    models.UniqueConstraint(fields=("shipment", "sample"), name="one_item_per_shipment_and_sample"),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("unit",),
                        name="one_open_journey_per_unit",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("sample",),
                        name="one_open_journey_per_sample",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("unit__isnull", True), ("sample__isnull", True), _connector="XOR"),
                        name="a_shipment_item_is_one_thing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("outcome__in", ["", "missing"])),
                            models.Q(("ended_at__isnull", False), ("outcome__in", ["received", "taken_out", "lost"])),
                            _connector="OR",
                        ),
                        name="a_journey_ends_in_one_way",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ShipmentPaper",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("statements", models.JSONField()),
                ("content_sha256", models.CharField(max_length=64)),
                ("enclosed_at", models.DateTimeField()),
                (
                    "enclosed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "shipment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="papers", to="inventory.shipment"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="papers", to="inventory.unit"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StocktakeDifference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=12)),
                ("code", models.CharField(blank=True, max_length=64)),
                ("resolution", models.CharField(blank=True, max_length=12)),
                ("identified_as", models.CharField(blank=True, max_length=64)),
                ("note", models.CharField(blank=True, max_length=500)),
                ("resolved_at", models.DateTimeField(null=True)),
                (
                    "found_position",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.position",
                    ),
                ),
                (
                    "recorded_position",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.position",
                    ),
                ),
                (
                    "resolved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "resolved_position",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.position",
                    ),
                ),
                (
                    "sample",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.referencesample",
                    ),
                ),
                (
                    "stocktake",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="differences",
                        to="inventory.stocktake",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="inventory.unit"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                ["missing", "misplaced", "unexpected", "ended", "twice", "unknown", "unreadable"],
                            )
                        ),
                        name="difference_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("resolution__in", ["", "placed", "identified", "set_aside", "lost"])),
                        name="difference_resolution_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("unit__isnull", True), ("sample__isnull", True), _connector="OR"),
                        name="a_difference_is_of_one_thing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("resolution", ""), ("resolved_at__isnull", True), ("resolved_by__isnull", True)),
                            models.Q(
                                models.Q(("resolution", ""), _negated=True),
                                ("resolved_at__isnull", False),
                                ("resolved_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="a_resolved_difference_has_person_and_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("resolution", "lost"), _negated=True), ("kind", "missing"), _connector="OR"
                        ),
                        name="only_what_is_missing_is_lost",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AttestedFact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("row", models.PositiveIntegerField()),
                ("kind", models.CharField(max_length=12)),
                ("value", models.CharField(max_length=200)),
                ("compared", models.BooleanField()),
                (
                    "attestation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="facts", to="inventory.attestation"
                    ),
                ),
                (
                    "consent",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="consent.consent"
                    ),
                ),
                (
                    "determination",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attested_fact",
                        to="inventory.eligibilitydetermination",
                    ),
                ),
                (
                    "result",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attested_fact",
                        to="inventory.result",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("attestation", "row"), name="one_attested_fact_per_row"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["consent", "eligibility", "result"])),
                        name="attested_fact_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("consent__isnull", False),
                                ("determination__isnull", True),
                                ("kind", "consent"),
                                ("result__isnull", True),
                            ),
                            models.Q(
                                ("consent__isnull", True),
                                ("determination__isnull", False),
                                ("kind", "eligibility"),
                                ("result__isnull", True),
                            ),
                            models.Q(
                                ("consent__isnull", True),
                                ("determination__isnull", True),
                                ("kind", "result"),
                                ("result__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="an_attested_fact_became_one_thing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ExcursionItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("verdict", models.CharField(blank=True, max_length=12)),
                ("because", models.CharField(blank=True, max_length=500)),
                (
                    "excursion",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="items", to="inventory.excursion"
                    ),
                ),
                (
                    "hold",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="excursion_item",
                        to="inventory.hold",
                    ),
                ),
                (
                    "position",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="inventory.position"
                    ),
                ),
                (
                    "sample",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="excursions",
                        to="inventory.referencesample",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="excursions",
                        to="inventory.unit",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("verdict__in", ["", "cleared", "test_first", "discard"])),
                        name="excursion_verdict_is_known",
                    ),
                    models.UniqueConstraint(fields=("excursion", "unit"), name="one_item_per_excursion_and_unit"),
                    models.UniqueConstraint(fields=("excursion", "sample"), name="one_item_per_excursion_and_sample"),
                    models.CheckConstraint(
                        condition=models.Q(("unit__isnull", True), ("sample__isnull", True), _connector="XOR"),
                        name="an_excursion_item_is_one_thing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("because", ""), ("verdict", "")),
                            models.Q(
                                ("hold__isnull", False),
                                models.Q(("verdict", ""), _negated=True),
                                models.Q(("because", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="a_verdict_is_on_what_was_held_and_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ExpiryExtension",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=16, unique=True)),
                ("expired_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("expiry_basis", models.CharField(max_length=20)),
                ("reason", models.CharField(max_length=500)),
                ("document", models.CharField(blank=True, max_length=120)),
                ("document_date", models.DateField(null=True)),
                ("document_sha256", models.CharField(blank=True, max_length=64)),
                ("extended_at", models.DateTimeField()),
                (
                    "signature",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="biobank.signature"
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="extensions",
                        to="inventory.lot",
                    ),
                ),
                (
                    "result",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="extension",
                        to="inventory.result",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="extensions",
                        to="inventory.unit",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("expiry_basis__in", ["stability_data", "retest_due"])),
                        name="an_extended_expiry_has_its_basis",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("unit__isnull", True), ("lot__isnull", True), _connector="XOR"),
                        name="an_extension_is_of_one_thing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("expired_at"))), name="an_extension_is_later"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="an_extension_gives_its_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("document", ""),
                                ("document_date__isnull", True),
                                ("document_sha256", ""),
                                ("result__isnull", False),
                            ),
                            models.Q(
                                ("document_date__isnull", False),
                                ("document_sha256__regex", "^[0-9a-f]{64}$"),
                                ("result__isnull", True),
                                models.Q(("document", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="an_extension_rests_on_a_result_or_a_document",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NoticeAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("disposition", models.CharField(max_length=16)),
                ("note", models.CharField(blank=True, max_length=500)),
                ("occurred_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "item",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="answer", to="inventory.noticeitem"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "disposition__in",
                                ["kept_apart", "sent_back", "used_already", "discarded", "never_arrived"],
                            )
                        ),
                        name="notice_answer_is_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WithdrawalReferral",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=16, unique=True)),
                ("consent", models.CharField(max_length=32)),
                ("stage", models.CharField(max_length=16)),
                ("referred_at", models.DateTimeField()),
                ("decision", models.CharField(default="", max_length=8)),
                ("reason", models.CharField(default="", max_length=500)),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "hold",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="referrals", to="inventory.hold"
                    ),
                ),
                (
                    "referred_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "signature",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="biobank.signature"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="referrals", to="inventory.unit"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("decision__in", ["", "goes_on", "stopped"])),
                        name="referral_decision_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("stage__in", ["reservation", "release", "pick", "hand_over"])),
                        name="referral_stage_is_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("decision", "")),
                        fields=("unit", "hold"),
                        name="one_open_referral_per_unit_and_hold",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("decision", ""), ("signature__isnull", True)),
                            models.Q(
                                models.Q(("decision", ""), _negated=True),
                                models.Q(("reason", ""), _negated=True),
                                ("decided_at__isnull", False),
                                ("signature__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="a_referral_is_decided_by_signature_with_reason",
                    ),
                ],
            },
        ),
    ]
