//! Files of weights: what `embed!` reads while it expands, and `load` when the program runs.
//!
//! Whoever calls has the bytes; here they are taken apart, with nothing believed that they say: every length is held against
//! the file before it is used, no function calls itself, and memory is bounded by the length of the header. A file that
//! is wrong gives a sentence that names the tensor and the numbers; there is no other way out, and `tests/fuzz` looks for one.
//!
//! | module | what is there |
//! |---|---|
//! | [`packed`] | packed files, the library's own |
//! | [`safetensors`] | the header of a safetensors file, with the feature `alloc` |

#[cfg(feature = "alloc")]
mod json;
pub mod packed;
#[cfg(feature = "alloc")]
pub mod safetensors;
