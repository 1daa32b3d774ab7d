# a comment
FROM a
RUN echo ä 漢 \
 😀
CMD node