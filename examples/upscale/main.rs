//! A photograph twice as wide and twice as high, by a network that has seen many: upconv_7 of waifu2x.
//!
//! ```sh
//! cargo run --release --example upscale                     # a bundled cat → target/upscaled.png
//! cargo run --release --example upscale -- in.png out.png   # yours, of any size
//! ```
//!
//! The network knows one size, 156×156 → 284×284, so the picture goes through in tiles that overlap by what a pixel
//! depends on: [`tiles`]. Its weights lie in this program.

mod tiles;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use image::imageops::FilterType;
use image::{DynamicImage, ImageFormat, ImageReader, RgbaImage};
use indicatif::{ProgressBar, ProgressStyle};
use tiles::{Picture, Upscaler};

/// A part of chelsea.png of scikit-image.
const CAT: &[u8] = include_bytes!("../data/cat.png");

/// Where the result goes if nobody says.
const DEFAULT: &str = "target/upscaled.png";

/// Makes a picture twice as wide and twice as high.
#[derive(Parser)]
struct Args {
    /// A PNG file; without it, a bundled picture of a cat
    input: Option<PathBuf>,
    /// The PNG file to write, RGB or RGBA of 8 bits a sample
    #[arg(default_value = DEFAULT)]
    output: PathBuf,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    let image = match &args.input {
        Some(path) => read(path)?,
        None => image::load_from_memory_with_format(CAT, ImageFormat::Png)?,
    };
    let upscaler = Upscaler::new()?;
    let picture = Picture::of(&image.to_rgb8());
    let bar = ProgressBar::new(picture.tiles() as u64);
    bar.set_style(ProgressStyle::with_template("{bar:40} tile {pos} of {len}, {eta} left")?);
    let start = Instant::now();
    let rgb = upscaler.upscale(&picture, || bar.inc(1)).to_rgb8();
    let seconds = start.elapsed().as_secs_f64();
    bar.finish_and_clear();

    let (width, height) = rgb.dimensions();
    let result = if image.color().has_alpha() {
        // What is seen through has no texture to be sharpened.
        let alpha = image::imageops::resize(&image.to_rgba8(), width, height, FilterType::CatmullRom);
        let mut with_alpha: RgbaImage = DynamicImage::ImageRgb8(rgb).to_rgba8();
        with_alpha.pixels_mut().zip(alpha.pixels()).for_each(|(pixel, alpha)| pixel.0[3] = alpha.0[3]);
        DynamicImage::ImageRgba8(with_alpha)
    } else {
        DynamicImage::ImageRgb8(rgb)
    };
    if let Some(folder) = args.output.parent().filter(|_| args.output == Path::new(DEFAULT)) {
        std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    result
        .save_with_format(&args.output, ImageFormat::Png)
        .map_err(|error| format!("{}: {error}", args.output.display()))?;
    let pixels = f64::from(width) * f64::from(height) / 1e6;
    println!(
        "{}x{} → {width}x{height} in {seconds:.2} s, {:.2} megapixels a second: {}",
        image.width(),
        image.height(),
        pixels / seconds,
        args.output.display()
    );
    Ok(())
}

fn read(path: &Path) -> Result<DynamicImage, String> {
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let reader = ImageReader::open(path).and_then(ImageReader::with_guessed_format).map_err(|error| named(&error))?;
    match reader.format() {
        Some(ImageFormat::Png) => reader.decode().map_err(|error| named(&error)),
        Some(other) => Err(named(&format!("a PNG file is needed, this is {other:?}"))),
        None => Err(named(&"a PNG file is needed, this is none")),
    }
}
