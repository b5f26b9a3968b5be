#!/bin/sh
# Builds build/nemd; with --tests also the test programs and their sanitized build.
set -eu
cd "$(dirname "$0")/.."
log=.deps/build.log

if [ "$(uname -s)" = Darwin ]; then # Homebrew keeps what macOS has too out of the common folders
    prefix=$(brew --prefix)
    for keg in curl sqlite zlib; do
        PKG_CONFIG_PATH="$prefix/opt/$keg/lib/pkgconfig:${PKG_CONFIG_PATH:-}"
    done
    export PKG_CONFIG_PATH
    export CMAKE_PREFIX_PATH="$prefix"
fi

say() { printf 'build: %s\n' "$*"; }

# build FOLDER OPTION…: configures where that wasn't done, compiles. Quiet when it works, all of the
# output when it does not.
build() {
    folder=$1
    shift
    if [ ! -f "$folder/build.ninja" ]; then
        say "configuring $folder"
        cmake -S . -B "$folder" -G Ninja "$@" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
    fi
    compile "$folder" all
}

# compile FOLDER TARGET: says so when there is something to do.
compile() {
    {
        ninja -C "$1" "$2" 2>&1
        echo "status $?"
    } | tee "$log" | awk -v folder="$1" '
        /^\[.*(Building|Linking)/ && !said { print "build: compiling " folder; fflush(); said = 1 }'
    [ "$(tail -n 1 "$log")" = "status 0" ] || { cat "$log" >&2; exit 1; }
}

build build -DCMAKE_BUILD_TYPE=RelWithDebInfo
if [ "${1:-}" = --tests ]; then
    compile build tests
    build build/asan -DCMAKE_BUILD_TYPE=Debug -DNEMD_SANITIZE=ON
    compile build/asan tests
fi
