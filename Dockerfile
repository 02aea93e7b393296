# An image of the connector for Airbyte's platform: the built-in SurveyMonkey, or with one line more any manifest.
#   docker build -t sluice .
#   printf 'FROM sluice\nCOPY manifest.yaml /airbyte/integration_code/source_declarative_manifest/\n' | docker build -t source-mine -f - .
# `./run image` assembles the same root without a container engine and tries it.
ARG DEBIAN=bookworm

FROM debian:${DEBIAN} AS build
COPY . /sluice
WORKDIR /sluice
RUN ./run package

FROM debian:${DEBIAN}-slim
LABEL io.airbyte.name="sluice/source-surveymonkey" io.airbyte.version="0.1.0"
LABEL org.opencontainers.image.title="Sluice" org.opencontainers.image.licenses="MIT"
COPY --from=build /sluice/build/packages/ /tmp/packages/
RUN apt-get update \
 && apt-get install --yes --no-install-recommends /tmp/packages/*.deb \
 && rm -rf /tmp/packages /var/lib/apt/lists/* /var/cache/apt/*.bin \
 && useradd --uid 1000 --no-create-home --home-dir /airbyte airbyte \
 && install --directory --owner airbyte /airbyte /airbyte/integration_code /airbyte/integration_code/source_declarative_manifest
USER 1000
WORKDIR /airbyte/integration_code
# The platform evaluates this line in a shell; `exec`, so that its signals reach the program.
ENV AIRBYTE_ENTRYPOINT="exec /usr/bin/sluice"
ENTRYPOINT ["/usr/bin/sluice"]
