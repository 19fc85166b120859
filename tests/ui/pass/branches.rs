//! Branches, blocks, repetition and names in files, in odd spellings.
use convnet::{Network, cnn};

mod blocks {
    convnet::cnn! {
        /// For others in this crate.
        pub(crate) block conv_relu(channels, k) { conv2d(channels, kernel = k, padding = (k - 1) / 2), relu, }
        pub block none { relu }
    }
}

const WIDE: usize = 6;

cnn! {
    use crate::blocks::conv_relu;
    use self::blocks::none;

    block tail(classes) { global_avg_pool, "classifier": linear(classes) }
    block both(c) { concat { conv_relu(c, 1), { conv_relu(k = 3, channels = 2 * c), none } } }

    struct Net: [3, 16, 16] -> [4] {
        stem as "features.0": conv_relu(WIDE, 3),
        { relu, { relu } },
        "features.3": { x: conv2d(6, kernel = 1), },
        block1: add { identity, { c1: conv2d(6, kernel = 1), repeat 2 { tanh } }, } => [6, 16, 16],
        both(WIDE / 2) => [9, 16, 16],
        repeat 2 { max_pool2d(2), c: both(2), },
        add { { { tanh }, relu }, relu } => [6, 4, 4],
        head: tail(4),
    }
}

type Anonymous = cnn! { [3, 8, 8] -> concat { identity, conv2d(WIDE, kernel = 1) }, outer: relu, relu, add { skip(outer), identity } };

fn main() {
    let names: Vec<&str> = <Net as Network>::ARCHITECTURE.tensors.iter().map(|tensor| tensor.name).collect();
    for name in ["features.0.conv1.weight", "features.3.x.bias", "block1.c1.bias", "both1.conv_relu2.conv1.bias", "repeat1.1.c.conv_relu1.conv1.weight", "head.classifier.weight"] {
        assert!(names.contains(&name), "{name}: {names:?}");
    }
    let net = Net::init(1);
    let _: &[[[[f32; 1]; 1]; 6]; 6] = net.block1_c1().weight();
    assert_eq!(Anonymous::init(1).forward(&convnet::Tensor::zeros()).as_slice().len(), 9 * 64);
}
