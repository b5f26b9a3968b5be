#!/bin/sh
# A layer includes only itself and the layers below it (docs/architecture.md).
set -u
cd "$(dirname "$0")/.."
status=0
check() { # layer, then the layers it may include
    layer=$1
    allowed=$(echo "$*" | tr ' ' '|')
    grep -nE '^#include "' "src/$layer"/*.[ch] | grep -vE "#include \"($allowed)/" && {
        echo "src/$layer may include $* only"
        status=1
    }
}
check base
check mms base
check store mms base
check collect store mms base
check market collect store mms base
check ops market collect store mms base
check alert market collect store mms base
check api market collect store mms base
check cmd api alert ops market collect store mms base
# The simulator's rooms, in the same way.
check_sim() {
    room=$1
    allowed=$(echo "$*" | sed 's/[^ ]*/sim\/&\//g' | tr ' ' '|')
    grep -nE '^#include "' "sim/$room"/*.[ch] |
        grep -vE "#include \"($allowed|base/|mms/zip_write.h)" && {
        echo "sim/$room may include $* of sim/, base/ and mms/zip_write.h only"
        status=1
    }
}
check_sim model
check_sim tables model
check_sim tree tables model
check_sim program tree tables model
[ $status = 0 ] && echo "1 passed, 0 failed"
exit $status
