//! Cuts LeNet-5's weights into one file for each of the networks in `src/network.rs`, and writes the embeddings of these files.

use std::path::{Path, PathBuf};
use std::{env, fs};

use safetensors::SafeTensors;

const WEIGHTS: &str = "../data/lenet5.safetensors";

/// The networks, the statics that hold them, and the layers of each.
const PARTS: [(&str, &str, &[&str]); 3] =
    [("Edges", "EDGES", &["conv1"]), ("Strokes", "STROKES", &["conv2"]), ("Digit", "DIGIT", &["fc1", "fc2", "fc3"])];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={WEIGHTS}");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo says where"));
    let file = fs::read(WEIGHTS).expect("the weights are bundled");
    let tensors = SafeTensors::deserialize(&file).expect("a safetensors file");
    let mut embeddings = String::new();
    for (network, name, layers) in PARTS {
        let of_part = tensors.tensors().into_iter().filter(|(tensor, _)| {
            layers.iter().any(|layer| tensor.strip_prefix(layer).is_some_and(|rest| rest.starts_with('.')))
        });
        let bytes = safetensors::serialize(of_part, None).expect("tensors of one file fit in another");
        write(&out.join(format!("{network}.safetensors")), &bytes);
        embeddings +=
            &format!("pub static {name}: Prepared<{network}> = embed!({network}, \"{network}.safetensors\");\n");
    }
    write(&out.join("embeddings.rs"), embeddings.as_bytes());
}

fn write(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}
