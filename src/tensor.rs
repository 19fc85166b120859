//! Values with a shape.
//!
//! At the door of a network stand [`Flat<N>`] and [`Chw<C, H, W>`]: const generics, so that an error message reads
//! `Chw<1, 28, 28>`, nested arrays inside, and a view of any slice of the right length without a copy.
//! [`Tensor<S>`] is the same for shapes that are types, [`Image<U1, U28, U28>`](crate::shape::Image): what hand-built
//! and size-generic chains take and return. All of them are so many floats in a row, [`Floats`].
//!
//! ```
//! use convnet::Chw;
//!
//! let pixels = [0.5; 28 * 28];
//! let image: &Chw<1, 28, 28> = Chw::from_slice(&pixels).unwrap();
//! assert_eq!(image[0][27][27], 0.5);
//! assert_eq!(
//!     Chw::<3, 28, 28>::from_slice(&pixels).unwrap_err().to_string(),
//!     "a [3, 28, 28] value has 2352 floats, the slice has 784",
//! );
//! ```

use core::fmt;
use core::ops::{Deref, DerefMut};

use convnet_shape::dims::Dims;

use crate::arena::{Floats, transparent};
use crate::shape::Shape;

#[cfg(feature = "alloc")]
use alloc::boxed::Box;

/// A value whose sizes are known: what goes into a network and comes out of it.
pub trait Value: Floats {
    /// The sizes.
    const DIMS: Dims;

    /// A view of a slice of floats in the order `[C, H, W]`, or what its length should have been.
    fn from_slice(floats: &[f32]) -> Result<&Self, LengthError> {
        Self::from_floats(floats).ok_or(LengthError::floats(Self::DIMS, floats.len()))
    }

    /// Views of many values that lie in a row; the slice's length is a multiple of a value's.
    fn many_from_slice(floats: &[f32]) -> Result<&[Self], LengthError> {
        Self::unflatten(floats).ok_or(LengthError::floats(Self::DIMS, floats.len()))
    }

    /// A view to write of a slice of floats, or what its length should have been.
    fn from_slice_mut(floats: &mut [f32]) -> Result<&mut Self, LengthError> {
        let found = floats.len();
        Self::from_floats_mut(floats).ok_or(LengthError::floats(Self::DIMS, found))
    }
}

/// A slice whose length is not that of the value it should hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LengthError {
    dims: Dims,
    found: usize,
    /// What the slice is of, if not of floats.
    of: &'static str,
}

impl LengthError {
    /// A slice of so many floats.
    const fn floats(dims: Dims, found: usize) -> Self {
        Self { dims, found, of: "" }
    }

    /// A slice of so many samples, one to become each float.
    pub(crate) const fn samples(dims: Dims, found: usize) -> Self {
        Self { dims, found, of: " samples" }
    }
}

impl fmt::Display for LengthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a {} value has {} floats, the slice has {}{}", self.dims, self.dims.len(), self.found, self.of)
    }
}

impl core::error::Error for LengthError {}

/// Defines a const-generic value: nested arrays behind a name.
macro_rules! value {
    ($(#[$doc:meta])* $name:ident<$($size:ident),+>, $array:ty) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        #[repr(transparent)]
        pub struct $name<$(const $size: usize),+>(pub $array);

        transparent!([$(const $size: usize),+] $name<$($size),+>, $array);

        impl<$(const $size: usize),+> Value for $name<$($size),+> {
            const DIMS: Dims = Dims::new(&[$($size),+]);
        }

        impl<$(const $size: usize),+> $name<$($size),+> {
            /// The value of all zeros.
            pub fn zeros() -> Self {
                Floats::zeroed()
            }

            /// The value of all zeros on the heap; a large one never passes through the stack.
            #[cfg(feature = "alloc")]
            pub fn zeros_boxed() -> Box<Self> {
                Floats::zeroed_box()
            }

            /// A view of a slice, channels outermost, or what its length should have been.
            pub fn from_slice(floats: &[f32]) -> Result<&Self, LengthError> {
                Value::from_slice(floats)
            }

            /// A view to write of a slice, or what its length should have been.
            pub fn from_slice_mut(floats: &mut [f32]) -> Result<&mut Self, LengthError> {
                Value::from_slice_mut(floats)
            }

            /// Views of many values that lie in a row, as those of a data set do; the slice's length is a multiple of
            /// a value's.
            pub fn many_from_slice(floats: &[f32]) -> Result<&[Self], LengthError> {
                Value::many_from_slice(floats)
            }

            /// All floats in a row, channels outermost.
            pub fn as_slice(&self) -> &[f32] {
                self.as_floats()
            }

            /// All floats in a row, to write.
            pub fn as_mut_slice(&mut self) -> &mut [f32] {
                self.as_floats_mut()
            }
        }

        impl<$(const $size: usize),+> Default for $name<$($size),+> {
            fn default() -> Self {
                Self::zeros()
            }
        }

        impl<$(const $size: usize),+> Deref for $name<$($size),+> {
            type Target = $array;
            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        impl<$(const $size: usize),+> DerefMut for $name<$($size),+> {
            fn deref_mut(&mut self) -> &mut Self::Target {
                &mut self.0
            }
        }

        impl<$(const $size: usize),+> From<$array> for $name<$($size),+> {
            fn from(array: $array) -> Self {
                Self(array)
            }
        }

        impl<'a, $(const $size: usize),+> From<&'a $array> for &'a $name<$($size),+> {
            fn from(array: &'a $array) -> Self {
                $name::from_floats(array.as_floats()).expect("an array and its wrapper have one length")
            }
        }

        impl<'a, $(const $size: usize),+> TryFrom<&'a [f32]> for &'a $name<$($size),+> {
            type Error = LengthError;
            fn try_from(floats: &'a [f32]) -> Result<Self, LengthError> {
                $name::from_slice(floats)
            }
        }
    };
}

value! {
    /// A vector of `N` floats.
    Flat<N>, [f32; N]
}
value! {
    /// A sequence of `C` channels and `L` steps.
    Cl<C, L>, [[f32; L]; C]
}
value! {
    /// An image of `C` channels, `H` rows and `W` columns.
    Chw<C, H, W>, [[[f32; W]; H]; C]
}
value! {
    /// A volume of `C` channels, `D` planes, `H` rows and `W` columns; a video has `D` frames.
    Cdhw<C, D, H, W>, [[[[f32; W]; H]; D]; C]
}

/// A value whose shape is a type: nested `GenericArray`s.
///
/// A large one belongs on the heap: [`Tensor::zeros_boxed`].
#[repr(transparent)]
pub struct Tensor<S: Shape>(S::Array);

transparent!([S: Shape] Tensor<S>, S::Array);

impl<S: Shape> Value for Tensor<S> {
    const DIMS: Dims = S::DIMS;
}

impl<S: Shape> Tensor<S> {
    /// The value of all zeros.
    pub fn zeros() -> Self {
        Floats::zeroed()
    }

    /// The value of all zeros on the heap; a large one never passes through the stack.
    #[cfg(feature = "alloc")]
    pub fn zeros_boxed() -> Box<Self> {
        Floats::zeroed_box()
    }

    /// A view of a slice, channels outermost, or what its length should have been.
    pub fn from_slice(floats: &[f32]) -> Result<&Self, LengthError> {
        Value::from_slice(floats)
    }

    /// A view of a const-generic value of the same length, without a copy; `None` if the sizes differ.
    pub fn from_value<V: Value>(value: &V) -> Option<&Self> {
        if V::DIMS.equals(&S::DIMS) { Self::from_floats(value.as_floats()) } else { None }
    }

    /// This value as a const-generic one, without a copy; `None` if the sizes differ.
    pub fn to_value<V: Value>(&self) -> Option<&V> {
        if V::DIMS.equals(&S::DIMS) { V::from_floats(self.as_floats()) } else { None }
    }

    /// All floats in a row, channels outermost.
    pub fn as_slice(&self) -> &[f32] {
        self.as_floats()
    }

    /// All floats in a row, to write.
    pub fn as_mut_slice(&mut self) -> &mut [f32] {
        self.as_floats_mut()
    }

    /// The nested arrays.
    pub fn as_array(&self) -> &S::Array {
        &self.0
    }
}

impl<S: Shape> Clone for Tensor<S> {
    fn clone(&self) -> Self {
        let mut own = Self::zeros();
        own.as_mut_slice().copy_from_slice(self.as_slice());
        own
    }
}

impl<S: Shape> PartialEq for Tensor<S> {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl<S: Shape> fmt::Debug for Tensor<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tensor {} {:?}", S::DIMS, self.as_slice())
    }
}

/// How a network hands out its result: by value up to 16 KiB, boxed beyond.
///
/// `ByValue<true>` and `ByValue<false>` choose; the macro computes the condition from the output's length.
pub struct ByValue<const YES: bool>;

/// The type of a result of type `V`.
pub trait Return<V> {
    /// `V`, or a box of it.
    type Type: Returned<V>;
}

impl<V: Floats> Return<V> for ByValue<true> {
    type Type = V;
}

#[cfg(feature = "alloc")]
impl<V: Floats> Return<V> for ByValue<false> {
    type Type = Box<V>;
}

#[cfg(not(feature = "alloc"))]
impl<V: Floats> Return<V> for ByValue<false> {
    type Type = V;
}

/// A result that can be made: zeros, filled in place.
pub trait Returned<V> {
    /// A result of zeros after `fill` has written it.
    fn filled(fill: impl FnOnce(&mut V)) -> Self;
}

impl<V: Floats> Returned<V> for V {
    fn filled(fill: impl FnOnce(&mut V)) -> Self {
        let mut value = V::zeroed();
        fill(&mut value);
        value
    }
}

#[cfg(feature = "alloc")]
impl<V: Floats> Returned<V> for Box<V> {
    fn filled(fill: impl FnOnce(&mut V)) -> Self {
        let mut value = V::zeroed_box();
        fill(&mut value);
        value
    }
}

/// Bytes up to which a result is returned by value: a page or four on the stack, no more.
pub const BY_VALUE_BYTES: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::Image;
    use typenum::{U2, U3};

    #[test]
    fn views_copy_nothing() {
        let floats: [f32; 12] = core::array::from_fn(|i| i as f32);
        let chw: &Chw<2, 3, 2> = Chw::from_slice(&floats).unwrap();
        assert_eq!(chw.as_slice().as_ptr(), floats.as_ptr());
        assert_eq!(chw[1][2][1], 11.0);
        let tensor = Tensor::<Image<U2, U3, U2>>::from_value(chw).unwrap();
        assert_eq!(tensor.as_slice().as_ptr(), floats.as_ptr());
        assert_eq!(tensor.to_value::<Chw<2, 3, 2>>(), Some(chw));
        assert_eq!(tensor.to_value::<Chw<3, 2, 2>>(), None);
        let rows: &[Flat<3>] = Flat::many_from_slice(&floats).unwrap();
        assert_eq!((rows.len(), rows[3]), (4, Flat([9.0, 10.0, 11.0])));
        assert!(Flat::<5>::many_from_slice(&floats).is_err());
    }

    #[test]
    fn an_array_is_a_value() {
        let array = [[[1.0, 2.0], [3.0, 4.0]]];
        let by_reference: &Chw<1, 2, 2> = (&array).into();
        assert_eq!(*by_reference, Chw::from(array));
    }
}
