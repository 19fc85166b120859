#!/usr/bin/env bash
# Builds the page and proves it: the module is small and multiplies vectors, and in a browser without a window somebody draws
# digits with a mouse and with a finger, in the light and in the dark.
#
# `run.sh` says what is missing and leaves it out. `run.sh --all` installs it (root on Debian), or fails.
set -euo pipefail
cd "$(dirname "$0")"
all=${1:-}

# Bytes of the module, weights included.
most=400000

missing=()
for pair in node=nodejs wasm-objdump=wabt chromium=chromium; do
    command -v "${pair%%=*}" >/dev/null || missing+=("${pair#*=}")
done
if ! [ -d "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown" ] && ! timeout 60 rustup target add wasm32-unknown-unknown 2>/dev/null; then
    for pair in /usr/bin/rustc=rustc-web /usr/bin/cargo=cargo-web /usr/lib/rustlib/src/rust=rust-web-src; do
        [ -e "${pair%%=*}" ] || missing+=("${pair#*=}")
    done
fi
if [ ${#missing[@]} != 0 ]; then
    if [ "$all" != --all ]; then
        echo "-- page: skipped; it needs Debian's ${missing[*]}"
        exit
    fi
    echo "-- page: installing ${missing[*]}"
    apt-get update --quiet=2
    DEBIAN_FRONTEND=noninteractive apt-get install --quiet=2 --yes --no-install-recommends "${missing[@]}" >/dev/null
fi

./build.sh
bytes=$(wc -c <dist/lenet5.wasm)
if [ "$bytes" -gt $most ]; then
    echo "more than $most bytes"
    exit 1
fi
wasm-objdump --disassemble dist/lenet5.wasm | awk '
    /f32x4[.]mul/ { vectors++ }
    /[^0-9x]f32[.]mul/ { scalars++ }
    END {
        printf "%d products of vectors, %d of scalars\n", vectors, scalars
        if (vectors < 32) { print "the module is scalar code"; exit 1 }
    }
'
node test.mjs
