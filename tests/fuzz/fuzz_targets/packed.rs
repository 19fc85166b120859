//! Bytes that call themselves a packed file, to the reader of `embed!` and `load_packed`; checksums are put right, because
//! no fuzzer guesses them.
#![no_main]

#[path = "../../support/hostile.rs"]
#[allow(dead_code)]
mod hostile;

libfuzzer_sys::fuzz_target!(|file: &[u8]| {
    hostile::packed(file);
});
