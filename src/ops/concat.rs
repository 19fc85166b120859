//! Joining branches along their channels: parts `[N, C₁, …]`, `[N, C₂, …]` → joined `[N, C₁ + C₂ + …, …]`.
//!
//! Channels lead, so each part of a sample is one run of the joined sample. A branch writes its own with [`forward`]
//! and takes its own gradient with [`backward`]; `at` is where its run starts, the values of the branches before it.

/// joined`[n, at..at + len]` ← part`[n, ..]`: part `[N, len]`, joined `[N, total]`.
///
/// # Panics
///
/// If the slices are not of the same number of whole samples, or the part does not fit.
pub fn forward(batch: usize, at: usize, part: &[f32], joined: &mut [f32]) {
    let [len, total] = samples(batch, at, part.len(), joined.len());
    for (part, joined) in part.chunks_exact(len).zip(joined.chunks_exact_mut(total)) {
        joined[at..at + len].copy_from_slice(part);
    }
}

/// grad_part`[n, ..]` += grad_joined`[n, at..at + len]`: grad_part `[N, len]`, grad_joined `[N, total]`.
///
/// # Panics
///
/// If the slices are not of the same number of whole samples, or the part does not fit.
pub fn backward(batch: usize, at: usize, grad_joined: &[f32], grad_part: &mut [f32]) {
    let [len, total] = samples(batch, at, grad_part.len(), grad_joined.len());
    for (part, joined) in grad_part.chunks_exact_mut(len).zip(grad_joined.chunks_exact(total)) {
        part.iter_mut().zip(&joined[at..]).for_each(|(sum, grad)| *sum += grad);
    }
}

/// Values of one sample of the part and of the whole, each at least 1 so that there are chunks of it.
fn samples(batch: usize, at: usize, part: usize, joined: usize) -> [usize; 2] {
    let [len, total] = [part, joined].map(|values| values.checked_div(batch).unwrap_or(0));
    assert!([len * batch, total * batch] == [part, joined], "{part} and {joined} values are not {batch} whole samples");
    assert!(at + len <= total, "values {at}..{} are beyond the {total} of a joined sample", at + len);
    [len.max(1), total.max(1)]
}

#[cfg(test)]
mod tests;
