#!/bin/sh
# Fuzzes every parser with libFuzzer for a number of seconds each; stops at the first finding.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-60}
log=.deps/build.log
cmake -S . -B build/fuzz -G Ninja -DCMAKE_C_COMPILER=clang -DNEMD_FUZZ=ON >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
for target in tests/fuzz/*.c; do
    parser=$(basename "$target" .c)
    ninja -C build/fuzz "fuzz_$parser" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
    corpus=build/fuzz/corpus/$parser
    mkdir -p "$corpus"
    printf 'fuzz: %s for %s s\n' "$parser" "$seconds"
    build/fuzz/fuzz_"$parser" -max_total_time="$seconds" -print_final_stats=1 \
        "$corpus" "tests/fuzz/seeds/$parser" 2>build/fuzz/"$parser".log || {
        tail -n 40 build/fuzz/"$parser".log
        exit 1
    }
    grep -E 'number_of_executed_units' build/fuzz/"$parser".log
done
