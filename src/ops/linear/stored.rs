//! Fully connected, on weights stored in 16 or 8 bits: input `[N, in]`, output `[N, out]`, sums in `f32`.
//!
//! With one sample a linear layer runs at the speed at which memory delivers its weight, so half the bytes are twice
//! the speed. The packed weight is what [`Stored`] says, in the panels that all packed weights lie in:
//!
//! | stored | panels | in floats | behind them |
//! |---|---|---|---|
//! | `F32` | `[⌈out / 16⌉][in][16]` of `f32` | ⌈out / 16⌉ · in · 16 | the bias `[out]` |
//! | `F16`, `Bf16` | the same of 16 bits | ⌈out / 16⌉ · in · 8 | the bias `[out]` |
//! | `Int8` | the same of 8 bits | ⌈out / 16⌉ · in · 4 | scales `[⌈out / 16⌉][16]`, the bias `[out]` |
//!
//! All of it is one buffer of floats, as that of other layers; narrow values lie in it in the order of memory, two or four
//! in a float. An `Int8` weight is a whole number q from −127 to 127, and means q times the scale of its output,
//! which is max |w| / 127 over the weights of that output. An output whose weights are not all finite has no such scale,
//! and is NaN.
//!
//! ```
//! use convnet::ops::{Product, geometry::Linear, linear::stored};
//! use convnet::options::Stored;
//!
//! const G: Linear = Linear { in_features: 2, out_features: 1, bias: true };
//! const PACKED: [f32; stored::packed_floats(&G, Stored::Bf16)] = {
//!     let mut packed = [0.0; stored::packed_floats(&G, Stored::Bf16)];
//!     stored::pack(&G, Stored::Bf16, &[0.5, 2.0], &[1.0], &mut packed);
//!     packed
//! };
//! let mut output = [0.0];
//! stored::forward(&G, Stored::Bf16, 1, &[2.0, 3.0], &PACKED, None, &mut output, Product::Own);
//! assert_eq!(output, [8.0]);
//! ```

mod narrow;

use convnet_shape::options::Stored;
use convnet_shape::plan::Layout;

use super::{bias_floats, finish};
use crate::ops::geometry::Linear;
use crate::ops::panels::{PanelsMut, panel_floats};
use crate::ops::{Activation, PANEL, Product, Weight};
use narrow::{Bf16, F16, Int8, Panels, portable};

/// Floats of the panels, of the scales and of the bias.
const fn parts(g: &Linear, stored: Stored) -> [usize; 3] {
    let panels = panel_floats(g.out_features, g.in_features) / (size_of::<f32>() / stored.bytes());
    let scales = match stored {
        Stored::Int8 => g.out_features.div_ceil(PANEL) * PANEL,
        _ => 0,
    };
    [panels, scales, bias_floats(g)]
}

/// Floats of a packed weight with its scales and its bias.
pub const fn packed_floats(g: &Linear, stored: Stored) -> usize {
    let [panels, scales, bias] = parts(g, stored);
    panels.saturating_add(scales).saturating_add(bias)
}

/// Packs weight `[out, in]` and bias `[out]` (empty without one). Runs at compile time too.
///
/// # Panics
///
/// If a slice has another length; `packed` has [`packed_floats`].
pub const fn pack(g: &Linear, stored: Stored, weight: &[f32], bias: &[f32], packed: &mut [f32]) {
    pack_for(g, stored, &Layout::Planar, weight, bias, packed);
}

/// [`pack`] for inputs that lie so: those of a value that was blocked before it was flattened are read as they lie.
///
/// # Panics
///
/// As [`pack`].
pub const fn pack_for(g: &Linear, stored: Stored, layout: &Layout, weight: &[f32], bias: &[f32], packed: &mut [f32]) {
    let [panels, scales, bias_len] = parts(g, stored);
    assert!(weight.len() == g.out_features * g.in_features, "the weight is [out, in]");
    assert!(bias.len() == bias_len, "the bias is [out] or empty");
    assert!(packed.len() == packed_floats(g, stored), "the packed weight has packed_floats values");
    let (panels, rest) = packed.split_at_mut(panels);
    let (scales, to_bias) = rest.split_at_mut(scales);
    to_bias.copy_from_slice(bias);
    PanelsMut::stored(stored, panels, scales).pack(weight, g.in_features, layout, 0);
}

/// output ← activation(input · weightᵀ + bias).
///
/// - input `[N, in]`, output `[N, out]`;
/// - packed: what [`pack`] wrote.
///
/// # Panics
///
/// If a slice has another length.
#[allow(clippy::too_many_arguments)] // a kernel's arguments are its operands
pub fn forward(
    g: &Linear,
    stored: Stored,
    batch: usize,
    input: &[f32],
    packed: &[f32],
    activation: Option<Activation>,
    output: &mut [f32],
    product: Product,
) {
    if stored == Stored::F32 {
        return super::forward(g, batch, input, Weight::Packed(packed), &[], activation, output, product);
    }
    assert_eq!(input.len(), batch * g.in_features, "the input is [N, in]");
    assert_eq!(output.len(), batch * g.out_features, "the output is [N, out]");
    assert_eq!(packed.len(), packed_floats(g, stored), "the packed weight has packed_floats values");
    let [panels, scales, _] = parts(g, stored);
    let (panels, rest) = packed.split_at(panels);
    let (scales, bias) = rest.split_at(scales);
    let (inputs, outputs, isa) = (g.in_features, g.out_features, product.isa());
    match stored {
        Stored::F32 => unreachable!("the door above is theirs"),
        Stored::F16 => isa.run(Panels::<F16>::new([inputs, outputs], input, (panels, scales), output), portable),
        Stored::Bf16 => isa.run(Panels::<Bf16>::new([inputs, outputs], input, (panels, scales), output), portable),
        Stored::Int8 => isa.run(Panels::<Int8>::new([inputs, outputs], input, (panels, scales), output), portable),
    }
    finish(g, bias, activation, output);
}

#[cfg(test)]
mod tests;
