//! The fully connected layer.

use core::marker::PhantomData;

use convnet_shape::geometry;
use convnet_shape::op::{LinearOp, Op};
use convnet_shape::options::Stored;
use typenum::{B1, Bit};

use crate::layer::{Backward, Forward, Layer, Tree};
use crate::needs::linear_with_bias;
use crate::ops::{Weight, blocked, linear};
use crate::shape::{Dim, Vector};

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
            let geometry = linear_with_bias(geometry, step.folded);
            let input = step.input();
            if let Weight::Packed(packed) = step.params {
                let (batch, stored, epilogue, product) = (step.batch, step.form.stored, step.epilogue, step.product);
                if batch > 1 && stored == Stored::F32 {
                    let (output, scratch) = (step.output, step.scratch);
                    blocked::linear::forward(&geometry, input, packed, epilogue, output, scratch, product.isa());
                } else {
                    linear::stored::forward(&geometry, stored, batch, input, packed, epilogue, step.output, product);
                }
                continue;
            }
            let (weight, bias) = step.weight_and_bias(N::USIZE * Out::USIZE);
            let (batch, product) = (step.batch, step.product);
            linear::forward(&geometry, batch, input, weight, bias, step.epilogue, step.output, product);
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
