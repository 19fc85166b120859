//! Convolutions of bytes, ordinary, in groups, and depthwise; linear layers. All bytes are the textbook's: the tolerance is
//! far below one.

use convnet::ops::geometry::{Axis, Conv};
use convnet::ops::quantized::requantize::{Bounds, Factor};
use convnet::ops::quantized::{Output, SLACK, conv, depthwise, reference, scratch_bytes};

use super::{EDGES, axis, same};
use crate::numbers::numbers;
use crate::suite::Suite;

pub fn check(suite: &mut Suite) {
    for out_channels in EDGES.into_iter().chain([64, 65, 100]) {
        for in_channels in [1, 3, 4, 17, 64] {
            let g = Conv { in_channels, out_channels, groups: 1, bias: true, axes: [Axis::UNIT; 3] };
            check_one(suite, &g);
            let axes = [Axis::UNIT, axis(6, 3, 2, 1, [1, 0]), same(11, 3, 1, 1)];
            check_one(suite, &Conv { axes, ..g });
            check_one(suite, &Conv { axes: [Axis::UNIT, axis(5, 2, 1, 2, [0, 0]), axis(19, 5, 2, 2, [3, 4])], ..g });
        }
        for width in [1, 5, 7, 16, 30] {
            let axes = [Axis::UNIT, axis(4, 3, 1, 1, [1, 1]), same(width, 3, 1, 1)];
            let channels = 2 * out_channels;
            check_one(
                suite,
                &Conv { in_channels: channels, out_channels: channels, groups: channels, bias: true, axes },
            );
            check_one(suite, &Conv { in_channels: channels, out_channels: 6, groups: 2, bias: true, axes });
        }
    }
}

fn bytes(seed: u64, count: usize) -> Vec<u8> {
    numbers(seed, count).iter().map(|x| ((x + 1.0) * 127.9) as u8).collect()
}

fn check_one(suite: &mut Suite, g: &Conv) {
    let (input, zero) = (bytes(1, g.input_len()), 77);
    let weight: Vec<i8> = bytes(2, g.weight_len()).iter().map(|x| (*x as i8).max(-127)).collect();
    let output = |out: usize| {
        let total: i32 = weight[out * g.taps()..][..g.taps()].iter().map(|w| i32::from(*w)).sum();
        let factor = Factor::new(0.01 / (g.taps() as f64).sqrt() * (1.0 + out as f64 / 50.0));
        Output { bias: 500 * out as i32 - total * i32::from(zero), factor }
    };
    let outputs: Vec<Output> = (0..g.out_channels).map(output).collect();
    let bounds = Bounds { zero: 100, low: 20, high: 240 };
    let mut expected = vec![0; g.output_len()];
    reference::conv(g, &input, zero, &weight, &outputs, bounds, &mut expected);
    let expected: Vec<f64> = expected.into_iter().map(f64::from).collect();

    let by_channel = g.groups == g.in_channels && g.groups == g.out_channels;
    let mut packed = vec![0; if by_channel { depthwise::packed_bytes(g) } else { conv::packed_bytes(g) }];
    let pack = if by_channel { depthwise::pack } else { conv::pack };
    pack(g, &weight, &outputs, &mut packed);
    let (channels, cells) = (g.in_channels, g.input_len() / g.in_channels);
    let place = |index: usize| input[index % channels * cells + index / channels];
    let inside: Vec<u8> = (0..input.len()).map(place).chain([0xa5; SLACK]).collect();
    for isa in suite.sets.clone() {
        let (mut output, mut scratch) = (vec![0; g.output_len() + SLACK], vec![0; scratch_bytes(g)]);
        let forward = if by_channel { depthwise::forward } else { conv::forward };
        forward(g, &inside, zero, &packed, bounds, &mut output, &mut scratch, isa);
        let (channels, cells) = (g.out_channels, g.output_len() / g.out_channels);
        let got: Vec<f32> =
            (0..g.output_len()).map(|index| f32::from(output[index % cells * channels + index / cells])).collect();
        suite.hold(isa, "bytes", &got, &expected, || format!("{g:?}"));
    }
}
