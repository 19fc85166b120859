//! Max and average pools.

use convnet::ops::geometry::{Axis, Pool};
use convnet::ops::{pool, reference};
use convnet::simd::Isa;

use super::{EDGES, axis, wide};
use crate::numbers::numbers;
use crate::suite::Suite;

pub fn check(suite: &mut Suite) {
    for kernel in 1..=4 {
        for stride in 1..=3 {
            for width in EDGES.into_iter().filter(|width| *width >= kernel) {
                for padding in [0, kernel / 2] {
                    let (height, width) =
                        (axis(7, kernel, stride, 1, [padding; 2]), axis(width, kernel, stride, 1, [padding; 2]));
                    for (channels, depth) in [(1, Axis::UNIT), (17, Axis::UNIT), (2, axis(4, 2, 2, 1, [0; 2]))] {
                        check_one(suite, &Pool { channels, count_include_pad: true, axes: [depth, height, width] });
                    }
                }
            }
        }
    }
}

fn check_one(suite: &mut Suite, g: &Pool) {
    let batch = 2;
    let input = numbers(1, batch * g.input_len());
    let mut expected = vec![0.0; batch * g.output_len()];
    let mut output = vec![f32::NAN; expected.len()];
    reference::max_pool_forward(g, batch, &wide(&input), &mut expected);
    pool::max_forward(g, batch, &input, &mut output);
    suite.hold(Isa::best(), "max pool", &output, &expected, || format!("{g:?}"));
    reference::average_pool_forward(g, batch, &wide(&input), &mut expected);
    pool::average_forward(g, batch, &input, &mut output);
    suite.hold(Isa::best(), "average pool", &output, &expected, || format!("{g:?}"));
}
