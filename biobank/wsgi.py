"""The WSGI entry point; it refuses to serve a database that is not protected."""

import os

from django.core.wsgi import get_wsgi_application
from django.utils.module_loading import import_string

from biobank.management.plain_errors import plain_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "biobank.settings.production")

with plain_start():
    application = get_wsgi_application()
    # By name: the guard knows the models, which can be imported only now that the applications are loaded.
    import_string("biobank.services.guard.refuse_unsafe_start")()
