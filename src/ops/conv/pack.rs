//! The weights of a convolution as the product reads them, with the bias behind.

use super::strips::is_depthwise;
use crate::ops::gemm::Matrix;
use crate::ops::geometry::Conv;
use crate::ops::panels::{PanelsMut, panel_floats};
use crate::ops::{PANEL, Weight};
use convnet_shape::plan::Layout;

/// Values of a packed weight with its bias: for each group `[⌈C_out / groups / 16⌉][taps][16]` padded with zeros, then
/// the bias `[C_out]` if there is one.
///
/// Depthwise convolutions, which are no product, keep their canonical order: `[C_out][taps]`, then the bias.
pub const fn packed_floats(g: &Conv) -> usize {
    packed_weight_floats(g).saturating_add(if g.bias { g.out_channels } else { 0 })
}

const fn packed_weight_floats(g: &Conv) -> usize {
    if is_depthwise(g) {
        return g.weight_len();
    }
    g.groups.saturating_mul(panel_floats(g.out_channels / g.groups, g.taps()))
}

/// Packs weight `[C_out, C_in / groups, K_d, K_h, K_w]` and bias `[C_out]` (empty without one) for
/// [`Weight::Packed`]. Runs at compile time too.
///
/// # Panics
///
/// If a slice has another length; `packed` has [`packed_floats`].
pub const fn pack(g: &Conv, weight: &[f32], bias: &[f32], packed: &mut [f32]) {
    assert!(weight.len() == g.weight_len(), "the weight is [C_out, C_in / groups, K...]");
    assert!(bias.len() == if g.bias { g.out_channels } else { 0 }, "the bias is [C_out] or empty");
    assert!(packed.len() == packed_floats(g), "the packed weight has packed_floats values");
    let (to_weight, to_bias) = packed.split_at_mut(packed_weight_floats(g));
    to_bias.copy_from_slice(bias);
    if is_depthwise(g) {
        return to_weight.copy_from_slice(weight);
    }
    let (rows, taps) = (g.out_channels / g.groups, g.taps());
    let (mut panels, mut group) = (PanelsMut::F32(to_weight.as_chunks_mut().0), 0);
    while group < g.groups {
        let own = weight.split_at(group * rows * taps).1.split_at(rows * taps).0;
        panels.pack(own, taps, &Layout::Planar, group * rows.div_ceil(PANEL));
        group += 1;
    }
}

/// Checks a weight and its bias and takes them apart.
pub(super) fn open<'a>(g: &Conv, weight: Weight<'a>, bias: &'a [f32]) -> (Weight<'a>, &'a [f32]) {
    match weight {
        Weight::Canonical(weight) => {
            assert_eq!(weight.len(), g.weight_len(), "the weight is [C_out, C_in / groups, K...]");
            assert_eq!(bias.len(), if g.bias { g.out_channels } else { 0 }, "the bias is [C_out] or empty");
            (Weight::Canonical(weight), bias)
        }
        Weight::Packed(packed) => {
            assert_eq!(packed.len(), packed_floats(g), "the packed weight has packed_floats values");
            assert!(bias.is_empty(), "a packed weight brings its own bias");
            let (weight, bias) = packed.split_at(packed_weight_floats(g));
            let canonical = is_depthwise(g);
            (if canonical { Weight::Canonical(weight) } else { Weight::Packed(weight) }, bias)
        }
    }
}

/// The weight of one group as the left operand, `[C_out / groups, taps]`.
pub(super) fn group_matrix<'a>(g: &Conv, weight: Weight<'a>, group: usize) -> Matrix<'a> {
    let (rows, taps) = (g.out_channels / g.groups, g.taps());
    match weight {
        Weight::Canonical(weight) => Matrix::rows(&weight[group * rows * taps..], taps),
        Weight::Packed(packed) => Matrix::panels(&packed[group * rows.next_multiple_of(PANEL) * taps..], taps),
    }
}
