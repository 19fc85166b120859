#!/usr/bin/env bash
# The fuzz targets of this folder, each for a bounded time: they read hostile files of weights and look for a panic, a hang,
# or something accepted that is not consistent. `cargo test --test mutations` does less of the same on stable.
#
# `run.sh [SECONDS]` runs each target so long, 60 unless told, and says so where nightly or cargo-fuzz is missing.
# `run.sh --all [SECONDS]` installs cargo-fuzz, or fails.
set -euo pipefail
cd "$(dirname "$0")"
all=
if [ "${1:-}" = --all ]; then all=$1 && shift; fi
seconds=${1:-60}

# missing WHAT HOW: the end, as a failure where everything was asked for.
missing() {
    if [ -n "$all" ]; then
        echo "$1 is missing: $2" >&2
        exit 1
    fi
    echo "-- skipped; it needs $1: $2"
    exit 0
}

if ! rustc +nightly --version >/dev/null 2>&1; then missing "a nightly toolchain" "rustup toolchain install nightly"; fi
if ! cargo fuzz --version >/dev/null 2>&1; then
    if [ -z "$all" ]; then missing cargo-fuzz "cargo install cargo-fuzz"; fi
    cargo install --locked cargo-fuzz
fi

# What a run finds new is kept here, beside the seeds and not among them.
for target in $(cargo +nightly fuzz list --fuzz-dir .); do
    mkdir -p "target/corpus/$target"
    seeds=(../ui/weights)
    if [ -d "corpus/$target" ]; then seeds+=("corpus/$target"); fi
    echo "-- $target: $seconds s"
    cargo +nightly fuzz run --fuzz-dir . "$target" "target/corpus/$target" "${seeds[@]}" -- \
        -max_total_time="$seconds" -timeout=10 -max_len=4096 -print_final_stats=1 -verbosity=0
done
