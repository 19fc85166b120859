//! Every legal way to write a size, a field and a list.
use convnet::{Chw, Flat, cnn};

mod sizes {
    pub const SIDE: usize = 12;
    pub const fn half(n: usize) -> usize {
        n / 2
    }
}

const WIDTH: usize = 4;

struct Config;

impl Config {
    const KERNEL: usize = 3;
}

cnn! {
    pub struct Literals: [0x1, 1_2, 12usize] -> [(10)] {
        conv1: conv2d(out_channels = 4, kernel = (3, 5), stride = (1, 2), padding = (1, 2), dilation = 1, bias = false),
        conv2d(4, groups = 2, kernel = 3, padding = ((0, 1), (2, 0)), in_channels = 4),
        max_pool2d(kernel = 3, stride = 2, padding = 1, dilation = 1, ceil = true,),
        avg_pool2d((2, 1), count_include_pad = false),
        conv2d(2, kernel = 3, padding = full),
        conv2d(2, kernel = (3, 1), padding = same, dilation = 2,),
        relu(),
        flatten() => [2 * 30],
        dropout(0), dropout(probability = 0.5),
        linear(10, bias = true, in_features = 60)
    }
}

cnn! {
    struct Expressions: [1, sizes::SIDE, sizes::half(24)] -> [{ WIDTH + 6 }] {
        conv1: conv2d(WIDTH, kernel = Config::KERNEL, padding = (Config::KERNEL - 1) / 2),
        conv2d({ const TWO: usize = 2; TWO * WIDTH }, kernel = (1, Config::KERNEL), padding = ((0, 0), (1, 1))) => [2 * WIDTH, 12, 12],
        max_pool2d(if WIDTH > 2 { 2 } else { 1 }),
        conv2d(WIDTH as u8 as usize, kernel = 3, padding = same),
        global_avg_pool,
        fc1: linear(::core::mem::size_of::<[u8; 10]>(), in_features = WIDTH),
        tanh, sigmoid, softmax
    }
}

const _: () = assert!(Literals::PARAMS == 4 * 15 + 4 * 2 * 9 + 4 + 2 * 4 * 9 + 2 + 2 * 2 * 3 + 2 + 60 * 10 + 10);

fn main() {
    let output: Flat<10> = Literals::init(1).forward(&Chw::<1, 12, 12>::zeros());
    assert_eq!(output.as_slice().len(), 10);
    let net = Expressions::init(1);
    let output: Flat<10> = net.forward(&Chw::<1, 12, 12>::zeros());
    assert!((output.as_slice().iter().sum::<f32>() - 1.0).abs() < 1e-6);
    let _: &[[[[f32; 3]; 3]; 1]; 4] = net.conv1().weight();
    let _: (&[[f32; 4]; 10], &[f32; 10]) = (net.fc1().weight(), net.fc1().bias());
}
