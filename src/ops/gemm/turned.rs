//! Tiles of a transposed B, turned as they are needed.

use super::own::{self, NR};
use super::{Beta, Matrix, Target};

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
