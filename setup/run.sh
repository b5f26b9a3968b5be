#!/bin/sh
# Runs nemd on NEMWEB or on the source that is named (SOURCE, NEMD_SOURCE); where NEMWEB can't be
# reached within five seconds, or SOURCE=demo asks for it, on a simulated market in a folder of its
# own: three years of history, filled backwards from now, going on at real speed.
set -eu
cd "$(dirname "$0")/.."

# "~/x" as the shell would have it, had it not come by way of make.
home() { case $1 in '~/'*) printf '%s/%s' "$HOME" "${1#'~/'}" ;; *) printf '%s' "$1" ;; esac; }

source=${SOURCE:-${NEMD_SOURCE:-}}
data=$(home "${DATA:-${NEMD_DATA:-}}")
set -- # nemd's options
[ -z "${PORT:-}" ] || set -- --port "$PORT"

reaches_nemweb() {
    node -e 'fetch("https://www.nemweb.com.au/", { method: "HEAD", signal: AbortSignal.timeout(5000) })
        .then(() => process.exit(0), () => process.exit(1))'
}

if [ -z "$source" ]; then
    reaches_nemweb || {
        echo "NEMWEB can't be reached: here is a SIMULATED market instead."
        source=demo
        data=${data:+$data-demo}
    }
fi
if [ "$source" != demo ]; then
    [ -z "$source" ] || set -- "$@" --source "$(home "$source")"
    [ -z "$data" ] || set -- "$@" --data "$data"
    exec build/nemd run "$@"
fi

data=${data:-${XDG_DATA_HOME:-$HOME/.local/share}/nemd-demo}
mkdir -p "$data"
scratch=$(mktemp -d)
helpers=
finish() {
    trap - EXIT INT TERM HUP
    # shellcheck disable=SC2086 # one word each
    [ -z "$helpers" ] || kill $helpers 2>/dev/null || true
    rm -rf "$scratch"
}
trap finish EXIT
trap 'finish; exit 0' INT TERM HUP

build/nemsim serve --port 0 --history 3 >"$scratch/nemsim" &
helpers=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do
    source=$(sed -n 's/^listening on //p' "$scratch/nemsim")
    [ -z "$source" ] || break
    sleep 0.2
done
[ -n "$source" ] || { echo "nemsim didn't start" >&2; exit 1; }

echo "SIMULATED market: nothing here is real. Data in $data, log of its history in $data.log"
from=$(date -d '3 years ago' +%Y-%m-%d 2>/dev/null || date -v-3y +%Y-%m-%d)
nice build/nemd backfill --from "$from" --source "$source" --data "$data" \
    >>"$data.log" 2>&1 &
helpers="$helpers $!"
build/nemd run --source "$source" --data "$data" "$@" &
run=$!
helpers="$helpers $run"
wait "$run"
