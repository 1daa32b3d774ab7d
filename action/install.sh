#!/usr/bin/env bash
# Downloads the release of plimsoll for this runner, unless the tool cache has it, and unpacks it when its checksum is
# right. A checksum that lies beside the archive would prove nothing: those that count are committed in checksums.txt.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
releases=${PLIMSOLL_RELEASES_URL:-https://github.com/plimsoll-lint/plimsoll/releases/download}

# Says what is wrong as an annotation. What comes from outside is checked before it is put in a message, or escaped here.
fail() {
    local message=$1
    message=${message//'%'/%25}
    message=${message//$'\r'/%0D}
    message=${message//$'\n'/%0A}
    printf '::error title=plimsoll::%s\n' "$message"
    exit 2
}

target() {
    # The Linux binaries are static: one of them runs on every distribution, whatever its C library.
    case "${RUNNER_OS:-}-${RUNNER_ARCH:-}" in
        Linux-X64) echo x86_64-unknown-linux-musl ;;
        Linux-ARM64) echo aarch64-unknown-linux-musl ;;
        macOS-X64) echo x86_64-apple-darwin ;;
        macOS-ARM64) echo aarch64-apple-darwin ;;
        # Windows on Arm runs programs for x64.
        Windows-X64 | Windows-ARM64) echo x86_64-pc-windows-msvc ;;
        *) fail "there is no release of plimsoll for ${RUNNER_OS:-an unknown system} on ${RUNNER_ARCH:-an unknown processor}" ;;
    esac
}

# The version of the first row: the rows of the newest release stand first.
default_version() {
    sed -n '/^[0-9a-f]\{64\}  v/ { s|^[^ ]*  v\([^/]*\)/.*|\1|p; q; }' "$here/checksums.txt"
}

listed_checksum() {
    awk -v asset="$1" '$2 == asset { print $1; exit }' "$here/checksums.txt"
}

sha256() {
    if command -v sha256sum >/dev/null; then sha256sum <"$1"; else shasum -a 256 <"$1"; fi | cut -d ' ' -f 1
}

# Paths of a Windows runner begin with `D:`, which tar takes for the name of a host.
unix_path() {
    if [ "${RUNNER_OS:-}" = Windows ]; then cygpath -u "$1"; else printf '%s\n' "$1"; fi
}

download() {
    local url=$1 file=$2 protocols='=https'
    # Tests serve a release on this machine; nothing else may come without TLS.
    case $releases in http://127.0.0.1:* | http://localhost:*) protocols='=http,https' ;; esac
    curl --fail --silent --show-error --location --retry 3 --proto "$protocols" --output "$file" -- "$url" ||
        fail "$url cannot be downloaded: is there such a version?"
}

version=${INPUT_VERSION:-$(default_version)}
version=${version#v}
[ -n "$version" ] ||
    fail "this version of the action knows no release of plimsoll: use a release of the action, or set the inputs \`version\` and \`checksum\`"
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.]+)?$ ]] ||
    fail "the input \`version\` is no version, as 0.1.0 is: $version"

target=$(target) || { printf '%s\n' "$target"; exit 2; }
asset=v$version/plimsoll-$target.tar.gz
expected=${INPUT_CHECKSUM:-$(listed_checksum "$asset")}
[ -n "$expected" ] ||
    fail "action/checksums.txt of this version of the action does not list $asset: set the input \`checksum\` to the SHA-256 of that archive, or use the version of the action that was made for plimsoll $version"
[[ $expected =~ ^[0-9a-f]{64}$ ]] || fail "the input \`checksum\` is no SHA-256: 64 digits 0-9 and a-f"

cache=$(unix_path "${RUNNER_TOOL_CACHE:-$RUNNER_TEMP}")/plimsoll/$version
archive=$cache/plimsoll-$target.tar.gz
if [ -f "$archive" ] && [ "$(sha256 "$archive")" = "$expected" ]; then
    echo "plimsoll $version is in the tool cache"
else
    mkdir -p "$cache"
    partial=$(mktemp "$cache/download.XXXXXX")
    trap 'rm -f "$partial"' EXIT
    download "$releases/$asset" "$partial"
    found=$(sha256 "$partial")
    [ "$found" = "$expected" ] ||
        fail "the SHA-256 of $releases/$asset is $found, but should be $expected: it is not used"
    mv "$partial" "$archive"
    echo "plimsoll $version was downloaded; its SHA-256 is the expected $expected"
fi

# Unpacked anew each time: what is run was checked a moment ago.
folder=$(mktemp -d "$(unix_path "$RUNNER_TEMP")/plimsoll.XXXXXX")
tar -xzf "$archive" -C "$folder"
binary=$folder/plimsoll
[ "$RUNNER_OS" != Windows ] || binary=$folder/plimsoll.exe
[ -f "$binary" ] || fail "$asset holds no ${binary##*/}"
"$binary" --version
echo "binary=$binary" >>"$GITHUB_OUTPUT"
