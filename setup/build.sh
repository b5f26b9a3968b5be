#!/bin/sh
# Builds build/nemd; with --tests also the test programs and their sanitized build.
set -eu
cd "$(dirname "$0")/.."
log=.deps/build.log

say() { printf 'build: %s\n' "$*"; }

# configure FOLDER OPTION…, then ninja: quiet when it works, all of it when it does not.
build() {
    folder=$1
    shift
    if [ ! -f "$folder/build.ninja" ]; then
        say "configuring $folder"
        cmake -S . -B "$folder" -G Ninja "$@" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
    fi
    if [ "$(ninja -C "$folder" -n | tail -n 1)" != 'ninja: no work to do.' ]; then
        say "compiling $folder"
        ninja -C "$folder" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
    fi
}

build build -DCMAKE_BUILD_TYPE=RelWithDebInfo
if [ "${1:-}" = --tests ]; then
    ninja -C build tests >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
    if [ ! -f build/asan/build.ninja ]; then
        say "configuring build/asan"
        cmake -S . -B build/asan -G Ninja -DCMAKE_BUILD_TYPE=Debug -DNEMD_SANITIZE=ON >"$log" 2>&1 ||
            { cat "$log" >&2; exit 1; }
    fi
    say "compiling build/asan"
    ninja -C build/asan tests >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
fi
