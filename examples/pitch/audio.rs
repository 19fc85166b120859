//! Sounds at 16 kHz: read from WAV files, or made.

use std::error::Error;
use std::f64::consts::TAU;
use std::path::Path;

use hound::{SampleFormat, WavReader};
use rubato::audioadapter_buffers::owned::InterleavedOwned;
use rubato::{Fft, FixedSync, Resampler};

use crate::named;

/// Samples a second that the network was trained on.
pub const RATE: usize = 16_000;

/// Samples −1…1 of one channel at [`RATE`].
pub struct Sound {
    pub samples: Vec<f32>,
}

impl Sound {
    /// Reads a WAV file of 8- to 32-bit integers or 32-bit floats; channels are averaged, other rates resampled.
    pub fn read(path: &Path) -> Result<Self, Box<dyn Error>> {
        let mut reader = WavReader::open(path).map_err(|error| named(path, error))?;
        let spec = reader.spec();
        let samples: Result<Vec<f32>, _> = match spec.sample_format {
            SampleFormat::Float => reader.samples::<f32>().collect(),
            SampleFormat::Int => {
                let scale = 1.0 / (1_u64 << (spec.bits_per_sample - 1)) as f32;
                reader.samples::<i32>().map(|sample| sample.map(|sample| sample as f32 * scale)).collect()
            }
        };
        let samples = samples.map_err(|error| named(path, error))?;
        let channels = usize::from(spec.channels);
        let mono = samples.chunks_exact(channels).map(|frame| frame.iter().sum::<f32>() / channels as f32).collect();
        let samples = resampled(mono, spec.sample_rate as usize).map_err(|error| named(path, error))?;
        if samples.is_empty() {
            return Err(named(path, "the file holds no samples").into());
        }
        Ok(Self { samples })
    }

    pub fn seconds(&self) -> f64 {
        self.samples.len() as f64 / RATE as f64
    }

    /// Three seconds from A2 to A5, as even as a singer's: a tone and four overtones.
    pub fn glissando() -> Self {
        let mut turns = 0.0;
        let sample = |index: usize| {
            turns += Self::glissando_hertz(index as f64 / RATE as f64) / RATE as f64;
            let partial = |n: u32| (f64::from(n) * TAU * turns).sin() / f64::from(n);
            ((1..=5).map(partial).sum::<f64>() * 0.4) as f32
        };
        Self { samples: (0..3 * RATE).map(sample).collect() }
    }

    /// Its pitch: 110 Hz, doubled every second.
    pub fn glissando_hertz(seconds: f64) -> f64 {
        110.0 * 2.0_f64.powf(seconds)
    }
}

fn resampled(samples: Vec<f32>, rate: usize) -> Result<Vec<f32>, Box<dyn Error>> {
    if rate == RATE || samples.is_empty() {
        return Ok(samples);
    }
    let len = samples.len();
    let mut resampler = Fft::<f32>::new(rate, RATE, 1024, 1, FixedSync::Input)?;
    let samples = InterleavedOwned::new_from(samples, 1, len)?;
    Ok(resampler.process_all(&samples, len, None)?.take_data())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_rate_keeps_the_length_and_the_tone() {
        let tone: Vec<f32> = (0..44_100).map(|i| (TAU * 440.0 * f64::from(i) / 44_100.0).sin() as f32).collect();
        let samples = resampled(tone, 44_100).unwrap();
        assert!(samples.len().abs_diff(RATE) < 8, "{} samples", samples.len());
        let rises = samples.windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count();
        assert!(rises.abs_diff(440) <= 1, "{rises} periods");
    }
}
