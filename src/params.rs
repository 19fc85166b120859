//! The parameters of a network: one flat buffer, owned or embedded.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

/// A flat buffer of parameters.
#[derive(Clone, Debug)]
pub enum Params {
    /// On the heap: trained, loaded or changed.
    #[cfg(feature = "alloc")]
    Owned(Vec<f32>),
    /// In the program itself.
    Static(&'static [f32]),
}

impl Params {
    /// All values.
    pub const fn as_slice(&self) -> &[f32] {
        match self {
            #[cfg(feature = "alloc")]
            Params::Owned(values) => values.as_slice(),
            Params::Static(values) => values,
        }
    }

    /// All values, to write; embedded ones are copied to the heap first.
    #[cfg(feature = "alloc")]
    pub fn to_mut(&mut self) -> &mut [f32] {
        if let Params::Static(values) = self {
            *self = Params::Owned(values.to_vec());
        }
        match self {
            Params::Owned(values) => values,
            Params::Static(_) => unreachable!("made owned above"),
        }
    }
}
