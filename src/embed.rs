//! Embedded weights: how `embed!` turns a safetensors file into packed parameters while the program is compiled.

use convnet_shape::tensors::{Found, Tensor, bytes_of_value};

use crate::half::{f32_from_bf16, f32_from_f16};

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
        gather(file, &found[i], &mut params, expected[i].offset, expected[i].len());
        i += 1;
    }
    params
}

/// Copies the first `len` values of a tensor in a file to `to`, as `f32`; nothing if the file or the parameters are too
/// short for them, or if their type is none that is read.
pub const fn gather(file: &[u8], found: &Found<'_>, params: &mut [f32], to: usize, len: usize) {
    let Some(bytes) = bytes_of_value(found.dtype) else { return };
    let is_brain = found.dtype.as_bytes()[0] == b'B';
    let from = found.offset;
    if from.saturating_add(len.saturating_mul(bytes)) > file.len() || to.saturating_add(len) > params.len() {
        return;
    }
    let mut i = 0;
    while i < len {
        let at = from + bytes * i;
        params[to + i] = if bytes == 4 {
            f32::from_le_bytes([file[at], file[at + 1], file[at + 2], file[at + 3]])
        } else {
            let half = u16::from_le_bytes([file[at], file[at + 1]]);
            if is_brain { f32_from_bf16(half) } else { f32_from_f16(half) }
        };
        i += 1;
    }
}
