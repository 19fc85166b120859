//! M5: W. Dai, C. Dai, S. Qu, J. Li, S. Das, *Very deep convolutional neural networks for raw waveforms*, 2016, with 32 channels,
//! as PyTorch's tutorial on speech commands has it.

use crate::cnn;

cnn! {
    /// One of 35 words in a second of sound at 8 kHz.
    #[derive(Clone)]
    pub struct M5: [1, 8000] -> [35] {
        conv1: conv1d(32, kernel = 80, stride = 16), bn1: batch_norm, relu, max_pool1d(4) => [32, 124],
        conv2: conv1d(32, kernel = 3), bn2: batch_norm, relu, max_pool1d(4) => [32, 30],
        conv3: conv1d(64, kernel = 3), bn3: batch_norm, relu, max_pool1d(4) => [64, 7],
        conv4: conv1d(64, kernel = 3), bn4: batch_norm, relu, max_pool1d(4) => [64, 1],
        global_avg_pool,
        fc1: linear(35),
    }
}

const _: () = assert!(M5::PARAMS == 26_915 && M5::MACS == 1_880_256);
