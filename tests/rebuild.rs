//! What `embed!` owes to cargo: a change of the file is a reason to compile again, in both kinds of files. And what no file in
//! the repository shows, because it would be too large: a safetensors file beyond what rustc packs.
//!
//! A crate of its own is checked in the directory for temporary files of tests, with nothing but the core of the library.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const SOURCE: &str = r#"
use convnet::{Prepared, cnn, embed};

cnn! {
    pub struct Net: [1, 5, 5] -> [2] {
        conv1: conv2d(2, kernel = 3), relu,
        flatten,
        fc1: linear(2),
    }
}

static NET: Prepared<Net> = embed!(Net, "weights");

pub fn first() -> f32 {
    NET.packed()[0]
}
"#;

struct Crate(PathBuf);

impl Crate {
    fn new() -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("embeds");
        fs::create_dir_all(folder.join("src")).expect("a folder for temporary files");
        let convnet = env!("CARGO_MANIFEST_DIR");
        let manifest = format!(
            "[package]\nname = \"embeds\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n\
             convnet = {{ path = {convnet:?}, default-features = false }}\n\n[workspace]\n"
        );
        fs::write(folder.join("Cargo.toml"), manifest).expect("a manifest");
        fs::copy(Path::new(convnet).join("Cargo.lock"), folder.join("Cargo.lock"))
            .expect("the versions that are tested");
        fs::write(folder.join("src/lib.rs"), SOURCE).expect("a source file");
        Self(folder)
    }

    /// Whether it compiles with this file, and what is printed.
    fn check(&self, file: &[u8]) -> (bool, String) {
        fs::write(self.0.join("src/weights"), file).expect("a file of weights");
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["check", "--offline"]).current_dir(&self.0).env("CARGO_TARGET_DIR", self.0.join("target"));
        let output = cargo.output().expect("cargo runs");
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

#[test]
fn a_change_of_the_file_is_seen() {
    let embeds = Crate::new();
    let read = |name: &str| fs::read(Path::new("tests/ui/weights").join(name)).expect("a file of weights");
    let (right, wrong) = (read("right.safetensors"), read("tensor_missing.safetensors"));
    let (packed, damaged) = (read("right.convnet"), read("packed_damaged.convnet"));
    let steps: [(&str, &[u8], Option<&str>); 6] = [
        ("right", &right, None),
        ("a tensor missing", &wrong, Some("`weights` does not fit `Net`: `conv1.bias` [2] is missing")),
        ("right again", &right, None),
        ("packed", &packed, None),
        ("damaged", &damaged, Some("`weights` has the checksum ")),
        ("packed again", &packed, None),
    ];
    for (name, file, error) in steps {
        let (succeeded, printed) = embeds.check(file);
        assert_eq!(succeeded, error.is_none(), "{name}: {printed}");
        assert!(printed.contains(error.unwrap_or_default()), "{name}: {printed}");
    }
    let (succeeded, printed) = embeds.check(&large_file());
    let said = "`weights` has 9.0 MiB, and rustc packs files up to 8 MiB; pack it once, `net.pack_to(\"….convnet\")`";
    assert!(!succeeded && printed.contains(said), "{printed}");
}

/// A file of 9 MiB with one tensor.
fn large_file() -> Vec<u8> {
    let header = r#"{"fc1.weight": {"dtype": "F32", "shape": [2359296], "data_offsets": [0, 9437184]}}"#;
    let mut file = [&(header.len() as u64).to_le_bytes(), header.as_bytes()].concat();
    file.resize(file.len() + 9_437_184, 0);
    file
}
