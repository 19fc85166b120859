#!/usr/bin/env bash
# Builds the C library, holds its header against the one that is checked in, and runs a C program with it, also with the
# compiler's checks of addresses and of undefined behaviour. `run.sh --bless` takes a new header over.
set -euo pipefail
cd "$(dirname "$0")"

CARGO_TARGET_DIR=target cargo build --quiet --release --locked
library=target/release/liblenet5.a
if [ "${1:-}" = --bless ]; then cp target/release/lenet5.h include/lenet5.h; fi
if ! diff --unified include/lenet5.h target/release/lenet5.h; then
    echo "include/lenet5.h is not what src/lib.rs exports; run.sh --bless takes it over"
    exit 1
fi
for standard in c11 c17; do
    cc -std=$standard -O2 -Wall -Wextra -Wpedantic -Werror -Iinclude main.c $library -Wl,--gc-sections -o target/main
    target/main ../data/seven.gray 7
done >target/answers
cc -std=c11 -g -fsanitize=address,undefined -fno-sanitize-recover=all -Wall -Wextra -Werror -Iinclude main.c $library -o target/checked
target/checked ../data/seven.gray 7
# The header is C++, too.
printf '#include "lenet5.h"\nint main() { return lenet5_scratch_bytes() == LENET5_SCRATCH_BYTES ? 0 : 1; }\n' >target/main.cpp
if command -v c++ >/dev/null; then
    c++ -Wall -Wextra -Werror -Iinclude target/main.cpp $library -o target/plusplus
    target/plusplus
else
    echo "-- C++: skipped; there is no c++"
fi
printf '%s: a stripped program of %d bytes\n' "$(basename $library)" "$(strip -o target/stripped target/main && wc -c <target/stripped)"
