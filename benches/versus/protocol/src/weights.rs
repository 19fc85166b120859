//! The parameters of a network, for engines that do not read ONNX files.

use std::collections::HashMap;
use std::{fs, path::Path};

use safetensors::SafeTensors;

/// Tensors by name, `conv1.weight` and `conv1.bias`: their sizes, in PyTorch's order, and values.
#[derive(Debug)]
pub struct Weights(pub HashMap<String, (Vec<usize>, Vec<f32>)>);

impl Weights {
    /// Reads a safetensors file.
    pub(crate) fn load(path: &Path) -> Self {
        let file = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let tensors = SafeTensors::deserialize(&file).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let values = |(name, tensor): (String, safetensors::tensor::TensorView<'_>)| {
            (name, (tensor.shape().to_vec(), floats(tensor.data())))
        };
        Self(tensors.tensors().into_iter().map(values).collect())
    }
}

/// Floats as they lie in a file.
pub(crate) fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
}
