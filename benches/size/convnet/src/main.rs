//! convnet: `size-convnet seven.gray` prints the digit.

use std::process::ExitCode;

use convnet::{Chw, Flat, Prepared, cnn, embed};

cnn! {
    struct LeNet5: [1, 28, 28] -> [10] {
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

static NET: Prepared<LeNet5> = embed!(LeNet5, "../../../../examples/data/lenet5.safetensors");

fn main() -> ExitCode {
    let pixels = std::env::args_os().nth(1).and_then(|path| std::fs::read(path).ok()).unwrap_or_default();
    let Ok(image) = Chw::from_pixels(&pixels) else {
        eprintln!("needs a file of 784 bytes, a digit");
        return ExitCode::FAILURE;
    };
    let mut scores = Flat([0.0; 10]);
    NET.forward_into(&image, &mut scores, &mut LeNet5::scratch());
    println!("{}", (0..10).fold(0, |best, digit| if scores[digit] > scores[best] { digit } else { best }));
    ExitCode::SUCCESS
}
