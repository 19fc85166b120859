//! ResNet: K. He, X. Zhang, S. Ren, J. Sun, *Deep residual learning for image recognition*, 2015, table 1; projections where the
//! size changes (option B).

use crate::cnn;

cnn! {
    block basic(channels) {
        add {
            {
                conv1: conv2d(channels, kernel = 3, padding = 1, bias = false), bn1: batch_norm, relu,
                conv2: conv2d(channels, kernel = 3, padding = 1, bias = false), bn2: batch_norm,
            },
            identity,
        },
        relu,
    }

    block down(channels) {
        add {
            {
                conv1: conv2d(channels, kernel = 3, stride = 2, padding = 1, bias = false), bn1: batch_norm, relu,
                conv2: conv2d(channels, kernel = 3, padding = 1, bias = false), bn2: batch_norm,
            },
            downsample: { "0": conv2d(channels, kernel = 1, stride = 2, bias = false), "1": batch_norm },
        },
        relu,
    }

    /// ResNet-18.
    #[derive(Clone)]
    pub struct ResNet18: [3, 224, 224] -> [1000] {
        conv1: conv2d(64, kernel = 7, stride = 2, padding = 3, bias = false), bn1: batch_norm, relu => [64, 112, 112],
        max_pool2d(3, stride = 2, padding = 1) => [64, 56, 56],
        layer1: { "0": basic(64), "1": basic(64) } => [64, 56, 56],
        layer2: { "0": down(128), "1": basic(128) } => [128, 28, 28],
        layer3: { "0": down(256), "1": basic(256) } => [256, 14, 14],
        layer4: { "0": down(512), "1": basic(512) } => [512, 7, 7],
        global_avg_pool,
        fc: linear(1000),
    }
}

const _: () = assert!(ResNet18::PARAMS == 11_689_512 && ResNet18::MACS == 1_814_073_344);

cnn! {
    block basic(channels) {
        add {
            {
                conv1: conv2d(channels, kernel = 3, padding = 1, bias = false), bn1: batch_norm, relu,
                conv2: conv2d(channels, kernel = 3, padding = 1, bias = false), bn2: batch_norm,
            },
            identity,
        },
        relu,
    }

    block down(channels) {
        add {
            {
                conv1: conv2d(channels, kernel = 3, stride = 2, padding = 1, bias = false), bn1: batch_norm, relu,
                conv2: conv2d(channels, kernel = 3, padding = 1, bias = false), bn2: batch_norm,
            },
            downsample: { "0": conv2d(channels, kernel = 1, stride = 2, bias = false), "1": batch_norm },
        },
        relu,
    }

    /// ResNet-34.
    #[derive(Clone)]
    pub struct ResNet34: [3, 224, 224] -> [1000] {
        conv1: conv2d(64, kernel = 7, stride = 2, padding = 3, bias = false), bn1: batch_norm, relu => [64, 112, 112],
        max_pool2d(3, stride = 2, padding = 1) => [64, 56, 56],
        layer1: { "0": basic(64), "1": basic(64), "2": basic(64) } => [64, 56, 56],
        layer2: { "0": down(128), "1": basic(128), "2": basic(128), "3": basic(128) } => [128, 28, 28],
        layer3: { "0": down(256), "1": basic(256), "2": basic(256), "3": basic(256), "4": basic(256), "5": basic(256) } => [256, 14, 14],
        layer4: { "0": down(512), "1": basic(512), "2": basic(512) } => [512, 7, 7],
        global_avg_pool,
        fc: linear(1000),
    }
}

const _: () = assert!(ResNet34::PARAMS == 21_797_672 && ResNet34::MACS == 3_663_761_408);
