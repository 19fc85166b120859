//! Pools.

use proptest::prelude::*;

use super::*;
use crate::ops::geometry::Pool;
use crate::ops::pool as floats;
use crate::ops::quantized::pool;
use crate::ops::testing::any_pool;
use crate::simd::Isa;

proptest! {
    #[test]
    fn the_largest_byte_is_that_of_the_largest_number(g in any_pool(), seed in 0_u64..1000) {
        let input = bytes(seed, g.input_len());
        let numbers: Vec<f32> = input.iter().map(|x| f32::from(*x)).collect();
        let mut expected = vec![0.0; g.output_len()];
        floats::max_forward(&g, 1, &numbers, &mut expected);
        // −∞, the largest of nothing, as a byte.
        let expected: Vec<u8> = expected.iter().map(|x| *x as u8).collect();
        for isa in Isa::available() {
            let mut output = bytes(5, g.output_len() + SLACK);
            pool::max_forward(&g, &interleaved(g.channels, &input), &mut output, isa);
            prop_assert_eq!(&planar(g.channels, &output), &expected, "{} {:?}", isa, g);
        }
    }

    #[test]
    fn means(g in any_pool(), zero in any::<u8>(), ratio in 0.02_f64..8.0, seed in 0_u64..1000) {
        average(&g, zero, ratio, seed)?;
    }

    #[test]
    fn means_of_many_channels(channels in 60_usize..140, cells in 1_usize..40, zero in any::<u8>(), seed in 0_u64..1000) {
        let row = crate::ops::geometry::Axis { input: cells, output: 1, kernel: cells, ..crate::ops::geometry::Axis::UNIT };
        let axes = [crate::ops::geometry::Axis::UNIT, crate::ops::geometry::Axis::UNIT, row];
        average(&Pool { channels, count_include_pad: false, axes }, zero, 1.7, seed)?;
    }
}

fn average(g: &Pool, zero: u8, ratio: f64, seed: u64) -> Result<(), TestCaseError> {
    let (input, bounds) = (bytes(seed, g.input_len()), Bounds { zero: 90, low: 3, high: 250 });
    let mut expected = vec![0; g.output_len()];
    reference::average(g, &input, zero, ratio, &divisors(g), bounds, &mut expected);
    let mut packed = vec![0; pool::packed_bytes(g)];
    pool::pack(g, ratio, &mut packed);
    let mut all = Vec::new();
    for isa in Isa::available() {
        let mut output = bytes(5, g.output_len() + SLACK);
        pool::average_forward(g, &interleaved(g.channels, &input), zero, &packed, bounds, &mut output, isa);
        all.push(planar(g.channels, &output));
    }
    prop_assert!(all.iter().all(|output| *output == all[0]), "{:?}", g);
    for (got, expected) in all[0].iter().zip(&expected) {
        // A factor of 31 bits may round a tie the other way.
        prop_assert!(got.abs_diff(*expected) <= 1, "{:?}", g);
    }
    let apart = all[0].iter().zip(&expected).filter(|(got, expected)| got != expected).count();
    prop_assert!(apart <= expected.len() / 4, "{} of {} {:?}", apart, expected.len(), g);
    Ok(())
}

/// What each mean is divided by, as the working pool of floats has it: the mean of ones and zeros tells.
fn divisors(g: &Pool) -> Vec<usize> {
    let positions = g.output_len() / g.channels;
    let one = Pool { channels: 1, ..*g };
    let mut means = vec![0.0; positions];
    floats::average_forward(&one, 1, &vec![1.0; one.input_len()], &mut means);
    let inside = Pool { count_include_pad: false, ..one };
    (0..positions)
        .map(|at| {
            // Cells on the input, from the reference's own loops: each adds 1 / divisor.
            let cells = cells_inside(&inside, at);
            if means[at] == 0.0 { 1 } else { (cells as f32 / means[at]).round() as usize }
        })
        .collect()
}

fn cells_inside(g: &Pool, at: usize) -> usize {
    let [depth, height, width] = &g.axes;
    let (rest, w) = (at / width.output, at % width.output);
    let place = [rest / height.output, rest % height.output, w];
    let along = |axis: usize| {
        let one = &g.axes[axis];
        (0..one.kernel).filter(|tap| one.source(place[axis], *tap).is_some()).count()
    };
    let _ = depth;
    along(0) * along(1) * along(2)
}
