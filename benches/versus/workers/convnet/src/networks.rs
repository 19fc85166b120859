//! The networks of `harness/networks.py`, declared. Layers have the same names, so the files of weights fit.

use convnet::cnn;

cnn! {
    /// LeNet-5.
    pub struct LeNet: [1, 28, 28] -> [10] {
        conv1: conv2d(6, kernel = 5, padding = 2), relu,
        max_pool2d(2),
        conv2: conv2d(16, kernel = 5), relu,
        max_pool2d(2),
        flatten,
        fc1: linear(120), relu,
        fc2: linear(84), relu,
        fc3: linear(10),
    }
}

cnn! {
    /// The convolutional network of many a first tutorial.
    pub struct Mnist: [1, 28, 28] -> [10] {
        conv1: conv2d(32, kernel = 3), relu,
        conv2: conv2d(64, kernel = 3), relu,
        max_pool2d(2),
        flatten,
        fc1: linear(128), relu,
        fc2: linear(10),
    }
}

cnn! {
    /// Convolutions over a sequence.
    pub struct Audio: [1, 1024] -> [12] {
        conv1: conv1d(16, kernel = 9, stride = 2, padding = 4), relu,
        conv2: conv1d(32, kernel = 5, stride = 2, padding = 2), relu,
        conv3: conv1d(32, kernel = 5, stride = 2, padding = 2), relu,
        conv4: conv1d(64, kernel = 3, stride = 2, padding = 1), relu,
        flatten,
        fc: linear(12),
    }
}

cnn! {
    /// Depthwise separable convolutions, for spoken words.
    pub struct DsCnn: [1, 49, 10] -> [12] {
        conv: conv2d(64, kernel = (10, 4), stride = 2, padding = (5, 1)), relu,
        blocks: repeat 4 {
            depthwise: depthwise_conv2d(kernel = 3, padding = 1), relu,
            pointwise: conv2d(64, kernel = 1), relu,
        },
        global_avg_pool,
        fc: linear(12),
    }
}

cnn! {
    /// AlexNet without its normalisation.
    pub struct AlexNet: [3, 227, 227] -> [1000] {
        conv1: conv2d(96, kernel = 11, stride = 4), relu,
        max_pool2d(3, stride = 2),
        conv2: conv2d(256, kernel = 5, padding = 2), relu,
        max_pool2d(3, stride = 2),
        conv3: conv2d(384, kernel = 3, padding = 1), relu,
        conv4: conv2d(384, kernel = 3, padding = 1), relu,
        conv5: conv2d(256, kernel = 3, padding = 1), relu,
        max_pool2d(3, stride = 2),
        flatten,
        fc6: linear(4096), relu,
        fc7: linear(4096), relu,
        fc8: linear(1000),
    }
}

cnn! {
    block inception(c1, r3, c3, r5, c5, proj) {
        concat {
            { path1: conv2d(c1, kernel = 1), relu },
            { reduce3: conv2d(r3, kernel = 1), relu, path3: conv2d(c3, kernel = 3, padding = 1), relu },
            { reduce5: conv2d(r5, kernel = 1), relu, path5: conv2d(c5, kernel = 5, padding = 2), relu },
            { max_pool2d(3, stride = 1, padding = 1), proj: conv2d(proj, kernel = 1), relu },
        }
    }

    /// GoogLeNet, its pools padded at both ends, which every engine can do.
    pub struct GoogLeNet: [3, 224, 224] -> [1000] {
        conv1: conv2d(64, kernel = 7, stride = 2, padding = 3), relu,
        max_pool2d(3, stride = 2, padding = 1), lrn(5),
        conv2_reduce: conv2d(64, kernel = 1), relu,
        conv2: conv2d(192, kernel = 3, padding = 1), relu, lrn(5),
        max_pool2d(3, stride = 2, padding = 1),
        inception3a: inception(64, 96, 128, 16, 32, 32),
        inception3b: inception(128, 128, 192, 32, 96, 64),
        max_pool2d(3, stride = 2, padding = 1),
        inception4a: inception(192, 96, 208, 16, 48, 64),
        inception4b: inception(160, 112, 224, 24, 64, 64),
        inception4c: inception(128, 128, 256, 24, 64, 64),
        inception4d: inception(112, 144, 288, 32, 64, 64),
        inception4e: inception(256, 160, 320, 32, 128, 128),
        max_pool2d(3, stride = 2, padding = 1),
        inception5a: inception(256, 160, 320, 32, 128, 128),
        inception5b: inception(384, 192, 384, 48, 128, 128),
        global_avg_pool,
        fc: linear(1000),
    }
}

cnn! {
    /// VGG-16.
    pub struct Vgg16: [3, 224, 224] -> [1000] {
        conv1_1: conv2d(64, kernel = 3, padding = 1), relu,
        conv1_2: conv2d(64, kernel = 3, padding = 1), relu,
        max_pool2d(2),
        conv2_1: conv2d(128, kernel = 3, padding = 1), relu,
        conv2_2: conv2d(128, kernel = 3, padding = 1), relu,
        max_pool2d(2),
        conv3_1: conv2d(256, kernel = 3, padding = 1), relu,
        conv3_2: conv2d(256, kernel = 3, padding = 1), relu,
        conv3_3: conv2d(256, kernel = 3, padding = 1), relu,
        max_pool2d(2),
        conv4_1: conv2d(512, kernel = 3, padding = 1), relu,
        conv4_2: conv2d(512, kernel = 3, padding = 1), relu,
        conv4_3: conv2d(512, kernel = 3, padding = 1), relu,
        max_pool2d(2),
        conv5_1: conv2d(512, kernel = 3, padding = 1), relu,
        conv5_2: conv2d(512, kernel = 3, padding = 1), relu,
        conv5_3: conv2d(512, kernel = 3, padding = 1), relu,
        max_pool2d(2),
        flatten,
        fc6: linear(4096), relu,
        fc7: linear(4096), relu,
        fc8: linear(1000),
    }
}
