//! What a user reads when a declaration is wrong: one `.stderr` for each mistake, and what is right in odd spellings.
//! See `ui/README.md`.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders of mistakes. `weights` is there once its `.stderr`s are.
const MISTAKES: [&str; 15] = [
    "syntax",
    "field",
    "shape",
    "branch",
    "heads",
    "part",
    "generic",
    "output",
    "names",
    "expression",
    "constant",
    "use",
    "quiet",
    "typenum",
    "weights",
];

/// Alone, trybuild runs `cargo check`, and that is what we promise: every mistake is seen without code generation.
#[test]
fn mistakes_are_told() {
    let cases = trybuild::TestCases::new();
    for folder in MISTAKES.iter().filter(|folder| **folder != "weights" || !files(folder, "stderr").is_empty()) {
        cases.compile_fail(format!("tests/ui/{folder}/*.rs"));
    }
}

/// A set of its own: with one of these in it, trybuild would build the mistakes too.
#[test]
fn odd_spellings_pass() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    if !files("weights", "stderr").is_empty() {
        cases.pass("tests/ui/weights/pass/*.rs");
    }
}

/// Names that no user has written and none should read.
#[test]
fn nothing_hidden_is_shown() {
    const HIDDEN: [&str; 9] =
        ["__private", "__CNN", "__Cnn", "__params", "::declare", "::skeleton", "$crate", "convnet_shape", "/work"];
    const NUMERALS: [&str; 3] = ["UInt<", "UTerm", "typenum"];
    let mut shown = Vec::new();
    for (folder, file, text) in stderrs() {
        let hidden = HIDDEN.iter().chain(if folder == "typenum" { &[][..] } else { &NUMERALS });
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("-->"));
        for line in lines.filter(|line| hidden.clone().any(|name| line.contains(name))) {
            shown.push(format!("{}: {line}", file.display()));
        }
    }
    assert!(shown.is_empty(), "hidden names are shown to users:\n{}", shown.join("\n"));
}

/// Every mistake that we tell is told by us alone: rustc adds nothing to the sentence of the macro, and only
/// `evaluation panicked:` before that of a constant; hand-built chains begin with our sentence.
#[test]
fn our_sentences_stand_alone() {
    let mut wrong = Vec::new();
    for (folder, file, text) in stderrs() {
        let told = |line: &str| match folder {
            "syntax" | "field" | "shape" | "branch" | "heads" | "part" | "generic" | "output" | "names" => {
                line.starts_with("error: ")
            }
            "expression" => line.starts_with("error[E0080]: evaluation panicked: `"),
            "typenum" => line.starts_with("error[E0277]: ") && !line.contains("the trait bound"),
            // A type in the wrong place is rustc's to tell.
            "weights" => !line.contains("the trait bound"),
            _ => true,
        };
        // A macro without tokens has no place but its own, and neither has the type of what one gives.
        let placeless =
            ["syntax/empty", "weights/nothing_given", "weights/embedded_is_prepared", "weights/not_a_network"];
        let placeless = placeless.iter().any(|case| file.with_extension("").ends_with(case));
        let follows = |line: &str| line.contains("this error originates in") && !placeless;
        let added = |line: &str| follows(line) || line.contains("erroneous constant") || line.contains("inside `");
        let of_others = |line: &str| line.starts_with("error") && !told(line) || line.starts_with("warning");
        for line in text.lines().filter(|line| of_others(line) || folder != "typenum" && added(line)) {
            wrong.push(format!("{}: {line}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "beside our sentences users read:\n{}", wrong.join("\n"));
}

/// The README quotes its cases: a sentence in its first column is what the first case in its second prints. (Of
/// `typenum` it leaves out the numerals.)
#[test]
fn the_readme_quotes_its_cases() {
    let readme = fs::read_to_string("tests/ui/README.md").expect("tests/ui/README.md");
    let mut wrong = Vec::new();
    let rows = readme.lines().filter_map(|row| row.strip_prefix("| ")?.strip_suffix(" |")?.rsplit_once(" | "));
    for (sentence, cases) in rows {
        let case = cases.split('`').nth(1).unwrap_or_default();
        let Ok(text) = fs::read_to_string(format!("tests/ui/{case}.stderr")) else { continue };
        if !case.starts_with("typenum/") && !text.contains(&sentence.replace("\\|", "|")) {
            wrong.push(format!("{case}: {sentence}"));
        }
    }
    assert!(wrong.is_empty(), "tests/ui/README.md says what is not printed:\n{}", wrong.join("\n"));
}

/// The README lists every case.
#[test]
fn every_case_is_in_the_readme() {
    let readme = fs::read_to_string("tests/ui/README.md").expect("tests/ui/README.md");
    let cases = MISTAKES.iter().flat_map(|folder| files(folder, "rs"));
    let missing: Vec<String> = cases
        .map(|case| format!("{}/{}", name(case.parent().expect("in a folder")), case.file_stem().unwrap().display()))
        .filter(|case| !readme.contains(&format!("`{case}`")))
        .collect();
    assert!(missing.is_empty(), "tests/ui/README.md does not list {}", missing.join(", "));
}

fn stderrs() -> impl Iterator<Item = (&'static str, PathBuf, String)> {
    MISTAKES.iter().flat_map(|folder| {
        let read = |file: PathBuf| (*folder, file.clone(), fs::read_to_string(file).expect("a text"));
        files(folder, "stderr").into_iter().map(read)
    })
}

fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(Path::new("tests/ui").join(folder)).into_iter().flatten();
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut files: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|own| own == extension)).collect();
    files.sort();
    files
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().display().to_string()
}
