//! Writes the header of what `src/lib.rs` exports, beside the library; `run.sh` holds `include/lenet5.h` against it.

use std::env;
use std::path::PathBuf;

fn main() {
    println!("cargo:rerun-if-changed=src/lib.rs");
    println!("cargo:rerun-if-changed=cbindgen.toml");
    let root = env::var("CARGO_MANIFEST_DIR").expect("cargo says where");
    let config = cbindgen::Config::from_root_or_default(&root);
    let bindings = cbindgen::Builder::new().with_src("src/lib.rs").with_config(config).generate();
    // OUT_DIR is target/<profile>/build/<package>/out.
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo says where"));
    let profile = out.ancestors().nth(3).expect("three folders down").join("lenet5.h");
    bindings.expect("the exports are C").write_to_file(profile);
}
