//! Typed views of plain floats: the one place where a `[f32]` becomes a value with a shape, without a copy.
//!
//! A network runs in one buffer, and its inputs, outputs and parameters are ranges of such buffers. [`Floats`] says
//! that a type is so many `f32`s in a row and nothing else; from that follow the casts between slices and nested
//! arrays that [`Chw`](crate::Chw), [`Flat`](crate::Flat), [`Tensor`](crate::Tensor) and the parameter views need.
#![allow(unsafe_code)]

use generic_array::{ArrayLength, GenericArray};

#[cfg(feature = "alloc")]
use alloc::{boxed::Box, vec::Vec};

/// A type that is [`LEN`](Floats::LEN) values of `f32` in a row and nothing else.
///
/// # Safety
///
/// The type has the size of `[f32; LEN]` and the alignment of `f32`, every bit pattern of that array is a value of
/// it, and it has no padding.
pub unsafe trait Floats: Sized + 'static {
    /// How many floats.
    const LEN: usize;

    /// The value with all floats 0.
    fn zeroed() -> Self {
        // SAFETY: all-zero bits are `[0.0; LEN]`, a value of `Self` by the trait's contract.
        unsafe { core::mem::zeroed() }
    }

    /// The floats.
    fn as_floats(&self) -> &[f32] {
        // SAFETY: `Self` is `LEN` floats without padding, and the slice borrows as `self` does.
        unsafe { core::slice::from_raw_parts(core::ptr::from_ref(self).cast(), Self::LEN) }
    }

    /// The floats, to write.
    fn as_floats_mut(&mut self) -> &mut [f32] {
        // SAFETY: as in `as_floats`, and any float written leaves a value of `Self`.
        unsafe { core::slice::from_raw_parts_mut(core::ptr::from_mut(self).cast(), Self::LEN) }
    }

    /// A view of a slice of exactly [`LEN`](Floats::LEN) floats.
    fn from_floats(floats: &[f32]) -> Option<&Self> {
        // SAFETY: the length is that of `Self`, the alignment that of `f32`, and all bits are values.
        (floats.len() == Self::LEN).then(|| unsafe { &*floats.as_ptr().cast() })
    }

    /// A view to write of a slice of exactly [`LEN`](Floats::LEN) floats.
    fn from_floats_mut(floats: &mut [f32]) -> Option<&mut Self> {
        // SAFETY: as in `from_floats`; the unique borrow of the slice becomes the unique borrow of the value.
        (floats.len() == Self::LEN).then(|| unsafe { &mut *floats.as_mut_ptr().cast() })
    }

    /// The value with all floats 0, made on the heap: a large one never passes through the stack.
    #[cfg(feature = "alloc")]
    fn zeroed_box() -> Box<Self> {
        let floats: Box<[f32]> = crate::heap::zeros(Self::LEN).into_boxed_slice();
        // SAFETY: the box holds `LEN` floats, so its layout is that of `Self` and all its bits are values. A box of none
        // owns no memory, and its pointer, aligned and not null, serves a type without size.
        unsafe { Box::from_raw(Box::into_raw(floats).cast()) }
    }

    /// So many values with all floats 0, made on the heap: large ones never pass through the stack.
    #[cfg(feature = "alloc")]
    fn zeroed_vec(count: usize) -> Vec<Self> {
        let floats: Box<[f32]> = crate::heap::zeros(count * Self::LEN).into_boxed_slice();
        // SAFETY: the allocation is `count · LEN` floats, the layout of `count` values of `Self`, whose capacity is thus
        // `count`; all its bits are values; and the box has given it up.
        unsafe { Vec::from_raw_parts(Box::into_raw(floats).cast(), count, count) }
    }

    /// One slice of all values in a row.
    fn flatten(values: &[Self]) -> &[f32] {
        // SAFETY: values of `Self` lie in a row without padding, `LEN` floats each.
        unsafe { core::slice::from_raw_parts(values.as_ptr().cast(), values.len() * Self::LEN) }
    }

    /// Many values in a row: a view of a slice of a multiple of [`LEN`](Floats::LEN) floats.
    fn unflatten(floats: &[f32]) -> Option<&[Self]> {
        if Self::LEN == 0 || !floats.len().is_multiple_of(Self::LEN) {
            return None;
        }
        // SAFETY: the slice is whole values of `LEN` floats in a row, of their alignment, and all bits are values.
        Some(unsafe { core::slice::from_raw_parts(floats.as_ptr().cast(), floats.len() / Self::LEN) })
    }

    /// One slice of all values in a row, to write.
    fn flatten_mut(values: &mut [Self]) -> &mut [f32] {
        // SAFETY: as in `flatten`, and any float written leaves a value of `Self`.
        unsafe { core::slice::from_raw_parts_mut(values.as_mut_ptr().cast(), values.len() * Self::LEN) }
    }
}

// SAFETY: one float.
unsafe impl Floats for f32 {
    const LEN: usize = 1;
}

// SAFETY: arrays lay their elements in a row without padding, and each element is `T::LEN` floats.
unsafe impl<T: Floats, const N: usize> Floats for [T; N] {
    const LEN: usize = N * T::LEN;
}

// SAFETY: `GenericArray<T, N>` has the layout of `[T; N::USIZE]`, as its crate documents.
unsafe impl<T: Floats, N: ArrayLength> Floats for GenericArray<T, N> {
    const LEN: usize = N::USIZE * T::LEN;
}

/// Implements [`Floats`] for a `repr(transparent)` wrapper of a type that is floats.
macro_rules! transparent {
    ($(#[$why:meta])* [$($generics:tt)*] $wrapper:ty, $inner:ty) => {
        // SAFETY: `repr(transparent)` gives the wrapper the layout of its one field, which is floats.
        #[allow(unsafe_code)]
        unsafe impl<$($generics)*> $crate::arena::Floats for $wrapper {
            const LEN: usize = <$inner as $crate::arena::Floats>::LEN;
        }
    };
}
pub(crate) use transparent;

/// A slice that several threads write at once, each its own places of it.
///
/// Blocks of channels and rows of positions cross in memory, so what one thread computes of a value is no slice. Whoever
/// writes through the pointer answers for it that nobody else touches those places meanwhile.
pub(crate) struct Shared<'a, T = f32> {
    first: *mut T,
    len: usize,
    slice: core::marker::PhantomData<&'a mut [T]>,
}

// SAFETY: it is a unique borrow of values, which may be written from any thread; the places are kept apart by whoever
// dereferences the pointer, which is unsafe to do.
unsafe impl<T: Send> Send for Shared<'_, T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Shared<'_, T> {}

impl<'a, T> Shared<'a, T> {
    /// All of a slice.
    pub(crate) fn new(slice: &'a mut [T]) -> Self {
        Self { first: slice.as_mut_ptr(), len: slice.len(), slice: core::marker::PhantomData }
    }

    /// How many values.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The first of them.
    pub(crate) fn as_ptr(&self) -> *mut T {
        self.first
    }

    /// Some of them.
    ///
    /// # Panics
    ///
    /// If they are beyond the slice.
    ///
    /// # Safety
    ///
    /// While the slice lives nobody else reads or writes those places.
    #[allow(clippy::mut_from_ref)] // which is what this type is for
    pub(crate) unsafe fn slice(&self, range: core::ops::Range<usize>) -> &mut [T] {
        assert!(range.start <= range.end && range.end <= self.len, "{range:?} is beyond {} values", self.len);
        // SAFETY: the range is inside the borrowed slice, and the caller keeps it for itself.
        unsafe { core::slice::from_raw_parts_mut(self.first.add(range.start), range.len()) }
    }
}

/// Floats as twice as many values of 16 bits: those that [`halves_mut`] has written, on the same machine.
pub(crate) const fn halves(floats: &[f32]) -> &[u16] {
    // SAFETY: a float is four bytes with an alignment of four, which is two values of 16 bits with that of two.
    unsafe { core::slice::from_raw_parts(floats.as_ptr().cast(), 2 * floats.len()) }
}

/// Floats as twice as many values of 16 bits, to write: a place for narrow weights among floats, which are no numbers then.
pub(crate) const fn halves_mut(floats: &mut [f32]) -> &mut [u16] {
    // SAFETY: as in `halves`; every bit pattern is a float, so whatever is written leaves floats.
    unsafe { core::slice::from_raw_parts_mut(floats.as_mut_ptr().cast(), 2 * floats.len()) }
}

/// Floats as their bits.
pub(crate) const fn words(floats: &[f32]) -> &[u32] {
    // SAFETY: both are four bytes with an alignment of four, and every bit pattern is a value of both.
    unsafe { core::slice::from_raw_parts(floats.as_ptr().cast(), floats.len()) }
}

/// Floats as their bits, to write.
pub(crate) const fn words_mut(floats: &mut [f32]) -> &mut [u32] {
    // SAFETY: as in `words`.
    unsafe { core::slice::from_raw_parts_mut(floats.as_mut_ptr().cast(), floats.len()) }
}

/// The memory of floats, to write.
pub(crate) const fn memory_mut(floats: &mut [f32]) -> &mut [u8] {
    // SAFETY: a float is four bytes, a byte may lie anywhere, and every bit pattern is a float.
    unsafe { core::slice::from_raw_parts_mut(floats.as_mut_ptr().cast(), 4 * floats.len()) }
}

/// Floats as four times as many values of 8 bits: those that [`bytes_mut`] has written, on the same machine.
pub(crate) const fn bytes(floats: &[f32]) -> &[i8] {
    // SAFETY: a float is four bytes, and a byte may lie anywhere.
    unsafe { core::slice::from_raw_parts(floats.as_ptr().cast(), 4 * floats.len()) }
}

/// Floats as four times as many values of 8 bits, to write.
pub(crate) const fn bytes_mut(floats: &mut [f32]) -> &mut [i8] {
    // SAFETY: as in `bytes`; every bit pattern is a float, so whatever is written leaves floats.
    unsafe { core::slice::from_raw_parts_mut(floats.as_mut_ptr().cast(), 4 * floats.len()) }
}

/// Floats that begin at a cache line: what embedded weights are laid in.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub struct Aligned<const LEN: usize>(pub [f32; LEN]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_arrays_are_floats_in_a_row() {
        let nested = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]];
        assert_eq!(nested.as_floats(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert_eq!(<[[f32; 2]; 3]>::from_floats(nested.as_floats()), Some(&nested));
        assert_eq!(<[[f32; 2]; 3]>::from_floats(&[0.0; 5]), None);
        assert_eq!(Floats::flatten(&[[1.0, 2.0], [3.0, 4.0]]), [1.0, 2.0, 3.0, 4.0]);
        assert_eq!(<[f32; 2]>::unflatten(nested.as_floats()), Some(&nested[..]));
        assert_eq!(<[f32; 2]>::unflatten(&[0.0; 5]), None);
        assert_eq!(<[f32; 0]>::unflatten(&[]), None);
    }

    #[test]
    fn narrow_values_lie_among_floats_at_compile_time_too() {
        // Bits that are a signalling NaN as a float are as good as any.
        const HALVES: [f32; 2] = {
            let mut floats = [1.0; 2];
            halves_mut(&mut floats).copy_from_slice(&[1, 0x7f81, 0xff81, 4]);
            floats
        };
        const BYTES: [f32; 1] = {
            let mut floats = [1.0; 1];
            bytes_mut(&mut floats).copy_from_slice(&[1, -2, -127, 127]);
            floats
        };
        assert_eq!(halves(&HALVES), [1, 0x7f81, 0xff81, 4]);
        assert_eq!(bytes(&BYTES), [1, -2, -127, 127]);
    }

    #[test]
    #[cfg(feature = "alloc")]
    fn many_zeros_need_no_stack() {
        let many = <[[f32; 1024]; 1024]>::zeroed_vec(3);
        assert_eq!((many.len(), many[2][1023][1023]), (3, 0.0));
        assert!(<[[f32; 1024]; 1024]>::zeroed_vec(0).is_empty());
        assert_eq!(<[f32; 0]>::zeroed_vec(2).len(), 2);
    }

    #[test]
    #[cfg(feature = "alloc")]
    fn boxed_zeros_need_no_stack() {
        let mut large = <[[f32; 4096]; 4096]>::zeroed_box();
        large[4095][4095] = 1.0;
        assert_eq!(large.as_floats().iter().sum::<f32>(), 1.0);
        assert!(<[f32; 0]>::zeroed_box().is_empty());
    }
}
