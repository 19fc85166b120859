//! A small U-Net: O. Ronneberger, P. Fischer, T. Brox, *U-Net: convolutional networks for biomedical image segmentation*,
//! 2015, with padding that keeps the size, and an eighth of the channels.

use crate::cnn;

cnn! {
    block twice(channels) {
        conv1: conv2d(channels, kernel = 3, padding = 1), relu,
        conv2: conv2d(channels, kernel = 3, padding = 1), relu,
    }

    /// For each pixel of a 128×128 grayscale image scores of three classes.
    #[derive(Clone)]
    pub struct UNet: [1, 128, 128] -> [3, 128, 128] {
        enc1: twice(16), max_pool2d(2),
        enc2: twice(32), max_pool2d(2),
        enc3: twice(64), max_pool2d(2) => [64, 16, 16],
        middle: twice(128),
        up3: conv_transpose2d(64, kernel = 2, stride = 2), concat { skip(enc3), identity } => [128, 32, 32],
        dec3: twice(64),
        up2: conv_transpose2d(32, kernel = 2, stride = 2), concat { skip(enc2), identity } => [64, 64, 64],
        dec2: twice(32),
        up1: conv_transpose2d(16, kernel = 2, stride = 2), concat { skip(enc1), identity } => [32, 128, 128],
        dec1: twice(16),
        classes: conv2d(3, kernel = 1),
    }
}

const _: () = assert!(UNet::PARAMS == 481_779 && UNet::MACS == 575_668_224);
