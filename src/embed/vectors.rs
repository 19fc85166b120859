//! Test vectors of a safetensors file, the tensors `test.input` and `test.output`, as pairs in a row.

use convnet_shape::tensors::{Found, bytes_of_value};
use convnet_shape::text::Text;

use super::gather;
use crate::arena::Floats;
use crate::network::Network;
use crate::tensor::Value;

/// Why the tensors, input and output, are no test vectors of the network `N`, if they are not.
pub const fn misfit<N: Network>(file: &str, pairs: &[Found<'_>; 2]) -> Option<Text> {
    let dims = [<N::Input as Value>::DIMS, <N::Output as Value>::DIMS];
    let mut i = 0;
    while i < 2 {
        let (found, needed) = (&pairs[i], dims[i].as_slice());
        let text = Text::about(file).say(" does not fit ").code(N::ARCHITECTURE.name).say(": ").code(found.name);
        if bytes_of_value(found.dtype).is_none() {
            let text = text.say(" has values of type ").say(found.dtype).say(" but needs F32, F16 or BF16");
            return Some(text);
        }
        let mut fits = found.shape.len() == needed.len() + 1;
        let mut axis = 0;
        while fits && axis < needed.len() {
            fits = found.shape[1 + axis] == needed[axis];
            axis += 1;
        }
        if !fits {
            let text = text.say(" is ").list(found.shape, "[", ", ", "]");
            return Some(text.say(" but must be ").list(needed, "[n, ", ", ", "]"));
        }
        i += 1;
    }
    let [inputs, outputs] = [pairs[0].shape[0], pairs[1].shape[0]];
    if inputs != outputs || inputs == 0 {
        let text = Text::about(file).say(" has ").count(inputs, "test input", "test inputs").say(" and ");
        return Some(text.count(outputs, "output", "outputs").say("; they are pairs, at least one"));
    }
    None
}

/// What a `const _` in an expansion evaluates: panics if the tensors are no test vectors of the network.
#[track_caller]
pub const fn require_vectors<N: Network>(file: &str, pairs: &[Found<'_>; 2]) {
    if let Some(text) = misfit::<N>(file, pairs) {
        panic!("{}", text.as_str());
    }
}

/// How many floats they are; none if they do not fit, which [`require_vectors`] has said.
pub const fn vectors_len<N: Network>(pairs: &[Found<'_>; 2]) -> usize {
    if misfit::<N>("", pairs).is_some() { 0 } else { pairs[0].shape[0] * pair::<N>() }
}

/// Each input with its output behind it, from the bytes of the file.
pub const fn vectors_array<N: Network, const LEN: usize>(file: &[u8], pairs: &[Found<'_>; 2]) -> [f32; LEN] {
    let mut vectors = [0.0; LEN];
    gather_pairs::<N>(file, pairs, &mut vectors);
    vectors
}

/// Writes each input with its output behind it over [`vectors_len`] floats.
pub const fn gather_pairs<N: Network>(file: &[u8], pairs: &[Found<'_>; 2], vectors: &mut [f32]) {
    let (pair, input) = (pair::<N>(), <N::Input as Floats>::LEN);
    let output = pair - input;
    let mut i = 0;
    while (i + 1) * pair <= vectors.len() && pair > 0 {
        gather(file, &behind(&pairs[0], i * input), vectors, i * pair, input);
        gather(file, &behind(&pairs[1], i * output), vectors, i * pair + input, output);
        i += 1;
    }
}

/// A tensor from this value on.
const fn behind<'a>(found: &Found<'a>, values: usize) -> Found<'a> {
    let bytes = match bytes_of_value(found.dtype) {
        Some(bytes) => bytes,
        None => 0,
    };
    Found { offset: found.offset + values * bytes, ..*found }
}

/// Floats of an input and an output.
const fn pair<N: Network>() -> usize {
    <N::Input as Floats>::LEN + <N::Output as Floats>::LEN
}
