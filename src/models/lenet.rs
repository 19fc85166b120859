//! LeNet-5: Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, *Gradient-based learning applied to document recognition*, 1998,
//! in the form that is taught today: ReLU, max pools, and connections between all channels.

use crate::cnn;

cnn! {
    /// LeNet-5 for 28×28 grayscale digits.
    #[derive(Clone)]
    pub struct LeNet5: [1, 28, 28] -> [10] {
        conv1: conv2d(6, kernel = 5, padding = 2), relu,
        max_pool2d(2) => [6, 14, 14],
        conv2: conv2d(16, kernel = 5), relu,
        max_pool2d(2) => [16, 5, 5],
        flatten,
        fc1: linear(120), relu,
        fc2: linear(84), relu,
        fc3: linear(10),
    }
}

const _: () = assert!(LeNet5::PARAMS == 61_706 && LeNet5::MACS == 416_520);
