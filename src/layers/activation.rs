//! Functions of each value by itself.

use convnet_shape::op::{Activation, Op};
use typenum::B1;

use crate::layer::{Backward, Forward, Layer, Tree};
use crate::ops::activation;
use crate::shape::Shape;

macro_rules! activation_layer {
    ($($(#[$doc:meta])* $name:ident)+) => {$(
        $(#[$doc])*
        pub struct $name;

        impl<In: Shape> Layer<In> for $name {
            type Out = In;
            type Fits = B1;
            const TREE: Tree = Tree::Leaf(Op::Activation(Activation::$name));

            fn forward(run: &mut Forward<'_>) {
                if let Some(step) = run.step() {
                    activation::apply(Activation::$name, step.in_place());
                }
            }

            fn backward(run: &mut Backward<'_>) {
                run.step().in_place(|output, grad| activation::backward(Activation::$name, output, grad));
            }
        }
    )+};
}

activation_layer! {
    /// y = max(0, x), with NaN kept; derivative 1 where y > 0. PyTorch: `nn.ReLU`.
    Relu
    /// y = tanh x; derivative 1 − y². PyTorch: `nn.Tanh`.
    Tanh
    /// y = 1 / (1 + e⁻ˣ); derivative y (1 − y). PyTorch: `nn.Sigmoid`.
    Sigmoid
}
