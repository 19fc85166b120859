//! A trained network inside the program: no weights file is opened, nothing is loaded, nothing is unpacked.
//!
//! ```sh
//! cargo run --release --example embedded              # a bundled digit
//! cargo run --release --example embedded -- some.png  # yours: one digit, any size, light on dark or dark on light
//! ```
//!
//! The weights are what the example `digits` writes. `embed!` holds them against the declaration and packs them
//! while this file is compiled; they lie in the program's read-only data.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use convnet::{Chw, Flat, Prepared, cnn, embed};
use image::imageops::FilterType;

cnn! {
    /// LeNet-5 for 28×28 grayscale digits.
    pub struct LeNet5: [1, 28, 28] -> [10] {
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

static NET: Prepared<LeNet5> = embed!(LeNet5, "data/lenet5.safetensors");

/// A seven from MNIST's test images.
const SEVEN: &[u8] = include_bytes!("data/seven.png");

fn main() -> ExitCode {
    let path = std::env::args_os().nth(1).map(PathBuf::from);
    match classify(path.as_deref()) {
        Ok((digit, _)) if path.is_none() && digit != 7 => {
            eprintln!("the bundled seven was taken for a {digit}");
            ExitCode::FAILURE
        }
        Ok((digit, probability)) => {
            println!("{digit} ({:.1} %)", 100.0 * probability);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// The digit in a PNG, or in the bundled one, and how sure the network is.
fn classify(path: Option<&Path>) -> Result<(usize, f32), Box<dyn Error>> {
    let png = match path {
        Some(path) => std::fs::read(path).map_err(|error| format!("cannot read `{}`: {error}", path.display()))?,
        None => SEVEN.to_vec(),
    };
    let name = path.map_or("the bundled digit".into(), Path::to_string_lossy);
    let image = image::load_from_memory_with_format(&png, image::ImageFormat::Png)
        .map_err(|error| format!("`{name}` is not a PNG that can be read: {error}"))?;
    let pixels = digit_pixels(&image);
    let scores = NET.forward(Chw::from_slice(&pixels)?);
    Ok(most_likely(&scores))
}

/// 28×28 values from 0 to 1, light on dark as the network has learned them.
fn digit_pixels(image: &image::DynamicImage) -> Vec<f32> {
    let gray = image.to_luma8();
    let gray = match gray.dimensions() {
        (28, 28) => gray,
        _ => image::imageops::resize(&gray, 28, 28, FilterType::Triangle),
    };
    let corners = [(0, 0), (27, 0), (0, 27), (27, 27)].map(|(x, y)| u32::from(gray.get_pixel(x, y).0[0]));
    let dark_on_light = corners.iter().sum::<u32>() > 4 * 127;
    gray.pixels().map(|pixel| f32::from(if dark_on_light { 255 - pixel.0[0] } else { pixel.0[0] }) / 255.0).collect()
}

/// The index of the largest score, and its share after a softmax.
fn most_likely(scores: &Flat<10>) -> (usize, f32) {
    let (digit, largest) = scores.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).expect("there are ten scores");
    let sum: f32 = scores.iter().map(|score| (score - largest).exp()).sum();
    (digit, 1.0 / sum)
}
