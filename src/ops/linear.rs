//! Fully connected: input `[N, in]`, weight `[out, in]`, bias `[out]`, output `[N, out]`.
//!
//! > Y = X · Wᵀ + b, ∂L/∂W += ∂L/∂Yᵀ · X, ∂L/∂b += Σₙ ∂L/∂Y, ∂L/∂X += ∂L/∂Y · W
//!
//! All four read their operands as they lie, so there is no scratch. Canonical weights make the forward pass a matrix
//! of dot products, each along one row of the weight; with one sample it runs at the speed at which memory delivers
//! the weight. Packed weights `[⌈out / 16⌉][in][16]` make it sixteen outputs at a time, without sums across lanes at
//! the end.

pub mod stored;
mod vector;

use super::activation::{self, Epilogue};
use super::gemm::{Beta, Matrix, gemm};
use super::geometry::Linear;
use super::panels::{PanelsMut, panel_floats};
use super::{Activation, PANEL, Product, Weight};
use crate::simd::{Plain, Simd};
use crate::threads;
use convnet_shape::plan::Layout;

/// Values of a packed weight with its bias: `[⌈out / 16⌉][in][16]` padded with zeros, then the bias `[out]` if there
/// is one.
pub const fn packed_floats(g: &Linear) -> usize {
    panel_floats(g.out_features, g.in_features).saturating_add(bias_floats(g))
}

const fn bias_floats(g: &Linear) -> usize {
    if g.bias { g.out_features } else { 0 }
}

/// Packs weight `[out, in]` and bias `[out]` (empty without one) for [`Weight::Packed`]. Runs at compile time too.
///
/// # Panics
///
/// If a slice has another length; `packed` has [`packed_floats`].
pub const fn pack(g: &Linear, weight: &[f32], bias: &[f32], packed: &mut [f32]) {
    assert!(weight.len() == g.out_features * g.in_features, "the weight is [out, in]");
    assert!(bias.len() == bias_floats(g), "the bias is [out] or empty");
    assert!(packed.len() == packed_floats(g), "the packed weight has packed_floats values");
    let (panels, to_bias) = packed.split_at_mut(panel_floats(g.out_features, g.in_features));
    PanelsMut::F32(panels.as_chunks_mut().0).pack(weight, g.in_features, &Layout::Planar, 0);
    to_bias.copy_from_slice(bias);
}

/// Scratch that [`forward`] needs, in floats: none.
pub const fn scratch_floats(_: &Linear) -> usize {
    0
}

/// output ← activation(input · weightᵀ + bias).
///
/// - input `[N, in]`, output `[N, out]`;
/// - weight `[out, in]` with bias `[out]` (empty without one), or packed by [`pack`] with an empty bias.
///
/// # Panics
///
/// If a slice has another length.
#[allow(clippy::too_many_arguments)] // a kernel's arguments are its operands
pub fn forward(
    g: &Linear,
    batch: usize,
    input: &[f32],
    weight: Weight,
    bias: &[f32],
    activation: Option<Activation>,
    output: &mut [f32],
    product: Product,
) {
    assert_eq!(input.len(), batch * g.in_features, "the input is [N, in]");
    assert_eq!(output.len(), batch * g.out_features, "the output is [N, out]");
    let bias = match weight {
        Weight::Canonical(weight) => {
            assert_eq!(weight.len(), g.out_features * g.in_features, "the weight is [out, in]");
            assert_eq!(bias.len(), bias_floats(g), "the bias is [out] or empty");
            let work = batch.saturating_mul(weight.len());
            threads::each_share(output, g.out_features, work, |first, output| {
                // [N, in] × [in, out] → [N, out]
                let left = Matrix::rows(&input[first * g.in_features..], g.in_features);
                let right = Matrix::columns(weight, g.in_features);
                let sizes = [output.len() / g.out_features.max(1), g.out_features, g.in_features];
                gemm(product, sizes, left, right, output, g.out_features, Beta::Zero);
            });
            bias
        }
        Weight::Packed(packed) => {
            assert_eq!(packed.len(), packed_floats(g), "the packed weight has packed_floats values");
            assert!(bias.is_empty(), "a packed weight brings its own bias");
            let (panels, bias) = packed.split_at(panel_floats(g.out_features, g.in_features));
            match batch {
                0 => {}
                1 => vector_panels(g, input, panels, output, product),
                _ => matrix_panels(g, batch, input, panels, output, product),
            }
            bias
        }
    };
    finish(g, bias, activation, output);
}

/// [`forward`] of one sample with a packed weight: the same, without what only many samples need.
///
/// # Panics
///
/// If a slice has another length.
pub fn forward_one(
    g: &Linear,
    input: &[f32],
    packed: &[f32],
    epilogue: impl Epilogue,
    output: &mut [f32],
    product: Product,
) {
    assert_eq!(input.len(), g.in_features, "the input is [in]");
    assert_eq!(output.len(), g.out_features, "the output is [out]");
    assert_eq!(packed.len(), packed_floats(g), "the packed weight has packed_floats values");
    let (panels, bias) = packed.split_at(panel_floats(g.out_features, g.in_features));
    vector_panels(g, input, panels, output, product);
    finish(g, bias, epilogue, output);
}

/// One sample: sixteen outputs at a time.
fn vector_panels(g: &Linear, input: &[f32], panels: &[f32], output: &mut [f32], product: Product) {
    threads::each_share(output, PANEL, g.in_features * g.out_features / 2, |first, output| {
        let panels = vector::Panels { input, panels: &panels[first * PANEL * g.in_features..], output };
        match Plain::REGISTERS {
            4.. => product.isa().run(panels, |v| vector::portable(v.input, v.panels, v.output)),
            _ => product.isa().run_everywhere(panels),
        }
    });
}

/// Many samples: a product for each panel, `[N, in]` × `[in, 16]` → `[N, 16]`.
fn matrix_panels(g: &Linear, batch: usize, input: &[f32], panels: &[f32], output: &mut [f32], product: Product) {
    for (i, panel) in (0..g.out_features).step_by(PANEL).zip(panels.chunks_exact(PANEL * g.in_features)) {
        let sizes = [batch, PANEL.min(g.out_features - i), g.in_features];
        let (left, right) = (Matrix::rows(input, g.in_features), Matrix::rows(panel, PANEL));
        gemm(product, sizes, left, right, &mut output[i..], g.out_features, Beta::Zero);
    }
}

/// Bias and activation.
fn finish<E: Epilogue>(g: &Linear, bias: &[f32], epilogue: E, output: &mut [f32]) {
    if !bias.is_empty() {
        for row in output.chunks_exact_mut(g.out_features) {
            row.iter_mut().zip(bias).for_each(|(y, b)| *y += b);
        }
    }
    match epilogue.activation() {
        Some(activation) if E::ALL => activation::apply(activation, output),
        Some(activation) => activation::apply_brief(activation, output),
        None => {}
    }
}

/// Columns of the weight that meet ∂L/∂output at a time: 128 rows of them, as the product takes them, · 480 · 4 bytes =
/// 240 KiB stay in a second-level cache for all samples.
const COLUMNS: usize = 480;

/// The gradients of [`forward`] before its activation. All of them accumulate.
///
/// - input, grad_input `[N, in]` (`None` where nobody asks), grad_output `[N, out]`;
/// - weight, grad_weight `[out, in]` in canonical order; grad_bias `[out]`, empty without a bias.
///
/// # Panics
///
/// If a slice has another length.
#[allow(clippy::too_many_arguments)]
pub fn backward(
    g: &Linear,
    batch: usize,
    input: &[f32],
    weight: &[f32],
    grad_output: &[f32],
    grad_input: Option<&mut [f32]>,
    grad_weight: &mut [f32],
    grad_bias: &mut [f32],
) {
    let (inputs, outputs) = (g.in_features, g.out_features);
    assert_eq!(input.len(), batch * inputs, "the input is [N, in]");
    assert_eq!(grad_output.len(), batch * outputs, "the output's gradient is [N, out]");
    assert_eq!(weight.len(), outputs * inputs, "the weight is [out, in]");
    assert_eq!(grad_weight.len(), weight.len(), "a gradient is as long as its value");
    assert_eq!(grad_bias.len(), bias_floats(g), "the bias is [out] or empty");
    let work = batch.saturating_mul(weight.len());
    threads::each_share(grad_weight, inputs, work, |first, grad_weight| {
        // [out, N] × [N, in] → [out, in]
        let (grad, values) = (Matrix::columns(&grad_output[first..], outputs), Matrix::rows(input, inputs));
        let sizes = [grad_weight.len() / inputs.max(1), inputs, batch];
        gemm(Product::Own, sizes, grad, values, grad_weight, inputs, Beta::One);
    });
    for row in grad_output.chunks_exact(outputs) {
        grad_bias.iter_mut().zip(row).for_each(|(sum, y)| *sum += y);
    }
    if let Some(grad_input) = grad_input {
        assert_eq!(grad_input.len(), input.len(), "a gradient is as long as its value");
        threads::each_share(grad_input, inputs, work, |first, grad_input| {
            let (samples, grad) =
                (grad_input.len() / inputs.max(1), Matrix::rows(&grad_output[first * outputs..], outputs));
            for from in (0..inputs).step_by(COLUMNS) {
                // [N, out] × [out, some] → [N, some]
                let (some, weight) = (COLUMNS.min(inputs - from), Matrix::rows(&weight[from..], inputs));
                gemm(Product::Own, [samples, some, outputs], grad, weight, &mut grad_input[from..], inputs, Beta::One);
            }
        });
    }
}

#[cfg(test)]
mod tests;
