//! Functions of each value by itself, in place, and their derivatives.
//!
//! | | y = f(x) | f′ from y | f′ from x |
//! |---|---|---|---|
//! | ReLU | max(0, x) | 1 where y > 0, else 0 | |
//! | leaky ReLU | x where x > 0, else a x | 1 where y > 0, else a | the same of x, if a < 0 |
//! | ELU[^elu] | x where x > 0, else α (eˣ − 1) | 1 where y > 0, else y + α | 1 or α eˣ, if α < 0 |
//! | SELU[^selu] | λ · ELU(x), α = 1.6733, λ = 1.0507 | λ where y > 0, else y + λ α | |
//! | GELU[^gelu] | x Φ(x), Φ(x) = ½ erfc(−x / √2) | | Φ(x) + x φ(x), φ(x) = e^(−x²/2) / √(2π) |
//! | SiLU[^silu] | x σ(x) | | σ(x) (1 + x (1 − σ(x))) |
//! | clamp | min(max(x, low), high) | 1 where low < y < high, else 0 | |
//! | hard-swish[^hard] | x · min(max(x + 3, 0), 6) / 6 | | 0 up to −3, x/3 + ½, 1 from 3 on |
//! | tanh | tanh x | 1 − y² | |
//! | sigmoid σ | 1 / (1 + e⁻ˣ) | y (1 − y) | |
//!
//! Where the derivative needs the output alone ([`Activation::derives_from_output`]), the input may be overwritten.
//! At a kink it is PyTorch's: 0 for ReLU at 0 and for clamp at both ends, a and α for leaky ReLU and ELU at 0. NaN
//! stays NaN, in ReLU and clamp too, as in PyTorch. The transcendental functions are libm's on every target, with
//! `std` or without, so that results do not depend on it.
//!
//! [^elu]: D.-A. Clevert, T. Unterthiner, S. Hochreiter, *Fast and accurate deep network learning by exponential
//!     linear units*, ICLR 2016, equations 15 and 16.
//! [^selu]: G. Klambauer et al., *Self-normalizing neural networks*, NIPS 2017, equation 2.
//! [^gelu]: D. Hendrycks, K. Gimpel, *Gaussian error linear units*, 2016, section 2; the exact form, not with tanh.
//! [^silu]: S. Elfwing, E. Uchibe, K. Doya, *Sigmoid-weighted linear units*, 2017, equations 6 and 7.
//! [^hard]: A. Howard et al., *Searching for MobileNetV3*, ICCV 2019, section 5.2.

use core::f32::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

use super::Activation;
use crate::threads;

/// SELU's α: with [`SELU_SCALE`] mean 0 and variance 1 are a fixed point (Klambauer et al., equation 14).
pub const SELU_ALPHA: f64 = 1.673_263_242_354_377_2;

/// SELU's λ.
pub const SELU_SCALE: f64 = 1.050_700_987_355_480_5;

/// Whether it is a few instructions, which kernels apply to what they hold in registers; the others call libm, or not much
/// less.
pub const fn is_brief(activation: Activation) -> bool {
    matches!(activation, Activation::Relu | Activation::Clamp(..) | Activation::LeakyRelu(_))
}

/// What a kernel applies to its results: an activation or none, and of which kind.
pub trait Epilogue: Copy {
    /// Whether it may be one that is not brief; if not, what those take need not be compiled.
    const ALL: bool;

    /// The activation.
    fn activation(self) -> Option<Activation>;
}

impl Epilogue for Option<Activation> {
    const ALL: bool = true;

    fn activation(self) -> Option<Activation> {
        self
    }
}

/// No activation, or one that [`is_brief`].
#[derive(Clone, Copy, Debug)]
pub struct Brief(pub Option<Activation>);

impl Epilogue for Brief {
    const ALL: bool = false;

    fn activation(self) -> Option<Activation> {
        self.0
    }
}

/// values ← f(values), any shape, for an activation that [`is_brief`]; others are the identity.
///
/// A program that applies no other need not have them.
pub fn apply_brief(activation: Activation, values: &mut [f32]) {
    match activation {
        Activation::Relu => each(values, relu),
        Activation::LeakyRelu(slope) => each(values, |x| if x > 0.0 { x } else { slope * x }),
        Activation::Clamp(low, high) => each(values, |x| clamp(low, high, x)),
        _ => {}
    }
}

/// values ← f(values), any shape.
pub fn apply(activation: Activation, values: &mut [f32]) {
    match activation {
        Activation::Relu | Activation::LeakyRelu(_) | Activation::Clamp(..) => apply_brief(activation, values),
        Activation::Elu(alpha) => each(values, |x| if x < 0.0 { alpha * libm::expm1f(x) } else { x }),
        Activation::Selu => each(values, selu),
        Activation::Gelu => each(values, |x| x * normal(x)),
        Activation::Silu => each(values, |x| x * sigmoid(x)),
        Activation::HardSwish => each(values, |x| x * clamp(0.0, 6.0, x + 3.0) / 6.0),
        Activation::Tanh => each(values, libm::tanhf),
        Activation::Sigmoid => each(values, sigmoid),
    }
}

/// grad ← grad · f′: `value` is the output that [`apply`] left if [`Activation::derives_from_output`], its input if
/// not; value and grad of one shape.
///
/// # Panics
///
/// If the two have different lengths.
pub fn backward(activation: Activation, value: &[f32], grad: &mut [f32]) {
    assert_eq!(value.len(), grad.len(), "a gradient is as long as its value");
    match activation {
        Activation::Relu => each_pair(grad, value, |grad, y| if y <= 0.0 { 0.0 } else { grad }),
        Activation::LeakyRelu(slope) => each_pair(grad, value, |grad, y| if y > 0.0 { grad } else { slope * grad }),
        Activation::Elu(alpha) if activation.derives_from_output() => {
            each_pair(grad, value, |grad, y| if y <= 0.0 { grad * (y + alpha) } else { grad });
        }
        Activation::Elu(alpha) => {
            each_pair(grad, value, |grad, x| if x <= 0.0 { grad * alpha * libm::expf(x) } else { grad });
        }
        Activation::Selu => each_pair(grad, value, |grad, y| grad * selu_slope(y)),
        Activation::Gelu => each_pair(grad, value, |grad, x| grad * (normal(x) + x * normal_density(x))),
        Activation::Silu => each_pair(grad, value, |grad, x| {
            let y = sigmoid(x);
            grad * y * (1.0 + x * (1.0 - y))
        }),
        Activation::Clamp(low, high) => {
            each_pair(grad, value, |grad, y| if y <= low || y >= high { 0.0 } else { grad });
        }
        Activation::HardSwish => each_pair(grad, value, |grad, x| match x {
            ..=-3.0 => 0.0,
            3.0.. => grad,
            _ => grad * (x / 3.0 + 0.5),
        }),
        Activation::Tanh => each_pair(grad, value, |grad, y| grad * (1.0 - y * y)),
        Activation::Sigmoid => each_pair(grad, value, |grad, y| grad * (y * (1.0 - y))),
    }
}

#[inline(always)]
fn each(values: &mut [f32], f: impl Fn(f32) -> f32 + Sync) {
    threads::each_share(values, 1, values.len(), |_, values| values.iter_mut().for_each(|x| *x = f(*x)));
}

#[inline(always)]
fn each_pair(grad: &mut [f32], value: &[f32], f: impl Fn(f32, f32) -> f32 + Sync) {
    threads::each_share(grad, 1, value.len(), |first, grad| {
        grad.iter_mut().zip(&value[first..]).for_each(|(grad, value)| *grad = f(*grad, *value));
    });
}

/// max(0, x), and NaN for NaN: a comparison that is false for NaN keeps x.
#[inline(always)]
fn relu(x: f32) -> f32 {
    if x < 0.0 { 0.0 } else { x }
}

/// min(max(x, low), high), and NaN for NaN.
#[inline(always)]
fn clamp(low: f32, high: f32, x: f32) -> f32 {
    let raised = if x < low { low } else { x };
    if raised > high { high } else { raised }
}

fn selu(x: f32) -> f32 {
    const NEGATIVE: f32 = (SELU_SCALE * SELU_ALPHA) as f32;
    if x < 0.0 { NEGATIVE * libm::expm1f(x) } else { SELU_SCALE as f32 * x }
}

/// SELU′ from y = SELU(x).
fn selu_slope(y: f32) -> f32 {
    if y <= 0.0 { y + (SELU_SCALE * SELU_ALPHA) as f32 } else { SELU_SCALE as f32 }
}

/// 1 / (1 + e⁻ˣ); e⁻ˣ overflows to ∞ below −88.7 and the quotient is 0, as it should.
fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + libm::expf(-x))
}

/// Φ(x); with erfc, not 1 + erf, which would lose the tail.
fn normal(x: f32) -> f32 {
    0.5 * libm::erfcf(-x * FRAC_1_SQRT_2)
}

/// φ(x) = e^(−x²/2) / √(2π).
fn normal_density(x: f32) -> f32 {
    const SCALE: f32 = 0.5 * FRAC_2_SQRT_PI * FRAC_1_SQRT_2;
    SCALE * libm::expf(-0.5 * x * x)
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

#[cfg(test)]
mod tests;
