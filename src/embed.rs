//! Embedded weights: how `embed!` turns a safetensors file into packed parameters while the program is compiled.

use convnet_shape::tensors::{Found, Tensor};

/// The canonical parameters of a network from the bytes of a file whose tensors are exactly the network's, both
/// sorted by name.
///
/// If they are not, which `tensors::require` has said already, the result is zeros.
pub const fn canonical_array<const LEN: usize>(
    file: &[u8],
    expected: &[Tensor<'_>],
    found: &[Found<'_>],
) -> [f32; LEN] {
    let mut params = [0.0; LEN];
    let mut i = 0;
    while i < expected.len() && expected.len() == found.len() {
        gather(file, found[i].offset, &mut params, expected[i].offset, expected[i].len());
        i += 1;
    }
    params
}

/// Copies `len` little-endian floats from byte `from` of a file to `to`; nothing if either is too short.
pub const fn gather(file: &[u8], from: usize, params: &mut [f32], to: usize, len: usize) {
    if from.saturating_add(len.saturating_mul(4)) > file.len() || to.saturating_add(len) > params.len() {
        return;
    }
    let mut i = 0;
    while i < len {
        let at = from + 4 * i;
        params[to + i] = f32::from_le_bytes([file[at], file[at + 1], file[at + 2], file[at + 3]]);
        i += 1;
    }
}
