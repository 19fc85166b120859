//! Gradients with output channels in lanes: `[C_out, positions]` → `[⌈C_out / 16⌉][positions][16]`.

use crate::ops::conv::regions::Strip;
use crate::ops::geometry::{Conv, output_cells};
use crate::simd::LANES;

/// ∂L/∂O of `count` channels from `channel` on, at the positions of a strip: grad_output `[N, C_out, H', W']` → turned
/// `[⌈count / 16⌉][strip][16]`. Lanes beyond the last channel are anything.
pub(super) fn turn(
    g: &Conv,
    grad_output: &[f32],
    [channel, count]: [usize; 2],
    strip: &Strip,
    turned: &mut [[f32; LANES]],
) {
    let [_, height, width] = &g.axes;
    let (cells, whole) = (output_cells(&g.axes), strip.columns.len() == width.output);
    debug_assert_eq!(cells, height.output * width.output);
    let run = if whole { strip.rows.len() * width.output } else { strip.columns.len() };
    let runs = if whole { 1 } else { strip.rows.len() };
    let mut turned = turned.chunks_exact_mut(run);
    for first in (channel..channel + count).step_by(LANES) {
        let last = channel + count - 1;
        for sample in strip.samples.clone() {
            for row in 0..runs {
                let start = (strip.rows.start + row) * width.output + strip.columns.start;
                let lane = |lane: usize| {
                    &grad_output[(sample * g.out_channels + (first + lane).min(last)) * cells + start..][..run]
                };
                let lanes: [&[f32]; LANES] = core::array::from_fn(lane);
                let to = turned.next().expect("there is room for the strip");
                let channels = (last + 1 - first).min(LANES);
                transpose(&lanes[..channels.next_multiple_of(SIDE)], to);
            }
        }
    }
}

/// Sides of the squares that are turned at a time: four vectors of SSE2 or NEON.
const SIDE: usize = 4;

/// Lanes `[4 n][positions]` → `[positions][16]`, its first `4 n` lanes.
pub(in crate::ops::conv) fn transpose(lanes: &[&[f32]], turned: &mut [[f32; LANES]]) {
    let whole = turned.len() / SIDE * SIDE;
    for (lane, rows) in (0..LANES).step_by(SIDE).zip(lanes.chunks_exact(SIDE)) {
        let squares: [&[[f32; SIDE]]; SIDE] = core::array::from_fn(|i| rows[i][..whole].as_chunks().0);
        for (k, to) in turned[..whole].as_chunks_mut::<SIDE>().0.iter_mut().enumerate() {
            let square = [squares[0][k], squares[1][k], squares[2][k], squares[3][k]];
            for (i, to) in to.iter_mut().enumerate() {
                let to: &mut [f32; SIDE] = (&mut to[lane..lane + SIDE]).try_into().expect("four lanes");
                *to = [square[0][i], square[1][i], square[2][i], square[3][i]];
            }
        }
        for (k, to) in turned.iter_mut().enumerate().skip(whole) {
            to[lane..lane + SIDE].iter_mut().zip(rows).for_each(|(to, row)| *to = row[k]);
        }
    }
}
