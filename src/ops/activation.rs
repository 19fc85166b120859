//! Functions of each value by itself, in place, and their derivatives from the output.
//!
//! | | f(x) | f′ from y = f(x) |
//! |---|---|---|
//! | ReLU | max(0, x) | 1 where y > 0, else 0 |
//! | tanh | tanh x | 1 − y² |
//! | sigmoid | 1 / (1 + e⁻ˣ) | y (1 − y) |
//!
//! Because the derivative needs the output alone, the input may be overwritten. NaN stays NaN, in ReLU too, as in
//! PyTorch. The exponentials are libm's on every target, with `std` or without, so that results do not depend on it.

use super::Activation;

/// values ← f(values), any shape.
pub fn apply(activation: Activation, values: &mut [f32]) {
    match activation {
        Activation::Relu => values.iter_mut().for_each(|x| *x = relu(*x)),
        Activation::Tanh => values.iter_mut().for_each(|x| *x = libm::tanhf(*x)),
        Activation::Sigmoid => values.iter_mut().for_each(|x| *x = sigmoid(*x)),
    }
}

/// grad ← grad · f′, from the output that [`apply`] left: output and grad of one shape.
///
/// # Panics
///
/// If the two have different lengths.
pub fn backward(activation: Activation, output: &[f32], grad: &mut [f32]) {
    assert_eq!(output.len(), grad.len(), "a gradient is as long as its value");
    let pairs = grad.iter_mut().zip(output);
    match activation {
        Activation::Relu => pairs.for_each(|(grad, y)| *grad = if *y > 0.0 { *grad } else { 0.0 }),
        Activation::Tanh => pairs.for_each(|(grad, y)| *grad *= 1.0 - y * y),
        Activation::Sigmoid => pairs.for_each(|(grad, y)| *grad *= y * (1.0 - y)),
    }
}

/// max(0, x), and NaN for NaN: a comparison that is false for NaN keeps x.
#[inline(always)]
fn relu(x: f32) -> f32 {
    if x < 0.0 { 0.0 } else { x }
}

/// 1 / (1 + e⁻ˣ); e⁻ˣ overflows to ∞ below −88.7 and the quotient is 0, as it should.
fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + libm::expf(-x))
}

/// values ← f(values + bias): what a convolution does to one channel as it finishes it.
pub(super) fn apply_with_bias(bias: Option<&f32>, activation: Option<Activation>, values: &mut [f32]) {
    match (bias, activation) {
        (Some(bias), Some(Activation::Relu)) => values.iter_mut().for_each(|x| *x = relu(*x + bias)),
        (Some(bias), _) => values.iter_mut().for_each(|x| *x += bias),
        (None, _) => {}
    }
    match (bias, activation) {
        (Some(_), Some(Activation::Relu)) | (_, None) => {}
        (_, Some(activation)) => apply(activation, values),
    }
}

/// Σ values in eight lanes, which vectorise where one sum may not be reordered.
pub(super) fn sum(values: &[f32]) -> f32 {
    let (whole, rest) = values.as_chunks::<8>();
    let mut lanes = [0.0; 8];
    for chunk in whole {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += value;
        }
    }
    lanes.iter().sum::<f32>() + rest.iter().sum::<f32>()
}

#[cfg(test)]
mod tests;
