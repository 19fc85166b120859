//! Stochastic gradient descent.

use super::optimizer::Optimizer;
use crate::threads;

/// Stochastic gradient descent with momentum and weight decay. PyTorch: `optim.SGD`.
///
/// With the gradient g of the loss for the parameter θ[^1]:
///
/// > g ← g + λ θ
/// > b ← μ b + g
/// > g ← g + μ b with Nesterov's momentum, else g ← b
/// > θ ← θ − γ g
///
/// - `learning_rate`, γ: default 0.001;
/// - `momentum`, μ: default 0, none;
/// - `weight_decay`, λ: default 0, none; of weights and biases alike;
/// - `nesterov`: look ahead along the momentum[^2]; default no.
///
/// [^1]: PyTorch, `torch.optim.SGD`, "Algorithm", with dampening 0.
/// [^2]: Sutskever et al.: On the importance of initialization and momentum in deep learning, ICML 2013, section 2.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sgd {
    /// γ, the length of a step.
    pub learning_rate: f64,
    /// μ, the share of the last step that goes on.
    pub momentum: f64,
    /// λ, the pull towards 0.
    pub weight_decay: f64,
    /// Whether the gradient is the one a momentum further on.
    pub nesterov: bool,
}

impl Default for Sgd {
    fn default() -> Self {
        Self { learning_rate: 1e-3, momentum: 0.0, weight_decay: 0.0, nesterov: false }
    }
}

impl Optimizer for Sgd {
    fn state_per_parameter(&self) -> usize {
        usize::from(self.momentum != 0.0)
    }

    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn set_learning_rate(&mut self, learning_rate: f64) {
        self.learning_rate = learning_rate;
    }

    fn update(&self, _: u64, params: &mut [f32], grads: &[f32], state: &mut [f32]) {
        let (rate, momentum, decay) = (self.learning_rate as f32, self.momentum as f32, self.weight_decay as f32);
        let share = threads::share(params.len(), params.len());
        let parts = params.chunks_mut(share).zip(grads.chunks(share));
        if self.momentum == 0.0 {
            threads::each_with_scratch(parts, &mut [], 0, |(params, grads), _| {
                for (param, grad) in params.iter_mut().zip(grads) {
                    *param -= rate * (grad + decay * *param);
                }
            });
            return;
        }
        threads::each_with_scratch(parts.zip(state.chunks_mut(share)), &mut [], 0, |((params, grads), state), _| {
            for ((param, grad), velocity) in params.iter_mut().zip(grads).zip(state) {
                let grad = grad + decay * *param;
                *velocity = momentum * *velocity + grad;
                *param -= rate * if self.nesterov { grad + momentum * *velocity } else { *velocity };
            }
        });
    }
}
