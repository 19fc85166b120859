//! Bytes that call themselves a safetensors file, to the reader of `embed!` and `load`.
#![no_main]

#[path = "../../support/hostile.rs"]
#[allow(dead_code)]
mod hostile;

libfuzzer_sys::fuzz_target!(|file: &[u8]| {
    hostile::header(file);
});
