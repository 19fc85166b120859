//! `embed!`.
use proc_macro2::TokenStream;
pub fn embed(_tokens: TokenStream) -> TokenStream { TokenStream::new() }
