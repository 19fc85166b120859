//! What turns gradients into better parameters.

/// An optimiser: its settings, and the update of all parameters by one step.
///
/// It keeps nothing itself. What it must remember of each parameter is a slice that the [`Trainer`](super::Trainer)
/// owns. Settings are `f64`, as PyTorch's are, so that 1 − β₂ is right to the last bit; parameters, gradients and
/// state are `f32`.
pub trait Optimizer {
    /// How many values to remember of each parameter.
    fn state_per_parameter(&self) -> usize;

    /// The learning rate of the next update.
    fn learning_rate(&self) -> f64;

    /// Sets the learning rate.
    fn set_learning_rate(&mut self, learning_rate: f64);

    /// The update after the `step`-th batch, counted from 1.
    ///
    /// `params` and `grads` `[P]`, `state` `[state_per_parameter, P]`, zeros before the first step.
    fn update(&self, step: u64, params: &mut [f32], grads: &[f32], state: &mut [f32]);
}
