from alpine as Base
arg A B=1 C="x y"
env LEGACY the rest  of the line
maintainer Somebody <somebody@example.com>
run echo a\
b
run [ "echo", "a" ]
run [ -f /x ] && echo shell
cmd echo $LEGACY ${B:-2} ${C%y}
entrypoint []
healthcheck none
onbuild copy . /app
expose 80 8000-8010/udp
add --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://example.com/x.tgz /
copy ["with blank", "/dest/"]
user 1000:1000
