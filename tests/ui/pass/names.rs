//! Names that are given, made up, or words of Rust.
use convnet::cnn;

cnn! {
    struct Net: [1, 8, 8] -> [2] {
        conv2d(2, kernel = 3, padding = 1),
        stem: conv2d(2, kernel = 3, padding = 1),
        conv2d(2, kernel = 3, padding = 1),
        r#match: conv2d(2, kernel = 1),
        shrink: max_pool2d(2),
        avg_pool2d(2),
        relu, activation: relu, relu,
        flatten,
        linear(4),
        head: linear(2),
    }
}

fn main() {
    let mut net = Net::init(1);
    let _ = (net.conv1().weight(), net.stem().weight(), net.conv3().weight(), net.r#match().weight(), net.fc1().weight());
    net.match_mut().bias[1] = 1.0;
    net.head_mut().bias[0] = 1.0;
    let names: Vec<&str> = Net::LAYERS.iter().map(|layer| layer.name).collect();
    let expected = [
        "conv1", "stem", "conv3", "match", "shrink", "pool2", "relu1", "activation", "relu3", "flatten1", "fc1", "head",
    ];
    assert_eq!(names, expected);
    assert!(net.to_bytes().windows(12).any(|bytes| bytes == b"match.weight"));
}
