//! Saving and loading: safetensors files with PyTorch's names and order.
//!
//! Layer `conv1` has the tensors `conv1.weight`, `[out, in / groups, K_h, K_w]`, and `conv1.bias`, `[out]`; a linear
//! layer's weight is `[out, in]`. A file that `safetensors.torch.save_file(model.state_dict(), …)` wrote for a module
//! with the same names loads as it is; the batches that PyTorch counts beside running statistics,
//! `num_batches_tracked`, are left out, and so are [test vectors](crate::verify). Values of 16 bits, `F16` and `BF16`, are widened. A file must have exactly the network's tensors: whatever differs is an error
//! that lists everything, because a network that runs on half of its weights is the worst of all outcomes.

use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

use convnet_shape::files::safetensors::{Entry, read};
use convnet_shape::tensors::{Found, TEST_INPUT, TEST_OUTPUT, Walk, is_left_out};
use convnet_shape::text::Text;
use safetensors::tensor::{Dtype, TensorView};

use crate::embed::{self, gather};
use crate::heap;
use crate::network::Network;
use crate::packed::Vectors;
use crate::params::Params;

/// Why weights could not be loaded or saved.
#[derive(Debug)]
pub enum WeightsError {
    /// The file could not be read.
    Read(PathBuf, io::Error),
    /// The file could not be written.
    Write(PathBuf, io::Error),
    /// The bytes are not a safetensors file: which, and why.
    Format(String),
    /// The tensors are not the network's: the file, the network, and one sentence for each difference.
    Mismatch(PathBuf, &'static str, Vec<String>),
}

impl fmt::Display for WeightsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(path, error) => write!(f, "cannot read `{}`: {error}", path.display()),
            Self::Write(path, error) => write!(f, "cannot write `{}`: {error}", path.display()),
            Self::Format(sentence) => f.write_str(sentence),
            Self::Mismatch(path, network, differences) => {
                write!(f, "`{}` does not fit `{network}`: {}", path.display(), differences.join("; "))
            }
        }
    }
}

impl std::error::Error for WeightsError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Read(_, error) | Self::Write(_, error) => Some(error),
            Self::Format(..) | Self::Mismatch(..) => None,
        }
    }
}

/// A network with the parameters of a file.
///
/// # Errors
///
/// As [`WeightsError`] lists.
pub fn load<N: Network>(path: &Path) -> Result<N, WeightsError> {
    let file = fs::read(path).map_err(|error| WeightsError::Read(path.to_owned(), error))?;
    parse(path, &file)
}

/// A network with the parameters of a file in memory; errors call it `weights`.
///
/// # Errors
///
/// As [`WeightsError`] lists.
pub fn from_bytes<N: Network>(file: &[u8]) -> Result<N, WeightsError> {
    parse(Path::new("weights"), file)
}

/// The test vectors of a safetensors file, its tensors `test.input` and `test.output`; [none](Vectors::NONE) if it has
/// neither. See [`verify`](crate::verify).
///
/// # Errors
///
/// As [`WeightsError`] lists; differences are in the shapes and types of the two tensors.
pub fn load_vectors<N: Network>(path: &Path) -> Result<Vectors<N>, WeightsError> {
    let file = fs::read(path).map_err(|error| WeightsError::Read(path.to_owned(), error))?;
    let entries = entries(path, &file)?;
    let find = |name: &str| entries.iter().find(|entry| entry.name == name).map(Entry::found);
    let pairs = match (find(TEST_INPUT), find(TEST_OUTPUT)) {
        (Some(input), Some(output)) => [input, output],
        (None, None) => return Ok(Vectors::NONE),
        (input, _) => {
            let missing = if input.is_none() { TEST_INPUT } else { TEST_OUTPUT };
            let sentence = format!("its test vectors are pairs, and `{missing}` is missing");
            return Err(WeightsError::Mismatch(path.to_owned(), N::ARCHITECTURE.name, vec![sentence]));
        }
    };
    if let Some(text) = embed::vectors::misfit::<N>(&path.display().to_string(), &pairs) {
        return Err(WeightsError::Format(text.to_string()));
    }
    let mut floats = vec![0.0; embed::vectors_len::<N>(&pairs)];
    embed::vectors::gather_pairs::<N>(&file, &pairs, &mut floats);
    Ok(Vectors::from_floats(&floats))
}

/// Writes the parameters of a network.
///
/// # Errors
///
/// If the file cannot be written.
pub fn save<N: Network>(network: &N, path: &Path) -> Result<(), WeightsError> {
    fs::write(path, to_bytes(network)).map_err(|error| WeightsError::Write(path.to_owned(), error))
}

/// The parameters of a network as a file in memory.
pub fn to_bytes<N: Network>(network: &N) -> Vec<u8> {
    let bytes: Vec<u8> = network.params().iter().flat_map(|value| value.to_le_bytes()).collect();
    let tensors = N::ARCHITECTURE.tensors.iter().map(|tensor| {
        let values = &bytes[4 * tensor.offset..][..4 * tensor.len()];
        let view = TensorView::new(Dtype::F32, tensor.shape().to_vec(), values);
        (tensor.name, view.expect("a tensor's shape and length agree"))
    });
    safetensors::serialize(tensors, None).expect("names are unique and shapes fit their bytes")
}

fn parse<N: Network>(path: &Path, file: &[u8]) -> Result<N, WeightsError> {
    let entries = entries(path, file)?;
    let found = entries.iter().filter(|entry| !is_left_out(&entry.name)).map(Entry::found);
    let found: Vec<Found<'_>> = found.collect();
    let expected = N::ARCHITECTURE.tensors;
    let mut differences = Vec::new();
    let mut walk = Walk::default();
    while let Some(difference) = walk.next(expected, &found) {
        differences.push(difference.say(Text::new(), expected, &found).to_string());
    }
    if !differences.is_empty() {
        return Err(WeightsError::Mismatch(path.to_owned(), N::ARCHITECTURE.name, differences));
    }
    let mut params = heap::zeros(N::ARCHITECTURE.stored());
    for (tensor, found) in expected.iter().zip(&found) {
        gather(file, found, &mut params, tensor.offset, tensor.len());
    }
    Ok(N::from_params(Params::Owned(params)))
}

/// All tensors of a file.
fn entries(path: &Path, file: &[u8]) -> Result<Vec<Entry>, WeightsError> {
    read(file).map_err(|wrong| WeightsError::Format(format!("`{}` is not a safetensors file: {wrong}", path.display())))
}
