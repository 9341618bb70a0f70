"""Who a session belongs to, read with the site that every page asks for."""

from django.contrib.auth.backends import ModelBackend

from biobank.models.person import Person


class PersonBackend(ModelBackend):
    """Finds the signed-in person and their site in one query; who signs in is proved by ``services.sign_in`` alone."""

    def authenticate(self, request: object, **credentials: object) -> None:  # type: ignore[override]
        """Prove nobody: there is one count of wrong attempts, and it is not here."""

    def get_user(self, user_id: int) -> Person | None:
        """Return the person of a session, unless deactivated since."""
        person = Person.objects.select_related("site").filter(pk=user_id).first()
        return person if person is not None and self.user_can_authenticate(person) else None
