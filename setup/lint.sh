#!/bin/sh
# Formatting, and clang-tidy over all of src/.
set -eu
cd "$(dirname "$0")/.."
printf 'lint: formatting\n'
git ls-files '*.c' '*.h' | xargs clang-format --dry-run -Werror
printf 'lint: clang-tidy\n'
git ls-files 'src/*.c' 'sim/*.c' | xargs -P "$(getconf _NPROCESSORS_ONLN)" -n 4 \
    clang-tidy -p build --quiet --warnings-as-errors='*' 2>/dev/null
printf 'lint: TypeScript\n'
(cd web && npm run --silent check)
