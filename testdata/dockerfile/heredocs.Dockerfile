FROM debian:12 AS one
RUN <<EOF
set -e
apt-get update \
  && apt-get install -y curl
EOF
RUN <<-'DONE' bash -e
	echo "$HOME"
	# kept as it is
	DONE
COPY <<nginx.conf <<"other file" /etc/nginx/
server { listen 80; }
nginx.conf
FROM here is no instruction
other file
RUN cat <<A 3<<B > /x && ls
a
A
b
B
RUN echo it\'s <<EOF
x
EOF
ONBUILD RUN <<EOF
echo later
EOF
RUN cat <<< "a here-string" && echo $((1<<2))
CMD ["cat", "<<EOF"]
