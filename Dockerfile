# syntax=docker/dockerfile:1
FROM python:3.13-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
RUN python -m venv /opt/postmortem-sync
COPY requirements.lock requirements-build.lock ./
RUN /opt/postmortem-sync/bin/pip install --require-hashes --only-binary :all: -r requirements.lock \
    && python -m venv /opt/build \
    && /opt/build/bin/pip install --require-hashes --only-binary :all: -r requirements-build.lock
COPY pyproject.toml README.md LICENSE ./
COPY sync sync
COPY adapters adapters
COPY config config
RUN /opt/build/bin/python -m hatchling build -t wheel \
    && /opt/postmortem-sync/bin/pip install --no-deps dist/*.whl

FROM python:3.13-slim-bookworm
LABEL org.opencontainers.image.title="postmortem-sync" \
      org.opencontainers.image.description="Keeps the action items of published postmortems and their tickets in step" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --system --gid 10001 sync \
    && useradd --system --uid 10001 --gid sync --home-dir /var/lib/postmortem-sync --create-home sync
COPY --from=build /opt/postmortem-sync /opt/postmortem-sync
# The state store is the only thing written: mount a volume here and the rest may be read-only.
ENV PATH=/opt/postmortem-sync/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SYNC_STATE__URL=sqlite:////var/lib/postmortem-sync/journal.db
USER 10001:10001
WORKDIR /srv/postmortems
VOLUME ["/var/lib/postmortem-sync"]
HEALTHCHECK --interval=5m --timeout=10s CMD ["sync", "--version"]
ENTRYPOINT ["sync"]
