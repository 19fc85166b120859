//! Embedded weights: how `embed!` turns a safetensors file into packed parameters while the program is compiled, and puts
//! a packed file into it as it is.

mod file;
pub mod vectors;

pub use file::{AlignedBytes, floats};
pub use vectors::{require_vectors, vectors_array, vectors_len};

use convnet_shape::files::packed::Kind;
use convnet_shape::tensors::{Found, Tensor, bytes_of_value, less};

use convnet_shape::text::Text;

use crate::arena::{Floats, memory_mut, words_mut};
use crate::half::{BIAS, f32_from_f16};
use crate::network::Network;

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
    let (own, to) = (file.split_at(from).1.split_at(len * bytes).0, params.split_at_mut(to).1.split_at_mut(len).0);
    match bytes {
        4 if cfg!(target_endian = "little") => memory_mut(to).copy_from_slice(own),
        4 => copy_words(own, words_mut(to)),
        _ => widen(own, is_brain, words_mut(to)),
    }
}

const fn copy_words(file: &[u8], to: &mut [u32]) {
    let (from, mut i) = (file.as_chunks().0, 0);
    while i < to.len() {
        to[i] = u32::from_le_bytes(from[i]);
        i += 1;
    }
}

/// Halves to the bits of floats; four at a time, because rustc's interpreter warns of four million turns of loops and calls.
const fn widen(file: &[u8], is_brain: bool, to: &mut [u32]) {
    let (from, to_fours) = (file.as_chunks().0, to.as_chunks_mut::<4>().0);
    let mut i = 0;
    while i < to_fours.len() {
        let halves = u64::from_le_bytes(from[i]);
        let [low, high] = [halves as u32, (halves >> 32) as u32];
        to_fours[i] = widened([low & LOW, low >> 16, high & LOW, high >> 16], is_brain);
        i += 1;
    }
    i *= 4;
    while i < to.len() {
        let half = u16::from_le_bytes([file[2 * i], file[2 * i + 1]]) as u32;
        to[i] = widened([half; 4], is_brain)[0];
        i += 1;
    }
}

/// The first of two halves.
const LOW: u32 = 0xffff;

/// The bits of floats of these halves.
const fn widened([a, b, c, d]: [u32; 4], is_brain: bool) -> [u32; 4] {
    if is_brain {
        return [a << 16, b << 16, c << 16, d << 16];
    }
    /// What `f32_from_f16` does, without a call where there is a simple way: for normal numbers.
    macro_rules! bits_from_f16 {
        ($half:ident) => {
            match $half & 0x7c00 {
                0 | 0x7c00 => f32_from_f16($half as u16).to_bits(),
                _ => (($half & 0x8000) << 16) + (($half & 0x7fff) << 13) + BIAS,
            }
        };
    }
    [bits_from_f16!(a), bits_from_f16!(b), bits_from_f16!(c), bits_from_f16!(d)]
}

/// Why a packed file is not for the network `N`, if it is not: what its header says of the network, its parameters and its
/// test vectors, both counted in floats.
pub const fn misfit<N: Network>(
    file: &str,
    network: &str,
    kind: Kind,
    fingerprint: u64,
    params: usize,
    vectors: usize,
) -> Option<Text> {
    let architecture = N::ARCHITECTURE;
    let text = Text::about(file);
    if !same(network, architecture.name) {
        return Some(text.say(" was packed for `").say(network).say("`, not for ").code(architecture.name));
    }
    if fingerprint != architecture.fingerprint(kind) {
        let text = text.say(" is stale: it was packed for other layers of ").code(network);
        return Some(text.say(", or by another version of convnet; pack the weights anew"));
    }
    let needed = architecture.packed_len(kind);
    if params != needed {
        let text = text.say(" has ").number(params).say(" packed floats, but ").code(network);
        return Some(text.say(" needs ").number(needed));
    }
    let pair = <N::Input as Floats>::LEN + <N::Output as Floats>::LEN;
    if pair > 0 && !vectors.is_multiple_of(pair) {
        let text =
            text.say(" has ").number(vectors).say(" floats of test vectors, which are no pairs of ").number(pair);
        return Some(text);
    }
    None
}

/// What a `const _` in an expansion evaluates: panics if a packed file is not for the network.
#[track_caller]
pub const fn require_packed<N: Network>(
    file: &str,
    network: &str,
    kind: Kind,
    fingerprint: u64,
    params: usize,
    vectors: usize,
) {
    if let Some(text) = misfit::<N>(file, network, kind, fingerprint, params, vectors) {
        panic!("{}", text.as_str());
    }
}

/// Equality of names, for const code.
const fn same(a: &str, b: &str) -> bool {
    !less(a, b) && !less(b, a)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::half::f32_from_bf16;
    extern crate std;
    use std::{vec, vec::Vec};

    /// Every half, from an odd place, in fours and behind the last four.
    #[test]
    fn halves_of_a_file_are_floats() {
        let file: Vec<u8> = [7].into_iter().chain((0..=u16::MAX).flat_map(u16::to_le_bytes)).collect();
        for (dtype, widen) in [("F16", f32_from_f16 as fn(u16) -> f32), ("BF16", f32_from_bf16)] {
            for (first, len) in [(0, 1 << 16), (0x7bfe, 7), (0x3ff, 2)] {
                let found = Found { name: "", dtype, shape: &[len], offset: 1 + 2 * first };
                let mut floats = vec![1.0; len + 1];
                gather(&file, &found, &mut floats, 1, len);
                for (i, x) in floats[1..].iter().enumerate() {
                    let half = (first + i) as u16;
                    assert_eq!(x.to_bits(), widen(half).to_bits(), "{dtype} {half:#06x}");
                }
                assert_eq!(floats[0], 1.0);
            }
        }
    }
}
