//! Adding up branches, and the gradients of a value that several layers read.

/// sum += values, of one length.
///
/// # Panics
///
/// If the lengths differ.
pub fn accumulate(sum: &mut [f32], values: &[f32]) {
    assert_eq!(sum.len(), values.len(), "what is added has another length");
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum += *value;
    }
}

#[cfg(test)]
mod tests {
    use super::accumulate;

    #[test]
    fn values_are_added_to_what_is_there() {
        let mut sum = [1.0, 2.0];
        accumulate(&mut sum, &[10.0, 20.0]);
        assert_eq!(sum, [11.0, 22.0]);
    }
}
