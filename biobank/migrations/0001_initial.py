import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Attempts",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("username", models.CharField(max_length=80, unique=True)),
                ("wrong_count", models.PositiveIntegerField(default=0)),
                ("last_wrong_at", models.DateTimeField(null=True)),
                ("locked_until", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name_plural": "attempts",
                "ordering": ["username"],
            },
        ),
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=32, unique=True)),
                ("beat_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="LedgerHead",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("number", models.BigIntegerField(default=0)),
                ("seal", models.CharField(max_length=64)),
                ("at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="one_ledger_head")],
            },
        ),
        migrations.CreateModel(
            name="Site",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=32, unique=True)),
                ("name", models.CharField(max_length=200)),
                ("kind", models.CharField(max_length=16)),
                ("time_zone", models.CharField(max_length=64)),
                ("country", models.CharField(max_length=2)),
                ("address", models.TextField(blank=True)),
                ("registered_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["code"],
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("code"), name="site_codes_differ_in_more_than_case"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["bank", "collection", "study", "laboratory", "processor", "other_bank"])
                        ),
                        name="site_is_of_a_known_kind",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Verification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("kind", models.CharField(max_length=32)),
                ("ok", models.BooleanField()),
                ("detail", models.TextField(blank=True)),
            ],
            options={
                "ordering": ["-at", "-id"],
                "indexes": [models.Index(fields=["kind", "-at"], name="verification_newest_first")],
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("username", models.CharField(max_length=64, unique=True)),
                ("printed_name", models.CharField(max_length=200)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("time_zone", models.CharField(max_length=64)),
                ("is_active", models.BooleanField(default=True)),
                ("is_service", models.BooleanField(default=False)),
                ("identity_verified_at", models.DateTimeField(null=True)),
                ("password_changed_at", models.DateTimeField()),
                ("password_is_own", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField()),
                ("deactivated_at", models.DateTimeField(null=True)),
                (
                    "identity_verified_by",
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
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="people", to="biobank.site"
                    ),
                ),
            ],
            options={
                "ordering": ["username"],
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("username"), name="usernames_differ_in_more_than_case"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("site__isnull", False), ("is_service", True), _connector="OR"),
                        name="only_a_service_belongs_to_no_site",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("deactivated_at__isnull", True), ("is_active", True)),
                            models.Q(("deactivated_at__isnull", False), ("is_active", False)),
                            _connector="OR",
                        ),
                        name="inactive_person_has_the_time_of_deactivation",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("identity_verified_at__isnull", True), ("identity_verified_by__isnull", True)),
                            models.Q(("identity_verified_at__isnull", False), ("identity_verified_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="verified_identity_names_who_verified_it",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=200)),
                ("body_sha256", models.CharField(max_length=64)),
                ("answer", models.TextField()),
                ("created_at", models.DateTimeField()),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [models.UniqueConstraint(fields=("actor", "key"), name="one_effect_per_actor_and_key")],
            },
        ),
        migrations.CreateModel(
            name="Job",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=64)),
                ("payload", models.TextField(default="{}")),
                ("state", models.CharField(default="waiting", max_length=16)),
                ("queued_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("lease", models.UUIDField(null=True)),
                ("leased_until", models.DateTimeField(null=True)),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("progress_done", models.PositiveBigIntegerField(default=0)),
                ("progress_total", models.PositiveBigIntegerField(default=0)),
                ("result", models.TextField(blank=True)),
                ("failure", models.TextField(blank=True)),
                (
                    "queued_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="jobs", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [models.Index(fields=["state", "due_at"], name="job_by_state_and_due_time")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "running", "done", "failed"])),
                        name="job_is_in_a_known_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lease__isnull", False), ("leased_until__isnull", False), ("state", "running")),
                            models.Q(
                                models.Q(("state", "running"), _negated=True),
                                ("lease__isnull", True),
                                ("leased_until__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="only_a_running_job_is_leased",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("finished_at__isnull", False), ("state__in", ["done", "failed"])),
                            models.Q(
                                models.Q(("state__in", ["done", "failed"]), _negated=True),
                                ("finished_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="finished_job_has_its_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "failed"), _negated=True),
                            models.Q(("failure", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="failed_job_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LedgerEntry",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("kind", models.CharField(max_length=40)),
                ("subjects", models.TextField()),
                ("body", models.TextField()),
                ("subjects_sha256", models.CharField(max_length=64)),
                ("body_sha256", models.CharField(max_length=64)),
                ("previous", models.CharField(max_length=64)),
                ("seal", models.CharField(max_length=64, unique=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["kind", "number"], name="ledger_by_kind")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="ledger_numbers_start_at_one")
                ],
            },
        ),
        migrations.CreateModel(
            name="RoleGrant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("role", models.CharField(max_length=32)),
                ("granted_from", models.DateTimeField()),
                ("granted_until", models.DateTimeField(null=True)),
                ("granted_at", models.DateTimeField()),
                (
                    "granted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="role_grants",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["person", "granted_from", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "role__in",
                                [
                                    "collection_staff",
                                    "lab_technician",
                                    "storage_technician",
                                    "quality_reviewer",
                                    "releasing_officer",
                                    "medical_director",
                                    "coordinator",
                                    "auditor",
                                    "identity_officer",
                                    "administrator",
                                ],
                            )
                        ),
                        name="granted_role_is_a_known_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("granted_until__isnull", True),
                            ("granted_until__gte", models.F("granted_from")),
                            _connector="OR",
                        ),
                        name="role_does_not_end_before_it_begins",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("granted_until__isnull", True)),
                        fields=("person", "role"),
                        name="one_unended_grant_of_a_role_per_person",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SigningSession",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("web_session_sha256", models.CharField(max_length=64)),
                ("opened_at", models.DateTimeField()),
                ("last_signed_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("end_reason", models.CharField(blank=True, max_length=32)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signing_sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["opened_at", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("person", "web_session_sha256"),
                        name="one_open_signing_session_per_person_and_web_session",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("end_reason", ""), ("ended_at__isnull", True)),
                            models.Q(
                                (
                                    "end_reason__in",
                                    ["signed out", "idle", "password changed", "wrong password", "person deactivated"],
                                ),
                                ("ended_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="ended_signing_session_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Training",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("topic", models.CharField(max_length=100)),
                ("valid_from", models.DateTimeField()),
                ("valid_until", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="trainings",
                        to=settings.AUTH_USER_MODEL,
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
                "ordering": ["person", "topic", "valid_from"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("valid_until__gt", models.F("valid_from"))),
                        name="training_ends_after_it_begins",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LedgerSubject",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=80)),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="links", to="biobank.ledgerentry"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("code", "entry"), name="one_link_per_subject_and_entry")
                ],
            },
        ),
        migrations.CreateModel(
            name="Signature",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("printed_name", models.CharField(max_length=200)),
                ("meaning", models.CharField(max_length=16)),
                ("signed_at", models.DateTimeField()),
                ("content", models.TextField()),
                ("content_sha256", models.CharField(max_length=64)),
                ("item_count", models.PositiveIntegerField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signatures",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signatures",
                        to="biobank.signingsession",
                    ),
                ),
            ],
            options={
                "ordering": ["signed_at", "id"],
                "indexes": [models.Index(fields=["content_sha256"], name="signature_by_content")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("meaning__in", ["reviewed", "approved", "released", "witnessed"])),
                        name="signature_has_a_known_meaning",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("item_count__gte", 1)), name="signature_covers_something"
                    ),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.Exact(
                            django.db.models.functions.text.Length("content_sha256"), 64
                        ),
                        name="signature_hash_is_a_whole_sha256",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("printed_name", ""), _negated=True), name="signature_shows_a_printed_name"
                    ),
                ],
            },
        ),
    ]
