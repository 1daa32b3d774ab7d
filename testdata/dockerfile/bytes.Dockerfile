FROM a
RUN echo ÿþ \
Ã
ENV A=é B="€"
LABEL --f=Ã b x=y
