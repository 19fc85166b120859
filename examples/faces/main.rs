//! Faces in a photograph, with their eyes, noses and mouths: the three networks of MTCNN, whose weights lie in this program.
//!
//! ```sh
//! cargo run --release --example faces                      # a bundled photograph → target/faces.png
//! cargo run --release --example faces -- in.jpg out.png    # yours, PNG or JPEG of any size
//! ```
//!
//! The cascade looks for faces of 20 pixels and more in a square of 512×512: a larger photograph is made to fit, a smaller one
//! stays as it is. So every level of its pyramid has a size that is known when this program is compiled: [`cascade`].

mod boxes;
mod cascade;
mod picture;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use boxes::Face;
use clap::Parser;
use image::{ImageFormat, RgbImage};
use picture::Square;

/// Eileen Collins, by NASA.
const ASTRONAUT: &[u8] = include_bytes!("../data/astronaut.jpg");

/// Her face as facenet-pytorch, whose weights these are, finds it: left, top, right, bottom.
const EXPECTED: [f32; 4] = [181.05, 62.16, 267.75, 172.05];

/// Where the result goes if nobody says.
const DEFAULT: &str = "target/faces.png";

/// Finds faces in a photograph.
#[derive(Parser)]
struct Args {
    /// A PNG or JPEG file; without it, a bundled photograph
    input: Option<PathBuf>,
    /// The PNG file to write, with boxes and landmarks drawn
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
    let mut photo = match &args.input {
        Some(path) => read(path)?,
        None => image::load_from_memory_with_format(ASTRONAUT, ImageFormat::Jpeg)?.to_rgb8(),
    };
    let start = Instant::now();
    let (square, scale) = Square::of(&photo);
    let faces: Vec<Face> = cascade::faces(&square).iter().map(|face| face.times(1.0 / scale)).collect();
    let seconds = start.elapsed().as_secs_f64();

    for (index, face) in faces.iter().enumerate() {
        let [left, top, right, bottom] = face.corners;
        let percent = 100.0 * face.score;
        println!("face {}: {percent:.2} %, from ({left:.0}, {top:.0}) to ({right:.0}, {bottom:.0})", index + 1);
        for (name, [x, y]) in boxes::LANDMARKS.iter().zip(face.landmarks) {
            println!("  {name:<24} ({x:.0}, {y:.0})");
        }
        picture::draw(&mut photo, face);
    }
    if let Some(folder) = args.output.parent().filter(|_| args.output == Path::new(DEFAULT)) {
        std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    photo
        .save_with_format(&args.output, ImageFormat::Png)
        .map_err(|error| format!("{}: {error}", args.output.display()))?;
    let (width, height) = photo.dimensions();
    let found = if faces.len() == 1 { "1 face".to_owned() } else { format!("{} faces", faces.len()) };
    println!("{found} in {width}x{height} pixels, {seconds:.2} s: {}", args.output.display());
    if args.input.is_none() { as_expected(&faces) } else { Ok(()) }
}

/// The bundled photograph has one face, and it is known where.
fn as_expected(faces: &[Face]) -> Result<(), Box<dyn Error>> {
    match faces {
        [face] if face.corners.iter().zip(EXPECTED).all(|(found, expected)| (found - expected).abs() <= 3.0) => Ok(()),
        _ => Err(format!("expected one face within 3 pixels of {EXPECTED:?}").into()),
    }
}

fn read(path: &Path) -> Result<RgbImage, String> {
    let named = |error: &dyn Error| format!("{}: {error}", path.display());
    let file = std::fs::read(path).map_err(|error| named(&error))?;
    let picture = image::load_from_memory(&file).map_err(|error| named(&error))?.to_rgb8();
    match picture.dimensions() {
        (width, height) if width < 12 || height < 12 => {
            Err(format!("{}: {width}x{height} pixels; a face takes at least 12x12", path.display()))
        }
        _ => Ok(picture),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_astronauts_face_is_where_it_is() {
        let photo = image::load_from_memory(ASTRONAUT).unwrap().to_rgb8();
        let (square, scale) = Square::of(&photo);
        assert_eq!(scale, 1.0);
        let faces = cascade::faces(&square);
        as_expected(&faces).unwrap();
        let expected = [[205.01, 101.73], [246.76, 103.71], [224.67, 128.96], [201.72, 139.25], [245.27, 141.86]];
        for (found, expected) in faces[0].landmarks.iter().flatten().zip(expected.iter().flatten()) {
            assert!((found - expected).abs() <= 3.0, "{found} is not {expected}");
        }
    }

    #[test]
    fn a_wall_has_no_face_and_a_smaller_photograph_keeps_its_own() {
        assert!(cascade::faces(&Square::of(&RgbImage::from_pixel(300, 200, image::Rgb([120; 3]))).0).is_empty());
        let photo = image::load_from_memory(ASTRONAUT).unwrap().to_rgb8();
        let part = image::imageops::crop_imm(&photo, 120, 20, 240, 220).to_image();
        let (square, scale) = Square::of(&part);
        let faces = cascade::faces(&square);
        assert_eq!((faces.len(), scale), (1, 1.0));
        let [left, top, ..] = faces[0].corners;
        assert!((left + 120.0 - EXPECTED[0]).abs() < 6.0 && (top + 20.0 - EXPECTED[1]).abs() < 6.0);
        let large = image::imageops::resize(&photo, 1024, 1024, image::imageops::FilterType::Triangle);
        let (square, scale) = Square::of(&large);
        let faces: Vec<Face> = cascade::faces(&square).iter().map(|face| face.times(1.0 / scale)).collect();
        assert_eq!((faces.len(), scale), (1, 0.5));
        assert!((faces[0].corners[0] / 2.0 - EXPECTED[0]).abs() < 6.0);
    }
}
