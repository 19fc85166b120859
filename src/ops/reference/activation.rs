//! Activations and their derivatives as their formulas say.

use core::f64::consts::{FRAC_1_SQRT_2, PI};

use super::Real;
use crate::ops::Activation;
use crate::ops::activation::{SELU_ALPHA, SELU_SCALE};

/// values ← f(values).
pub fn activation_forward<T: Real>(activation: Activation, values: &mut [T]) {
    values.iter_mut().for_each(|x| *x = value(activation, *x));
}

/// grad ← grad · f′(input). Always from the input, unlike the working version.
pub fn activation_backward<T: Real>(activation: Activation, input: &[T], grad: &mut [T]) {
    grad.iter_mut().zip(input).for_each(|(grad, x)| *grad = *grad * derivative(activation, *x));
}

fn value<T: Real>(activation: Activation, x: T) -> T {
    let (zero, one) = (T::ZERO, T::ONE);
    match activation {
        Activation::Relu if x < zero => zero,
        Activation::Relu => x,
        Activation::LeakyRelu(slope) if x <= zero => real::<T>(slope) * x,
        Activation::LeakyRelu(_) => x,
        Activation::Elu(alpha) if x <= zero => real::<T>(alpha) * (x.exp() - one),
        Activation::Elu(_) => x,
        Activation::Selu if x <= zero => T::from_f64(SELU_SCALE * SELU_ALPHA) * (x.exp() - one),
        Activation::Selu => T::from_f64(SELU_SCALE) * x,
        Activation::Gelu => x * normal(x),
        Activation::Silu => x * logistic(x),
        Activation::Clamp(low, _) if x < real(low) => real(low),
        Activation::Clamp(_, high) if x > real(high) => real(high),
        Activation::Clamp(..) => x,
        Activation::HardSwish => x * value(Activation::Clamp(0.0, 6.0), x + T::from_usize(3)) / T::from_usize(6),
        Activation::Tanh => x.tanh(),
        Activation::Sigmoid => logistic(x),
    }
}

/// f′(x); where f has a kink, PyTorch's choice.
fn derivative<T: Real>(activation: Activation, x: T) -> T {
    let (zero, one, three) = (T::ZERO, T::ONE, T::from_usize(3));
    match activation {
        Activation::Relu if x > zero => one,
        Activation::Relu => zero,
        Activation::LeakyRelu(_) | Activation::Elu(_) if x > zero => one,
        Activation::LeakyRelu(slope) => real(slope),
        Activation::Elu(alpha) => real::<T>(alpha) * x.exp(),
        Activation::Selu if x > zero => T::from_f64(SELU_SCALE),
        Activation::Selu => T::from_f64(SELU_SCALE * SELU_ALPHA) * x.exp(),
        Activation::Gelu => normal(x) + x * (-(x * x) / T::from_usize(2)).exp() / T::from_f64(2.0 * PI).sqrt(),
        Activation::Silu => logistic(x) * (one + x * (one - logistic(x))),
        Activation::Clamp(low, high) if x > real(low) && x < real(high) => one,
        Activation::Clamp(..) => zero,
        Activation::HardSwish if x <= -three => zero,
        Activation::HardSwish if x >= three => one,
        Activation::HardSwish => x / three + T::from_f64(0.5),
        Activation::Tanh => one - x.tanh() * x.tanh(),
        Activation::Sigmoid => logistic(x) * (one - logistic(x)),
    }
}

fn real<T: Real>(x: f32) -> T {
    T::from_f64(f64::from(x))
}

/// Φ(x) = ½ (1 + erf(x / √2)), the normal distribution.
fn normal<T: Real>(x: T) -> T {
    T::from_f64(0.5) * (T::ONE + (x * T::from_f64(FRAC_1_SQRT_2)).erf())
}

fn logistic<T: Real>(x: T) -> T {
    T::ONE / (T::ONE + (-x).exp())
}
