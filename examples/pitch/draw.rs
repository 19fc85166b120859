//! Pitch over time as a picture, of characters or of pixels.

use std::error::Error;
use std::path::Path;

use plotters::prelude::{BitMapBackend, ChartBuilder, IntoDrawingArea, LineSeries, RGBColor, WHITE};

use crate::audio::RATE;
use crate::named;
use crate::track::{HOP, Pitch, note};

/// Characters of a line, and lines.
const COLUMNS: usize = 72;
const ROWS: usize = 14;

/// Pixels.
const WIDTH: u32 = 1200;
const HEIGHT: u32 = 500;

/// The lowest and the highest semitone, with one to spare on either side; A3 to A4 for silence.
fn range(pitches: &[Option<Pitch>]) -> (f64, f64) {
    let semitones = || pitches.iter().flatten().map(Pitch::semitone);
    let (low, high) = semitones().fold((f64::MAX, f64::MIN), |(low, high), own| (low.min(own), high.max(own)));
    if low > high { (57.0, 69.0) } else { (low.floor() - 1.0, high.ceil() + 1.0) }
}

/// Braille: every character has two columns of four dots.
pub fn terminal(pitches: &[Option<Pitch>]) -> String {
    let (low, high) = range(pitches);
    let mut dots = [[0_u8; COLUMNS]; ROWS];
    for (frame, pitch) in pitches.iter().enumerate() {
        let Some(pitch) = pitch else { continue };
        let x = frame * 2 * COLUMNS / pitches.len();
        let share = (high - pitch.semitone()) / (high - low);
        let y = ((share * (4 * ROWS) as f64) as usize).min(4 * ROWS - 1);
        const BITS: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];
        dots[y / 4][x / 2] |= BITS[x % 2][y % 4];
    }
    let mut text = String::new();
    for (row, line) in dots.iter().enumerate() {
        let semitone = high - (row as f64 + 0.5) / ROWS as f64 * (high - low);
        let drawn = line.iter().map(|dots| char::from_u32(0x2800 + u32::from(*dots)).unwrap_or(' '));
        text += &format!("{:>4} │{}\n", note(semitone.round() as i64), drawn.collect::<String>());
    }
    text
}

/// Writes a PNG: a line for every semitone, a strong one for every C, and the pitch over them.
pub fn png(path: &Path, pitches: &[Option<Pitch>]) -> Result<(), Box<dyn Error>> {
    let (low, high) = range(pitches);
    let seconds = |frame: usize| (frame * HOP) as f64 / RATE as f64;
    let end = seconds(pitches.len()).max(0.01);
    let mut pixels = vec![0; (3 * WIDTH * HEIGHT) as usize];
    {
        let area = BitMapBackend::with_buffer(&mut pixels, (WIDTH, HEIGHT)).into_drawing_area();
        area.fill(&WHITE)?;
        let mut chart = ChartBuilder::on(&area).margin(10).build_cartesian_2d(0.0..end, low..high)?;
        for semitone in low as i64..=high as i64 {
            let grey = RGBColor(225, 225, 225);
            let colour = if semitone % 12 == 0 { RGBColor(120, 120, 120) } else { grey };
            chart.draw_series(LineSeries::new([(0.0, semitone as f64), (end, semitone as f64)], colour))?;
        }
        let mut from = 0;
        for run in pitches.chunk_by(|a, b| a.is_some() == b.is_some()) {
            let points = run.iter().flatten().enumerate();
            let points = points.map(|(index, pitch)| (seconds(from + index), pitch.semitone()));
            chart.draw_series(LineSeries::new(points, RGBColor(200, 30, 30)))?;
            from += run.len();
        }
        area.present()?;
    }
    image::save_buffer(path, &pixels, WIDTH, HEIGHT, image::ColorType::Rgb8).map_err(|error| named(path, error).into())
}
