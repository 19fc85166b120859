//! §5 and §6: LeNet-5, AlexNet and VGG-16, their sizes and counts.

use convnet::{Network, cnn};

cnn! {
    /// LeNet-5.
    pub struct LeNet5: [1, 28, 28] -> [10] {
        conv2d(6, kernel = 5, padding = 2) => [6, 28, 28], relu,
        max_pool2d(2) => [6, 14, 14],
        conv2d(16, kernel = 5) => [16, 10, 10], relu,
        max_pool2d(2) => [16, 5, 5],
        flatten,
        linear(120), relu,
        linear(84), relu,
        linear(10),
    }
}

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

/// Of each layer that is a convolution, a pool or linear, what it makes.
fn sizes(layers: &[convnet::LayerInfo]) -> Vec<&[usize]> {
    let kinds = ["conv2d", "max_pool2d", "linear"];
    layers.iter().filter(|layer| kinds.contains(&layer.operation)).map(|layer| layer.output.as_slice()).collect()
}

/// Of each layer that has them, the parameters.
fn params(layers: &[convnet::LayerInfo]) -> Vec<usize> {
    layers.iter().map(|layer| layer.params).filter(|params| *params > 0).collect()
}

/// Of each layer that has one, the values of the weight, without biases.
fn weights<N: Network>() -> Vec<usize> {
    let weights = N::ARCHITECTURE.nodes.iter().map(|node| node.op.weight(&node.input).len());
    weights.filter(|len| *len > 0).collect()
}

#[test]
fn lenet5_has_61_706_parameters() {
    assert_eq!(params(&LeNet5::LAYERS), [156, 2_416, 48_120, 10_164, 850]);
    assert_eq!((LeNet5::PARAMS, LeNet5::init(0).params().len()), (61_706, 61_706));
}

#[test]
fn alexnets_sizes() {
    let expected: [&[usize]; 11] = [
        &[96, 55, 55],
        &[96, 27, 27],
        &[256, 27, 27],
        &[256, 13, 13],
        &[384, 13, 13],
        &[384, 13, 13],
        &[256, 13, 13],
        &[256, 6, 6],
        &[4096],
        &[4096],
        &[1000],
    ];
    assert_eq!(sizes(&AlexNet::LAYERS), expected);
    assert_eq!(AlexNet::INPUT.iter().product::<usize>(), 154_587);
}

/// The often-quoted 224 and 256 do not give 55.
#[test]
fn alexnets_input_is_227() {
    macro_rules! first_layer {
        ($($input:literal -> $output:literal)+) => {$({
            cnn! {
                struct First: [3, $input, $input] -> [96, $output, $output] { conv2d(96, kernel = 11, stride = 4) }
            }
            assert_eq!(First::OUTPUT[1] == 55, $input == 227);
        })+};
    }
    first_layer! { 224 -> 54 227 -> 55 256 -> 62 }
}

#[test]
fn alexnet_has_62_million_weights() {
    let weights = weights::<AlexNet>();
    assert_eq!(weights, [34_848, 614_400, 884_736, 1_327_104, 884_736, 37_748_736, 16_777_216, 4_096_000]);
    let (all, convolutions) = (weights.iter().sum::<usize>(), weights[..5].iter().sum::<usize>());
    assert_eq!(all, 62_367_776);
    let percent = |part: usize| (100.0 * part as f64 / all as f64).round();
    assert_eq!((percent(convolutions), percent(all - convolutions)), (6.0, 94.0));
    assert_eq!((AlexNet::PARAMS, AlexNet::PARAMS - all), (62_378_344, 10_568));
}

/// The original two-tower AlexNet: half of the input channels for each half of the kernels in the second, fourth and
/// fifth convolution, and half of their weights.
#[test]
fn alexnet_in_two_towers() {
    cnn! {
        struct TwoTowers: [3, 227, 227] -> [1000] {
            conv2d(96, kernel = 11, stride = 4), relu, lrn(5, alpha = 5e-4, k = 2.0), max_pool2d(3, stride = 2),
            conv2d(256, kernel = 5, padding = 2, groups = 2) => [256, 27, 27], relu,
            lrn(5, alpha = 5e-4, k = 2.0), max_pool2d(3, stride = 2),
            conv2d(384, kernel = 3, padding = 1) => [384, 13, 13], relu,
            conv2d(384, kernel = 3, padding = 1, groups = 2), relu,
            conv2d(256, kernel = 3, padding = 1, groups = 2), relu, max_pool2d(3, stride = 2) => [256, 6, 6],
            flatten,
            linear(4096), relu, dropout(0.5),
            linear(4096), relu, dropout(0.5),
            linear(1000), softmax,
        }
    }
    let (one, two) = (weights::<AlexNet>(), weights::<TwoTowers>());
    assert_eq!((two[1], two[3], two[4]), (one[1] / 2, one[3] / 2, one[4] / 2));
    assert_eq!(TwoTowers::PARAMS, 60_965_224);
}

#[test]
fn vgg_16s_sizes() {
    let pools = Vgg16::LAYERS.iter().filter(|layer| layer.operation == "max_pool2d");
    let pools: Vec<&[usize]> = pools.map(|layer| layer.output.as_slice()).collect();
    assert_eq!(pools, [&[64, 112, 112], &[128, 56, 56], &[256, 28, 28], &[512, 14, 14], &[512, 7, 7]]);
}

#[test]
fn vgg_16_has_138_million_parameters() {
    assert_eq!(Vgg16::PARAMS, 138_357_544);
    let of = |operation| Vgg16::LAYERS.iter().filter(|layer| layer.operation == operation).count();
    assert_eq!((of("conv2d"), of("linear"), params(&Vgg16::LAYERS).len()), (13, 3, 16));
    assert!(Vgg16::summary().to_string().contains("138 357 544"));
}
