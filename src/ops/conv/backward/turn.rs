//! Gradients with output channels in lanes: `[C_out, positions]` → `[⌈C_out / 16⌉][positions][16]`.

use crate::ops::conv::regions::Strip;
use crate::ops::geometry::{Conv, output_cells};
use crate::simd::LANES;

/// ∂L/∂O of `count` channels from `channel` on, at the positions of a strip: grad_output `[N, C_out, H', W']` → turned
/// `[⌈count / 16⌉][strip][16]`. Lanes beyond the last channel repeat it.
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
                for (k, to) in to.iter_mut().enumerate() {
                    *to = core::array::from_fn(|lane| lanes[lane][k]);
                }
            }
        }
    }
}
