//! Asks the host what the firmware should answer, by the canonical networks, whose kernels are others; makes weights for the
//! network that nobody trained here; and tells the linker of the board's memory.

use std::path::{Path, PathBuf};
use std::{env, fs};

use convnet::Chw;

#[path = "src/networks.rs"]
mod networks;

use networks::{DsCnn, LeNet5, SEVEN, sound};

const LENET5: &str = "../../../examples/data/lenet5.safetensors";

fn main() {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo says where"));
    fs::copy("memory.x", out.join("memory.x")).expect("the folder can be written");
    println!("cargo:rustc-link-search={}", out.display());
    println!("cargo:rustc-link-arg-bins=-Tlink.x");
    for file in ["build.rs", "memory.x", "src/networks.rs", LENET5] {
        println!("cargo:rerun-if-changed={file}");
    }

    let lenet5 = LeNet5::load(LENET5).expect("the bundled weights are LeNet-5's");
    let digit = Chw::from_pixels(SEVEN).expect("a digit has 28 × 28 pixels");
    answer(&out.join("lenet5.rs"), &*lenet5.forward(&digit));

    let spoken = DsCnn::init(7);
    spoken.save(out.join("dscnn.safetensors")).expect("the folder can be written");
    let net = "static NET: Prepared<DsCnn> = convnet::embed!(DsCnn, \"dscnn.safetensors\");";
    fs::write(out.join("net.rs"), net).expect("the folder can be written");
    answer(&out.join("dscnn.rs"), &*spoken.forward(&sound()));
}

/// A file with the scores that the firmware should find, as an array.
fn answer(path: &Path, scores: &[f32]) {
    fs::write(path, format!("{scores:?}")).expect("the folder can be written");
}
