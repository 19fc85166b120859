//! A declared layer asked what a textbook would draw of it: its matrix, its factors, its multiplications.
#![cfg(feature = "alloc")]

#[path = "support/numbers.rs"]
mod numbers;

use convnet::arena::Floats;
use convnet::layers::{Conv2d, Relu};
use convnet::shape::{Image, Window};
use convnet::teach::{self, Multiplications};
use convnet::typenum::{U1, U2, U3, U5};
use convnet::{Network, Sequential, chain, cnn};
use numbers::numbers;

/// What `layer`, alone in its network, makes of an input: by its matrix and its bias, and by itself.
fn assert_matrix_is_the_layer<N: Network>(what: &str) {
    let net = N::init(3);
    let convolution = teach::convolution(&net, N::ARCHITECTURE.names[0]).unwrap();
    let matrix = convolution.matrix().unwrap();
    assert_eq!([matrix.rows(), matrix.columns()], convolution.matrix_sizes(), "{what}");
    assert_eq!([matrix.rows(), matrix.columns()], [N::Output::LEN, N::Input::LEN], "{what}");

    let mut input = N::Input::zeroed();
    input.as_floats_mut().copy_from_slice(&numbers(4, N::Input::LEN));
    let cells = N::Output::LEN / N::ARCHITECTURE.output().size(0);
    let bias = |at: usize| convolution.bias().get(at / cells).copied().unwrap_or_default();
    let by_matrix = matrix.times(input.as_floats());
    let output = net.forward_batch(std::slice::from_ref(&input));
    for (at, (sum, expected)) in by_matrix.iter().zip(output[0].as_floats()).enumerate() {
        let got = sum + bias(at);
        assert!((got - expected).abs() < 1e-5, "{what}[{at}]: {got}, the layer makes {expected}");
    }
}

/// One layer each.
macro_rules! matrix_is_the_layer {
    ($($name:ident: [$($network:tt)+];)+) => {$(
        #[test]
        fn $name() {
            type Net = cnn!($($network)+);
            assert_matrix_is_the_layer::<Net>(stringify!($name));
        }
    )+};
}

matrix_is_the_layer! {
    conv: [[2, 5, 4] -> conv2d(3, kernel = 3)];
    conv_without_bias: [[2, 5, 4] -> conv2d(3, kernel = 2, bias = false)];
    grouped: [[4, 5, 5] -> conv2d(6, kernel = 3, groups = 2)];
    depthwise: [[3, 5, 5] -> depthwise_conv2d(2, kernel = 3)];
    strided: [[2, 7, 6] -> conv2d(3, kernel = 3, stride = (2, 3))];
    padded: [[2, 4, 5] -> conv2d(3, kernel = 3, padding = ((1, 2), (0, 1)))];
    fully_padded: [[1, 4, 4] -> conv2d(2, kernel = 3, padding = full)];
    dilated: [[2, 7, 6] -> conv2d(2, kernel = 3, dilation = 2)];
    everything_at_once:
        [[4, 9, 8] -> conv2d(4, kernel = (3, 2), stride = (2, 1), padding = (2, 1), dilation = (1, 2), groups = 2)];
    sequence: [[2, 9] -> conv1d(3, kernel = 3, stride = 2, padding = 1)];
    volume: [[2, 3, 4, 5] -> conv3d(3, kernel = 2)];
    transposed: [[2, 3, 4] -> conv_transpose2d(3, kernel = 3)];
    transposed_grouped_and_strided:
        [[4, 3, 3] -> conv_transpose2d(6, kernel = 3, stride = 2, padding = 1, output_padding = 1, groups = 2)];
    transposed_sequence: [[2, 4] -> conv_transpose1d(3, kernel = 3, dilation = 2)];
    transposed_volume: [[2, 2, 2, 3] -> conv_transpose3d(2, kernel = 2, stride = 2)];
}

/// 4×4 with 3×3 is a 4×16 matrix, and the transposed convolution with the same weight is the transpose, 16×4.
#[test]
fn the_matrix_of_a_transposed_convolution_is_the_transpose() {
    cnn! {
        struct Down: [1, 4, 4] -> [1, 2, 2] { down: conv2d(1, kernel = 3, bias = false) }
    }
    cnn! {
        struct Up: [1, 2, 2] -> [1, 4, 4] { up: conv_transpose2d(1, kernel = 3, bias = false) }
    }
    let (down, mut up) = (Down::init(1), Up::init(2));
    up.params_mut().copy_from_slice(down.params());
    let down = teach::convolution(&down, "down").unwrap().matrix().unwrap();
    let up = teach::convolution(&up, "up").unwrap();
    assert!(up.is_transposed());
    assert_eq!((down.rows(), down.columns(), up.matrix_sizes()), (4, 16, [16, 4]));
    assert_eq!(up.matrix().unwrap(), down.transposed());
    assert_eq!(down.transposed().transposed(), down);
}

/// The same with groups, a stride, and a padding on one side only; of several channels the weight is that of the
/// convolution from output to input.
#[test]
fn the_matrix_of_a_grouped_strided_transposed_convolution_is_the_transpose() {
    cnn! {
        struct Down: [4, 7, 6] -> [6, 4, 3] {
            down: conv2d(6, kernel = 3, stride = 2, padding = ((1, 1), (0, 1)), groups = 2, bias = false),
        }
    }
    cnn! {
        struct Up: [6, 4, 3] -> [4, 7, 6] {
            up: conv_transpose2d(4, kernel = 3, stride = 2, padding = ((1, 1), (0, 1)), groups = 2, bias = false),
        }
    }
    let (down, mut up) = (Down::init(1), Up::init(2));
    up.params_mut().copy_from_slice(down.params());
    let down = teach::convolution(&down, "down").unwrap().matrix().unwrap();
    assert_eq!(teach::convolution(&up, "up").unwrap().matrix().unwrap(), down.transposed());
}

const SOBEL: [[f32; 3]; 3] = [[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]];
const LAPLACE: [[f32; 3]; 3] = [[0.0, 1.0, 0.0], [1.0, -4.0, 1.0], [0.0, 1.0, 0.0]];

/// Sobel's kernel comes apart and Laplace's does not, each in the channel it was put into.
#[test]
fn kernels_of_a_layer_come_apart_or_do_not() {
    cnn! {
        struct Edges: [2, 6, 6] -> [4, 4, 4] { edges: conv2d(4, kernel = 3, groups = 2) }
    }
    let mut net = Edges::init(1);
    net.edges_mut().weight[3][0] = SOBEL;
    net.edges_mut().weight[1][0] = LAPLACE;
    let edges = teach::convolution(&net, "edges").unwrap();
    let kernels: Vec<_> = edges.kernels().unwrap().collect();
    assert_eq!(
        kernels.iter().map(|k| (k.out_channel, k.in_channel)).collect::<Vec<_>>(),
        [(0, 0), (1, 0), (2, 1), (3, 1)]
    );
    let sobel = kernels[3].separate(0.0).unwrap();
    assert_eq!((&sobel.column[..], &sobel.row[..]), (&[1.0, 2.0, 1.0][..], &[-1.0, 0.0, 1.0][..]));
    assert_eq!(kernels[1].values, LAPLACE.as_flattened());
    assert!(!kernels[1].is_separable(1e-3) && kernels[1].separate(1e-3).is_none());
}

/// Of a transposed convolution `[in, out / groups, K…]`, channels are its own.
#[test]
fn kernels_of_a_transposed_convolution() {
    cnn! {
        struct Up: [2, 3, 3] -> [4, 4, 4] { up: conv_transpose2d(4, kernel = 2, groups = 2) }
    }
    let mut net = Up::init(1);
    net.up_mut().weight[1][0] = [[1.0, 2.0], [3.0, 6.0]];
    let up = teach::convolution(&net, "up").unwrap();
    let kernels: Vec<_> = up.kernels().unwrap().collect();
    assert_eq!(
        kernels.iter().map(|k| (k.out_channel, k.in_channel)).collect::<Vec<_>>(),
        [(0, 0), (1, 0), (2, 1), (3, 1)]
    );
    assert!(kernels[2].is_separable(0.0));
    assert_eq!(up.multiplications().direct, Up::MACS);
    assert_eq!(up.multiplications().spatially_separated, None);
}

#[test]
fn multiplications_direct_and_in_two_passes() {
    cnn! {
        struct Edges: [1, 6, 6] -> [1, 4, 4] { sobel: conv2d(1, kernel = 3, bias = false) }
    }
    cnn! {
        struct Wide: [3, 8, 8] -> [72, 6, 6] { conv: conv2d(72, kernel = 3) }
    }
    let (edges, wide) = (Edges::init(0), Wide::init(0));
    let edges = teach::convolution(&edges, "sobel").unwrap().multiplications();
    let expected =
        Multiplications { direct: 144, spatially_separated: Some([72, 48]), depthwise_separable: Some([144, 16]) };
    assert_eq!(edges, expected);
    let wide = teach::convolution(&wide, "conv").unwrap().multiplications();
    let expected =
        Multiplications { direct: 69_984, spatially_separated: None, depthwise_separable: Some([972, 7_776]) };
    assert_eq!(wide, expected);
}

#[test]
fn a_layer_of_a_hand_built_chain_has_its_index() {
    type Net = Sequential<Image<U1, U5, U5>, chain![Conv2d<U2, Window<U3>>, Relu, Conv2d<U1, Window<U2>>]>;
    let net = Net::init(0);
    assert_eq!(teach::convolution(&net, "2").unwrap().matrix_sizes(), [4, 18]);
}

#[test]
fn mistakes_are_said() {
    cnn! {
        struct Video: [1, 2, 100, 100] -> [4] {
            stem: conv3d(1, kernel = (2, 1, 1)), relu,
            wide: conv3d(1, kernel = (1, 3, 3)),
            global_avg_pool,
            fc: linear(4),
        }
    }
    cnn! {
        struct Plain: [3] -> [2] { fc: linear(2) }
    }
    let (video, plain) = (Video::init(0), Plain::init(0));
    let layer = |name| teach::convolution(&video, name);
    let cases = [
        (layer("conv1").err(), "`Video` has no layer `conv1`; its layers are `stem`, `relu1`, `wide`, `pool1`, `fc`"),
        (layer("fc").err(), "`fc` is `linear`; expected a convolution of `Video`: `stem`, `wide`"),
        (teach::convolution(&plain, "fc").err(), "`fc` is `linear`; expected a convolution, and `Plain` has none"),
        (
            layer("stem").unwrap().matrix().err(),
            "the matrix of `stem` is [10000, 20000]; it may have at most 67108864 values",
        ),
        (
            layer("stem").unwrap().kernels().err(),
            "`stem` is a `conv3d` with kernels 2 deep; expected kernels of two axes",
        ),
    ];
    for (error, sentence) in cases {
        assert_eq!(error.expect(sentence).to_string(), sentence);
    }
    assert_eq!(layer("wide").unwrap().kernels().unwrap().len(), 1);
}
