#!/bin/sh
# Runs the tests: units and fuzz seeds under the sanitizers, then everything on the release build.
set -eu
cd "$(dirname "$0")/.."
printf 'test: units, sanitized\n'
ctest --test-dir build/asan --output-on-failure -L unit
printf 'test: all, release build\n'
ctest --test-dir build --output-on-failure
