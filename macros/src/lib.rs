//! The compiler behind `cnn!`: a declaration of a network in, a statically typed chain of layers out.
//!
//! Stages, each a function from one value to the next, in a file of its name:
//!
//! | stage | from → to |
//! |---|---|
//! | [`parse`] | tokens → [`ast`]: what is written, with the user's tokens, no judgement |
//! | [`resolve`] | ast → [`model`]: keywords looked up, fields found, defaults filled in |
//! | [`check`] | names and generics |
//! | [`infer`] | model → facts: shapes, by `convnet_shape`, and the mistakes in them |
//! | [`expand`] | model and facts → code that names paths and computes nothing |
//!
//! Mistakes are pushed into a [`report::Report`]; where there are any, [`fallback`] emits a skeleton of the type, so
//! that the rest of the crate still compiles and only the mistakes are shown.
#![forbid(unsafe_code)]

mod ast;
mod check;
mod embed;
mod expand;
mod fallback;
mod infer;
mod message;
mod model;
mod parse;
mod report;
mod resolve;

use proc_macro::TokenStream;

/// Declares a network.
#[proc_macro]
pub fn cnn(input: TokenStream) -> TokenStream {
    expand::cnn(input.into()).into()
}

/// Puts the weights of a network into the program: `embed!(LeNet5, "lenet5.safetensors")` is a
/// `Prepared<LeNet5>`, packed while the program is compiled.
///
/// The path is relative to the source file that it stands in, as with `include_bytes!`, and a change of the file
/// triggers a rebuild. Names, shapes and types of its tensors are held against the architecture at compile time: a
/// file that is missing, truncated or foreign, and tensors that are missing, unexpected, of another shape or of
/// another type than `F32` are errors at the path. Weights made so lie in the read-only data of the program at a
/// 64-byte boundary: no file, no heap and no start-up work at run time. Made for files up to about 8 MB.
///
/// ```ignore
/// static NET: Prepared<LeNet5> = embed!(LeNet5, "lenet5.safetensors");
/// ```
#[proc_macro]
pub fn embed(input: TokenStream) -> TokenStream {
    embed::embed(input.into()).into()
}
