//! Values put in another order: weights into panels, once; tiles of a transposed B, as they are needed.

use super::own::{self, NR};
use super::{Beta, Matrix, Target};
use crate::ops::PANEL;

/// Values of a packed `[rows, columns]` matrix: `[⌈rows / 16⌉][columns][16]`.
pub(in crate::ops) const fn panel_floats(rows: usize, columns: usize) -> usize {
    rows.div_ceil(PANEL).saturating_mul(PANEL).saturating_mul(columns)
}

/// The matrix `[rows, columns]` at `weight[from..]`, its value (i, j) `i · strides[0] + j · strides[1]` further, goes
/// to `packed[to..]` as panels, padded with zeros.
pub(in crate::ops) const fn pack_panels(
    [rows, columns]: [usize; 2],
    weight: &[f32],
    (from, strides): (usize, [usize; 2]),
    packed: &mut [f32],
    to: usize,
) {
    let mut row = 0;
    while row < rows.div_ceil(PANEL) * PANEL {
        let panel = to + row / PANEL * PANEL * columns + row % PANEL;
        let mut column = 0;
        while column < columns {
            let value = from + row * strides[0] + column * strides[1];
            packed[panel + column * PANEL] = if row < rows { weight[value] } else { 0.0 };
            column += 1;
        }
        row += 1;
    }
}

/// Rows of a turned tile of B: with the widest tile 32 · 32 · 4 bytes = 4 KiB of stack.
const ROWS: usize = 32;

/// `[M, K]` × `[K, N]` → `[M, N]` for B in columns: tiles of B are turned into rows on the stack.
pub(super) fn product([m, n, k]: [usize; 3], a: Matrix, (b, b_stride): (&[f32], usize), c: &mut Target) {
    for from in (0..k).step_by(ROWS) {
        let depth = ROWS.min(k - from);
        for j in (0..n).step_by(NR) {
            let columns = NR.min(n - j);
            let mut tile = [[0.0; NR]; ROWS];
            for column in 0..columns {
                for (row, value) in tile.iter_mut().zip(&b[(j + column) * b_stride + from..][..depth]) {
                    row[column] = *value;
                }
            }
            let tile = (tile.as_flattened(), NR);
            own::block([m, columns], from..from + depth, a, tile, &mut c.at(0, j));
        }
        c.beta = Beta::One;
    }
}
