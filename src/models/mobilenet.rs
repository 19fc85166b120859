//! MobileNet v1: A. Howard et al., *MobileNets: efficient convolutional neural networks for mobile vision applications*,
//! 2017, table 1. MobileNet v2: M. Sandler et al., *MobileNetV2: inverted residuals and linear bottlenecks*, 2018, table 2.

use crate::cnn;

cnn! {
    block separable(channels, s) {
        dw: depthwise_conv2d(kernel = 3, stride = s, padding = 1, bias = false), dw_bn: batch_norm(epsilon = 0.001), relu6,
        pw: conv2d(channels, kernel = 1, bias = false), pw_bn: batch_norm(epsilon = 0.001), relu6,
    }

    /// MobileNet v1, width 1.
    #[derive(Clone)]
    pub struct MobileNetV1: [3, 224, 224] -> [1000] {
        conv1: conv2d(32, kernel = 3, stride = 2, padding = 1, bias = false), bn1: batch_norm(epsilon = 0.001), relu6,
        separable(64, 1) => [64, 112, 112],
        separable(128, 2), separable(128, 1) => [128, 56, 56],
        separable(256, 2), separable(256, 1) => [256, 28, 28],
        separable(512, 2), repeat 5 { separable(512, 1) } => [512, 14, 14],
        separable(1024, 2), separable(1024, 1) => [1024, 7, 7],
        global_avg_pool, dropout(0.001),
        fc: linear(1000),
    }
}

const _: () = assert!(MobileNetV1::PARAMS == 4_231_976 && MobileNetV1::MACS == 568_740_352);

cnn! {
    /// Expansion to `wide` channels, a depthwise convolution, and back to fewer.
    block expanded(wide, channels, s) {
        conv: {
            "0": { "0": conv2d(wide, kernel = 1, bias = false), "1": batch_norm, relu6 },
            "1": { "0": depthwise_conv2d(kernel = 3, stride = s, padding = 1, bias = false), "1": batch_norm, relu6 },
            "2": conv2d(channels, kernel = 1, bias = false), "3": batch_norm,
        }
    }

    /// MobileNet v2, width 1.
    #[derive(Clone)]
    pub struct MobileNetV2: [3, 224, 224] -> [1000] {
        features: {
            "0": { "0": conv2d(32, kernel = 3, stride = 2, padding = 1, bias = false), "1": batch_norm, relu6 },
            "1": {
                conv: {
                    "0": { "0": depthwise_conv2d(kernel = 3, padding = 1, bias = false), "1": batch_norm, relu6 },
                    "1": conv2d(16, kernel = 1, bias = false), "2": batch_norm,
                },
            } => [16, 112, 112],
            "2": expanded(96, 24, 2),
            "3": add { "": expanded(144, 24, 1), identity } => [24, 56, 56],
            "4": expanded(144, 32, 2),
            "5": add { "": expanded(192, 32, 1), identity },
            "6": add { "": expanded(192, 32, 1), identity } => [32, 28, 28],
            "7": expanded(192, 64, 2),
            "8": add { "": expanded(384, 64, 1), identity },
            "9": add { "": expanded(384, 64, 1), identity },
            "10": add { "": expanded(384, 64, 1), identity } => [64, 14, 14],
            "11": expanded(384, 96, 1),
            "12": add { "": expanded(576, 96, 1), identity },
            "13": add { "": expanded(576, 96, 1), identity } => [96, 14, 14],
            "14": expanded(576, 160, 2),
            "15": add { "": expanded(960, 160, 1), identity },
            "16": add { "": expanded(960, 160, 1), identity } => [160, 7, 7],
            "17": expanded(960, 320, 1) => [320, 7, 7],
            "18": { "0": conv2d(1280, kernel = 1, bias = false), "1": batch_norm, relu6 },
        },
        global_avg_pool,
        classifier: { dropout(0.2), "1": linear(1000) },
    }
}

const _: () = assert!(MobileNetV2::PARAMS == 3_504_872 && MobileNetV2::MACS == 300_774_272);
