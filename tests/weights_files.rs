//! The files of weights in `tests/ui/weights` are those that `tests/support/weights_files.rs` makes, byte for byte.
//!
//! ```sh
//! WRITE=1 cargo test --test weights_files   # writes them anew
//! ```

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[path = "support/weights_files.rs"]
mod weights_files;

const FOLDER: &str = "tests/ui/weights";
const CORPUS: &str = "tests/fuzz/corpus/header";

/// If this fails for packed files alone, kernels pack otherwise than before: see `PACKING` in
/// `macros/shape/src/fingerprint.rs`.
#[test]
fn the_files_are_what_the_script_makes() {
    let write = std::env::var_os("WRITE").is_some();
    let mut wrong = Vec::new();
    let kinds = [
        (FOLDER, "safetensors", weights_files::files()),
        (FOLDER, "convnet", weights_files::packed_files()),
        (CORPUS, "safetensors", weights_files::corpus()),
    ];
    for (folder, ending, files) in kinds {
        let mut made = BTreeSet::new();
        for (name, bytes) in files {
            let path = Path::new(folder).join(name).with_extension(ending);
            if write {
                fs::write(&path, &bytes).expect("a folder that can be written");
            }
            if fs::read(&path).ok() != Some(bytes) {
                wrong.push(format!("{} differs", path.display()));
            }
            assert!(made.insert(path), "{name} is made twice");
        }
        for entry in fs::read_dir(folder).expect("the folder") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|own| own == ending) && !made.contains(&path) {
                wrong.push(format!("{} is made by nobody", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A file that nobody embeds proves nothing.
#[test]
fn every_file_has_a_case() {
    let folders = [FOLDER, "tests/ui/weights/pass"];
    let entries = folders.iter().flat_map(|folder| fs::read_dir(folder).expect("a folder"));
    let cases: Vec<String> = entries.filter_map(|entry| fs::read_to_string(entry.ok()?.path()).ok()).collect();
    let all = weights_files::files().into_iter().map(|(name, _)| format!("{name}.safetensors\""));
    for file in all.chain(weights_files::packed_files().into_iter().map(|(name, _)| format!("{name}.convnet\""))) {
        assert!(cases.iter().any(|case| case.contains("use convnet") && case.contains(&file)), "{file} has no case");
    }
}
