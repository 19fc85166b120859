//! LeNet-5 as an ONNX file, made from the safetensors file that the others read, and what the programs share.

/// The file.
pub static ONNX: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/lenet5.onnx"));

/// The image that the command line names, from 0 to 1.
pub fn image() -> Vec<f32> {
    let path = std::env::args_os().nth(1).expect("needs a file of 784 bytes, a digit");
    let pixels = std::fs::read(path).expect("the file can be read");
    pixels.iter().map(|pixel| f32::from(*pixel) / 255.0).collect()
}

/// Prints the digit.
pub fn answer(scores: &[f32]) {
    println!("{}", (0..scores.len()).fold(0, |best, digit| if scores[digit] > scores[best] { digit } else { best }));
}
