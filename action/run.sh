#!/usr/bin/env bash
# Runs `plimsoll check` once and hands on what it found: annotations or text to the log, a table to the job's summary, a
# SARIF file, numbers to the outputs. Inputs come by the environment, and each is one argument or nothing: only `args` is
# cut, at blanks.
set -euo pipefail

limit=$((1024 * 1024)) # of a step's summary, in bytes; more, and the runner drops all of it

escaped() {
    local text=$1
    text=${text//'%'/%25}
    text=${text//$'\r'/%0D}
    text=${text//$'\n'/%0A}
    printf '%s' "$text"
}

fail() {
    printf '::error title=plimsoll::%s\n' "$(escaped "$1")"
    exit 2
}

random() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }

# Sets an output of the step to any text: the delimiter cannot be guessed by whoever chose the text.
output() {
    local delimiter
    delimiter=end-$(random)
    printf '%s<<%s\n%s\n%s\n' "$1" "$delimiter" "$2" "$delimiter" >>"$GITHUB_OUTPUT"
}

# Prints files so that no line in them is taken for a command to the runner.
print_inert() {
    local token
    token=inert-$(random)
    printf '::stop-commands::%s\n' "$token"
    cat -- "$@"
    printf '\n::%s::\n' "$token"
}

# A number of the summary that the JSON report begins with: on a line of its own, which no text of a finding can be.
counted() {
    sed -n '1,8s/^    "'"$1"'": \([0-9][0-9]*\),\{0,1\}$/\1/p' "$work/report.json"
}

on() {
    case $2 in
        true) return 0 ;;
        false) return 1 ;;
        *) fail "the input \`$1\` must be true or false, not \"$2\"" ;;
    esac
}

add_summary() {
    [ -n "${GITHUB_STEP_SUMMARY:-}" ] || return 0
    local room cut=$'\n\nThe rest is left out here: the summary of a step can hold no more than 1 MiB.\n'
    room=$((limit - $(wc -c <"$GITHUB_STEP_SUMMARY")))
    if [ "$(wc -c <"$work/summary.md")" -le "$room" ]; then
        cat "$work/summary.md" >>"$GITHUB_STEP_SUMMARY"
    elif [ "$room" -gt 4096 ]; then
        # Up to the end of a line.
        head -c "$((room - ${#cut}))" "$work/summary.md" | LC_ALL=C sed '$d' >>"$GITHUB_STEP_SUMMARY"
        printf '%s' "$cut" >>"$GITHUB_STEP_SUMMARY"
    fi
}

work=$(mktemp -d "$RUNNER_TEMP/plimsoll-run.XXXXXX")

arguments=("--format=$INPUT_FORMAT" "--also=json=$work/report.json")
never=
case $INPUT_FAIL_ON in
    '') ;;
    error | warning | info) arguments+=("--fail-on=$INPUT_FAIL_ON") ;;
    never) never=yes ;;
    *) fail "the input \`fail-on\` must be error, warning, info or never, not \"$INPUT_FAIL_ON\"" ;;
esac
if on changed-only "$INPUT_CHANGED_ONLY"; then
    if [ -n "${GITHUB_BASE_REF:-}" ]; then
        arguments+=("--changed-since=origin/$GITHUB_BASE_REF")
    else
        echo 'This run is of no pull request: everything is reported.'
    fi
fi
# What is suppressed is left out of it: GitHub's code scanning would show it as open.
[ -z "$INPUT_SARIF_FILE" ] || arguments+=("--also=sarif-github=$INPUT_SARIF_FILE")
! on summary "$INPUT_SUMMARY" || arguments+=("--also=markdown=$work/summary.md")
# Cut at blanks and line ends; nothing in it is expanded or run.
read -r -d '' -a words <<<"$INPUT_ARGS" || true
arguments+=(${words[@]+"${words[@]}"})

status=0
"$PLIMSOLL" check "${arguments[@]}" -- "$INPUT_PATH" >"$work/out" 2>"$work/err" || status=$?

if [ "$status" -gt 1 ]; then
    printf '::error title=plimsoll::%s\n' "$(escaped "plimsoll could not do its job: $(head -c 2000 "$work/err")")"
fi
if [ "$INPUT_FORMAT" = github ]; then
    [ ! -s "$work/err" ] || print_inert "$work/err"
    # The format escapes whatever comes from the project, so these are the only commands.
    cat "$work/out"
else
    print_inert "$work/out" "$work/err"
fi
[ ! -s "$work/summary.md" ] || add_summary

output exit-code "$status"
if [ -s "$work/report.json" ]; then
    errors=$(counted errors)
    warnings=$(counted warnings)
    infos=$(counted infos)
    output errors "$errors"
    output warnings "$warnings"
    output findings "$((errors + warnings + infos))"
fi
[ -z "$INPUT_SARIF_FILE" ] || [ ! -s "$INPUT_SARIF_FILE" ] || output sarif "$INPUT_SARIF_FILE"

if [ "$status" -eq 1 ] && [ -n "$never" ]; then
    exit 0
fi
exit "$status"
