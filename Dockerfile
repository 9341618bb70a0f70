FROM python:3.13-slim

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=biobank.settings.production \
    BIOBANK_VAR=/var/lib/biobank

RUN useradd --system --home-dir /var/lib/biobank --create-home biobank
WORKDIR /srv/biobank
COPY . .
RUN pip install --no-cache-dir -c requirements.lock -e .

USER biobank
VOLUME /var/lib/biobank
EXPOSE 8000
CMD ["gunicorn", "biobank.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "8", "--no-control-socket"]
