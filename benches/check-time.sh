#!/usr/bin/env bash
# How long `cargo check` takes for a crate with one declaration, VGG-16, once its dependencies are built.
# Ends with 1 if the median of five runs is 2 s or more.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
crate=$(mktemp -d)
trap 'rm -rf "$crate"' EXIT
mkdir "$crate/src"

cat >"$crate/Cargo.toml" <<TOML
[package]
name = "one-declaration"
version = "0.0.0"
edition = "2024"
[dependencies]
convnet = { path = "$root" }
[workspace]
TOML

blocks=""
for block in "64 2" "128 2" "256 3" "512 3" "512 3"; do
    read -r width count <<<"$block"
    for _ in $(seq "$count"); do blocks+="conv2d($width, kernel = 3, padding = same), relu, "; done
    blocks+="max_pool2d(2), "
done
cat >"$crate/src/lib.rs" <<RUST
convnet::cnn! {
    pub struct Vgg16: [3, 224, 224] -> [1000] {
        ${blocks}flatten,
        linear(4096), relu, dropout(0.5),
        linear(4096), relu, dropout(0.5),
        linear(1000), softmax,
    }
}
const _: () = assert!(Vgg16::PARAMS == 138_357_544);
RUST

cp "$root/Cargo.lock" "$crate/Cargo.lock" 2>/dev/null || true
# Nothing is reused from the run before.
export CARGO_INCREMENTAL=0
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$root/target}/check-time"
cargo check --quiet --manifest-path "$crate/Cargo.toml"
times=""
for run in 1 2 3 4 5; do
    echo "// $run" >>"$crate/src/lib.rs"
    start=$(date +%s%N)
    cargo check --quiet --manifest-path "$crate/Cargo.toml"
    times+="$((($(date +%s%N) - start) / 1000000))"$'\n'
done
median=$(printf '%s' "$times" | sort -n | sed -n 3p)
echo "VGG-16: median $median ms of five checks"
[ "$median" -lt 2000 ]
