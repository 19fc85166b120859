//! Transposed convolutions, forward on canonical and on packed weights. `g` is the convolution that they transpose.

use convnet::ops::conv_transpose::{forward, pack, packed_floats, scratch_floats};
use convnet::ops::geometry::{Axis, Conv};
use convnet::ops::{Product, Weight, reference};

use super::{axis, wide};
use crate::numbers::numbers;
use crate::suite::Suite;

pub fn check(suite: &mut Suite) {
    for kernel in 1..=7 {
        for stride in 1..=3 {
            for channels in [[1, 1], [3, 5], [16, 17], [33, 4]] {
                for width in [8, 19] {
                    let (height, width) = (
                        axis(kernel + 3, kernel, stride, 1, [kernel / 2; 2]),
                        axis(kernel + width, kernel, stride, 1, [0, kernel / 2]),
                    );
                    check_one(suite, channels, 1, [Axis::UNIT, height, width]);
                }
            }
        }
        let sequence = axis(2 * kernel + 20, kernel, 2, 2, [kernel - 1; 2]);
        check_one(suite, [4, 6], 2, [Axis::UNIT, Axis::UNIT, sequence]);
        check_one(suite, [5, 5], 5, [Axis::UNIT, sequence, sequence]);
    }
}

fn check_one(suite: &mut Suite, [in_channels, out_channels]: [usize; 2], groups: usize, axes: [Axis; 3]) {
    let g = Conv { in_channels, out_channels, groups, bias: in_channels % 2 == 1, axes };
    let (input, weight) = (numbers(1, g.output_len()), numbers(2, g.weight_len()));
    let bias = numbers(3, if g.bias { in_channels } else { 0 });
    let mut packed = vec![f32::NAN; packed_floats(&g)];
    pack(&g, &weight, &bias, &mut packed);
    let mut expected = vec![0.0; g.input_len()];
    reference::conv_transposed(&g, 1, &wide(&input), &wide(&weight), &wide(&bias), &mut expected);
    let (canonical, packed) = ((Weight::Canonical(&weight), &bias[..]), (Weight::Packed(&packed), &[][..]));
    for isa in suite.sets.clone() {
        for (kind, (weight, bias)) in [("conv transposed", canonical), ("conv transposed packed", packed)] {
            let mut output = vec![f32::NAN; expected.len()];
            let mut scratch = vec![f32::NAN; scratch_floats(&g)];
            forward(&g, 1, &input, weight, bias, None, &mut output, &mut scratch, Product::On(isa));
            suite.hold(isa, kind, &output, &expected, || format!("{g:?}"));
        }
    }
}
