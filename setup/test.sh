#!/bin/sh
# Runs the tests: all but the browser's with the sanitizers, then everything on the release build.
set -eu
cd "$(dirname "$0")/.."
[ -d ../shared/data/nemweb ] || printf 'test: no real AEMO files in ../shared: tests over them are skipped\n'
for tree in build/asan build; do
    printf 'test: %s\n' "$tree"
    # units side by side; whole programs one by one, since some of them watch the clock
    ctest --test-dir "$tree" --output-on-failure -L unit -j "$(getconf _NPROCESSORS_ONLN)"
    ctest --test-dir "$tree" --output-on-failure -LE unit
done
