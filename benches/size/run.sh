#!/usr/bin/env bash
# How large a program is that reads a digit with LeNet-5, how soon it answers, how much memory it takes: ours held against
# budgets, and, with `--peers`, beside tract, candle and rten with the same weights.
#
# All are built with one profile (Cargo.toml): opt-level 3, fat LTO, one codegen unit, panics abort, stripped.
set -euo pipefail
cd "$(dirname "$0")"

runs=50
image=../../examples/data/seven.gray
programs=(empty convnet)
if [ "${1:-}" = --peers ]; then programs+=(tract candle rten); fi

# Budgets beside the weights as they lie in the program, 66 864 floats: bytes over the empty program; KiB of memory;
# hundredths of a millisecond of the fastest run: what others took is what else the machine did.
weights=267456
most_bytes=$((weights + 100000))
most_memory=$((weights / 1024 + 3 * 1024))
most_time=200

export CARGO_TARGET_DIR=target
packages=(-p size-measure)
for program in "${programs[@]}"; do packages+=(-p "size-$program"); done
cargo build --quiet --release --locked "${packages[@]}"

bytes() { wc -c <"target/release/size-$1"; }

printf '%-8s %12s %12s %12s %12s %12s\n' program bytes 'over empty' 'answer, ms' 'fastest, ms' 'memory, KiB'
for program in "${programs[@]}"; do
    expected=7
    if [ "$program" = empty ]; then expected=''; fi
    read -r time fastest memory < <(target/release/size-measure $runs "$expected" "target/release/size-$program" $image) || exit 1
    over=$(($(bytes "$program") - $(bytes empty)))
    printf '%-8s %12d %12d %12s %12s %12d\n' "$program" "$(bytes "$program")" $over "$time" "$fastest" "$memory"
    if [ "$program" != convnet ]; then continue; fi
    if [ $over -gt $most_bytes ] || [ "$memory" -gt $most_memory ] || [ "$((10#${fastest/./}))" -gt $most_time ]; then
        echo "more than the weights, $weights bytes, and 100 KB over the empty program, or 3 MiB of memory, or 2 ms"
        exit 1
    fi
done
