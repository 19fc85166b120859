//! The arithmetic of convolutional networks: sizes, costs, memory and the sentences about what does not fit.
//!
//! Everything here is a `const fn` over plain numbers. The macro `cnn!` runs these functions while it expands,
//! for sizes that are literals; rustc runs the same functions while it evaluates constants, for sizes that are
//! expressions; the library runs them again for hand-built chains. One formula, one sentence, three callers.
//!
//! | module | what is there |
//! |---|---|
//! | [`text`] | [`Text`](text::Text), a sentence that const code can put together |
//! | [`dims`] | [`Dims`](dims::Dims), the sizes of one value, `[C, H, W]` |
//! | [`window`] | [`Window`](window::Window) and ⌊(n + p₀ + p₁ − d(k − 1) − 1) / s⌋ + 1 |
//! | [`op`] | [`Op`](op::Op), one operation: its output, parameters, multiply-accumulates |
//! | [`geometry`] | the operation met with an input: the numbers a kernel loops over |
//! | [`graph`] | who reads what: the edges of a network |
//! | [`options`] | [`Options`](options::Options), what a declaration asks of the kernels |
//! | [`check`] | what can be wrong with an operation, and the sentence that says it |
//! | [`plan`] | where each value lives in the arena |
//! | [`tensors`] | names and shapes of parameters, held against those of a file |
//! | [`fingerprint`](mod@fingerprint) | what an architecture and its packing hash to |
//! | [`files`] | files of weights taken apart |
//!
//! Sizes are total: a function that computes one never panics and saturates instead of overflowing, because the
//! checks stand apart and must be able to speak. `#![no_std]`, no dependency, and no allocation but where files are read,
//! with the feature `alloc`.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(feature = "alloc")]
extern crate alloc;

pub mod check;
pub mod dims;
pub mod files;
pub mod fingerprint;
pub mod geometry;
pub mod graph;
pub mod op;
pub mod options;
pub mod plan;
pub mod tensors;
pub mod text;
pub mod window;
