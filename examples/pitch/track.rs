//! The network, frame by frame.

use convnet::weights::WeightsError;
use convnet::{Cl, Flat, Prepared, cnn};

use crate::audio::RATE;

cnn! {
    /// CREPE, the smallest of five: the pitch of 1 024 samples at 16 kHz in 360 bins of 20 cents (Kim, Salamon, Li, Bello:
    /// CREPE: A Convolutional Representation for Pitch Estimation, ICASSP 2018).
    pub struct CrepeTiny: [1, 1024] -> [360] {
        conv1: conv1d(128, kernel = 512, stride = 4, padding = 254), relu,
        conv1_BN: batch_norm(epsilon = 0.0010000000474974513), max_pool1d(2) => [128, 128],
        conv2: conv1d(16, kernel = 64, padding = same), relu,
        conv2_BN: batch_norm(epsilon = 0.0010000000474974513), max_pool1d(2),
        conv3: conv1d(16, kernel = 64, padding = same), relu,
        conv3_BN: batch_norm(epsilon = 0.0010000000474974513), max_pool1d(2),
        conv4: conv1d(16, kernel = 64, padding = same), relu,
        conv4_BN: batch_norm(epsilon = 0.0010000000474974513), max_pool1d(2),
        conv5: conv1d(32, kernel = 64, padding = same), relu,
        conv5_BN: batch_norm(epsilon = 0.0010000000474974513), max_pool1d(2),
        conv6: conv1d(64, kernel = 64, padding = same), relu,
        conv6_BN: batch_norm(epsilon = 0.0010000000474974513), max_pool1d(2) => [64, 4],
        permute([1, 0]), flatten,
        classifier: linear(360), sigmoid,
    }
}

/// Samples from one frame to the next: 10 ms.
pub const HOP: usize = RATE / 100;

/// Samples of a frame.
const FRAME: usize = 1024;

/// Frames that run together: 64 · 1 024 samples · 4 bytes = 256 KiB.
const TOGETHER: usize = 64;

/// A pitch, and how sure the network is of it.
#[derive(Clone, Copy, Debug)]
pub struct Pitch {
    pub hertz: f64,
    /// 0 to 1.
    pub confidence: f32,
}

pub struct Tracker(Prepared<CrepeTiny>);

impl Tracker {
    pub fn new() -> Result<Self, WeightsError> {
        let weights = include_bytes!("../data/crepe_tiny.safetensors");
        Ok(Self(CrepeTiny::from_bytes(weights)?.prepare()))
    }

    /// One pitch every [`HOP`] samples, each of the frame around it; beyond the ends is silence.
    pub fn track(&self, samples: &[f32]) -> Vec<Pitch> {
        let centres: Vec<usize> = (0..=samples.len() / HOP).map(|frame| frame * HOP).collect();
        let frames = centres.chunks(TOGETHER).flat_map(|centres| {
            let frames: Vec<Cl<1, FRAME>> = centres.iter().map(|centre| frame(samples, *centre)).collect();
            self.0.forward_batch(&frames)
        });
        frames.map(|bins| pitch(&bins)).collect()
    }
}

/// The samples around `centre`, less their mean, over their standard deviation.
fn frame(samples: &[f32], centre: usize) -> Cl<1, FRAME> {
    let mut frame = Cl::<1, FRAME>::zeros();
    let values = frame.as_mut_slice();
    for (index, value) in values.iter_mut().enumerate() {
        let sample = (centre + index).checked_sub(FRAME / 2).and_then(|index| samples.get(index));
        *value = sample.copied().unwrap_or(0.0);
    }
    let mean = values.iter().sum::<f32>() / FRAME as f32;
    let squares: f32 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let deviation = (squares / (FRAME - 1) as f32).sqrt().max(1e-10);
    values.iter_mut().for_each(|value| *value = (*value - mean) / deviation);
    frame
}

/// The mean of the bins around the most probable one, as CREPE has it.
fn pitch(bins: &Flat<360>) -> Pitch {
    let bins = bins.as_slice();
    let best = (0..bins.len()).fold(0, |best, bin| if bins[bin] > bins[best] { bin } else { best });
    let around = best.saturating_sub(4)..(best + 5).min(bins.len());
    let weight: f64 = bins[around.clone()].iter().map(|share| f64::from(*share)).sum();
    let cents = |bin: usize| 1_997.379_408_437_62 + 20.0 * bin as f64;
    let mean = around.map(|bin| f64::from(bins[bin]) * cents(bin)).sum::<f64>() / weight.max(f64::MIN_POSITIVE);
    Pitch { hertz: 10.0 * 2.0_f64.powf(mean / 1200.0), confidence: bins[best] }
}

impl Pitch {
    /// Semitones, counted as MIDI does: A4, 440 Hz, is 69.
    pub fn semitone(&self) -> f64 {
        69.0 + 12.0 * (self.hertz / 440.0).log2()
    }

    /// The nearest note.
    pub fn name(&self) -> String {
        note(self.semitone().round() as i64)
    }

    /// How far above it.
    pub fn cents_off(&self) -> f64 {
        100.0 * (self.semitone() - self.semitone().round())
    }

    /// The mean of some, in cents.
    pub fn mean(pitches: &[Self]) -> Self {
        let count = pitches.len() as f64;
        let octaves = pitches.iter().map(|pitch| pitch.hertz.log2()).sum::<f64>() / count;
        let confidence = pitches.iter().map(|pitch| pitch.confidence).sum::<f32>() / count as f32;
        Self { hertz: octaves.exp2(), confidence }
    }
}

/// `A4`.
pub fn note(semitone: i64) -> String {
    const NAMES: [&str; 12] = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];
    format!("{}{}", NAMES[semitone.rem_euclid(12) as usize], semitone.div_euclid(12) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_have_their_names() {
        let pitch = |hertz| Pitch { hertz, confidence: 1.0 };
        assert_eq!([440.0, 261.63, 932.33, 27.5].map(|hertz| pitch(hertz).name()), ["A4", "C4", "A#5", "A0"]);
        assert!((pitch(452.89).cents_off() - 50.0).abs() < 0.1);
    }

    #[test]
    fn tones_are_heard() {
        let tracker = Tracker::new().unwrap();
        for hertz in [110.0, 220.0, 440.0, 880.0] {
            let tone = |i: usize| (std::f64::consts::TAU * hertz * i as f64 / RATE as f64).sin() as f32;
            let pitches = tracker.track(&(0..4 * FRAME).map(tone).collect::<Vec<_>>());
            let middle = pitches[pitches.len() / 2];
            assert!((middle.hertz / hertz - 1.0).abs() < 0.004, "{middle:?} for {hertz} Hz");
        }
    }
}
