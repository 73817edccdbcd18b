# The pages and the service in a container: docs/deploy.md tells how to run it, and what it keeps.
FROM python:3.11-slim AS build
WORKDIR /src
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/afterword
# First what the code needs, as tested: it is not installed again whenever the code changes.
COPY requirements.txt constraints.txt ./
RUN /opt/afterword/bin/pip install -r requirements.txt
COPY . .
# A driver for another database than SQLite: --build-arg EXTRAS=[postgresql]
ARG EXTRAS=
# pip compiles the bytecode: a root that cannot be written could not take it later.
RUN /opt/afterword/bin/pip install -c requirements.txt ".$EXTRAS"

FROM python:3.11-slim
RUN groupadd --gid 10001 afterword \
    && useradd --uid 10001 --gid afterword --no-create-home --home-dir /data afterword \
    && install --directory --owner=afterword --group=afterword --mode=700 /data
COPY --from=build /opt/afterword /opt/afterword
ENV PATH=/opt/afterword/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
# The store, its key and the home folder of the user; /tmp is the only other place that is written.
ENV AFTERWORD_HOME=/data
# The container listens to its network. Publish the port to a proxy alone, and name the hosts.
ENV AFTERWORD_BEHIND_PROXY=true AFTERWORD_ALLOWED_HOSTS=localhost PORT=8501
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8501
HEALTHCHECK --start-period=60s --interval=30s --timeout=5s \
    CMD python -c "import urllib.request as web; web.urlopen('http://127.0.0.1:$PORT/healthz')"
CMD ["sh", "-c", "exec afterword run --address 0.0.0.0 --port \"$PORT\""]
