//! One kernel of a convolution, and its factors.

use alloc::{vec, vec::Vec};

use crate::ops::teach;

/// A kernel of two axes: what one output channel sees one input channel through.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kernel<'a> {
    /// The channel of the output.
    pub out_channel: usize,
    /// The channel of the input.
    pub in_channel: usize,
    /// Rows and columns.
    pub sizes: [usize; 2],
    /// The values, row by row.
    pub values: &'a [f32],
}

/// A kernel taken apart: kernel = column ⊗ row.
#[derive(Clone, Debug, PartialEq)]
pub struct Factors {
    /// One value a row; the first that is not 0 is 1.
    pub column: Vec<f32>,
    /// One value a column.
    pub row: Vec<f32>,
}

impl Kernel<'_> {
    /// Whether it is a column times a row, see [`teach::is_separable`]; exactly with tolerance 0.
    pub fn is_separable(&self, tolerance: f32) -> bool {
        teach::is_separable(self.sizes, self.values, tolerance)
    }

    /// The column and the row, if it is separable.
    ///
    /// ```
    /// use convnet::teach::Kernel;
    ///
    /// let kernel = Kernel { out_channel: 0, in_channel: 0, sizes: [2, 3], values: &[1.0, 2.0, 3.0, 2.0, 4.0, 6.0] };
    /// let factors = kernel.separate(0.0).unwrap();
    /// assert_eq!((factors.column, factors.row), (vec![1.0, 2.0], vec![1.0, 2.0, 3.0]));
    /// ```
    pub fn separate(&self, tolerance: f32) -> Option<Factors> {
        let [rows, columns] = self.sizes;
        let mut factors = Factors { column: vec![0.0; rows], row: vec![0.0; columns] };
        teach::separate(self.values, tolerance, &mut factors.column, &mut factors.row).then_some(factors)
    }
}
