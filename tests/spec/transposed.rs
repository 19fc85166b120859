//! §2: transposed convolutions, and the matrix of a convolution.

use convnet::{Chw, cnn, teach};

use crate::{assert_close_floats, counting, filled, mixed};

cnn! {
    struct Down: [1, 4, 4] -> [1, 2, 2] { conv: conv2d(1, kernel = 3, bias = false) }
}
cnn! {
    struct Up: [1, 2, 2] -> [1, 4, 4] { conv: conv_transpose2d(1, kernel = 3, bias = false) }
}

/// 4×4 with 3×3 is a 4×16 matrix; its transpose takes 2×2 back to 4×4.
#[test]
fn four_by_sixteen_and_its_transpose() {
    let (down, mut up) = (Down::init(1), Up::init(0));
    up.params_mut().copy_from_slice(down.params());
    let matrix = teach::convolution(&down, "conv").unwrap().matrix().unwrap();
    assert_eq!((matrix.rows(), matrix.columns()), (4, 16));
    let (x, y) = (mixed::<Chw<1, 4, 4>>(), mixed::<Chw<1, 2, 2>>());
    assert_close_floats(&matrix.times(x.as_slice()), down.forward(&x).as_slice());
    assert_close_floats(&matrix.transposed().times(y.as_slice()), up.forward(&y).as_slice());
}

/// Each row of the matrix is the kernel, row by row of the image, where the window is.
#[test]
fn the_rows_of_the_matrix() {
    let mut down = Down::init(0);
    down.conv_mut().weight[0][0] = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]];
    let matrix = teach::convolution(&down, "conv").unwrap().matrix().unwrap();
    let expected: [[f32; 16]; 4] = [
        [1., 2., 3., 0., 4., 5., 6., 0., 7., 8., 9., 0., 0., 0., 0., 0.],
        [0., 1., 2., 3., 0., 4., 5., 6., 0., 7., 8., 9., 0., 0., 0., 0.],
        [0., 0., 0., 0., 1., 2., 3., 0., 4., 5., 6., 0., 7., 8., 9., 0.],
        [0., 0., 0., 0., 0., 1., 2., 3., 0., 4., 5., 6., 0., 7., 8., 9.],
    ];
    assert_eq!(matrix.values(), expected.as_flattened());
}

/// s(n − 1) + k − 2p: each input adds its multiple of the kernel, s cells from the last.
#[test]
fn two_by_two_with_a_stride() {
    cnn! {
        struct Net: [1, 2, 2] -> [1, 5, 5] { conv: conv_transpose2d(1, kernel = 3, stride = 2, bias = false) }
    }
    cnn! {
        struct Padded: [1, 2, 2] -> [1, 3, 3] {
            conv: conv_transpose2d(1, kernel = 3, stride = 2, padding = 1, bias = false),
        }
    }
    let (mut net, mut padded) = (Net::init(0), Padded::init(0));
    net.params_mut().fill(1.0);
    padded.params_mut().fill(1.0);
    let whole = [
        [1.0, 1.0, 3.0, 2.0, 2.0],
        [1.0, 1.0, 3.0, 2.0, 2.0],
        [4.0, 4.0, 10.0, 6.0, 6.0],
        [3.0, 3.0, 7.0, 4.0, 4.0],
        [3.0, 3.0, 7.0, 4.0, 4.0],
    ];
    assert_eq!(net.forward(&counting()), Chw([whole]));
    // Padding takes a border away.
    assert_eq!(padded.forward(&counting()), Chw([[[1.0, 3.0, 2.0], [4.0, 10.0, 6.0], [3.0, 7.0, 4.0]]]));
}

/// s(n − 1) + d(k − 1) + 1 − p₀ − p₁ + output padding, everything different by axis.
#[test]
fn the_general_form_of_the_transposed_size() {
    cnn! {
        struct Net: [1, 3, 4] -> [1, 8, 10] {
            // 2·2 + 2·2 + 1 − 1 − 1 + 1 = 8, 3·3 + 1·1 + 1 − 0 − 1 + 0 = 10
            conv: conv_transpose2d(1, kernel = (3, 2), stride = (2, 3), padding = ((1, 1), (0, 1)), dilation = (2, 1),
                output_padding = (1, 0), bias = false),
        }
    }
    let mut net = Net::init(0);
    net.params_mut().fill(1.0);
    // Inputs at rows 0, 2, 4 reach rows 0, 2, 4; 2, 4, 6; 4, 6, 8, one less for the padding; of the columns each has two.
    let rows = [0.0, 2.0, 0.0, 3.0, 0.0, 2.0, 0.0, 1.0];
    let columns = [1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0];
    assert_eq!(net.forward(&filled(|_| 1.0)), Chw([rows.map(|row| columns.map(|column| row * column))]));
}
