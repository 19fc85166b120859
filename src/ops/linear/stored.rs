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
use crate::arena::{bytes_mut, halves_mut};
use crate::half::{bf16_from_f32, f16_from_f32};
use crate::ops::gemm::panel_floats;
use crate::ops::geometry::Linear;
use crate::ops::{Activation, PANEL, Product, Weight};
use narrow::{Bf16, F16, Int8, Panels, portable};

/// The largest magnitude of an `Int8` weight: −128 has no opposite.
const LARGEST: f32 = 127.0;

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
    let mut output = 0;
    while output < g.out_features.div_ceil(PANEL) * PANEL {
        let row = match output < g.out_features {
            true => weight.split_at(output * g.in_features).1.split_at(g.in_features).0,
            false => &[],
        };
        let first = output / PANEL * PANEL * g.in_features + output % PANEL;
        match stored {
            Stored::Int8 => scales[output] = pack_bytes(row, layout, bytes_mut(panels), first, g.in_features),
            _ => pack_row(row, stored, layout, panels, first, g.in_features),
        }
        output += 1;
    }
}

/// The places of a value's numbers, in planar order: [`Layout::place`] without a division for each.
struct Places {
    cells: usize,
    channel: usize,
    cell: usize,
}

impl Places {
    const fn new(layout: &Layout) -> Self {
        let cells = match layout {
            Layout::Planar => 0,
            Layout::Blocked { cells } => *cells,
        };
        Self { cells, channel: 0, cell: 0 }
    }

    const fn next(&mut self) -> usize {
        if self.cells == 0 {
            self.cell += 1;
            return self.cell - 1;
        }
        let place = (self.channel / PANEL * self.cells + self.cell) * PANEL + self.channel % PANEL;
        self.cell += 1;
        if self.cell == self.cells {
            (self.channel, self.cell) = (self.channel + 1, 0);
        }
        place
    }
}

/// Writes one output's weights, zeros behind their end, `PANEL` apart from `first` on.
const fn pack_row(row: &[f32], stored: Stored, layout: &Layout, panels: &mut [f32], first: usize, inputs: usize) {
    let (mut k, mut places) = (0, Places::new(layout));
    while k < inputs {
        let (to, value) = (first + places.next() * PANEL, if k < row.len() { row[k] } else { 0.0 });
        match stored {
            Stored::F16 => halves_mut(panels)[to] = f16_from_f32(value),
            Stored::Bf16 => halves_mut(panels)[to] = bf16_from_f32(value),
            _ => panels[to] = value,
        }
        k += 1;
    }
}

/// Writes one output's weights as whole numbers, and gives their scale.
const fn pack_bytes(row: &[f32], layout: &Layout, panels: &mut [i8], first: usize, inputs: usize) -> f32 {
    let mut places = Places::new(layout);
    let (mut largest, mut finite, mut k) = (0.0, true, 0);
    while k < row.len() {
        finite = finite && row[k].is_finite();
        largest = row[k].abs().max(largest);
        k += 1;
    }
    let scale = largest / LARGEST;
    k = 0;
    while k < inputs {
        panels[first + places.next() * PANEL] = if k < row.len() { nearest(row[k] / scale) } else { 0 };
        k += 1;
    }
    if finite { scale } else { f32::NAN }
}

/// The nearest whole number, ties to even; what is no number, as 0 / 0, is 0.
const fn nearest(x: f32) -> i8 {
    /// ulp(1.5 · 2²³) is 1: what is added to it is rounded to whole numbers.
    const WHOLE: f32 = 12_582_912.0;
    ((x + WHOLE) - WHOLE).clamp(-LARGEST, LARGEST) as i8
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
