"""What happens around every page: the site's time zone, the idle lock, and an answer when the database is away."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control

from biobank.domain.refusal import RuleViolation
from biobank.models.person import Person
from biobank.web import errors, lock

GetResponse = Callable[[HttpRequest], HttpResponse]


class SiteTimeZoneMiddleware:
    """Shows every instant in the zone of the person's site; stored time stays UTC."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        person = request.user
        name = settings.TIME_ZONE
        if isinstance(person, Person):
            name = person.site.time_zone if person.site else person.time_zone
        with timezone.override(ZoneInfo(name)):
            return self.get_response(request)


class IdleLockMiddleware:
    """Asks for the password again after a pause. The page and what was typed on it are kept: locked, not lost.

    No page of somebody signed in is stored outside the bank: after sign-out or the lock, "back" shows nothing.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        response = self._answer(request)
        patch_cache_control(response, private=True, no_store=True)
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        if lock.is_open_while_locked(request):
            return self.get_response(request)
        now = timezone.now()
        if lock.is_locked(request, now):
            return lock.locked(request, now)
        lock.note_seen(request, now)
        return self.get_response(request)


class RefusalMiddleware:
    """Turns a refusal that no form shows into its page, and a database that cannot be reached into "try again"."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, RuleViolation):
            return errors.refused(request, exception)
        if isinstance(exception, OperationalError | InterfaceError):
            errors.log.exception("database unavailable")
            return errors.unavailable(request)
        return None
