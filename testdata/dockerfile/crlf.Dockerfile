FROM a
RUN x \
  && y

COPY <<E /f
body
E
USER node
