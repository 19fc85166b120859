//! One sample through packed panels: `y[0..16] += x[k] · panel[k][0..16]`.
//!
//! The weight is read once, in the order in which it lies, at the speed at which memory delivers it. A vector for each of
//! several values of `k` side by side makes the additions independent.

use crate::ops::PANEL;
use crate::ops::gemm::multiply_add;
use crate::simd::{Kernel, Simd};

/// `[in]` × panels `[⌈out / 16⌉][in][16]` → `[out]`.
pub(super) struct Panels<'a> {
    pub input: &'a [f32],
    pub panels: &'a [f32],
    pub output: &'a mut [f32],
}

impl Kernel for Panels<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let panels = self.panels.as_chunks::<PANEL>().0.chunks(self.input.len());
        for (panel, output) in panels.zip(self.output.chunks_mut(PANEL)) {
            let sum = match S::REGISTERS {
                32.. => one_panel::<S, 8>(simd, self.input, panel),
                8.. => one_panel::<S, 4>(simd, self.input, panel),
                4.. => one_panel::<S, 2>(simd, self.input, panel),
                _ => one_panel::<S, 1>(simd, self.input, panel),
            };
            match output.as_mut_array() {
                Some(output) => simd.store(sum, output),
                None => {
                    let mut lanes = [0.0; PANEL];
                    simd.store(sum, &mut lanes);
                    output.copy_from_slice(&lanes[..output.len()]);
                }
            }
        }
    }
}

/// `SUMS` values of `k` at a time.
#[inline(always)]
fn one_panel<S: Simd, const SUMS: usize>(simd: S, input: &[f32], panel: &[[f32; PANEL]]) -> S::Vector {
    let mut sums = [simd.splat(0.0); SUMS];
    let (inputs, rest) = input.as_chunks::<SUMS>();
    let (rows, rest_rows) = panel.as_chunks::<SUMS>();
    for (inputs, rows) in inputs.iter().zip(rows) {
        for s in 0..SUMS {
            sums[s] = simd.multiply_add(simd.splat(inputs[s]), simd.load(&rows[s]), sums[s]);
        }
    }
    for (s, (value, row)) in rest.iter().zip(rest_rows).enumerate() {
        sums[s] = simd.multiply_add(simd.splat(*value), simd.load(row), sums[s]);
    }
    let mut half = SUMS / 2;
    while half > 0 {
        for s in 0..half {
            sums[s] = simd.add(sums[s], sums[s + half]);
        }
        half /= 2;
    }
    sums[0]
}

/// Panels that one sample goes through at a time. Their sums are independent chains of additions, enough of them to
/// hide the latency: with SSE2 2 · 16 floats are 8 registers, with AVX2 4 · 16 floats are 8, too.
const AT_ONCE: usize = if cfg!(target_feature = "avx2") { 4 } else { 2 };

/// The same in plain Rust: [`AT_ONCE`] panels side by side.
pub(super) fn portable(input: &[f32], panels: &[f32], output: &mut [f32]) {
    let panels = panels.as_chunks::<PANEL>().0;
    for (panels, output) in panels.chunks(AT_ONCE * input.len()).zip(output.chunks_mut(AT_ONCE * PANEL)) {
        if panels.len() == AT_ONCE * input.len() {
            side_by_side::<AT_ONCE>(input, panels, output);
        } else {
            for (panel, output) in panels.chunks(input.len()).zip(output.chunks_mut(PANEL)) {
                side_by_side::<1>(input, panel, output);
            }
        }
    }
}

fn side_by_side<const P: usize>(input: &[f32], panels: &[[f32; PANEL]], output: &mut [f32]) {
    let panels: [_; P] = core::array::from_fn(|p| &panels[p * input.len()..][..input.len()]);
    let mut sums = [[0.0; PANEL]; P];
    sum_panels(input, panels, &mut sums);
    let valid = output.len();
    output.copy_from_slice(&sums.as_flattened()[..valid]);
}

#[inline(never)] // so that the sums are stored whole, which is what LLVM builds its vectors from
fn sum_panels<const P: usize>(input: &[f32], panels: [&[[f32; PANEL]]; P], output: &mut [[f32; PANEL]; P]) {
    let panels = panels.map(|panel| &panel[..input.len()]);
    let mut sums = [[0.0; PANEL]; P];
    for k in 0..input.len() {
        for p in 0..P {
            for lane in 0..PANEL {
                sums[p][lane] = multiply_add(input[k], panels[p][k][lane], sums[p][lane]);
            }
        }
    }
    *output = sums;
}
