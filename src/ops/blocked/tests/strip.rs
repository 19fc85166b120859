//! Copies of rows with their padding: every tap finds the cell that it should, for every budget.

use super::*;
use crate::ops::blocked::strip::{Strips, is_direct};
use crate::ops::testing::any_conv;
use proptest::prelude::*;

/// Copies all strips of one sample of one group, and looks at the cell under every tap of every output as the microkernel
/// does.
fn check<const B: usize>(g: &Conv, budget: usize) {
    let strips = Strips::new(g, budget);
    let floats = strips.floats(g);
    assert!(strips.rows >= 1 && strips.rows <= g.axes[1].output);
    assert!(floats <= budget || strips.rows == 1, "{g:?}: {floats} floats of {budget}");
    let [depth, height, width] = &g.axes;
    // Blocked: `[C / B][D][H][W][B]`.
    let input: Vec<f32> = (0..g.input_len()).map(|i| 1.0 + i as f32).collect();
    for d in 0..depth.output {
        for first in (0..height.output).step_by(strips.rows) {
            let rows = strips.rows.min(height.output - first);
            let mut strip = vec![f32::NAN; floats];
            strips.copy::<B>(g, &input, [d, first, rows], &mut strip);
            let (patch, input_row) = strips.patch(g, rows, B);
            assert_eq!(patch.cells() * B, g.taps());
            for (y, x) in (0..rows).flat_map(|y| (0..width.output).map(move |x| (y, x))) {
                for tap in 0..g.taps() / B {
                    let (tap, kw) = (tap / width.kernel, tap % width.kernel);
                    let (tap, kh) = (tap / height.kernel, tap % height.kernel);
                    let (block, kd) = (tap / depth.kernel, tap % depth.kernel);
                    let (mut column, mut phase) = (0, 0);
                    for _ in 0..kw {
                        (column, phase) = (column + patch.step[0], phase + patch.step[1]);
                        if phase >= patch.phases[0] {
                            (column, phase) = (column + 1, phase - patch.phases[0]);
                        }
                    }
                    let place = y * input_row
                        + block * patch.blocks[1]
                        + kd * patch.depth[1]
                        + kh * patch.height[1]
                        + phase * patch.phases[1]
                        + (x + column) * B;
                    let cell = (depth.source(d, kd), height.source(first + y, kh), width.source(x, kw));
                    for lane in 0..B {
                        let expected = match cell {
                            (Some(d), Some(h), Some(w)) => {
                                let cell = ((block * depth.input + d) * height.input + h) * width.input + w;
                                input[cell * B + lane]
                            }
                            _ => 0.0,
                        };
                        assert_eq!(
                            strip[place + lane],
                            expected,
                            "{g:?}, {budget}: output {d} {y} {x}, tap {kd} {kh} {kw}"
                        );
                    }
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn every_tap_finds_its_cell(g in any_conv(), budget in prop_oneof![0_usize..=200, 200_usize..=5000, Just(usize::MAX)]) {
        check::<1>(&Conv { in_channels: 3, out_channels: 1, groups: 1, ..g }, budget);
        check::<16>(&Conv { in_channels: 32, out_channels: 1, groups: 1, ..g }, budget);
    }

    #[test]
    fn an_input_is_read_where_it_lies_only_if_no_tap_is_in_the_padding(g in any_conv()) {
        let padded = g.axes.iter().any(|axis| {
            (0..axis.output).any(|position| (0..axis.kernel).any(|tap| axis.source(position, tap).is_none()))
        });
        prop_assert!(!is_direct(&g) || (!padded && g.axes[2].stride == 1));
        prop_assert!(is_direct(&g) || padded || g.axes[2].stride > 1 || g.axes.iter().any(|axis| axis.padding[0] > 0));
    }
}
