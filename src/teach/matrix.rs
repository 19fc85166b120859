//! The matrix of a convolution as a value.

use alloc::{vec, vec::Vec};

/// Most values that a matrix for looking at may have: 64 Mi floats · 4 bytes = 256 MiB.
pub(super) const MAX_VALUES: usize = 1 << 26;

/// The matrix of a convolution, `[outputs, inputs]`, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct ConvMatrix {
    columns: usize,
    values: Vec<f32>,
}

impl ConvMatrix {
    /// All zeros; none if it would be too large. A convolution has at least one input.
    pub(super) fn zeros(rows: usize, columns: usize) -> Option<Self> {
        let values = rows.checked_mul(columns).filter(|values| *values <= MAX_VALUES)?;
        Some(Self { columns, values: vec![0.0; values] })
    }

    pub(super) fn values_mut(&mut self) -> &mut [f32] {
        &mut self.values
    }

    /// Values of one output.
    pub const fn rows(&self) -> usize {
        self.values.len() / self.columns
    }

    /// Values of one input.
    pub const fn columns(&self) -> usize {
        self.columns
    }

    /// What one output value is made of.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    pub fn row(&self, index: usize) -> &[f32] {
        assert!(index < self.rows(), "row {index} of {}", self.rows());
        &self.values[index * self.columns..][..self.columns]
    }

    /// All values, row by row.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Rows for columns: the matrix of the transposed convolution.
    #[must_use]
    pub fn transposed(&self) -> Self {
        let (rows, columns) = (self.rows(), self.columns);
        let value = |at: usize| self.values[at % rows * columns + at / rows];
        Self { columns: rows, values: (0..rows * columns).map(value).collect() }
    }

    /// M x, the sum for each row.
    ///
    /// ```
    /// use convnet::{Chw, cnn, teach};
    ///
    /// cnn! {
    ///     struct Up: [1, 2, 2] -> [1, 4, 4] { up: conv_transpose2d(1, kernel = 3, bias = false) }
    /// }
    /// let net = Up::init(1);
    /// let x = Chw([[[1.0, 2.0], [3.0, 4.0]]]);
    /// let by_matrix = teach::convolution(&net, "up")?.matrix()?.times(x.as_slice());
    /// for (ours, layers) in by_matrix.iter().zip(net.forward(&x).as_slice()) {
    ///     assert!((ours - layers).abs() < 1e-5);
    /// }
    /// # Ok::<(), teach::TeachError>(())
    /// ```
    ///
    /// # Panics
    ///
    /// If `x` has another length than [`columns`](Self::columns).
    pub fn times(&self, x: &[f32]) -> Vec<f32> {
        assert_eq!(x.len(), self.columns, "one value for each column");
        self.values.chunks_exact(self.columns).map(|row| row.iter().zip(x).map(|(m, x)| m * x).sum()).collect()
    }
}
