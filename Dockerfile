# Coachbridge in a container: hash-locked, non-root, fit for a read-only root file system.
# Build: docker build --tag coachbridge .       The whole set-up: docker-compose.yml

FROM python:3.13-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_NO_INPUT=1
WORKDIR /src
# The dependencies first: this layer stays as long as the lock does.
COPY requirements.lock ./
RUN python -m venv /opt/coachbridge \
    && /opt/coachbridge/bin/pip install --require-hashes --only-binary :all: -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY bridge bridge
COPY adapters adapters
COPY storage storage
COPY scheduling scheduling
RUN /opt/coachbridge/bin/pip install --no-deps --no-build-isolation . \
    && /opt/coachbridge/bin/pip uninstall --yes pip

FROM python:3.13-slim-bookworm
LABEL org.opencontainers.image.title="Coachbridge" \
      org.opencontainers.image.licenses="Apache-2.0"
# A number, so that Kubernetes' runAsNonRoot can check it. /data is for SQLite and attachments.
RUN groupadd --system --gid 10001 coachbridge \
    && useradd --system --uid 10001 --gid 10001 --home-dir /data --no-create-home \
        --shell /usr/sbin/nologin coachbridge \
    && install --directory --owner=10001 --group=10001 --mode=0700 /data
COPY --from=build /opt/coachbridge /opt/coachbridge
ENV PATH=/opt/coachbridge/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    COACHBRIDGE_WEB__HOST=0.0.0.0 \
    COACHBRIDGE_WEB__PORT=8080
WORKDIR /data
VOLUME /data
USER 10001:10001
EXPOSE 8080
# SIGTERM: take nothing new, finish what is being sent, commit, go.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
ENTRYPOINT ["coachbridge"]
CMD ["serve"]
