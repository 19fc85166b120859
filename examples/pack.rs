//! Packs weights into a file that `embed!` puts into a program as it is: for networks too large for the compiler to pack.
//!
//! ```sh
//! cargo run --release --example pack -- --network vgg16 --weights vgg16.safetensors --out vgg16.convnet
//! cargo run --release --example pack      # LeNet-5 in five ways: bytes of the file, and what it costs in digits
//! ```
//!
//! The networks are those of `convnet::models`; how to do it for a declaration of your own is told in the module
//! `convnet::packed`. Test vectors in the safetensors file (`test.input`, `test.output`) come along; the packed network
//! is held against them before this program ends.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use convnet::models::*;
use convnet::{Chw, Flat, Network, Prepared, Quantized, cnn, packed, weights};

#[path = "digits/idx.rs"]
#[allow(dead_code, reason = "nothing is trained here")]
mod idx;

/// LeNet-5 with the weights of its linear layers stored in so many ways.
macro_rules! lenet5 {
    ($($name:ident: $stored:ident,)*) => {$(
        cnn! {
            struct $name: [1, 28, 28] -> [10] with weights = $stored {
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
    )*};
}
lenet5!(F32: f32, F16: f16, Bf16: bf16, Int8: int8,);

/// Packs the weights of a network; without arguments, of a small one in five ways.
#[derive(Parser)]
struct Arguments {
    /// A network of `convnet::models`: vgg16, resnet18, googlenet, …
    #[arg(long, requires = "weights", requires = "out")]
    network: Option<String>,
    /// Its weights, a safetensors file.
    #[arg(long, requires = "network")]
    weights: Option<PathBuf>,
    /// The packed file to write.
    #[arg(long, requires = "network")]
    out: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match (&arguments.network, &arguments.weights, &arguments.out) {
        (Some(network), Some(weights), Some(out)) => pack_by_name(network, weights, out),
        _ => five_ways(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Packs for the network that has this name, whatever its case and hyphens.
fn pack_by_name(name: &str, weights: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    let plain = |name: &str| name.replace(['-', '_'], "").to_lowercase();
    let mut known = Vec::new();
    macro_rules! networks {
        ($($network:ident)+) => {$(
            if plain(name) == plain(stringify!($network)) {
                return pack::<$network>(weights, out);
            }
            known.push(stringify!($network));
        )+};
    }
    networks!(LeNet5 AlexNet AlexNetGrouped AlexNetTorchvision Vgg11 Vgg13 Vgg16 Vgg19 GoogLeNet GoogLeNetTorchvision);
    networks!(SqueezeNet1_0 SqueezeNet1_1 ResNet18 ResNet34 MobileNetV1 MobileNetV2 UNet M5 C3d PNet12 RNet ONet);
    Err(format!("no network `{name}`; there are {}", known.join(", ")).into())
}

fn pack<N: Network>(from: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let net: N = weights::load(from)?;
    let vectors = weights::load_vectors::<N>(from)?;
    packed::save(&net, &vectors, out)?;
    let bytes = fs::metadata(out)?.len();
    println!("{}: {bytes} bytes in {:.1} s", out.display(), start.elapsed().as_secs_f64());
    if vectors.is_empty() {
        println!("no test vectors in {}", from.display());
    } else {
        Prepared::<N>::load_packed(out)?.verify(1e-3)?;
        println!("{} test vectors hold", vectors.len());
    }
    Ok(())
}

/// The trained LeNet-5 of `examples/data` in five ways, each on MNIST's test digits: its linear layers' weights in four, and all
/// of it in whole numbers.
fn five_ways() -> Result<(), Box<dyn Error>> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data");
    let idx::Dataset { train, test: digits } = idx::read_dataset(&data)?;
    println!("{:<15}{:>10}{:>12}   of {} digits", "weights", "bytes", "accuracy", digits.len());
    let exact = way::<F32>("f32", &data, &digits)?;
    let narrow = [
        way::<F16>("linear f16", &data, &digits)?,
        way::<Bf16>("linear bf16", &data, &digits)?,
        way::<Int8>("linear int8", &data, &digits)?,
        whole_numbers("all int8", &data, &images(&train, 100)?, &digits)?,
    ];
    // A bundled file that is damaged, or kernels that are wrong, must not pass for a rounding.
    if exact < 0.95 || narrow.iter().any(|narrow| (exact - narrow).abs() > 0.005) {
        return Err("narrow weights read digits otherwise than they should".into());
    }
    Ok(())
}

/// Packs, loads what was packed, and examines it: the share of digits that it reads.
fn way<N>(name: &str, data: &Path, digits: &idx::Digits) -> Result<f64, Box<dyn Error>>
where
    N: Network<Input = Chw<1, 28, 28>, Output = Flat<10>>,
{
    let net: N = weights::load(&data.join("lenet5.safetensors"))?;
    let path = std::env::temp_dir().join(format!("convnet-lenet5-{name}-{}.convnet", std::process::id()));
    net.pack_to(&path)?;
    let loaded = Prepared::<N>::load_packed(&path);
    let bytes = fs::metadata(&path)?.len();
    fs::remove_file(&path)?;
    examine(name, bytes, &loaded?.forward_batch(&images(digits, digits.len())?), digits)
}

/// The same in whole numbers, of weights and of values, which samples show the ranges of.
fn whole_numbers(
    name: &str,
    data: &Path,
    samples: &[Chw<1, 28, 28>],
    digits: &idx::Digits,
) -> Result<f64, Box<dyn Error>> {
    let net: F32 = weights::load(&data.join("lenet5.safetensors"))?;
    let bytes = net.quantize(samples)?.to_bytes();
    let read = Quantized::<F32>::try_from_vec(bytes.clone())?;
    examine(name, bytes.len() as u64, &read.forward_batch(&images(digits, digits.len())?), digits)
}

/// The first digits as a network takes them.
fn images(digits: &idx::Digits, count: usize) -> Result<Vec<Chw<1, 28, 28>>, Box<dyn Error>> {
    let images = digits.images.chunks_exact(28 * 28).take(count);
    Ok(images.map(|image| Chw::from_slice(image).cloned()).collect::<Result<_, _>>()?)
}

/// Prints the share of digits that these scores are right about, and gives it.
fn examine(name: &str, bytes: u64, scores: &[Flat<10>], digits: &idx::Digits) -> Result<f64, Box<dyn Error>> {
    let right = scores.iter().zip(&digits.labels).filter(|(scores, label)| largest(scores) == usize::from(**label));
    let share = right.count() as f64 / digits.len() as f64;
    println!("{name:<15}{bytes:>10}{:>10.2} %", 100.0 * share);
    Ok(share)
}

/// The index of the largest score.
fn largest(scores: &Flat<10>) -> usize {
    scores.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(index, _)| index)
}
