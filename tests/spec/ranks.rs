//! §2: sequences, kernels of one row or column, volumes.

use convnet::{Cdhw, Chw, Cl, cnn};

use crate::{counting, filled};

/// A 1×3 kernel along time, stride 2: with 1, 10, 100 the decimals show which samples it saw.
#[test]
fn one_by_three_with_a_stride_of_two() {
    cnn! {
        struct Audio: [1, 9] -> [1, 4] { conv: conv1d(1, kernel = 3, stride = 2, bias = false) }
    }
    cnn! {
        struct Row: [1, 1, 9] -> [1, 1, 4] { conv: conv2d(1, kernel = (1, 3), stride = 2, bias = false) }
    }
    let (mut audio, mut row) = (Audio::init(0), Row::init(0));
    audio.conv_mut().weight[0][0] = [1.0, 10.0, 100.0];
    row.conv_mut().weight[0][0][0] = [1.0, 10.0, 100.0];
    assert_eq!(audio.forward(&counting()), Cl([[321.0, 543.0, 765.0, 987.0]]));
    assert_eq!(row.forward(&counting()), Chw([[[321.0, 543.0, 765.0, 987.0]]]));
}

#[test]
fn a_sequence_with_padding() {
    cnn! {
        struct Audio: [1, 3] -> [1, 3] { conv: conv1d(1, kernel = 3, padding = 1, bias = false) }
    }
    let mut audio = Audio::init(0);
    audio.conv_mut().weight[0][0] = [1.0, 10.0, 100.0];
    assert_eq!(audio.forward(&counting()), Cl([[210.0, 321.0, 32.0]]));
}

/// 4×4 with a 4×1 kernel → 1×4: each column by itself.
#[test]
fn four_by_four_with_four_by_one() {
    cnn! {
        struct Net: [1, 4, 4] -> [1, 1, 4] { conv: conv2d(1, kernel = (4, 1), bias = false) }
    }
    let mut net = Net::init(0);
    net.conv_mut().weight[0][0] = [[1.0], [2.0], [3.0], [4.0]];
    // 1·1 + 2·5 + 3·9 + 4·13 = 90, and 1 + 2 + 3 + 4 more for each column.
    assert_eq!(net.forward(&counting()), Chw([[[90.0, 100.0, 110.0, 120.0]]]));
}

/// 21×21×15 with 5×5×5 → 17×17×11, for 15 − 5 + 1 = 11 and 21 − 5 + 1 = 17 (not 16): a kernel that is 1 in its last
/// corner shifts along the depth too.
#[test]
fn a_kernel_shallower_than_the_volume() {
    cnn! {
        struct Video: [1, 15, 21, 21] -> [1, 11, 17, 17] { conv: conv3d(1, kernel = 5, bias = false) }
    }
    let mut video = Video::init(0);
    video.params_mut().fill(0.0);
    video.conv_mut().weight[0][0][4][4][4] = 1.0;
    let (input, output) = (counting::<Cdhw<1, 15, 21, 21>>(), video.forward(&counting()));
    for depth in 0..11 {
        for row in 0..17 {
            assert_eq!(output[0][depth][row][..], input[0][depth + 4][row + 4][4..]);
        }
    }
    assert_eq!((output[0][0].len(), output[0][0][0].len(), output[0].len()), (17, 17, 11));
    video.params_mut().fill(1.0);
    assert!(video.forward(&filled(|_| 1.0)).as_slice().iter().all(|sum| *sum == 125.0));
}
