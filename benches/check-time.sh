#!/usr/bin/env bash
# How long `cargo check` takes for a crate with one declaration, its dependencies built: the median of five runs, for networks
# of `src/models`, and for one whose weights, nearly the 8 MiB that there may be, rustc packs; and how long a release build of
# a program with GoogLeNet takes. Ends with 1 if one is above its limit, or if rustc warns.
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
cp "$root/Cargo.lock" "$crate/Cargo.lock"

# The `cnn!` of src/models that declares a network.
declaration() {
    awk -v name="$1" '
        /^cnn! \{/ { text = ""; inside = 1 }
        inside { text = text $0 "\n" }
        /^\}/ { if (inside && text ~ "pub struct " name ":") printf "%s", text; inside = 0 }
    ' "$root"/src/models/*.rs
}

# Nothing is reused from the run before.
export CARGO_INCREMENTAL=0
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$root/target}/check-time"
failed=0

# within NAME MILLISECONDS LIMIT
within() {
    echo "$1: $2 ms, at most $3"
    if [ "$2" -gt "$3" ]; then failed=1; fi
}

milliseconds() { echo $(($(date +%s%N) / 1000000)); }

# check NAME LIMIT: of what stands in src/lib.rs
check() {
    cargo check --quiet --manifest-path "$crate/Cargo.toml"
    local times=""
    for run in 1 2 3 4 5; do
        echo "// $run" >>"$crate/src/lib.rs"
        local start
        start=$(milliseconds)
        cargo check --quiet --manifest-path "$crate/Cargo.toml" 2>"$crate/warnings"
        times+="$(($(milliseconds) - start))"$'\n'
    done
    within "cargo check of $1" "$(printf '%s' "$times" | sort -n | sed -n 3p)" "$2"
    if [ -s "$crate/warnings" ]; then
        cat "$crate/warnings"
        failed=1
    fi
}

declared() {
    { echo "use convnet::cnn;"; declaration "$1"; } >"$crate/src/lib.rs"
    check "$1" "$2"
}

declared LeNet5 800
declared Vgg16 2000
declared GoogLeNet 6000
declared ResNet34 5000

# embedded LAYERS: `embed!` of a file with the weights of layers behind a [64, 14, 14] input.
embedded() {
    local network="use convnet::cnn; cnn! { pub struct Net: [64, 14, 14] -> [10] { $1, linear(10) } }"
    echo "$network fn main() { Net::init(1).save(std::env::args().nth(1).unwrap()).unwrap() }" >"$crate/src/main.rs"
    cargo run --quiet --manifest-path "$crate/Cargo.toml" -- "$crate/src/net.safetensors"
    rm "$crate/src/main.rs"
    echo "$network pub static NET: convnet::Prepared<Net> = convnet::embed!(Net, \"net.safetensors\");" >"$crate/src/lib.rs"
    check "embedded weights of $(stat --format %s "$crate/src/net.safetensors") bytes" 20000
}
embedded "conv2d(320, kernel = 3), batch_norm, relu, conv2d(640, kernel = 3), batch_norm, relu, global_avg_pool"
embedded "flatten, linear(160)"

rm "$crate/src/lib.rs"
{
    echo "use convnet::cnn;"
    declaration GoogLeNet
    echo 'fn main() { println!("{:?}", GoogLeNet::init(1).prepare().forward(&convnet::Chw::zeros_boxed())) }'
} >"$crate/src/main.rs"
cargo build --quiet --release --manifest-path "$crate/Cargo.toml"
echo "// again" >>"$crate/src/main.rs"
start=$(milliseconds)
cargo build --quiet --release --manifest-path "$crate/Cargo.toml"
within "release build of a GoogLeNet program" "$(($(milliseconds) - start))" 15000
exit "$failed"
