//! VGG: K. Simonyan, A. Zisserman, *Very deep convolutional networks for large-scale image recognition*, 2014, table 1.
//!
//! Blocks of 3×3 convolutions that keep the size, each closed by a pool that halves it: 224, 112, 56, 28, 14, 7.

use crate::cnn;

cnn! {
    /// VGG-11: column A of the table.
    #[derive(Clone)]
    pub struct Vgg11: [3, 224, 224] -> [1000] {
        features: {
            "0": conv2d(64, kernel = 3, padding = 1), relu,
            max_pool2d(2) => [64, 112, 112],
            "3": conv2d(128, kernel = 3, padding = 1), relu,
            max_pool2d(2) => [128, 56, 56],
            "6": conv2d(256, kernel = 3, padding = 1), relu, "8": conv2d(256, kernel = 3, padding = 1), relu,
            max_pool2d(2) => [256, 28, 28],
            "11": conv2d(512, kernel = 3, padding = 1), relu, "13": conv2d(512, kernel = 3, padding = 1), relu,
            max_pool2d(2) => [512, 14, 14],
            "16": conv2d(512, kernel = 3, padding = 1), relu, "18": conv2d(512, kernel = 3, padding = 1), relu,
            max_pool2d(2) => [512, 7, 7],
        },
        flatten,
        classifier: {
            "0": linear(4096), relu, dropout(0.5),
            "3": linear(4096), relu, dropout(0.5),
            "6": linear(1000),
        },
    }
}

const _: () = assert!(Vgg11::PARAMS == 132_863_336 && Vgg11::MACS == 7_609_090_048);

cnn! {
    /// VGG-13: column B of the table.
    #[derive(Clone)]
    pub struct Vgg13: [3, 224, 224] -> [1000] {
        features: {
            "0": conv2d(64, kernel = 3, padding = 1), relu, "2": conv2d(64, kernel = 3, padding = 1), relu,
            max_pool2d(2) => [64, 112, 112],
            "5": conv2d(128, kernel = 3, padding = 1), relu, "7": conv2d(128, kernel = 3, padding = 1), relu,
            max_pool2d(2) => [128, 56, 56],
            "10": conv2d(256, kernel = 3, padding = 1), relu, "12": conv2d(256, kernel = 3, padding = 1), relu,
            max_pool2d(2) => [256, 28, 28],
            "15": conv2d(512, kernel = 3, padding = 1), relu, "17": conv2d(512, kernel = 3, padding = 1), relu,
            max_pool2d(2) => [512, 14, 14],
            "20": conv2d(512, kernel = 3, padding = 1), relu, "22": conv2d(512, kernel = 3, padding = 1), relu,
            max_pool2d(2) => [512, 7, 7],
        },
        flatten,
        classifier: {
            "0": linear(4096), relu, dropout(0.5),
            "3": linear(4096), relu, dropout(0.5),
            "6": linear(1000),
        },
    }
}

const _: () = assert!(Vgg13::PARAMS == 133_047_848 && Vgg13::MACS == 11_308_466_176);

cnn! {
    /// VGG-16: column D of the table.
    #[derive(Clone)]
    pub struct Vgg16: [3, 224, 224] -> [1000] {
        features: {
            "0": conv2d(64, kernel = 3, padding = 1), relu, "2": conv2d(64, kernel = 3, padding = 1), relu,
            max_pool2d(2) => [64, 112, 112],
            "5": conv2d(128, kernel = 3, padding = 1), relu, "7": conv2d(128, kernel = 3, padding = 1), relu,
            max_pool2d(2) => [128, 56, 56],
            "10": conv2d(256, kernel = 3, padding = 1), relu, "12": conv2d(256, kernel = 3, padding = 1), relu,
            "14": conv2d(256, kernel = 3, padding = 1), relu,
            max_pool2d(2) => [256, 28, 28],
            "17": conv2d(512, kernel = 3, padding = 1), relu, "19": conv2d(512, kernel = 3, padding = 1), relu,
            "21": conv2d(512, kernel = 3, padding = 1), relu,
            max_pool2d(2) => [512, 14, 14],
            "24": conv2d(512, kernel = 3, padding = 1), relu, "26": conv2d(512, kernel = 3, padding = 1), relu,
            "28": conv2d(512, kernel = 3, padding = 1), relu,
            max_pool2d(2) => [512, 7, 7],
        },
        flatten,
        classifier: {
            "0": linear(4096), relu, dropout(0.5),
            "3": linear(4096), relu, dropout(0.5),
            "6": linear(1000),
        },
    }
}

const _: () = assert!(Vgg16::PARAMS == 138_357_544 && Vgg16::MACS == 15_470_264_320);

cnn! {
    /// VGG-19: column E of the table.
    #[derive(Clone)]
    pub struct Vgg19: [3, 224, 224] -> [1000] {
        features: {
            "0": conv2d(64, kernel = 3, padding = 1), relu, "2": conv2d(64, kernel = 3, padding = 1), relu,
            max_pool2d(2) => [64, 112, 112],
            "5": conv2d(128, kernel = 3, padding = 1), relu, "7": conv2d(128, kernel = 3, padding = 1), relu,
            max_pool2d(2) => [128, 56, 56],
            "10": conv2d(256, kernel = 3, padding = 1), relu, "12": conv2d(256, kernel = 3, padding = 1), relu,
            "14": conv2d(256, kernel = 3, padding = 1), relu, "16": conv2d(256, kernel = 3, padding = 1), relu,
            max_pool2d(2) => [256, 28, 28],
            "19": conv2d(512, kernel = 3, padding = 1), relu, "21": conv2d(512, kernel = 3, padding = 1), relu,
            "23": conv2d(512, kernel = 3, padding = 1), relu, "25": conv2d(512, kernel = 3, padding = 1), relu,
            max_pool2d(2) => [512, 14, 14],
            "28": conv2d(512, kernel = 3, padding = 1), relu, "30": conv2d(512, kernel = 3, padding = 1), relu,
            "32": conv2d(512, kernel = 3, padding = 1), relu, "34": conv2d(512, kernel = 3, padding = 1), relu,
            max_pool2d(2) => [512, 7, 7],
        },
        flatten,
        classifier: {
            "0": linear(4096), relu, dropout(0.5),
            "3": linear(4096), relu, dropout(0.5),
            "6": linear(1000),
        },
    }
}

const _: () = assert!(Vgg19::PARAMS == 143_667_240 && Vgg19::MACS == 19_632_062_464);
