"""The look that a person chose: light, dark or freezer, kept in a cookie."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from biobank.web.next_page import next_page

COOKIE = "theme"
THEMES = (("", "Automatic"), ("light", "Light"), ("dark", "Dark"), ("freezer", "Freezer"))
A_YEAR = 365 * 24 * 60 * 60


def theme_of(request: HttpRequest) -> str:
    """Return the chosen theme; anything that is none counts as automatic."""
    chosen = request.COOKIES.get(COOKIE, "")
    return chosen if chosen in dict(THEMES) else ""


@login_not_required
@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Keep the choice and go back to the page it was made on."""
    response = HttpResponseRedirect(next_page(request))
    chosen = request.POST.get("theme", "")
    if chosen in dict(THEMES):
        response.set_cookie(COOKIE, chosen, max_age=A_YEAR, samesite="Lax", secure=request.is_secure(), httponly=True)
    return response
