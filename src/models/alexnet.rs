//! AlexNet: A. Krizhevsky, I. Sutskever, G. Hinton, *ImageNet classification with deep convolutional neural networks*,
//! 2012. The paper says 224, its numbers say 227: ⌊(227 − 11) / 4⌋ + 1 = 55.

use crate::cnn;

cnn! {
    /// Three linear layers, most of the parameters.
    block classifier() {
        flatten,
        fc6: linear(4096), relu, dropout(0.5),
        fc7: linear(4096), relu, dropout(0.5),
        fc8: linear(1000),
    }

    /// AlexNet in one tower, with its local response normalisation (section 3.3).
    #[derive(Clone)]
    pub struct AlexNet: [3, 227, 227] -> [1000] {
        conv1: conv2d(96, kernel = 11, stride = 4), relu, lrn(5, k = 2.0) => [96, 55, 55],
        max_pool2d(3, stride = 2) => [96, 27, 27],
        conv2: conv2d(256, kernel = 5, padding = 2), relu, lrn(5, k = 2.0) => [256, 27, 27],
        max_pool2d(3, stride = 2) => [256, 13, 13],
        conv3: conv2d(384, kernel = 3, padding = 1), relu => [384, 13, 13],
        conv4: conv2d(384, kernel = 3, padding = 1), relu => [384, 13, 13],
        conv5: conv2d(256, kernel = 3, padding = 1), relu => [256, 13, 13],
        max_pool2d(3, stride = 2) => [256, 6, 6],
        head: classifier(),
    }
}

const _: () = assert!(AlexNet::PARAMS == 62_367_776 + 10_568 && AlexNet::MACS == 1_135_256_096);

cnn! {
    block classifier() {
        flatten,
        fc6: linear(4096), relu, dropout(0.5),
        fc7: linear(4096), relu, dropout(0.5),
        fc8: linear(1000),
    }

    /// AlexNet as it ran on two GPUs: the second, fourth and fifth convolution in two groups (section 3.5).
    #[derive(Clone)]
    pub struct AlexNetGrouped: [3, 227, 227] -> [1000] {
        conv1: conv2d(96, kernel = 11, stride = 4), relu, lrn(5, k = 2.0) => [96, 55, 55],
        max_pool2d(3, stride = 2) => [96, 27, 27],
        conv2: conv2d(256, kernel = 5, padding = 2, groups = 2), relu, lrn(5, k = 2.0) => [256, 27, 27],
        max_pool2d(3, stride = 2) => [256, 13, 13],
        conv3: conv2d(384, kernel = 3, padding = 1), relu => [384, 13, 13],
        conv4: conv2d(384, kernel = 3, padding = 1, groups = 2), relu => [384, 13, 13],
        conv5: conv2d(256, kernel = 3, padding = 1, groups = 2), relu => [256, 13, 13],
        max_pool2d(3, stride = 2) => [256, 6, 6],
        head: classifier(),
    }
}

const _: () = assert!(AlexNetGrouped::PARAMS == 60_965_224 && AlexNetGrouped::MACS == 724_406_816);

cnn! {
    /// torchvision's AlexNet: A. Krizhevsky, *One weird trick for parallelizing convolutional neural networks*, 2014.
    /// Its adaptive pool to 6×6 finds 6×6.
    #[derive(Clone)]
    pub struct AlexNetTorchvision: [3, 224, 224] -> [1000] {
        features: {
            "0": conv2d(64, kernel = 11, stride = 4, padding = 2), relu => [64, 55, 55],
            max_pool2d(3, stride = 2) => [64, 27, 27],
            "3": conv2d(192, kernel = 5, padding = 2), relu => [192, 27, 27],
            max_pool2d(3, stride = 2) => [192, 13, 13],
            "6": conv2d(384, kernel = 3, padding = 1), relu,
            "8": conv2d(256, kernel = 3, padding = 1), relu,
            "10": conv2d(256, kernel = 3, padding = 1), relu,
            max_pool2d(3, stride = 2) => [256, 6, 6],
        },
        flatten,
        classifier: {
            dropout(0.5), "1": linear(4096), relu,
            dropout(0.5), "4": linear(4096), relu,
            "6": linear(1000),
        },
    }
}

const _: () = assert!(AlexNetTorchvision::PARAMS == 61_100_840 && AlexNetTorchvision::MACS == 714_188_480);
