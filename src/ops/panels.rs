//! Weights in panels: sixteen rows of a matrix side by side, `[⌈rows / 16⌉][columns][16]`, zeros where there is no row.
//!
//! [`embed!`](crate::embed!) has rustc's interpreter run this, for which a call is far more work than a step, and which warns from
//! four million turns of loops and calls on. So a column is written whole, from sixteen rows that are slices of their own: a
//! value takes few steps and no call, and 8 MB 5 to 8 seconds. Value by value, its place computed by a function, they took 70.

use convnet_shape::options::Stored;
use convnet_shape::plan::Layout;

use crate::arena::{bytes_mut, halves_mut, words};
use crate::half::{INFINITE, bf16s, f16s};
use crate::ops::PANEL;

/// Values of a packed `[rows, columns]` matrix: `[⌈rows / 16⌉][columns][16]`.
pub(super) const fn panel_floats(rows: usize, columns: usize) -> usize {
    rows.div_ceil(PANEL).saturating_mul(PANEL).saturating_mul(columns)
}

/// Where columns of panels are written, and as what.
pub(super) enum PanelsMut<'a> {
    F32(&'a mut [[f32; PANEL]]),
    F16(&'a mut [[u16; PANEL]]),
    Bf16(&'a mut [[u16; PANEL]]),
    /// bf16 of two columns in turns: a pair is the 32 bits of a float.
    Bf16Pairs(&'a mut [[[u16; 2]; PANEL]]),
    /// Whole numbers, and what one of them is worth in each row of each panel.
    Int8(&'a mut [[i8; PANEL]], &'a mut [[f32; PANEL]]),
}

impl<'a> PanelsMut<'a> {
    /// Those of values so stored; scales for `Int8` only.
    pub(super) const fn stored(stored: Stored, panels: &'a mut [f32], scales: &'a mut [f32]) -> Self {
        match stored {
            Stored::F32 => PanelsMut::F32(panels.as_chunks_mut().0),
            Stored::F16 => PanelsMut::F16(halves_mut(panels).as_chunks_mut().0),
            Stored::Bf16 => PanelsMut::Bf16(halves_mut(panels).as_chunks_mut().0),
            Stored::Int8 => PanelsMut::Int8(bytes_mut(panels).as_chunks_mut().0, scales.as_chunks_mut().0),
        }
    }

    /// bf16 in pairs.
    pub(super) const fn pairs(panels: &'a mut [f32]) -> Self {
        PanelsMut::Bf16Pairs(halves_mut(panels).as_chunks_mut().0.as_chunks_mut().0)
    }

    /// Packs the rows of `matrix`, `columns` values each, these in the order in which an input of such a layout has them, from
    /// panel `first` on.
    ///
    /// # Panics
    ///
    /// If the matrix is not of whole rows, or there is no room for them.
    pub(super) const fn pack(&mut self, matrix: &[f32], columns: usize, order: &Layout, first: usize) {
        if matrix.is_empty() {
            return;
        }
        assert!(matrix.len().is_multiple_of(columns), "a matrix has whole rows");
        let (mut panel, mut rest) = (first, matrix);
        while rest.len() > PANEL * columns {
            let (rows, behind) = rest.split_at(PANEL * columns);
            self.pack_one(panel, rows, columns, order);
            (panel, rest) = (panel + 1, behind);
        }
        self.pack_one(panel, rest, columns, order);
    }

    /// Packs one panel, of sixteen rows or fewer.
    const fn pack_one(&mut self, panel: usize, matrix: &[f32], columns: usize, order: &Layout) {
        let present = matrix.len() / columns;
        let [a, b, c, d, e, f, g, h, i, j, l, m, n, o, p, q] = rows(matrix, columns);
        if let PanelsMut::Int8(_, scales) = self {
            scales[panel] = scales_of(matrix, columns);
        }
        let (block, cells) = match order {
            Layout::Planar => (1, columns),
            Layout::Blocked { cells } => (PANEL, *cells),
        };
        // Column by column as they are packed, [channels / block][cells][block]; k is a column's place in the matrix.
        let (mut channel, mut place) = (0, panel * columns);
        while channel * cells < columns {
            let mut cell = 0;
            while cell < cells {
                let mut k = channel * cells + cell;
                let end = k + block * cells;
                while k < end {
                    let mut column = [
                        a[k], b[k], c[k], d[k], e[k], f[k], g[k], h[k], i[k], j[k], l[k], m[k], n[k], o[k], p[k], q[k],
                    ];
                    let mut row = present;
                    while row < PANEL {
                        column[row] = 0.0;
                        row += 1;
                    }
                    self.put(panel, place, &column);
                    (k, place) = (k + cells, place + 1);
                }
                cell += 1;
            }
            channel += block;
        }
    }

    /// Writes a column.
    const fn put(&mut self, panel: usize, place: usize, column: &[f32; PANEL]) {
        match self {
            PanelsMut::F32(to) => to[place] = *column,
            PanelsMut::F16(to) => to[place] = f16s(column),
            PanelsMut::Bf16(to) => to[place] = bf16s(column),
            PanelsMut::Bf16Pairs(to) => {
                let (to, halves, mut row) = (&mut to[place / 2], bf16s(column), 0);
                while row < PANEL {
                    to[row][place % 2] = halves[row];
                    row += 1;
                }
            }
            PanelsMut::Int8(to, scales) => to[place] = whole(column, &scales[panel]),
        }
    }
}

/// The matrix `[columns, rows]`, turned, goes to `packed` as panels.
pub(super) const fn pack_turned(matrix: &[f32], rows: usize, packed: &mut [f32]) {
    let (columns, packed) = (matrix.len() / rows, packed.as_chunks_mut().0);
    let mut row = 0;
    while row < rows {
        let present = if rows - row < PANEL { rows - row } else { PANEL };
        let mut column = 0;
        while column < columns {
            let mut values = [0.0; PANEL];
            let from = matrix.split_at(column * rows + row).1.split_at(present).0;
            values.split_at_mut(present).0.copy_from_slice(from);
            packed[row / PANEL * columns + column] = values;
            column += 1;
        }
        row += PANEL;
    }
}

/// The rows of a matrix; the first one for those that are not there.
const fn rows(matrix: &[f32], columns: usize) -> [&[f32]; PANEL] {
    let mut rows = [matrix.split_at(columns).0; PANEL];
    let (mut row, mut rest) = (0, matrix);
    while !rest.is_empty() {
        (rows[row], rest) = rest.split_at(columns);
        row += 1;
    }
    rows
}

/// The largest magnitude of a whole number: −128 has no opposite.
const LARGEST: f32 = 127.0;

/// What one is worth in each row: the largest magnitude is [`LARGEST`] of them. NaN for a row that is not all finite.
const fn scales_of(matrix: &[f32], columns: usize) -> [f32; PANEL] {
    let (mut scales, mut row, mut rest) = ([0.0; PANEL], 0, words(matrix));
    while !rest.is_empty() {
        let (own, behind) = rest.split_at(columns);
        let (fours, ones) = own.as_chunks::<4>();
        let (mut largest, mut i) = (0, 0);
        // Magnitudes are in the order of their bits, and what is not finite is behind all others.
        macro_rules! largest_of {
            ($($bits:expr),*) => {
                $(
                    let magnitude = $bits & 0x7fff_ffff;
                    if magnitude > largest {
                        largest = magnitude;
                    }
                )*
            };
        }
        while i < fours.len() {
            let [a, b, c, d] = fours[i];
            largest_of!(a, b, c, d);
            i += 1;
        }
        i = 0;
        while i < ones.len() {
            largest_of!(ones[i]);
            i += 1;
        }
        scales[row] = if largest < INFINITE { f32::from_bits(largest) / LARGEST } else { f32::NAN };
        (row, rest) = (row + 1, behind);
    }
    scales
}

/// The nearest whole numbers of scales, ties to even; what is no number, as 0 / 0, is 0.
const fn whole(column: &[f32; PANEL], scales: &[f32; PANEL]) -> [i8; PANEL] {
    /// ulp(1.5 · 2²³) is 1: what is added to it is rounded to whole numbers.
    const WHOLE: f32 = 12_582_912.0;
    let (mut to, mut row) = ([0; PANEL], 0);
    while row < PANEL {
        let rounded = (column[row] / scales[row] + WHOLE) - WHOLE;
        // `as` is what keeps to the range, but for −128.
        let whole = rounded as i8;
        to[row] = if whole == i8::MIN { -(LARGEST as i8) } else { whole };
        row += 1;
    }
    to
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{Vec, numbers, vec};

    /// [`Layout::place`] is the definition.
    #[test]
    fn columns_in_either_order() {
        for (rows, columns, order) in [
            (16, 5, Layout::Planar),
            (3, 7, Layout::Planar),
            (33, 64, Layout::Blocked { cells: 2 }),
            (20, 48, Layout::Blocked { cells: 1 }),
        ] {
            let matrix = numbers(1, rows * columns);
            let mut packed = vec![f32::NAN; panel_floats(rows, columns)];
            PanelsMut::stored(Stored::F32, &mut packed, &mut []).pack(&matrix, columns, &order, 0);
            let mut turned = vec![f32::NAN; packed.len()];
            let columns_first: Vec<f32> = (0..columns * rows).map(|i| matrix[i % rows * columns + i / rows]).collect();
            pack_turned(&columns_first, rows, &mut turned);
            for row in 0..rows.next_multiple_of(PANEL) {
                for column in 0..columns {
                    let expected = if row < rows { matrix[row * columns + column] } else { 0.0 };
                    let at = |column| (row / PANEL * columns + column) * PANEL + row % PANEL;
                    assert_eq!(packed[at(order.place(column))], expected, "{row}, {column} of {rows}x{columns}");
                    assert_eq!(turned[at(column)], expected, "{row}, {column} of {rows}x{columns}");
                }
            }
        }
    }
}
