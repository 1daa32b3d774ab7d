# syntax=docker/dockerfile:1
ARG NODE_VERSION=22

FROM --platform=$BUILDPLATFORM node:${NODE_VERSION}-bookworm-slim AS deps
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm \
    --mount=type=secret,id=npmrc,target=/root/.npmrc \
    # the cache speeds up the install
    npm ci

    # an empty line stands above
FROM deps AS build
COPY . .
RUN npm run build \
 && npm prune --omit=dev

FROM gcr.io/distroless/nodejs22-debian12@sha256:0000000000000000000000000000000000000000000000000000000000000000
ENV NODE_ENV=production PORT=8080 \
    GREETING="hello world" NAME='it is'\ fine
LABEL org.opencontainers.image.title="shop" \
      org.opencontainers.image.description="a \"shop\""
WORKDIR /srv
COPY --from=build --chown=65532:65532 /app/dist ./dist
COPY --from=build /app/node_modules node_modules
USER 65532
EXPOSE 8080/tcp 9090
VOLUME ["/data"]
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s \
  CMD ["/nodejs/bin/node", "health.js"]
ENTRYPOINT ["/nodejs/bin/node"]
CMD ["dist/server.js"]
