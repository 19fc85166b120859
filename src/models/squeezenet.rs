//! SqueezeNet: F. Iandola et al., *SqueezeNet: AlexNet-level accuracy with 50x fewer parameters*, 2016; 1.1 is the authors'
//! later version, 2.4 times cheaper.

use crate::cnn;

cnn! {
    block fire(s, e) {
        squeeze: conv2d(s, kernel = 1), relu,
        concat {
            { expand1x1: conv2d(e, kernel = 1), relu },
            { expand3x3: conv2d(e, kernel = 3, padding = 1), relu },
        }
    }

    /// SqueezeNet 1.0.
    #[derive(Clone)]
    pub struct SqueezeNet1_0: [3, 224, 224] -> [1000] {
        features: {
            "0": conv2d(96, kernel = 7, stride = 2), relu => [96, 109, 109],
            max_pool2d(3, stride = 2, ceil = true) => [96, 54, 54],
            "3": fire(16, 64), "4": fire(16, 64), "5": fire(32, 128) => [256, 54, 54],
            max_pool2d(3, stride = 2, ceil = true) => [256, 27, 27],
            "7": fire(32, 128), "8": fire(48, 192), "9": fire(48, 192), "10": fire(64, 256) => [512, 27, 27],
            max_pool2d(3, stride = 2, ceil = true) => [512, 13, 13],
            "12": fire(64, 256) => [512, 13, 13],
        },
        classifier: { dropout(0.5), "1": conv2d(1000, kernel = 1), relu },
        global_avg_pool,
    }
}

const _: () = assert!(SqueezeNet1_0::PARAMS == 1_248_424 && SqueezeNet1_0::MACS == 818_924_576);

cnn! {
    block fire(s, e) {
        squeeze: conv2d(s, kernel = 1), relu,
        concat {
            { expand1x1: conv2d(e, kernel = 1), relu },
            { expand3x3: conv2d(e, kernel = 3, padding = 1), relu },
        }
    }

    /// SqueezeNet 1.1.
    #[derive(Clone)]
    pub struct SqueezeNet1_1: [3, 224, 224] -> [1000] {
        features: {
            "0": conv2d(64, kernel = 3, stride = 2), relu => [64, 111, 111],
            max_pool2d(3, stride = 2, ceil = true) => [64, 55, 55],
            "3": fire(16, 64), "4": fire(16, 64) => [128, 55, 55],
            max_pool2d(3, stride = 2, ceil = true) => [128, 27, 27],
            "6": fire(32, 128), "7": fire(32, 128) => [256, 27, 27],
            max_pool2d(3, stride = 2, ceil = true) => [256, 13, 13],
            "9": fire(48, 192), "10": fire(48, 192), "11": fire(64, 256), "12": fire(64, 256) => [512, 13, 13],
        },
        classifier: { dropout(0.5), "1": conv2d(1000, kernel = 1), relu },
        global_avg_pool,
    }
}

const _: () = assert!(SqueezeNet1_1::PARAMS == 1_235_496 && SqueezeNet1_1::MACS == 349_151_936);
