//! MTCNN: K. Zhang, Z. Zhang, Z. Li, Y. Qiao, *Joint Face Detection and Alignment using Multi-task Cascaded Convolutional
//! Networks*, 2016, figure 2: three networks that find faces, each looking closer at what the one before it leaves.
//!
//! Sizes and names are those of the package facenet-pytorch, whose weights load as they are. RGB input, (value − 127.5) / 128.
//! Pools round up. Corners of boxes are given relative to the window, in units of its side.

use crate::cnn;

cnn! {
    /// The proposal network: a face or none, and where its box is, for each window of 12×12 at a stride of 2.
    ///
    /// Fully convolutional: one declaration for the whole pyramid of a picture, `cnn!(type Level = PNet[155, 155])`.
    #[derive(Clone)]
    pub struct PNet<H, W>: [3, H, W] -> { boxes: [4, _, _], probability: [2, _, _] } {
        conv1: conv2d(10, kernel = 3), prelu1: prelu(per_channel = true),
        max_pool2d(2, ceil = true),
        conv2: conv2d(16, kernel = 3), prelu2: prelu(per_channel = true),
        conv3: conv2d(32, kernel = 3), prelu3: prelu(per_channel = true),
        heads {
            boxes as "conv4_2": conv2d(4, kernel = 1),
            probability as "": { "conv4_1": conv2d(2, kernel = 1), softmax },
        },
    }
}

cnn! {
    /// The refinement network: a face or none in a window of 24×24, and where its box is.
    #[derive(Clone)]
    pub struct RNet: [3, 24, 24] -> { boxes: [4], probability: [2] } {
        conv1: conv2d(28, kernel = 3), prelu1: prelu(per_channel = true) => [28, 22, 22],
        max_pool2d(3, stride = 2, ceil = true) => [28, 11, 11],
        conv2: conv2d(48, kernel = 3), prelu2: prelu(per_channel = true) => [48, 9, 9],
        max_pool2d(3, stride = 2, ceil = true) => [48, 4, 4],
        conv3: conv2d(64, kernel = 2), prelu3: prelu(per_channel = true) => [64, 3, 3],
        permute([2, 1, 0]), flatten,
        dense4: linear(128), prelu4: prelu(per_channel = true),
        heads {
            boxes as "dense5_2": linear(4),
            probability as "": { "dense5_1": linear(2), softmax },
        },
    }
}

cnn! {
    /// The output network: a face or none in a window of 48×48, where its box is, and where the eyes, the nose and the corners
    /// of the mouth are, the five x before the five y.
    #[derive(Clone)]
    pub struct ONet: [3, 48, 48] -> { boxes: [4], landmarks: [10], probability: [2] } {
        conv1: conv2d(32, kernel = 3), prelu1: prelu(per_channel = true) => [32, 46, 46],
        max_pool2d(3, stride = 2, ceil = true) => [32, 23, 23],
        conv2: conv2d(64, kernel = 3), prelu2: prelu(per_channel = true) => [64, 21, 21],
        max_pool2d(3, stride = 2, ceil = true) => [64, 10, 10],
        conv3: conv2d(64, kernel = 3), prelu3: prelu(per_channel = true) => [64, 8, 8],
        max_pool2d(2, ceil = true) => [64, 4, 4],
        conv4: conv2d(128, kernel = 2), prelu4: prelu(per_channel = true) => [128, 3, 3],
        permute([2, 1, 0]), flatten,
        dense5: linear(256), prelu5: prelu(per_channel = true),
        heads {
            boxes as "dense6_2": linear(4),
            landmarks as "dense6_3": linear(10),
            probability as "": { "dense6_1": linear(2), softmax },
        },
    }
}

cnn! {
    /// [`PNet`] on the smallest picture it takes, one window.
    pub type PNet12 = PNet[12, 12];
}

const _: () = {
    assert!(PNet12::PARAMS == 6_632 && PNet12::MACS == 44_760);
    assert!(RNet::PARAMS == 100_178 && RNet::MACS == 1_530_768);
    assert!(ONet::PARAMS == 389_040 && ONet::MACS == 12_909_952);
};
