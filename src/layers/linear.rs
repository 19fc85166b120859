//! The fully connected layer.

use core::marker::PhantomData;

use convnet_shape::geometry;
use convnet_shape::op::{LinearOp, Op};
use typenum::{B1, Bit};

use crate::kernels::FromStep;
use crate::layer::{Backward, Forward, ForwardStep, Layer, Tree};
use crate::needs::linear_with_bias;
use crate::ops::{Product, Weight, blocked, linear};
use crate::shape::{Dim, Vector};
use crate::simd::Isa;

/// A fully connected layer: `[N]` → `[Out]`, y = W x + b. PyTorch: `nn.Linear`.
///
/// # Shapes
///
/// Input `[N]`, weight `[Out, N]`, bias `[Out]`, output `[Out]`.
///
/// # Parameters
///
/// - `Out`: values of the output.
/// - `Bias`: `B1` with a bias, `B0` without; default with.
pub struct Linear<Out, Bias = B1>(PhantomData<(Out, Bias)>);

impl<Out: Dim, Bias: Bit> Linear<Out, Bias> {
    const fn geometry<N: Dim>() -> geometry::Linear {
        geometry::Linear { in_features: N::USIZE, out_features: Out::USIZE, bias: Bias::BOOL }
    }
}

impl<N: Dim, Out: Dim, Bias: Bit> Layer<Vector<N>> for Linear<Out, Bias> {
    type Out = Vector<Out>;
    type Fits = B1;
    const TREE: Tree =
        Tree::Leaf(Op::Linear(LinearOp { out_features: Out::USIZE, bias: Bias::BOOL, in_features: None }));

    fn forward(run: &mut Forward<'_>) {
        let geometry = const { Self::geometry::<N>() };
        while let Some(step) = run.step() {
            let packed = matches!(step.params, Weight::Packed(_));
            step.kernels.linear(packed, step.form.stored, step.batch)(&geometry, step);
        }
    }

    fn backward(run: &mut Backward<'_>) {
        let geometry = const { Self::geometry::<N>() };
        let step = run.step();
        let weight_len = N::USIZE * Out::USIZE;
        let (weight, _) = step.params.split_at(weight_len);
        let (grad_weight, grad_bias) = step.grad_params.split_at_mut(weight_len);
        let (batch, input, grad_output) = (step.batch, step.input, step.grad_output);
        linear::backward(&geometry, batch, input, weight, grad_output, step.grad_input, grad_weight, grad_bias);
    }
}

/// With canonical parameters.
pub(crate) fn canonical(g: &geometry::Linear, step: ForwardStep<'_>) {
    let input = step.input();
    let (weight, bias) = step.weight_and_bias(g.in_features * g.out_features);
    linear::forward(g, step.batch, input, weight, bias, step.epilogue, step.output, step.product);
}

/// With packed floats, one sample.
pub(crate) fn packed_one<E: FromStep>(g: &geometry::Linear, step: ForwardStep<'_>) {
    let g = linear_with_bias(*g, step.folded);
    linear::forward_one(&g, step.input(), step.plain_params(), E::from_step(&step), step.output, Product::Own);
}

/// With packed floats.
pub(crate) fn packed<E: FromStep>(g: &geometry::Linear, step: ForwardStep<'_>) {
    if step.batch < 2 {
        return packed_one::<E>(g, step);
    }
    let (g, isa) = (linear_with_bias(*g, step.folded), Isa::best());
    let (input, packed) = (step.input(), step.plain_params());
    blocked::linear::forward(&g, input, packed, E::from_step(&step), step.output, step.scratch, isa);
}

/// With packed numbers narrower than floats.
pub(crate) fn narrow(g: &geometry::Linear, step: ForwardStep<'_>) {
    let g = linear_with_bias(*g, step.folded);
    let (input, packed, stored) = (step.input(), step.plain_params(), step.form.stored);
    let (batch, epilogue) = (step.batch, step.epilogue);
    linear::stored::forward(&g, stored, batch, input, packed, epilogue, step.output, Product::Own);
}
