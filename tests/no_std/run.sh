#!/usr/bin/env bash
# Firmware on an emulated Cortex-M4F: LeNet-5 reads a digit and a network for spoken words answers, as the host does. Then what
# they cost: code apart from weights, RAM, stack, instructions, held against the budgets below.
#
# `run.sh` says what is missing and leaves it out. `run.sh --all` installs it (root on Debian), or fails.
#
# Compiled with rustup's target (`rustup target add thumbv7em-none-eabihf`), or, where there is none, with Debian's
# rustc-web, which compiles `core` first.
set -euo pipefail
cd "$(dirname "$0")"
all=${1:-}
target=thumbv7em-none-eabihf
export CARGO_TARGET_DIR=target

# Budgets, in bytes: whole programs without weights and the chip's table of interrupts, a KiB; stack of `forward_into`.
most_code=30720
most_stack=2048

# needs TOOL=PACKAGE...: whether the tools are there, after an attempt to install them.
needs() {
    local pair packages=()
    for pair in "$@"; do
        if [ ! -e "${pair%%=*}" ] && ! command -v "${pair%%=*}" >/dev/null; then packages+=("${pair#*=}"); fi
    done
    if [ ${#packages[@]} = 0 ]; then return 0; fi
    if [ "$all" != --all ]; then
        echo "-- Cortex-M: skipped; it needs Debian's ${packages[*]}"
        return 1
    fi
    echo "-- Cortex-M: installing ${packages[*]}"
    # `needs` is asked as a condition, where bash does not end by itself.
    if ! install "${packages[@]}"; then
        echo "-- Cortex-M: not installed; that takes root on Debian"
        exit 1
    fi
}

install() {
    apt-get update --quiet=2 &&
        DEBIAN_FRONTEND=noninteractive apt-get install --quiet=2 --yes --no-install-recommends "$@" >/dev/null
}

needs qemu-system-arm=qemu-system-arm arm-none-eabi-nm=binutils-arm-none-eabi || exit 0

cargo=(cargo)
if [ ! -d "$(rustc --print sysroot)/lib/rustlib/$target" ] && ! timeout 60 rustup target add $target 2>/dev/null; then
    needs /usr/bin/rustc=rustc-web /usr/bin/cargo=cargo-web /usr/lib/rustlib/src/rust=rust-web-src || exit 0
    host=$(rustc -vV | sed -n 's/^host: //p')
    export CARGO_TARGET_THUMBV7EM_NONE_EABIHF_LINKER=$(rustc --print sysroot)/lib/rustlib/$host/bin/rust-lld
    # Its own directory: two compilers would wipe out each other's host builds.
    export CARGO_TARGET_DIR=target/debian RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1
    cargo=(/usr/bin/cargo -Zbuild-std=core)
fi
echo "-- Cortex-M4F, by $("${RUSTC:-rustc}" --version)"

# section FILE NAME...: bytes of these sections together.
section() {
    local file=$1
    shift
    arm-none-eabi-size --format=sysv "$file" |
        awk -v names="$*" 'BEGIN { split(names, list); for (i in list) wanted[list[i]] } $1 in wanted { sum += $2 } END { print sum + 0 }'
}

# answer KEY OUTPUT: the number behind a word of the program's output.
answer() {
    sed -n "s/.*\b$1 \([0-9]*\).*/\1/p" <<<"$2"
}

# run LEVEL PROGRAM ANSWER: builds it, runs it, prints what it says and what it costs.
run() {
    local level=$1 name=$2 expected=$3 file=$CARGO_TARGET_DIR/$target/release/$2 said weights code stack
    CARGO_PROFILE_RELEASE_OPT_LEVEL=$level "${cargo[@]}" build --quiet --release --locked -p convnet-cortex-m --bin "$name" --target $target
    # An instruction a nanosecond, whatever the host does.
    said=$(timeout 120 qemu-system-arm -machine mps2-an386 -cpu cortex-m4 -nographic -icount shift=0 \
        -semihosting-config enable=on,target=native -kernel "$file" </dev/null) || {
        printf '%s\n%s at opt-level %s failed\n' "$said" "$name" "$level"
        exit 1
    }
    if [ "$level" = s ]; then sed -n '/^scores/p; s/^answer/&/p; /^as the host/p' <<<"$said"; fi
    if [ "$(answer answer "$said")" != "$expected" ]; then
        echo "$name says $(answer answer "$said"), not $expected"
        exit 1
    fi
    weights=$((16#$(arm-none-eabi-nm --print-size "$file" | awk '/__CNN_PACKED/ { print $2 }')))
    code=$(($(section "$file" .text .rodata) - weights))
    stack=$(answer stack "$said")
    printf '%s, opt-level %s: flash %d code + %d weights; RAM %d static, stack %d of forward_into, %d of the program; %d instructions\n' \
        "$name" "$level" $code $weights "$(section "$file" .data .bss .uninit)" "$stack" "$(answer whole "$said")" \
        "$(answer instructions "$said")"
    if [ "$level" = s ] && [ $code -gt $most_code ]; then
        echo "more than $most_code bytes of code:"
        arm-none-eabi-nm --size-sort --reverse-sort --print-size --demangle "$file" | grep -i ' [tr] ' | head -25
        exit 1
    fi
    if [ "$stack" -gt $most_stack ]; then
        echo "more than $most_stack bytes of stack"
        exit 1
    fi
}

for level in s 3; do
    run $level lenet5 7
    run $level dscnn 6
done
