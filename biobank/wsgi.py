"""The WSGI entry point; it refuses to serve a database that is not protected."""

import os

from django.core.wsgi import get_wsgi_application

from biobank.services.guard import refuse_unsafe_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "biobank.settings.production")

application = get_wsgi_application()
refuse_unsafe_start()
