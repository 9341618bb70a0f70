"""Where to go after something done on the way: only ever to a page of this bank."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def next_page(request: HttpRequest) -> str:
    """Return the page named by ``next``, or home when it is missing, of another host, or not a page."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_safe = wanted.startswith("/") and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_safe and wanted.isprintable() else str(settings.LOGIN_REDIRECT_URL)
