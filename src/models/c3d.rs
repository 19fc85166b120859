//! C3D: D. Tran, L. Bourdev, R. Fergus, L. Torresani, M. Paluri, *Learning spatiotemporal features with 3D convolutional
//! networks*, 2014, figure 3.

use crate::cnn;

cnn! {
    /// C3D on 16 frames of video, for the 487 sports of Sports-1M.
    #[derive(Clone)]
    pub struct C3d: [3, 16, 112, 112] -> [487] {
        conv1: conv3d(64, kernel = 3, padding = 1), relu, max_pool3d((1, 2, 2)) => [64, 16, 56, 56],
        conv2: conv3d(128, kernel = 3, padding = 1), relu, max_pool3d(2) => [128, 8, 28, 28],
        conv3a: conv3d(256, kernel = 3, padding = 1), relu,
        conv3b: conv3d(256, kernel = 3, padding = 1), relu, max_pool3d(2) => [256, 4, 14, 14],
        conv4a: conv3d(512, kernel = 3, padding = 1), relu,
        conv4b: conv3d(512, kernel = 3, padding = 1), relu, max_pool3d(2) => [512, 2, 7, 7],
        conv5a: conv3d(512, kernel = 3, padding = 1), relu,
        conv5b: conv3d(512, kernel = 3, padding = 1), relu,
        max_pool3d(2, padding = (0, 1, 1)) => [512, 1, 4, 4],
        flatten,
        fc6: linear(4096), relu, dropout(0.5),
        fc7: linear(4096), relu, dropout(0.5),
        fc8: linear(487),
    }
}

const _: () = assert!(C3d::PARAMS == 79_991_015 && C3d::MACS == 38_548_959_232);
