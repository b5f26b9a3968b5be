#!/bin/sh
# Runs the tests: all but the browser's with the sanitizers, then everything on the release build.
set -eu
cd "$(dirname "$0")/.."
[ -d ../shared/data/nemweb ] || printf 'test: no real AEMO files in ../shared: tests over them are skipped\n'
for tree in build/asan build; do
    printf 'test: %s\n' "$tree"
    ctest --test-dir "$tree" --output-on-failure -L unit -j 2
    # Whole programs, their peers and a browser depend on the machine's mood: what fails is tried
    # once more, and ctest shows both tries.
    ctest --test-dir "$tree" --output-on-failure -LE unit -j 2 --repeat until-pass:2
done
