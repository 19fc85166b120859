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
use crate::half::f32_from_f16;
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
    macro_rules! half {
        ($from:expr, $at:expr) => {
            $from[$at] as u32 | ($from[$at + 1] as u32) << 8
        };
    }
    let mut i = 0;
    let from: &[[u8; 8]] = file.as_chunks().0;
    let to_whole = to.as_chunks_mut::<4>().0;
    while i < to_whole.len() {
        let from = &from[i];
        let halves = [half!(from, 0), half!(from, 2), half!(from, 4), half!(from, 6)];
        to_whole[i] = words(halves, is_brain);
        i += 1;
    }
    i *= 4;
    while i < to.len() {
        to[i] = words([half!(file, 2 * i), 0, 0, 0], is_brain)[0];
        i += 1;
    }
}

/// The bits of floats of these halves.
const fn words([a, b, c, d]: [u32; 4], is_brain: bool) -> [u32; 4] {
    if is_brain {
        return [a << 16, b << 16, c << 16, d << 16];
    }
    macro_rules! bits_from_f16 {
        ($half:ident) => {
            match $half >> 10 & 0x1f {
                0 | 0x1f => f32_from_f16($half as u16).to_bits(),
                _ => ($half & 0x8000) << 16 | (($half & 0x7fff) << 13) + (112 << 23),
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
