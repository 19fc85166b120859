//! Adam, and its form with decoupled weight decay.

use super::optimizer::Optimizer;
use crate::simd::{Isa, Kernel, Plain, Simd};
use crate::threads;

/// Adam: steps scaled by running means of the gradient and of its square. PyTorch: `optim.Adam`.
///
/// With the gradient g of the loss for the parameter θ at step t = 1, 2, …[^1]:
///
/// > g ← g + λ θ
/// > m ← β₁ m + (1 − β₁) g
/// > v ← β₂ v + (1 − β₂) g²
/// > θ ← θ − γ / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε)
///
/// - `learning_rate`, γ: default 0.001;
/// - `betas`, β₁ and β₂: default 0.9 and 0.999;
/// - `epsilon`, ε: default 10⁻⁸;
/// - `weight_decay`, λ: default 0, none. It passes through the means; [`AdamW`] keeps it apart.
///
/// [^1]: Kingma, Ba: Adam, a method for stochastic optimization, ICLR 2015, algorithm 1; the order of roundings is that
/// of PyTorch, `torch.optim.Adam`, "Algorithm".
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adam {
    /// γ, the length of a step.
    pub learning_rate: f64,
    /// β₁ and β₂, how much of the means is kept at each step.
    pub betas: [f64; 2],
    /// ε, what keeps the quotient finite.
    pub epsilon: f64,
    /// λ, the pull towards 0.
    pub weight_decay: f64,
}

/// [`Adam`] with decoupled weight decay: θ ← θ − γ λ θ, then Adam's step on the gradient alone[^1]. PyTorch:
/// `optim.AdamW`.
///
/// Settings and defaults are Adam's, but for `weight_decay`, λ: default 0.01.
///
/// [^1]: Loshchilov, Hutter: Decoupled weight decay regularization, ICLR 2019, algorithm 2.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamW {
    /// γ, the length of a step.
    pub learning_rate: f64,
    /// β₁ and β₂, how much of the means is kept at each step.
    pub betas: [f64; 2],
    /// ε, what keeps the quotient finite.
    pub epsilon: f64,
    /// λ, the pull towards 0.
    pub weight_decay: f64,
}

impl Default for Adam {
    fn default() -> Self {
        Self { learning_rate: 1e-3, betas: [0.9, 0.999], epsilon: 1e-8, weight_decay: 0.0 }
    }
}

impl Default for AdamW {
    fn default() -> Self {
        Self { learning_rate: 1e-3, betas: [0.9, 0.999], epsilon: 1e-8, weight_decay: 1e-2 }
    }
}

/// Implements [`Optimizer`] for the two, which differ in what the decay is taken from.
macro_rules! adam {
    ($name:ident, |$settings:ident| $shrink:expr, $decay:expr) => {
        impl Optimizer for $name {
            fn state_per_parameter(&self) -> usize {
                2
            }

            fn learning_rate(&self) -> f64 {
                self.learning_rate
            }

            fn set_learning_rate(&mut self, learning_rate: f64) {
                self.learning_rate = learning_rate;
            }

            fn update(&self, step: u64, params: &mut [f32], grads: &[f32], state: &mut [f32]) {
                let $settings = self;
                let rule = Rule {
                    shrink: $shrink as f32,
                    decay: $decay as f32,
                    ..Rule::new(self.learning_rate, self.betas, self.epsilon, step)
                };
                rule.update(params, grads, state);
            }
        }
    };
}

adam!(Adam, |settings| 1.0, settings.weight_decay);
adam!(AdamW, |settings| 1.0 - settings.learning_rate * settings.weight_decay, 0.0);

/// The numbers of one step.
struct Rule {
    /// 1 − γ λ if the decay is decoupled.
    shrink: f32,
    /// λ if it is part of the gradient.
    decay: f32,
    /// 1 − β₁.
    first: f32,
    /// β₂ and 1 − β₂.
    second: [f32; 2],
    /// √(1 − β₂ᵗ).
    root: f32,
    /// ε.
    epsilon: f32,
    /// γ / (1 − β₁ᵗ).
    rate: f32,
}

impl Rule {
    fn new(learning_rate: f64, [beta1, beta2]: [f64; 2], epsilon: f64, step: u64) -> Self {
        let correction = |beta: f64| 1.0 - libm::pow(beta, step as f64);
        Self {
            shrink: 1.0,
            decay: 0.0,
            first: (1.0 - beta1) as f32,
            second: [beta2 as f32, (1.0 - beta2) as f32],
            root: libm::sqrt(correction(beta2)) as f32,
            epsilon: epsilon as f32,
            rate: (learning_rate / correction(beta1)) as f32,
        }
    }

    fn update(&self, params: &mut [f32], grads: &[f32], state: &mut [f32]) {
        let (means, squares) = state.split_at_mut(params.len());
        let share = threads::share(params.len(), params.len());
        let parts = params.chunks_mut(share).zip(grads.chunks(share));
        let parts = parts.zip(means.chunks_mut(share).zip(squares.chunks_mut(share)));
        threads::each_with_scratch(parts, &mut [], 0, |((params, grads), (means, squares)), _| {
            Isa::best().run(Update { rule: self, params, grads, means, squares }, |update| update.run(Plain));
        });
    }
}

/// Some parameters.
struct Update<'a> {
    rule: &'a Rule,
    params: &'a mut [f32],
    grads: &'a [f32],
    means: &'a mut [f32],
    squares: &'a mut [f32],
}

impl Kernel for Update<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let Self { rule, params, grads, means, squares } = self;
        for (((param, grad), mean), square) in params.iter_mut().zip(grads).zip(means).zip(squares) {
            *param *= rule.shrink;
            let grad = grad + rule.decay * *param;
            *mean += rule.first * (grad - *mean);
            *square = rule.second[0] * *square + rule.second[1] * grad * grad;
            *param -= rule.rate * *mean / (sqrt(*square) / rule.root + rule.epsilon);
        }
    }
}

/// √x. A square root has one right rounding, so both give the same bits; the standard library's can be vectorised.
#[inline(always)]
fn sqrt(x: f32) -> f32 {
    #[cfg(feature = "std")]
    return x.sqrt();
    #[cfg(not(feature = "std"))]
    return libm::sqrtf(x);
}
