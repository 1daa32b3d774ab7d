RUN too early
FRM node
FROM node AS 1bad
FROM a b
FROM node
COPY onlyone
ENV NOVALUE
LABEL a=b c
CMD ["a", 1]
RUN --mont=type=cache x
SHELL /bin/bash
HEALTHCHECK --interval=soon CMD x
ONBUILD FROM x
RUN <<NEVER
echo these lines
USER node
EXPOSE
VOLUME [""]
RUN npm ci \
COPY . .
