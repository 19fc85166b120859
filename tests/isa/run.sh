#!/usr/bin/env bash
# The suite of this folder on every instruction set that can be had here: those of this CPU; NEON under qemu; WebAssembly's
# SIMD128 under node. Behind each run the disassembly is counted: what is compiled for a set must multiply its vectors, so
# that no name hides scalar code.
#
# `run.sh` says what is missing and leaves it out. `run.sh --all` installs it (root on Debian), or fails.
#
# Foreign targets are compiled with rustup's toolchain, if it has them (`rustup target add aarch64-unknown-linux-gnu
# wasm32-unknown-unknown`), or with Debian's rustc-web, which compiles its own standard library first.
set -euo pipefail
cd "$(dirname "$0")"
all=${1:-}
arm=aarch64-unknown-linux-gnu
wasm=wasm32-unknown-unknown

# Names with generic arguments in them, whichever compiler: kernels are found by them.
export RUSTFLAGS="-C symbol-mangling-version=v0"
export CARGO_TARGET_DIR=target

# needs NAME TOOL=PACKAGE...: whether the tools are there, after an attempt to install them.
needs() {
    local name=$1 pair packages=()
    shift
    for pair in "$@"; do
        if [ ! -e "${pair%%=*}" ] && ! command -v "${pair%%=*}" >/dev/null; then packages+=("${pair#*=}"); fi
    done
    if [ ${#packages[@]} = 0 ]; then return 0; fi
    if [ "$all" != --all ]; then
        echo "-- $name: skipped; it needs Debian's ${packages[*]}"
        return 1
    fi
    echo "-- $name: installing ${packages[*]}"
    # `needs` is asked as a condition, where bash does not end by itself.
    if ! install "${packages[@]}"; then
        echo "-- $name: not installed; that takes root on Debian"
        exit 1
    fi
}

install() {
    apt-get update --quiet=2 &&
        DEBIAN_FRONTEND=noninteractive apt-get install --quiet=2 --yes --no-install-recommends "$@" >/dev/null
}

# holds ISA DISASSEMBLY: whether the functions for these instructions multiply vectors, and hardly anything else: 64
# products are a few unrolled tiles, and a quarter as many of scalars would be for the ends of rows.
holds() {
    local module=quarters vector scalar
    case $1 in
        avx512) module=avx512 vector='vfn?m(add|sub)[0-9]+ps .*%zmm' scalar='vfn?m(add|sub)[0-9]+ss |vmulss ' ;;
        avx2) module=avx2 vector='vfn?m(add|sub)[0-9]+ps .*%ymm' scalar='vfn?m(add|sub)[0-9]+ss |vmulss ' ;;
        sse2) vector='[^a-z]mulps ' scalar='[^a-z]mulss ' ;;
        neon) vector='[^a-z]fmla.*v[0-9]+[.]4s' scalar='[^a-z](fmadd|fmul).*[^a-z0-9]s[0-9]+,' ;;
        simd128) vector='f32x4[.]mul' scalar='[^a-z0-9]f32[.]mul' ;;
        *) return 0 ;;
    esac
    awk -v isa="$1" -v module="4simd[0-9]+$module" -v vector="$vector" -v scalar="$scalar" '
        /<.*>:$/ { inside = $0 ~ module; functions += inside; next }
        inside && $0 ~ vector { vectors++ }
        inside && $0 ~ scalar { scalars++ }
        END {
            printf "%s: %d products of vectors and %d of scalars in %d functions\n", isa, vectors, scalars, functions
            if (vectors < 64 || 4 * scalars > vectors) { print isa " is scalar code"; exit 1 }
        }
    ' "$2"
}

listing=$(mktemp)
trap 'rm -f "$listing"' EXIT

echo "-- this CPU"
cargo build --quiet --release --locked
objdump --disassemble --no-show-raw-insn target/release/convnet-isa >"$listing"
for isa in $(target/release/convnet-isa --list); do
    CONVNET_ISA=$isa target/release/convnet-isa "$isa"
    holds "$isa" "$listing"
done

targets=()
if needs neon aarch64-linux-gnu-gcc=gcc-aarch64-linux-gnu /usr/aarch64-linux-gnu/lib/crt1.o=libc6-dev-arm64-cross \
    qemu-aarch64=qemu-user; then
    targets+=("$arm")
fi
if needs simd128 node=nodejs wasm-objdump=wabt; then targets+=("$wasm"); fi
if [ ${#targets[@]} = 0 ]; then exit; fi

cargo=(cargo)
sysroot=$(rustc --print sysroot)
host=$(rustc -vV | sed -n 's/^host: //p')
for target in "${targets[@]}"; do
    if [ -d "$sysroot/lib/rustlib/$target" ]; then continue; fi
    needs "${targets[*]}" /usr/bin/rustc=rustc-web /usr/bin/cargo=cargo-web /usr/lib/rustlib/src/rust=rust-web-src ||
        exit 0
    # Its own directory: two compilers would wipe out each other's host builds.
    export CARGO_TARGET_DIR=target/debian RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1
    # Debian's has no linker for WebAssembly; rustup's does.
    export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$sysroot/lib/rustlib/$host/bin/rust-lld
    # Panics print and abort: a standard library without backtraces compiles in half the time.
    cargo=(/usr/bin/cargo -Zbuild-std=std,panic_abort -Zbuild-std-features=)
    break
done
echo "-- ${targets[*]}, by $("${RUSTC:-rustc}" --version)"

export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
# RUSTFLAGS is for all targets; this is in its place for one.
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="$RUSTFLAGS -C target-feature=+simd128"
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUSTFLAGS=$RUSTFLAGS
unset RUSTFLAGS
"${cargo[@]}" build --quiet --release --locked "${targets[@]/#/--target=}"

for target in "${targets[@]}"; do
    program=$CARGO_TARGET_DIR/$target/release/convnet-isa
    if [ "$target" = "$arm" ]; then
        qemu-aarch64 -L /usr/aarch64-linux-gnu "$program" neon
        aarch64-linux-gnu-objdump --disassemble --no-show-raw-insn "$program" >"$listing"
        holds neon "$listing"
    else
        node run.mjs "$program.wasm" simd128
        wasm-objdump --disassemble "$program.wasm" >"$listing"
        holds simd128 "$listing"
    fi
done
