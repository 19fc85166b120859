//! Reads the tensors of a fixture.

use std::fs;
use std::path::Path;

use safetensors::SafeTensors;

/// A safetensors file of `tests/fixtures`.
pub struct Fixture(Vec<u8>);

impl Fixture {
    pub fn read(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
        Self(fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
    }

    pub fn floats(&self, name: &str) -> Vec<f32> {
        let tensor = SafeTensors::deserialize(&self.0).unwrap().tensor(name).unwrap().data().to_vec();
        tensor.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
    }

    pub fn indices(&self, name: &str) -> Vec<usize> {
        let tensor = SafeTensors::deserialize(&self.0).unwrap().tensor(name).unwrap().data().to_vec();
        tensor.as_chunks().0.iter().map(|bytes| u64::from_le_bytes(*bytes) as usize).collect()
    }
}

/// Asserts max |a − b| ≤ tolerance · max(1, max |b|).
#[track_caller]
pub fn assert_close(what: &str, got: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(got.len(), expected.len(), "{what}");
    let scale = expected.iter().fold(1.0_f32, |max, x| max.max(x.abs()));
    for (i, (got, expected)) in got.iter().zip(expected).enumerate() {
        assert!((got - expected).abs() <= tolerance * scale, "{what}[{i}]: {got}, expected {expected}");
    }
}
