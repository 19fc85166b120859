//! Batch normalisation.

use convnet_shape::op::{BatchNormOp, Op};
use typenum::B1;

use crate::layer::{Backward, Forward, Layer, Tree};
use crate::ops::batch_norm::{self, Statistics};
use crate::ops::{Weight, blocked};
use crate::shape::Shape;

/// y = γ (x − mean) / √(var + ε) + β of each channel: of the batch in training, running ones in inference.
///
/// `EPSILON` and `MOMENTUM` are the bits of `f32`s; the momentum is the share of a new batch, as PyTorch counts it.
/// PyTorch: `nn.BatchNorm2d`. Ioffe, Szegedy: Batch Normalization, algorithms 1 and 2. A prepared network has it
/// folded into the convolution or linear layer directly before it.
///
/// # Shapes
///
/// Any input with channels, weight γ `[C]`, bias β `[C]`, running mean and variance `[C]`, the same output.
pub struct BatchNorm<const EPSILON: u32 = { 1e-5f32.to_bits() }, const MOMENTUM: u32 = { 0.1f32.to_bits() }>;

impl<const EPSILON: u32, const MOMENTUM: u32> BatchNorm<EPSILON, MOMENTUM> {
    const OP: BatchNormOp = BatchNormOp { epsilon: f32::from_bits(EPSILON), momentum: f32::from_bits(MOMENTUM) };
}

impl<In: Shape, const EPSILON: u32, const MOMENTUM: u32> Layer<In> for BatchNorm<EPSILON, MOMENTUM> {
    type Out = In;
    type Fits = B1;
    const TREE: Tree = Tree::Leaf(Op::BatchNorm(Self::OP));

    fn forward(run: &mut Forward<'_>) {
        let (channels, cells) = (In::CHANNELS, In::CELLS);
        while let Some(step) = run.step() {
            let epsilon = Self::OP.epsilon;
            match step.params {
                Weight::Canonical(params) => {
                    let (gamma_beta, running) = params.split_at(2 * channels);
                    let (gamma, beta) = gamma_beta.split_at(channels);
                    if step.training {
                        let input = step.input();
                        batch_norm::batch_statistics(cells, input, step.saved);
                        batch_norm::forward(cells, epsilon, gamma, beta, step.saved, input, step.output);
                    } else {
                        batch_norm::infer(cells, epsilon, gamma, beta, running, step.in_place());
                    }
                }
                Weight::Packed(packed) => {
                    let (scale, shift) = packed.split_at(channels);
                    if step.form.input.is_blocked() {
                        let isa = step.product.isa();
                        blocked::channels::scale_and_shift(cells, scale, shift, step.in_place(), isa);
                    } else {
                        batch_norm::apply(cells, scale, shift, step.in_place());
                    }
                }
            }
        }
    }

    fn backward(run: &mut Backward<'_>) {
        let (channels, cells) = (In::CHANNELS, In::CELLS);
        let step = run.step();
        let gamma = &step.params[..channels];
        let (grad_gamma, grad_beta) = step.grad_params[..2 * channels].split_at_mut(channels);
        let (input, saved, grad_output) = (step.input, Statistics::Batch(step.saved), step.grad_output);
        let epsilon = Self::OP.epsilon;
        let grad_input = step.grad_input;
        batch_norm::backward(cells, epsilon, input, gamma, saved, grad_output, grad_input, grad_gamma, grad_beta);
    }
}
