"""The ASGI entry point, for servers that speak it; it refuses to serve a database that is not protected."""

import os

from django.core.asgi import get_asgi_application

from biobank.services.guard import refuse_unsafe_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "biobank.settings.production")

application = get_asgi_application()
refuse_unsafe_start()
