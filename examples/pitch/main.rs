//! What note is sung or played: the pitch of a sound over time, by a one-dimensional network of six convolutions.
//!
//! ```sh
//! cargo run --release --example pitch                              # a glissando made here, and how far off we are
//! cargo run --release --example pitch -- voice.wav --png pitch.png # yours: any WAV, any rate, mono or more
//! ```
//!
//! CREPE hears 1 024 samples at 16 kHz and gives 360 probabilities, one for each 20 cents from B0 to B6. Its weights, made
//! for PyTorch, lie in this program; nothing is opened but the sound.

mod audio;
mod draw;
mod track;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use audio::{RATE, Sound};
use clap::Parser;
use track::{HOP, Pitch, Tracker};

/// How far the middle one of the errors on the glissando may be off: a quarter of a semitone.
const GOOD: f64 = 25.0;

/// The pitch of a sound over time.
#[derive(Parser)]
struct Args {
    /// A WAV file of integers or floats; without it, a glissando from A2 to A5 is made
    sound: Option<PathBuf>,
    /// Draw the pitch over time into this PNG file too
    #[arg(long, value_name = "FILE")]
    png: Option<PathBuf>,
    /// How sure the network must be of a pitch, 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.3)]
    confidence: f32,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all is as it should be.
fn run(args: &Args) -> Result<bool, Box<dyn Error>> {
    if !(0.0..=1.0).contains(&args.confidence) {
        return Err(format!("--confidence is a share from 0 to 1, found {}", args.confidence).into());
    }
    let sound = match &args.sound {
        Some(path) => Sound::read(path)?,
        None => Sound::glissando(),
    };
    let pitches = Tracker::new()?.track(&sound.samples);
    let sure: Vec<Option<Pitch>> =
        pitches.iter().map(|pitch| (pitch.confidence >= args.confidence).then_some(*pitch)).collect();
    println!("{:.2} s of sound, {} pitches, {} ms apart", sound.seconds(), pitches.len(), 1000 * HOP / RATE);
    print!("{}", draw::terminal(&sure));
    notes(&sure);
    if let Some(path) = &args.png {
        draw::png(path, &sure)?;
        println!("drawn into {}", path.display());
    }
    Ok(args.sound.is_some() || as_made(&pitches))
}

/// Prints what was played: one line for each note that is held for 50 ms or longer.
fn notes(pitches: &[Option<Pitch>]) {
    let seconds = |frame: usize| (frame * HOP) as f64 / RATE as f64;
    let note = |pitch: &Option<Pitch>| pitch.map(|pitch| pitch.semitone().round() as i64);
    let mut from = 0;
    println!("\n    from       to  note      Hz  cents  confidence");
    for run in pitches.chunk_by(|a, b| note(a) == note(b)) {
        let held: Vec<Pitch> = run.iter().flatten().copied().collect();
        if held.len() * HOP * 20 >= RATE {
            let pitch = Pitch::mean(&held);
            println!(
                "{:7.2}s {:7.2}s  {:4} {:7.1}  {:+5.0}  {:10.2}",
                seconds(from),
                seconds(from + run.len()),
                pitch.name(),
                pitch.hertz,
                pitch.cents_off(),
                pitch.confidence
            );
        }
        from += run.len();
    }
    if pitches.iter().all(Option::is_none) {
        println!("none: no pitch is sure enough; see --confidence");
    }
}

/// Holds the pitches against the glissando that was made, but for its ends, where a frame is half silence.
fn as_made(pitches: &[Pitch]) -> bool {
    let inside = pitches.iter().enumerate().skip(10).take(pitches.len().saturating_sub(20));
    let error = |(frame, pitch): (usize, &Pitch)| {
        1200.0 * (pitch.hertz / Sound::glissando_hertz((frame * HOP) as f64 / RATE as f64)).log2().abs()
    };
    let mut errors: Vec<f64> = inside.map(error).collect();
    errors.sort_by(f64::total_cmp);
    let middle = errors[errors.len() / 2];
    println!("\nheld against the glissando: half of the pitches are within {middle:.1} cents, {GOOD} are allowed");
    middle <= GOOD
}

/// A path in an error.
fn named(path: &Path, error: impl std::fmt::Display) -> String {
    format!("{}: {error}", path.display())
}
