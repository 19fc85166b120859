//! What a program asks of its surroundings: the argument that it is called with, a line to print.
//!
//! `wasm32-unknown-unknown` has neither arguments nor an output; `run.mjs` hands them in as functions.

#[cfg(not(target_arch = "wasm32"))]
pub fn argument() -> Option<String> {
    std::env::args().nth(1)
}

#[cfg(not(target_arch = "wasm32"))]
pub fn print(line: &str) {
    println!("{line}");
}

#[cfg(target_arch = "wasm32")]
#[link(wasm_import_module = "host")]
unsafe extern "C" {
    /// Writes the argument, at most `capacity` bytes of it, and returns how many; 0 without one.
    #[link_name = "argument"]
    fn host_argument(to: *mut u8, capacity: usize) -> usize;
    #[link_name = "print"]
    fn host_print(line: *const u8, length: usize);
}

#[cfg(target_arch = "wasm32")]
pub fn argument() -> Option<String> {
    let mut bytes = [0; 64];
    // SAFETY: there are as many bytes to write as the call says.
    let length = unsafe { host_argument(bytes.as_mut_ptr(), bytes.len()) };
    (length > 0).then(|| String::from_utf8_lossy(&bytes[..length]).into_owned())
}

#[cfg(target_arch = "wasm32")]
pub fn print(line: &str) {
    // SAFETY: there are as many bytes to read as the call says.
    unsafe { host_print(line.as_ptr(), line.len()) }
}
