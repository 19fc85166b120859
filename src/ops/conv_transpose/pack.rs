//! The weights of a transposed convolution as the product reads them, with the bias behind.

use crate::ops::Weight;
use crate::ops::conv::is_depthwise;
use crate::ops::gemm::Matrix;
use crate::ops::geometry::Conv;
use crate::ops::panels::{pack_turned, panel_floats};

/// Values of a packed weight with its bias: for each group Wᵀ as `[⌈taps / 16⌉][C_in / groups][16]` padded with zeros,
/// taps = C_out / groups · K_d · K_h · K_w, then the bias `[C_out]` if there is one.
///
/// Depthwise ones, which are no product, keep their canonical order, then the bias.
pub const fn packed_floats(g: &Conv) -> usize {
    packed_weight_floats(g).saturating_add(bias_floats(g))
}

const fn packed_weight_floats(g: &Conv) -> usize {
    if is_depthwise(g) {
        return g.weight_len();
    }
    g.groups.saturating_mul(panel_floats(g.taps(), g.out_channels / g.groups))
}

/// Values of the bias.
pub(super) const fn bias_floats(g: &Conv) -> usize {
    if g.bias { g.in_channels } else { 0 }
}

/// Packs weight `[C_in, C_out / groups, K_d, K_h, K_w]` and bias `[C_out]` (empty without one) for
/// [`Weight::Packed`]. Runs at compile time too.
///
/// # Panics
///
/// If a slice has another length; `packed` has [`packed_floats`].
pub const fn pack(g: &Conv, weight: &[f32], bias: &[f32], packed: &mut [f32]) {
    assert!(weight.len() == g.weight_len(), "the weight is [C_in, C_out / groups, K...]");
    assert!(bias.len() == bias_floats(g), "the bias is [C_out] or empty");
    assert!(packed.len() == packed_floats(g), "the packed weight has packed_floats values");
    let (to_weight, to_bias) = packed.split_at_mut(packed_weight_floats(g));
    to_bias.copy_from_slice(bias);
    if is_depthwise(g) {
        return to_weight.copy_from_slice(weight);
    }
    let (taps, channels) = (g.taps(), g.out_channels / g.groups);
    let mut group = 0;
    while group < g.groups {
        let own = weight.split_at(group * channels * taps).1.split_at(channels * taps).0;
        // A row of W is a column of Wᵀ.
        pack_turned(own, taps, to_weight.split_at_mut(group * panel_floats(taps, channels)).1);
        group += 1;
    }
}

/// Checks a weight and its bias and takes them apart.
pub(super) fn open<'a>(g: &Conv, weight: Weight<'a>, bias: &'a [f32]) -> (Weight<'a>, &'a [f32]) {
    match weight {
        Weight::Canonical(weight) => {
            assert_eq!(weight.len(), g.weight_len(), "the weight is [C_in, C_out / groups, K...]");
            assert_eq!(bias.len(), bias_floats(g), "the bias is [C_out] or empty");
            (Weight::Canonical(weight), bias)
        }
        Weight::Packed(packed) => {
            assert_eq!(packed.len(), packed_floats(g), "the packed weight has packed_floats values");
            assert!(bias.is_empty(), "a packed weight brings its own bias");
            let (weight, bias) = packed.split_at(packed_weight_floats(g));
            (if is_depthwise(g) { Weight::Canonical(weight) } else { Weight::Packed(weight) }, bias)
        }
    }
}

/// Wᵀ of one group as the left operand, `[taps, C_in / groups]`.
pub(super) fn group_matrix<'a>(g: &Conv, weight: Weight<'a>, group: usize) -> Matrix<'a> {
    let (taps, channels) = (g.taps(), g.out_channels / g.groups);
    match weight {
        Weight::Canonical(weight) => Matrix::columns(&weight[group * channels * taps..], taps),
        Weight::Packed(packed) => Matrix::panels(&packed[group * panel_floats(taps, channels)..], channels),
    }
}
