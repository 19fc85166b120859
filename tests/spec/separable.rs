//! §2: convolutions in two passes, and what they save.

use convnet::{Chw, cnn, teach};

use crate::{assert_close_floats, counting, mixed};

/// Sobel = column ⊗ row: 6×6 with 3×3 takes 144 multiplications direct, 72 + 48 = 120 separated, for the same result.
#[test]
fn sobel_is_separable() {
    cnn! {
        struct Direct: [1, 6, 6] -> [1, 4, 4] { conv: conv2d(1, kernel = 3, bias = false) }
    }
    cnn! {
        struct Separated: [1, 6, 6] -> [1, 4, 4] { conv: spatially_separable_conv2d(1, kernel = 3, bias = false) }
    }
    let (mut direct, mut separated) = (Direct::init(0), Separated::init(0));
    direct.conv_mut().weight[0][0] = [[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]];
    let factors = {
        let conv = teach::convolution(&direct, "conv").unwrap();
        assert_eq!(conv.multiplications().direct, 144);
        assert_eq!(conv.multiplications().spatially_separated, Some([72, 48]));
        conv.kernels().unwrap().next().unwrap().separate(0.0).expect("Sobel's kernel comes apart")
    };
    assert_eq!((&factors.column[..], &factors.row[..]), (&[1.0, 2.0, 1.0][..], &[-1.0, 0.0, 1.0][..]));
    for (weight, factor) in separated.conv_column_mut().weight[0][0].iter_mut().zip(&factors.column) {
        *weight = [*factor];
    }
    separated.conv_row_mut().weight[0][0][0].copy_from_slice(&factors.row);
    assert_eq!(direct.forward(&counting()), separated.forward(&counting()));
    assert_eq!(Direct::MACS, 144);
    assert_eq!(Separated::LAYERS.map(|layer| layer.macs), [72, 48]);
    assert_eq!(Separated::MACS, 120);
}

/// Not every kernel is separable.
#[test]
fn laplace_is_not_separable() {
    cnn! {
        struct Net: [1, 6, 6] -> [1, 4, 4] { conv: conv2d(1, kernel = 3, bias = false) }
    }
    let mut net = Net::init(0);
    net.conv_mut().weight[0][0] = [[0.0, 1.0, 0.0], [1.0, -4.0, 1.0], [0.0, 1.0, 0.0]];
    assert!(!teach::convolution(&net, "conv").unwrap().kernels().unwrap().next().unwrap().is_separable(1e-3));
}

/// Depthwise: 8×8×3 with three 3×3×1 → 6×6×3, each channel by itself.
#[test]
fn depthwise() {
    cnn! {
        struct Depthwise: [3, 8, 8] -> [3, 6, 6] { conv: depthwise_conv2d(kernel = 3, bias = false) }
    }
    cnn! {
        struct Grouped: [3, 8, 8] -> [3, 6, 6] { conv2d(3, kernel = 3, groups = 3, bias = false) }
    }
    cnn! {
        struct One: [1, 8, 8] -> [1, 6, 6] { conv2d(1, kernel = 3, bias = false) }
    }
    let (depthwise, mut grouped) = (Depthwise::init(3), Grouped::init(0));
    let (input, output) = (mixed::<Chw<3, 8, 8>>(), depthwise.forward(&mixed()));
    grouped.params_mut().copy_from_slice(depthwise.params());
    assert_close_floats(output.as_slice(), grouped.forward(&input).as_slice());
    for channel in 0..3 {
        let mut one = One::init(0);
        one.params_mut().copy_from_slice(depthwise.conv().weight()[channel][0].as_flattened());
        assert_close_floats(output[channel].as_flattened(), one.forward(&Chw([input[channel]])).as_slice());
    }
    assert_eq!(Depthwise::PARAMS, 3 * 3 * 3);
}

/// A channel multiplier of 2: two kernels a channel, side by side.
#[test]
fn depthwise_with_a_multiplier() {
    cnn! {
        struct Net: [3, 8, 8] -> [6, 6, 6] { conv: depthwise_conv2d(2, kernel = 3, bias = false) }
    }
    let mut net = Net::init(0);
    for (kernel, weight) in net.conv_mut().weight.iter_mut().enumerate() {
        weight[0] = [[0.0; 3]; 3];
        weight[0][1][1] = kernel as f32 + 1.0;
    }
    let (input, output) = (counting::<Chw<3, 8, 8>>(), net.forward(&counting()));
    for kernel in 0..6 {
        assert_eq!(output[kernel][2][5], (kernel as f32 + 1.0) * input[kernel / 2][3][6]);
    }
}

/// Depthwise separable: 8×8×3 → 6×6×72 takes 69 984 multiplications direct, (3·3·1)·3·36 + (1·1·3)·36·72 = 8 748 so.
#[test]
fn depthwise_separable() {
    cnn! {
        struct Direct: [3, 8, 8] -> [72, 6, 6] { conv: conv2d(72, kernel = 3, bias = false) }
    }
    cnn! {
        struct Separable: [3, 8, 8] -> [72, 6, 6] { conv: separable_conv2d(72, kernel = 3, bias = false) }
    }
    cnn! {
        struct InTwo: [3, 8, 8] -> [72, 6, 6] {
            depthwise_conv2d(kernel = 3, bias = false) => [3, 6, 6],
            conv2d(72, kernel = 1, bias = false),
        }
    }
    let (separable, mut in_two) = (Separable::init(1), InTwo::init(2));
    in_two.params_mut().copy_from_slice(separable.params());
    assert_close_floats(separable.forward(&mixed()).as_slice(), in_two.forward(&mixed()).as_slice());
    let direct = Direct::init(0);
    let counted = teach::convolution(&direct, "conv").unwrap().multiplications();
    assert_eq!((counted.direct, counted.depthwise_separable), (69_984, Some([972, 7_776])));
    assert_eq!(Separable::LAYERS.map(|layer| layer.macs), [(3 * 3) * 3 * 36, 3 * 36 * 72]);
    assert_eq!((Direct::MACS, Separable::MACS), (69_984, 8_748));
}
