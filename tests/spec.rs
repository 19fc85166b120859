//! The worked numbers of the textbook, one test a row: sizes, results and counts.
//!
//! Sizes are asserted by the declarations themselves (`=> [...]`); a number that is wrong does not compile.

use convnet::{Chw, Flat, Network, Value, cnn};

/// The values 1, 2, 3, … as a value of any shape.
fn counting<V: Value>() -> V {
    let mut value = V::zeroed();
    value.as_floats_mut().iter_mut().enumerate().for_each(|(index, x)| *x = index as f32 + 1.0);
    value
}

mod data {
    //! §1: bytes of images.
    #[test]
    fn grayscale_and_colour_images_in_bytes() {
        assert_eq!(convnet::shape::dims(&[1, 512, 512]).len(), 262_144);
        assert_eq!(convnet::shape::dims(&[3, 512, 512]).len(), 786_432);
        assert_eq!(convnet::shape::dims(&[3, 227, 227]).len(), 154_587, "AlexNet's input");
    }
}

mod convolution {
    //! §2.
    use super::*;

    #[test]
    fn five_by_five_with_three_by_three() {
        cnn! {
            struct Net: [1, 5, 5] -> [1, 3, 3] { conv2d(1, kernel = 3) }
        }
        assert_eq!(Net::OUTPUT, [1, 3, 3]);
    }

    /// O₁₁ = I₁₁K₁₁ + I₁₂K₁₂ + I₂₁K₂₁ + I₂₂K₂₂, and so on; the kernel is not flipped.
    #[test]
    fn three_by_three_with_two_by_two() {
        cnn! {
            struct Net: [1, 3, 3] -> [1, 2, 2] { conv: conv2d(1, kernel = 2, bias = false) }
        }
        let mut net = Net::init(0);
        net.conv_mut().weight[0][0] = [[1.0, 2.0], [3.0, 4.0]];
        let output = net.forward(&counting());
        let (i, k) = ([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]], [[1.0, 2.0], [3.0, 4.0]]);
        for (y, row) in output[0].iter().enumerate() {
            for (x, value) in row.iter().enumerate() {
                let by_hand =
                    i[y][x] * k[0][0] + i[y][x + 1] * k[0][1] + i[y + 1][x] * k[1][0] + i[y + 1][x + 1] * k[1][1];
                assert_eq!(*value, by_hand);
            }
        }
        assert_eq!(output, Chw([[[37.0, 47.0], [67.0, 77.0]]]));
    }

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
        assert_eq!(Net::OUTPUT, [1, 20, 20]);
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

    #[test]
    fn fifteen_kernels_of_twelve_by_twelve_and_a_one_by_one() {
        cnn! {
            struct Net: [1, 52, 52] -> [1, 14, 14] {
                conv2d(15, kernel = 12, stride = 2) => [15, 21, 21],
                conv2d(1, kernel = 8),
            }
        }
        cnn! {
            struct Pointwise: [15, 21, 21] -> [12, 21, 21] { conv2d(12, kernel = 1, bias = false) }
        }
        assert_eq!(Net::LAYERS[1].params, 8 * 8 * 15 + 1);
        assert_eq!(Pointwise::PARAMS, 12 * 15);
    }

    /// Several channels: the sum over channels of the results of each.
    #[test]
    fn channels_are_summed() {
        cnn! {
            struct Net: [3, 3, 3] -> [1, 2, 2] { conv: conv2d(1, kernel = 2) }
        }
        cnn! {
            struct OneChannel: [1, 3, 3] -> [1, 2, 2] { conv: conv2d(1, kernel = 2, bias = false) }
        }
        let net = Net::init(4);
        let input: Chw<3, 3, 3> = counting();
        let mut sum = [[[net.conv().bias()[0]; 2]; 2]];
        for channel in 0..3 {
            let mut one = OneChannel::init(0);
            one.conv_mut().weight[0][0] = net.conv().weight()[0][channel];
            let output = one.forward(&Chw([input[channel]]));
            for (sum, value) in sum.as_flattened_mut().as_flattened_mut().iter_mut().zip(output.as_slice()) {
                *sum += value;
            }
        }
        for (got, expected) in net.forward(&input).as_slice().iter().zip(sum.as_flattened().as_flattened()) {
            assert!((got - expected).abs() < 1e-4, "{got} {expected}");
        }
    }

    #[test]
    fn kernels_of_all_sizes_in_use() {
        cnn! {
            struct Net: [1, 64, 64] -> [1, 3, 3] {
                conv2d(1, kernel = 3) => [1, 62, 62],
                conv2d(1, kernel = 5) => [1, 58, 58],
                conv2d(1, kernel = 7) => [1, 52, 52],
                conv2d(1, kernel = 9) => [1, 44, 44],
                conv2d(1, kernel = 11) => [1, 34, 34],
                conv2d(1, kernel = 13) => [1, 22, 22],
                conv2d(1, kernel = 17) => [1, 6, 6],
                conv2d(1, kernel = (4, 2)) => [1, 3, 5],
                conv2d(1, kernel = (1, 3)),
            }
        }
        assert_eq!(Net::OUTPUT, [1, 3, 3]);
    }

    /// k×1 and 1×k kernels on a matrix: 4×4 with a 4×1 kernel → 1×4.
    #[test]
    fn kernels_of_one_column_or_row() {
        cnn! {
            struct Net: [1, 4, 4] -> [1, 1, 4] { conv2d(1, kernel = (4, 1)) }
        }
        cnn! {
            struct Strided: [1, 1, 9] -> [1, 1, 4] { conv2d(1, kernel = (1, 3), stride = 2) }
        }
        assert_eq!((Net::OUTPUT, Strided::OUTPUT), ([1, 1, 4], [1, 1, 4]));
    }

    /// Sobel = column ⊗ row: the same result, 120 multiplications instead of 144 where rows go first.
    #[test]
    fn sobel_is_separable() {
        cnn! {
            struct Direct: [1, 6, 6] -> [1, 4, 4] { conv: conv2d(1, kernel = 3, bias = false) }
        }
        cnn! {
            struct Separated: [1, 6, 6] -> [1, 4, 4] {
                column: conv2d(1, kernel = (3, 1), bias = false),
                row: conv2d(1, kernel = (1, 3), bias = false),
            }
        }
        let (mut direct, mut separated) = (Direct::init(0), Separated::init(0));
        let (column, row) = ([1.0, 2.0, 1.0], [-1.0, 0.0, 1.0]);
        direct.conv_mut().weight[0][0] = column.map(|c| row.map(|r| c * r));
        separated.column_mut().weight[0][0] = column.map(|c| [c]);
        separated.row_mut().weight[0][0][0] = row;
        assert_eq!(direct.forward(&counting()), separated.forward(&counting()));
        assert_eq!((Direct::MACS, Separated::MACS), (144, 72 + 48));
    }

    /// Depthwise: 8×8×3 with three 3×3×1 → 6×6×3; with a 1×1 behind it 8 748 multiplications instead of 69 984.
    #[test]
    fn depthwise_separable() {
        cnn! {
            struct Separable: [3, 8, 8] -> [72, 6, 6] {
                conv2d(3, kernel = 3, groups = 3, bias = false) => [3, 6, 6],
                conv2d(72, kernel = 1, bias = false),
            }
        }
        cnn! {
            struct Direct: [3, 8, 8] -> [72, 6, 6] { conv2d(72, kernel = 3, bias = false) }
        }
        assert_eq!((Direct::MACS, Separable::MACS), (69_984, 8_748));
        assert_eq!(Separable::LAYERS[0].macs, 3 * 3 * 3 * 36);
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
            for channel in 0..3 {
                for (got, expected) in
                    output[3 * group + channel].as_flattened().iter().zip(expected[channel].as_flattened())
                {
                    assert!((got - expected).abs() < 1e-4);
                }
            }
        }
    }
}

mod ranks {
    //! §2: sequences, volumes, and what is separable or transposed, by keyword.
    use super::*;

    #[test]
    fn sequences() {
        cnn! {
            struct Audio: [1, 9] -> [2, 4] { conv1d(2, kernel = 3, stride = 2) }
        }
        assert_eq!((Audio::OUTPUT, Audio::PARAMS), ([2, 4], 2 * 3 + 2));
    }

    /// A kernel shallower than the volume moves along depth too: 21×21×15 with 5×5×5 → 17×17×11.
    #[test]
    fn volumes() {
        cnn! {
            struct Video: [1, 15, 21, 21] -> [1, 11, 17, 17] { conv3d(1, kernel = 5) }
        }
        assert_eq!(Video::OUTPUT, [1, 11, 17, 17]);
    }

    #[test]
    fn depthwise_and_separable() {
        cnn! {
            struct Depthwise: [3, 8, 8] -> [3, 6, 6] { depthwise_conv2d(kernel = 3, bias = false) }
        }
        cnn! {
            struct Separable: [3, 8, 8] -> [72, 6, 6] { separable_conv2d(72, kernel = 3, bias = false) }
        }
        cnn! {
            struct Spatially: [1, 6, 6] -> [1, 4, 4] { spatially_separable_conv2d(1, kernel = 3, bias = false) }
        }
        assert_eq!((Depthwise::MACS, Separable::MACS, Spatially::MACS), (972, 8_748, 120));
    }

    /// The convolution of 4×4 with 3×3 is a 4×16 matrix; its transpose takes 2×2 back to 4×4.
    #[test]
    fn transposed() {
        cnn! {
            struct Down: [1, 4, 4] -> [1, 2, 2] { conv: conv2d(1, kernel = 3, bias = false) }
        }
        cnn! {
            struct Up: [1, 2, 2] -> [1, 4, 4] { conv: conv_transpose2d(1, kernel = 3, bias = false) }
        }
        let mut up = Up::init(0);
        let down = Down::init(1);
        up.conv_mut().weight[0][0] = down.conv().weight()[0][0];
        // ⟨down x, y⟩ = ⟨x, up y⟩ for all x and y.
        let (x, y): (Chw<1, 4, 4>, Chw<1, 2, 2>) = (counting(), counting());
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        let (forth, back) = (down.forward(&x), up.forward(&y));
        let (left, right) = (dot(forth.as_slice(), y.as_slice()), dot(x.as_slice(), back.as_slice()));
        assert!((left - right).abs() < 1e-3 * left.abs().max(1.0), "{left} {right}");
    }
}

mod pooling {
    //! §3.
    use super::*;

    #[test]
    fn overlapping_windows_and_ceil_mode() {
        cnn! {
            struct AlexNets: [96, 55, 55] -> [96, 27, 27] { max_pool2d(3, stride = 2) }
        }
        cnn! {
            struct GoogLeNets: [64, 112, 112] -> [64, 56, 56] { max_pool2d(3, stride = 2, ceil = true) }
        }
        // The last window would start at or after n + p₀, so it is left out.
        cnn! {
            struct LeftOut: [1, 4, 4] -> [1, 2, 2] { max_pool2d(1, stride = 3, ceil = true) }
        }
        assert_eq!((AlexNets::OUTPUT, GoogLeNets::OUTPUT, LeftOut::OUTPUT), ([96, 27, 27], [64, 56, 56], [1, 2, 2]));
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
            struct Flattened: [72, 6, 6] -> [500] { flatten, linear(500, bias = false) }
        }
        assert_eq!((Global::OUTPUT, Flattened::PARAMS), ([72], 1_296_000));
        let output: Flat<72> = Global::init(0).forward(&counting());
        assert_eq!(output[1], 36.0 + 18.5);
    }
}

mod networks {
    //! §5 and §6: sizes and counts, as declarations that would not compile if they were wrong.
    use super::*;

    cnn! {
        /// AlexNet in one tower.
        pub struct AlexNet: [3, 227, 227] -> [1000] {
            conv2d(96, kernel = 11, stride = 4) => [96, 55, 55], relu,
            max_pool2d(3, stride = 2) => [96, 27, 27],
            conv2d(256, kernel = 5, padding = 2) => [256, 27, 27], relu,
            max_pool2d(3, stride = 2) => [256, 13, 13],
            conv2d(384, kernel = 3, padding = 1) => [384, 13, 13], relu,
            conv2d(384, kernel = 3, padding = 1) => [384, 13, 13], relu,
            conv2d(256, kernel = 3, padding = 1) => [256, 13, 13], relu,
            max_pool2d(3, stride = 2) => [256, 6, 6],
            flatten => [9216],
            linear(4096), relu, dropout(0.5),
            linear(4096), relu, dropout(0.5),
            linear(1000), softmax,
        }
    }

    cnn! {
        /// VGG-16.
        pub struct Vgg16: [3, 224, 224] -> [1000] {
            conv2d(64, kernel = 3, padding = same), relu,
            conv2d(64, kernel = 3, padding = same), relu, max_pool2d(2) => [64, 112, 112],
            conv2d(128, kernel = 3, padding = same), relu,
            conv2d(128, kernel = 3, padding = same), relu, max_pool2d(2) => [128, 56, 56],
            conv2d(256, kernel = 3, padding = same), relu,
            conv2d(256, kernel = 3, padding = same), relu,
            conv2d(256, kernel = 3, padding = same), relu, max_pool2d(2) => [256, 28, 28],
            conv2d(512, kernel = 3, padding = same), relu,
            conv2d(512, kernel = 3, padding = same), relu,
            conv2d(512, kernel = 3, padding = same), relu, max_pool2d(2) => [512, 14, 14],
            conv2d(512, kernel = 3, padding = same), relu,
            conv2d(512, kernel = 3, padding = same), relu,
            conv2d(512, kernel = 3, padding = same), relu, max_pool2d(2) => [512, 7, 7],
            flatten,
            linear(4096), relu, dropout(0.5),
            linear(4096), relu, dropout(0.5),
            linear(1000), softmax,
        }
    }

    #[test]
    fn alexnet_has_62_million_weights() {
        assert_eq!(AlexNet::PARAMS, 62_378_344);
        let weights: Vec<usize> = AlexNet::ARCHITECTURE
            .nodes
            .iter()
            .map(|node| node.op.weight(&node.input).len())
            .filter(|len| *len > 0)
            .collect();
        assert_eq!(weights, [34_848, 614_400, 884_736, 1_327_104, 884_736, 37_748_736, 16_777_216, 4_096_000]);
        assert_eq!(weights.iter().sum::<usize>(), 62_367_776);
        let convolutions: usize = weights[..5].iter().sum();
        assert_eq!((convolutions * 100).div_ceil(62_367_776), 7, "6 % in the convolutions");
    }

    #[test]
    fn vgg_16_has_138_million_parameters() {
        assert_eq!(Vgg16::PARAMS, 138_357_544);
        let learned = Vgg16::LAYERS.iter().filter(|layer| layer.params > 0).count();
        assert_eq!(learned, 13 + 3);
        assert!(Vgg16::summary().to_string().contains("138 357 544"));
    }
}
