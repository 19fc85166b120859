//! §2: convolutions over images.

use convnet::{Chw, cnn};

use crate::{assert_close, assert_close_floats, counting, filled, mixed};

/// The general form ⌊(n + p₀ + p₁ − d(k − 1) − 1) / s⌋ + 1, everything different by axis: a kernel of ones on an input of
/// ones counts the cells under each window.
#[test]
fn the_general_form_of_the_output_size() {
    cnn! {
        struct Net: [1, 10, 11] -> [1, 5, 3] {
            // ⌊(10 + 1 + 2 − 2·2 − 1) / 2⌋ + 1 = 5, ⌊(11 + 0 + 1 − 3·1 − 1) / 3⌋ + 1 = 3
            conv: conv2d(1, kernel = (3, 2), stride = (2, 3), padding = ((1, 2), (0, 1)), dilation = (2, 3), bias = false),
        }
    }
    let mut net = Net::init(0);
    net.params_mut().fill(1.0);
    // Rows −1, 1, 3; 1, 3, 5; 3, 5, 7; 5, 7, 9; 7, 9, 11 and columns 0, 3; 3, 6; 6, 9.
    let expected = [[4.0; 3], [6.0; 3], [6.0; 3], [6.0; 3], [4.0; 3]];
    assert_eq!(net.forward(&filled(|_| 1.0)), Chw([expected]));
}

/// 5×5 ∗ 3×3 → 3×3: a kernel of ones on 1 … 25 is nine times the middle.
#[test]
fn five_by_five_with_three_by_three() {
    cnn! {
        struct Net: [1, 5, 5] -> [1, 3, 3] { conv2d(1, kernel = 3, bias = false) }
    }
    let mut net = Net::init(0);
    net.params_mut().fill(1.0);
    let middles = [[7.0, 8.0, 9.0], [12.0, 13.0, 14.0], [17.0, 18.0, 19.0]];
    assert_eq!(net.forward(&counting()), Chw([middles.map(|row| row.map(|x: f32| 9.0 * x))]));
}

/// 3×3 ∗ 2×2 → 2×2, the kernel not flipped:
/// O₁₁ = I₁₁K₁₁ + I₁₂K₁₂ + I₂₁K₂₁ + I₂₂K₂₂, O₁₂ = I₁₂K₁₁ + I₁₃K₁₂ + I₂₂K₂₁ + I₂₃K₂₂,
/// O₂₁ = I₂₁K₁₁ + I₂₂K₁₂ + I₃₁K₂₁ + I₃₂K₂₂, O₂₂ = I₂₂K₁₁ + I₂₃K₁₂ + I₃₂K₂₁ + I₃₃K₂₂.
#[test]
fn three_by_three_with_two_by_two() {
    cnn! {
        struct Net: [1, 3, 3] -> [1, 2, 2] { conv: conv2d(1, kernel = 2, bias = false) }
    }
    let mut net = Net::init(0);
    net.conv_mut().weight[0][0] = [[1.0, 2.0], [3.0, 4.0]];
    let by_hand = [
        [1.0 * 1.0 + 2.0 * 2.0 + 4.0 * 3.0 + 5.0 * 4.0, 2.0 * 1.0 + 3.0 * 2.0 + 5.0 * 3.0 + 6.0 * 4.0],
        [4.0 * 1.0 + 5.0 * 2.0 + 7.0 * 3.0 + 8.0 * 4.0, 5.0 * 1.0 + 6.0 * 2.0 + 8.0 * 3.0 + 9.0 * 4.0],
    ];
    assert_eq!(by_hand, [[37.0, 47.0], [67.0, 77.0]]);
    assert_eq!(net.forward(&counting()), Chw([by_hand]));
}

/// n×n with k = 3, p = 1 → n×n, and a kernel that is 1 in its middle is the identity.
#[test]
fn a_padding_of_one_keeps_the_size_under_three_by_three() {
    macro_rules! kept {
        ($($n:literal)+) => {$({
            cnn! {
                struct Net: [1, $n, $n] -> [1, $n, $n] { conv: conv2d(1, kernel = 3, padding = 1, bias = false) }
            }
            let mut net = Net::init(0);
            net.conv_mut().weight[0][0] = [[0.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]];
            assert_eq!(net.forward(&counting()), counting());
        })+};
    }
    kept! { 1 2 3 4 5 6 7 8 28 }
}

/// None, p, same and full: p = 0, p, (k − 1) / 2 and k − 1.
#[test]
fn paddings() {
    cnn! {
        struct Net: [1, 14, 14] -> [1, 20, 20] {
            conv2d(1, kernel = 3) => [1, 12, 12],
            conv2d(1, kernel = 3, padding = 1) => [1, 12, 12],
            conv2d(1, kernel = 3, padding = same) => [1, 12, 12],
            conv2d(1, kernel = 5, padding = 1) => [1, 10, 10],
            conv2d(1, kernel = 4, padding = same) => [1, 10, 10],
            conv2d(1, kernel = 11, padding = full),
        }
    }
    assert_eq!(Net::init(0).forward(&counting())[0].len(), 20);
}

/// Full: the window touches the input with its last cell; n + k − 1 outputs.
#[test]
fn full_padding() {
    cnn! {
        struct Net: [1, 2, 2] -> [1, 3, 3] { conv: conv2d(1, kernel = 2, padding = full, bias = false) }
    }
    let mut net = Net::init(0);
    net.conv_mut().weight[0][0] = [[1.0, 10.0], [100.0, 1000.0]];
    let expected = [[1000.0, 2100.0, 200.0], [3010.0, 4321.0, 402.0], [30.0, 43.0, 4.0]];
    assert_eq!(net.forward(&counting()), Chw([expected]));
}

/// `same` with an even kernel puts the extra cell at the end.
#[test]
fn same_with_an_even_kernel() {
    cnn! {
        struct Net: [1, 1, 3] -> [1, 1, 3] { conv: conv2d(1, kernel = (1, 2), padding = same, bias = false) }
    }
    let mut net = Net::init(0);
    net.conv_mut().weight[0][0][0] = [1.0, 10.0];
    assert_eq!(net.forward(&counting()), Chw([[[21.0, 32.0, 3.0]]]));
}

/// A stride leaves out outputs, by axis.
#[test]
fn strides() {
    cnn! {
        struct Every: [1, 7, 8] -> [1, 5, 6] { conv2d(1, kernel = 3) }
    }
    cnn! {
        struct Some: [1, 7, 8] -> [1, 3, 2] { conv2d(1, kernel = 3, stride = (2, 3)) }
    }
    let (every, mut some) = (Every::init(1), Some::init(2));
    some.params_mut().copy_from_slice(every.params());
    let (every, some) = (every.forward(&mixed()), some.forward(&mixed()));
    for y in 0..3 {
        for x in 0..2 {
            assert!((some[0][y][x] - every[0][2 * y][3 * x]).abs() < 1e-6);
        }
    }
}

/// 52×52, 15 kernels 12×12, stride 2 → 21×21×15, each map that of its kernel alone; then 8×8×15 → 14×14.
#[test]
fn fifteen_kernels_of_twelve_by_twelve() {
    cnn! {
        struct Maps: [1, 52, 52] -> [15, 21, 21] { conv: conv2d(15, kernel = 12, stride = 2, bias = false) }
    }
    cnn! {
        struct One: [1, 52, 52] -> [1, 21, 21] { conv2d(1, kernel = 12, stride = 2, bias = false) }
    }
    cnn! {
        struct Both: [1, 52, 52] -> [1, 14, 14] {
            conv2d(15, kernel = 12, stride = 2, bias = false) => [15, 21, 21],
            then: conv2d(1, kernel = 8, bias = false),
        }
    }
    let (maps, both) = (Maps::init(1), Both::init(1));
    let stacked = maps.forward(&mixed());
    for map in 0..15 {
        let mut one = One::init(0);
        one.params_mut().copy_from_slice(maps.conv().weight()[map][0].as_flattened());
        assert_close_floats(stacked[map].as_flattened(), one.forward(&mixed()).as_slice());
    }
    assert_eq!(both.then().weight()[0].as_flattened().as_flattened().len(), 8 * 8 * 15);
    assert_eq!(both.forward(&mixed())[0].as_flattened().len(), 14 * 14);
}

/// 3×3×3 with 2×2×3 → 2×2: the sum over channels of the results of each.
#[test]
fn channels_are_summed() {
    cnn! {
        struct Net: [3, 3, 3] -> [1, 2, 2] { conv: conv2d(1, kernel = 2, bias = false) }
    }
    cnn! {
        struct OneChannel: [1, 3, 3] -> [1, 2, 2] { conv: conv2d(1, kernel = 2, bias = false) }
    }
    let net = Net::init(4);
    let input: Chw<3, 3, 3> = counting();
    let mut sum = Chw([[[0.0; 2]; 2]]);
    for channel in 0..3 {
        let mut one = OneChannel::init(0);
        one.conv_mut().weight[0][0] = net.conv().weight()[0][channel];
        let output = one.forward(&Chw([input[channel]]));
        sum.as_mut_slice().iter_mut().zip(output.as_slice()).for_each(|(sum, value)| *sum += value);
    }
    assert_close(&net.forward(&input), &sum);
}

/// The same is one kernel as deep as the input: the channels as the depth of a volume.
#[test]
fn summed_channels_are_one_kernel_as_deep_as_the_input() {
    cnn! {
        struct Net: [3, 3, 3] -> [1, 2, 2] { conv2d(1, kernel = 2) }
    }
    cnn! {
        struct Deep: [1, 3, 3, 3] -> [1, 1, 2, 2] { conv3d(1, kernel = (3, 2, 2)) }
    }
    let (net, mut deep) = (Net::init(4), Deep::init(5));
    deep.params_mut().copy_from_slice(net.params());
    assert_close_floats(net.forward(&counting()).as_slice(), deep.forward(&counting()).as_slice());
}

/// 2, 3, 5, 7, 9, 11, 12, 13 and 17: a kernel that is 1 in its last corner shifts the input by k − 1.
#[test]
fn kernels_of_all_sizes_in_use() {
    macro_rules! shifts {
        ($($k:literal -> $out:literal)+) => {$({
            cnn! {
                struct Net: [1, 20, 20] -> [1, $out, $out] { conv: conv2d(1, kernel = $k, bias = false) }
            }
            let mut net = Net::init(0);
            net.params_mut().fill(0.0);
            net.conv_mut().weight[0][0][$k - 1][$k - 1] = 1.0;
            let (input, output) = (counting::<Chw<1, 20, 20>>(), net.forward(&counting()));
            for y in 0..$out {
                assert_eq!(output[0][y][..], input[0][y + $k - 1][$k - 1..], "{}x{0}", $k);
            }
        })+};
    }
    shifts! { 1 -> 20 2 -> 19 3 -> 18 4 -> 17 5 -> 16 7 -> 14 9 -> 12 11 -> 10 12 -> 9 13 -> 8 17 -> 4 20 -> 1 }
}

/// 21×21×15 with 12 kernels 1×1×15 → 21×21×12: at each position a matrix times the channels.
#[test]
fn one_by_one_mixes_channels() {
    cnn! {
        struct Net: [15, 21, 21] -> [12, 21, 21] { conv: conv2d(12, kernel = 1, bias = false) }
    }
    let net = Net::init(2);
    let (input, output) = (mixed::<Chw<15, 21, 21>>(), net.forward(&mixed()));
    for out in 0..12 {
        for (y, x) in [(0, 0), (7, 20), (20, 3)] {
            let sum: f32 = (0..15).map(|channel| net.conv().weight()[out][channel][0][0] * input[channel][y][x]).sum();
            assert!((output[out][y][x] - sum).abs() < 1e-5);
        }
    }
    assert_eq!((Net::PARAMS, Net::MACS), (12 * 15, 12 * 15 * 21 * 21));
}

/// A grouped convolution is its groups side by side.
#[test]
fn grouped() {
    cnn! {
        struct Grouped: [4, 5, 5] -> [6, 3, 3] { conv: conv2d(6, kernel = 3, groups = 2) }
    }
    cnn! {
        struct Half: [2, 5, 5] -> [3, 3, 3] { conv: conv2d(3, kernel = 3) }
    }
    let grouped = Grouped::init(8);
    let input: Chw<4, 5, 5> = counting();
    let output = grouped.forward(&input);
    for group in 0..2 {
        let mut half = Half::init(0);
        half.conv_mut().weight.copy_from_slice(&grouped.conv().weight()[3 * group..][..3]);
        half.conv_mut().bias.copy_from_slice(&grouped.conv().bias()[3 * group..][..3]);
        let expected = half.forward(&Chw([input[2 * group], input[2 * group + 1]]));
        assert_close_floats(output[3 * group..][..3].as_flattened().as_flattened(), expected.as_slice());
    }
}
