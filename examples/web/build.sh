#!/usr/bin/env bash
# Compiles the module with WebAssembly's SIMD instructions and puts the page together in `dist/`.
#
# By rustup's target (`rustup target add wasm32-unknown-unknown`), or, where there is none, by Debian's rustc-web with
# rust-web-src, which compiles `core` first.
set -euo pipefail
cd "$(dirname "$0")"
target=wasm32-unknown-unknown
out=target

cargo=(cargo)
if [ ! -d "$(rustc --print sysroot)/lib/rustlib/$target" ] && ! timeout 60 rustup target add $target 2>/dev/null; then
    if [ ! -e /usr/lib/rustlib/src/rust ] || [ ! -e /usr/bin/cargo ]; then
        echo "needs \`rustup target add $target\`, or Debian's rustc-web cargo-web rust-web-src"
        exit 1
    fi
    host=$(rustc -vV | sed -n 's/^host: //p')
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$(rustc --print sysroot)/lib/rustlib/$host/bin/rust-lld
    export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1
    # Its own directory: two compilers would wipe out each other's host builds.
    out=target/debian
    cargo=(/usr/bin/cargo -Zbuild-std=core)
fi
CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="-C target-feature=+simd128 -C strip=symbols" \
    CARGO_TARGET_DIR=$out "${cargo[@]}" build --quiet --release --locked --lib --target $target

rm -rf dist
mkdir dist
cp page/* dist/
cp $out/$target/release/convnet_web.wasm dist/lenet5.wasm
echo "dist/lenet5.wasm: $(wc -c <dist/lenet5.wasm) bytes"
