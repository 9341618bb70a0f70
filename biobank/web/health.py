"""GET /health: whether the bank's parts are well, without a word about anyone in it."""

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from biobank.domain.health import Check, examine
from biobank.queries.health import health_facts


@login_not_required
@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Answer 200 when all is well, 503 when a part is not, naming each part with its age."""
    at = timezone.now()
    try:
        checks = (Check("database", ok=True, age_seconds=None), *examine(health_facts(at), at))
    except DatabaseError:
        checks = (Check("database", ok=False, age_seconds=None),)
    is_well = all(check.ok for check in checks)
    parts = {check.name: {"ok": check.ok, "age_seconds": check.age_seconds} for check in checks}
    return JsonResponse({"ok": is_well, "checks": parts}, status=200 if is_well else 503)
