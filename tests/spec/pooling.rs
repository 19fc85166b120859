//! §3: pools.

use convnet::{Cdhw, Chw, Cl, Flat, cnn};

use crate::counting;

/// Overlapping, as AlexNet's: 3×3 with a stride of 2, 55 → 27.
#[test]
fn overlapping_windows() {
    cnn! {
        struct AlexNets: [2, 55, 55] -> [2, 27, 27] { max_pool2d(3, stride = 2) }
    }
    cnn! {
        struct Small: [1, 5, 5] -> [1, 2, 2] { max_pool2d(3, stride = 2) }
    }
    let output = AlexNets::init(0).forward(&counting());
    assert_eq!((output[1].len(), output[1][26].len(), output[1][26][26]), (27, 27, (2 * 55 * 55) as f32));
    assert_eq!(Small::init(0).forward(&counting()), Chw([[[13.0, 15.0], [23.0, 25.0]]]));
}

/// ⌈(n + 2p − r) / s⌉ + 1, as GoogLeNet's 3×3/2 need it: 112 → 56, the last window over the edge.
#[test]
fn ceil_mode() {
    cnn! {
        struct GoogLeNets: [1, 112, 112] -> [1, 56, 56] { max_pool2d(3, stride = 2, ceil = true) }
    }
    cnn! {
        struct Floor: [1, 112, 112] -> [1, 55, 55] { max_pool2d(3, stride = 2) }
    }
    cnn! {
        struct Small: [1, 4, 4] -> [1, 2, 2] { max_pool2d(3, stride = 2, ceil = true) }
    }
    let (ceil, floor) = (GoogLeNets::init(0).forward(&counting()), Floor::init(0).forward(&counting()));
    // The last window sees the last two rows and columns; without it they are lost.
    assert_eq!((ceil[0].len(), ceil[0][55][55]), (56, (112 * 112) as f32));
    assert_eq!((floor[0].len(), floor[0][54][54]), (55, (110 * 112 + 111) as f32));
    assert_eq!(Small::init(0).forward(&counting()), Chw([[[11.0, 12.0], [15.0, 16.0]]]));
}

/// A last window that would start at or after n + p₀ is left out: n = 4, r = 1, s = 3 has starts 0 and 3, not 6; and with
/// padding, n = 2, r = 2, p = 1, s = 3 has the start 0 alone, for 3 = 2 + 1.
#[test]
fn ceil_mode_leaves_out_a_window_behind_the_input() {
    cnn! {
        struct Bare: [1, 1, 4] -> [1, 1, 2] { max_pool2d(1, stride = 3, ceil = true) }
    }
    cnn! {
        struct Padded: [1, 2] -> [1, 1] { max_pool1d(2, stride = 3, padding = 1, ceil = true) }
    }
    assert_eq!(Bare::init(0).forward(&counting()), Chw([[[1.0, 4.0]]]));
    assert_eq!(Padded::init(0).forward(&counting()), Cl([[1.0]]));
}

/// Padding up to, not including, the kernel: k = 3, p = 2.
#[test]
fn a_padding_of_two_under_three_by_three() {
    cnn! {
        struct Net: [1, 1, 3] -> [1, 3, 5] { max_pool2d(3, stride = 1, padding = 2) }
    }
    let row = [1.0, 2.0, 3.0, 3.0, 3.0];
    assert_eq!(Net::init(0).forward(&counting()), Chw([[row, row, row]]));
}

/// Max and average over sequences, images and volumes, windows and strides different by axis.
#[test]
fn every_rank() {
    cnn! {
        struct Max1: [1, 7] -> [1, 3] { max_pool1d(3, stride = 2) }
    }
    cnn! {
        struct Avg1: [1, 7] -> [1, 3] { avg_pool1d(3, stride = 2) }
    }
    cnn! {
        struct Max2: [1, 4, 6] -> [1, 2, 2] { max_pool2d((2, 3)) }
    }
    cnn! {
        struct Avg2: [1, 4, 6] -> [1, 2, 2] { avg_pool2d((2, 3)) }
    }
    cnn! {
        struct Max3: [1, 2, 4, 4] -> [1, 1, 2, 2] { max_pool3d(2) }
    }
    cnn! {
        struct Avg3: [1, 2, 4, 4] -> [1, 1, 2, 2] { avg_pool3d(2) }
    }
    assert_eq!(Max1::init(0).forward(&counting()), Cl([[3.0, 5.0, 7.0]]));
    assert_eq!(Avg1::init(0).forward(&counting()), Cl([[2.0, 4.0, 6.0]]));
    assert_eq!(Max2::init(0).forward(&counting()), Chw([[[9.0, 12.0], [21.0, 24.0]]]));
    assert_eq!(Avg2::init(0).forward(&counting()), Chw([[[5.0, 8.0], [17.0, 20.0]]]));
    assert_eq!(Max3::init(0).forward(&counting()), Cdhw([[[[22.0, 24.0], [30.0, 32.0]]]]));
    assert_eq!(Avg3::init(0).forward(&counting()), Cdhw([[[[11.5, 13.5], [19.5, 21.5]]]]));
}

#[test]
fn padding_counts_in_an_average_or_not() {
    cnn! {
        struct Counted: [1, 2, 2] -> [1, 1, 1] { avg_pool2d(3, stride = 2, padding = 1) }
    }
    cnn! {
        struct NotCounted: [1, 2, 2] -> [1, 1, 1] { avg_pool2d(3, stride = 2, padding = 1, count_include_pad = false) }
    }
    assert_eq!(Counted::init(0).forward(&counting()), Chw([[[10.0 / 9.0]]]));
    assert_eq!(NotCounted::init(0).forward(&counting()), Chw([[[2.5]]]));
}

/// 6×6×72 → 72 values; flattening into 500 neurons would cost 1 296 000 weights.
#[test]
fn global_average_instead_of_a_large_linear_layer() {
    cnn! {
        struct Global: [72, 6, 6] -> [72] { global_avg_pool }
    }
    cnn! {
        struct Flattened: [72, 6, 6] -> [500] { flatten, fc: linear(500, bias = false) }
    }
    let output: Flat<72> = Global::init(0).forward(&counting());
    for channel in 0..72 {
        assert_eq!(output[channel], 36.0 * channel as f32 + 18.5);
    }
    let flattened = Flattened::init(0);
    assert_eq!((Global::PARAMS, flattened.fc().weight().as_flattened().len()), (0, 1_296_000));
}

#[test]
fn global_max() {
    cnn! {
        struct Net: [72, 6, 6] -> [72] { global_max_pool }
    }
    let output: Flat<72> = Net::init(0).forward(&counting());
    for channel in 0..72 {
        assert_eq!(output[channel], 36.0 * (channel as f32 + 1.0));
    }
}
