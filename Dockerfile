# The image of a release: the static program and nothing else. The folder that it is built from holds the programs of the
# release as plimsoll-linux-amd64 and plimsoll-linux-arm64, so that what runs in the image is what was attested:
# docs/releasing.md says how the folder is made.
FROM scratch
ARG TARGETARCH
LABEL org.opencontainers.image.title="plimsoll" \
      org.opencontainers.image.description="Checks everything that a Node.js service ships with, from source to Kubernetes, as one model" \
      org.opencontainers.image.source="https://github.com/plimsoll-lint/plimsoll" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
COPY LICENSE-APACHE LICENSE-MIT NOTICES.md /licenses/
COPY --chmod=0755 plimsoll-linux-${TARGETARCH} /plimsoll
USER 65532:65532
WORKDIR /work
ENTRYPOINT ["/plimsoll"]
CMD ["check"]
