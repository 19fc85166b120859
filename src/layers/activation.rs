//! Functions of each value by itself.

use convnet_shape::op::{Activation, Op};
use typenum::B1;

use crate::layer::{Backward, Forward, Layer, Tree};
use crate::ops::activation;
use crate::shape::Shape;

/// Implements [`Layer`] for an activation; its settings are bits of floats, because floats are no const parameters.
macro_rules! activation_layer {
    ($($(#[$doc:meta])* $name:ident $(<$($setting:ident),+>)?)+) => {$(
        $(#[$doc])*
        pub struct $name$(<$(const $setting: u32),+>)?;

        impl<In: Shape, $($(const $setting: u32),+)?> Layer<In> for $name$(<$($setting),+>)? {
            type Out = In;
            type Fits = B1;
            const TREE: Tree = Tree::Leaf(Op::Activation(Activation::$name$(($(f32::from_bits($setting)),+))?));

            fn forward(run: &mut Forward<'_>) {
                while let Some(step) = run.step() {
                    let activation = const { Activation::$name$(($(f32::from_bits($setting)),+))? };
                    // Decided as this is compiled: a brief one has no need of the others.
                    if const { activation::is_brief(Activation::$name$(($(f32::from_bits($setting)),+))?) } {
                        activation::apply_brief(activation, step.in_place());
                    } else {
                        activation::apply(activation, step.in_place());
                    }
                }
            }

            fn backward(run: &mut Backward<'_>) {
                let activation = Activation::$name$(($(f32::from_bits($setting)),+))?;
                run.step().in_place(|input, output, grad| {
                    let value = if activation.derives_from_output() { output } else { input };
                    activation::backward(activation, value, grad);
                });
            }
        }
    )+};
}

activation_layer! {
    /// y = max(0, x), with NaN kept; derivative 1 where y > 0. PyTorch: `nn.ReLU`.
    Relu
    /// y = x where x > 0, slope · x elsewhere; `SLOPE` is the bits of an `f32`. PyTorch: `nn.LeakyReLU`.
    LeakyRelu<SLOPE>
    /// y = x where x > 0, α (eˣ − 1) elsewhere; `ALPHA` is the bits of an `f32`. PyTorch: `nn.ELU`. Clevert,
    /// Unterthiner, Hochreiter: Fast and Accurate Deep Network Learning by ELUs, section 3.
    Elu<ALPHA>
    /// y = λ x where x > 0, λ α (eˣ − 1) elsewhere, with λ ≈ 1.0507 and α ≈ 1.6733. PyTorch: `nn.SELU`. Klambauer et
    /// al.: Self-Normalizing Neural Networks, section 2.
    Selu
    /// y = x Φ(x), with the distribution function Φ of the normal distribution. PyTorch: `nn.GELU()`. Hendrycks,
    /// Gimpel: Gaussian Error Linear Units, section 2.
    Gelu
    /// y = x / (1 + e⁻ˣ). PyTorch: `nn.SiLU`.
    Silu
    /// y = min(max(x, low), high), with NaN kept; `LOW` and `HIGH` are the bits of `f32`s. PyTorch: `nn.Hardtanh`.
    Clamp<LOW, HIGH>
    /// y = x · min(max(x + 3, 0), 6) / 6. PyTorch: `nn.Hardswish`. Howard et al.: Searching for MobileNetV3, section 5.2.
    HardSwish
    /// y = tanh x; derivative 1 − y². PyTorch: `nn.Tanh`.
    Tanh
    /// y = 1 / (1 + e⁻ˣ); derivative y (1 − y). PyTorch: `nn.Sigmoid`.
    Sigmoid
}

/// y = min(max(x, 0), 6). PyTorch: `nn.ReLU6`.
pub type Relu6 = Clamp<{ 0.0f32.to_bits() }, { 6.0f32.to_bits() }>;
