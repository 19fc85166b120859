//! The microkernel over narrow weights: sixteen of them are widened to a vector of floats and stay one for a few samples.
//!
//! One sample: a vector of sums for each of several neighbours in k, so that the additions are independent, and memory
//! is all that is waited for. Several samples: a sum for each, so that a weight is read and widened once for all of them.
//! Both are the same tile, `SAMPLES` × `NEIGHBOURS` sums:
//!
//! | vectors are | one sample | more |
//! |---|---|---|
//! | one register of 512 bits | 1 × 8 | 8 × 1, 4 × 2, 2 × 4 |
//! | two of 256 bits, four of 32 of 128 bits | 1 × 4 | 4 × 1, 2 × 2 |
//! | four of 16 of 128 bits | 1 × 2 | 2 × 1 |
#![allow(clippy::needless_range_loop)] // no closure over vectors: one that is not inlined has not their instructions

use core::marker::PhantomData;

use crate::arena::{bytes, halves};
use crate::half::{f32_from_bf16, f32_from_f16};
use crate::ops::PANEL;
use crate::ops::gemm::multiply_add;
use crate::simd::{Kernel, Simd};

/// A way to store weights.
pub(super) trait Narrow {
    /// One weight.
    type Weight: Copy + 'static;

    /// What lies among these floats.
    fn weights(floats: &[f32]) -> &[Self::Weight];
    /// What one is worth, but for its scale.
    fn widen(weight: Self::Weight) -> f32;
    /// The same of sixteen.
    fn load<S: Simd>(simd: S, from: &[Self::Weight; PANEL]) -> S::Vector;
}

/// IEEE 754's 16 bits.
pub(super) struct F16;

/// The upper half of an `f32`.
pub(super) struct Bf16;

/// Whole numbers, with a scale for each output.
pub(super) struct Int8;

impl Narrow for F16 {
    type Weight = u16;

    fn weights(floats: &[f32]) -> &[u16] {
        halves(floats)
    }

    #[inline(always)]
    fn widen(weight: u16) -> f32 {
        f32_from_f16(weight)
    }

    #[inline(always)]
    fn load<S: Simd>(simd: S, from: &[u16; PANEL]) -> S::Vector {
        simd.load_f16(from)
    }
}

impl Narrow for Bf16 {
    type Weight = u16;

    fn weights(floats: &[f32]) -> &[u16] {
        halves(floats)
    }

    #[inline(always)]
    fn widen(weight: u16) -> f32 {
        f32_from_bf16(weight)
    }

    #[inline(always)]
    fn load<S: Simd>(simd: S, from: &[u16; PANEL]) -> S::Vector {
        simd.load_bf16(from)
    }
}

impl Narrow for Int8 {
    type Weight = i8;

    fn weights(floats: &[f32]) -> &[i8] {
        bytes(floats)
    }

    #[inline(always)]
    fn widen(weight: i8) -> f32 {
        f32::from(weight)
    }

    #[inline(always)]
    fn load<S: Simd>(simd: S, from: &[i8; PANEL]) -> S::Vector {
        simd.load_i8(from)
    }
}

/// `[N, in]` × panels `[⌈out / 16⌉][in][16]` → `[N, out]`; scales `[⌈out / 16⌉][16]`, or none.
pub(super) struct Panels<'a, W> {
    /// Values of an input, values of an output.
    sizes: [usize; 2],
    input: &'a [f32],
    panels: &'a [f32],
    scales: &'a [f32],
    output: &'a mut [f32],
    stored: PhantomData<W>,
}

impl<'a, W: Narrow> Panels<'a, W> {
    pub fn new(
        sizes: [usize; 2],
        input: &'a [f32],
        (panels, scales): (&'a [f32], &'a [f32]),
        output: &'a mut [f32],
    ) -> Self {
        Self { sizes, input, panels, scales, output, stored: PhantomData }
    }

    /// Each panel, the first of its outputs, and the scales of these.
    #[inline(always)]
    #[allow(clippy::type_complexity)] // three things that are named in the line above
    fn panels(&self) -> impl Iterator<Item = (usize, &'a [[W::Weight; PANEL]], Option<&'a [f32; PANEL]>)> + use<'a, W> {
        let (panels, scales) = (W::weights(self.panels).as_chunks::<PANEL>().0, self.scales.as_chunks::<PANEL>().0);
        panels.chunks(self.sizes[0]).enumerate().map(move |(i, panel)| (i * PANEL, panel, scales.get(i)))
    }
}

impl<W: Narrow> Kernel for Panels<'_, W> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let [inputs, outputs] = self.sizes;
        let batch = self.output.len() / outputs;
        let most = match S::REGISTERS {
            32.. => 8,
            8.. => 4,
            _ => 2,
        };
        // LOOP 2: outputs in panels. Outside, because the weight is what is large: it comes from memory once.
        for (first, panel, scales) in self.panels() {
            // LOOP 1: samples, a tile of them at a time; for those after the first tile the panel is in a cache.
            let mut sample = 0;
            while sample < batch {
                let input = &self.input[sample * inputs..];
                let output = &mut self.output[sample * outputs + first..];
                let output =
                    &mut Outputs { values: output, stride: outputs, valid: PANEL.min(outputs - first), scales };
                sample += match most.min(batch - sample) {
                    8.. if S::REGISTERS >= 32 => tile::<W, S, 8, 1>(simd, input, panel, output),
                    4.. if S::REGISTERS >= 32 => tile::<W, S, 4, 2>(simd, input, panel, output),
                    4.. if S::REGISTERS >= 8 => tile::<W, S, 4, 1>(simd, input, panel, output),
                    2.. if S::REGISTERS >= 32 => tile::<W, S, 2, 4>(simd, input, panel, output),
                    2.. if S::REGISTERS >= 8 => tile::<W, S, 2, 2>(simd, input, panel, output),
                    2.. => tile::<W, S, 2, 1>(simd, input, panel, output),
                    _ if S::REGISTERS >= 32 => tile::<W, S, 1, 8>(simd, input, panel, output),
                    _ if S::REGISTERS >= 8 => tile::<W, S, 1, 4>(simd, input, panel, output),
                    _ => tile::<W, S, 1, 2>(simd, input, panel, output),
                };
            }
        }
    }
}

/// Where the sums of a tile go: the first `valid` lanes, to rows `stride` apart.
struct Outputs<'a> {
    values: &'a mut [f32],
    stride: usize,
    valid: usize,
    scales: Option<&'a [f32; PANEL]>,
}

/// `[SAMPLES, in]` × `[in][16]` → `[SAMPLES, 16]`; how many samples that were.
#[inline(always)]
fn tile<W: Narrow, S: Simd, const SAMPLES: usize, const NEIGHBOURS: usize>(
    simd: S,
    input: &[f32],
    panel: &[[W::Weight; PANEL]],
    output: &mut Outputs,
) -> usize {
    let inputs = panel.len();
    let rows: [&[f32]; SAMPLES] = core::array::from_fn(|sample| &input[sample * inputs..][..inputs]);
    let mut sums = [[simd.splat(0.0); SAMPLES]; NEIGHBOURS];
    let (whole, rest) = panel.as_chunks::<NEIGHBOURS>();
    let whole_rows = rows.map(|row| &row.as_chunks::<NEIGHBOURS>().0[..whole.len()]);
    for (k, weights) in whole.iter().enumerate() {
        for neighbour in 0..NEIGHBOURS {
            let weight = W::load(simd, &weights[neighbour]);
            for sample in 0..SAMPLES {
                let value = simd.splat(whole_rows[sample][k][neighbour]);
                sums[neighbour][sample] = simd.multiply_add(value, weight, sums[neighbour][sample]);
            }
        }
    }
    for (neighbour, weights) in rest.iter().enumerate() {
        let weight = W::load(simd, weights);
        for sample in 0..SAMPLES {
            let value = simd.splat(rows[sample][whole.len() * NEIGHBOURS + neighbour]);
            sums[neighbour][sample] = simd.multiply_add(value, weight, sums[neighbour][sample]);
        }
    }
    let mut half = NEIGHBOURS / 2;
    while half > 0 {
        for neighbour in 0..half {
            for sample in 0..SAMPLES {
                sums[neighbour][sample] = simd.add(sums[neighbour][sample], sums[neighbour + half][sample]);
            }
        }
        half /= 2;
    }
    for (sample, mut sum) in sums[0].into_iter().enumerate() {
        if let Some(scales) = output.scales {
            sum = simd.multiply_add(sum, simd.load(scales), simd.splat(0.0));
        }
        let to = &mut output.values[sample * output.stride..][..output.valid];
        match to.as_mut_array() {
            Some(to) => simd.store(sum, to),
            None => {
                let mut lanes = [0.0; PANEL];
                simd.store(sum, &mut lanes);
                to.copy_from_slice(&lanes[..output.valid]);
            }
        }
    }
    SAMPLES
}

/// The same in plain Rust, a sample at a time.
pub(super) fn portable<W: Narrow>(panels: Panels<'_, W>) {
    let [inputs, outputs] = panels.sizes;
    for (first, panel, scales) in panels.panels() {
        for (input, output) in panels.input.chunks_exact(inputs).zip(panels.output.chunks_exact_mut(outputs)) {
            let mut sums = [0.0; PANEL];
            sum_panel::<W>(input, panel, &mut sums);
            if let Some(scales) = scales {
                sums.iter_mut().zip(scales).for_each(|(sum, scale)| *sum *= scale);
            }
            let valid = PANEL.min(outputs - first);
            output[first..first + valid].copy_from_slice(&sums[..valid]);
        }
    }
}

#[inline(never)] // so that the sums are stored whole, which is what LLVM builds its vectors from
fn sum_panel<W: Narrow>(input: &[f32], panel: &[[W::Weight; PANEL]], output: &mut [f32; PANEL]) {
    let mut sums = [0.0; PANEL];
    for (value, weights) in input.iter().zip(panel) {
        let weights = weights.map(W::widen);
        for lane in 0..PANEL {
            sums[lane] = multiply_add(*value, weights[lane], sums[lane]);
        }
    }
    *output = sums;
}
