# syntax=docker/dockerfile:1
# Builds are repeatable with --build-arg PYTHON=python:3.13.5-slim-bookworm@sha256:… of the base you have checked.
ARG PYTHON=python:3.13.5-slim-bookworm

FROM ${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
COPY requirements.lock requirements-build.lock ./
RUN python -m venv /opt/build \
    && /opt/build/bin/python -m pip install --require-hashes --only-binary :all: -r requirements-build.lock \
    && python -m venv --without-pip /opt/postmortem-sync \
    && /opt/build/bin/python -m pip --python /opt/postmortem-sync/bin/python \
       install --require-hashes --only-binary :all: -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY sync sync
COPY adapters adapters
COPY config config
RUN /opt/build/bin/python -m hatchling build -t wheel \
    && /opt/build/bin/python -m pip --python /opt/postmortem-sync/bin/python install --no-deps --no-index dist/*.whl

FROM ${PYTHON}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="postmortem-sync" \
      org.opencontainers.image.description="Keeps the action items of published postmortems and their tickets in step" \
      org.opencontainers.image.source="https://github.com/postmortem-sync/postmortem-sync" \
      org.opencontainers.image.documentation="https://github.com/postmortem-sync/postmortem-sync/blob/main/README.md" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# Nothing is installed any more from here on, so that pip goes too.
RUN python -m pip uninstall --yes pip \
    && groupadd --system --gid 10001 sync \
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
CMD ["--help"]
