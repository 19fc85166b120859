//! Sums in eight lanes, which vectorise where one sum may not be reordered.

/// Lanes of a partial sum: one 256-bit register, two of 128 bits.
const LANES: usize = 8;

/// Values summed in f32 before the sum goes on in f64: 1024 / 8 additions a lane keep the error of rounding below
/// 128 · 2⁻²⁴ = 8·10⁻⁶ of the sum of magnitudes at worst, 10⁻⁶ as a rule, however long the slice.
const RUN: usize = 1024;

/// Σ values.
pub(super) fn sum(values: &[f32]) -> f32 {
    let (whole, rest) = values.as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for chunk in whole {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += value;
        }
    }
    lanes.iter().sum::<f32>() + rest.iter().sum::<f32>()
}

/// Σ f(a, b) over pairs of two slices of one length.
#[inline(always)]
pub(super) fn sum_pairs(a: &[f32], b: &[f32], f: impl Fn(f32, f32) -> f32) -> f64 {
    a.chunks(RUN).zip(b.chunks(RUN)).map(|(a, b)| f64::from(run(a, b, &f))).sum()
}

/// Σ f(a).
#[inline(always)]
pub(super) fn sum_of(a: &[f32], f: impl Fn(f32) -> f32) -> f64 {
    sum_pairs(a, a, |a, _| f(a))
}

#[inline(always)]
fn run(a: &[f32], b: &[f32], f: impl Fn(f32, f32) -> f32) -> f32 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let mut lanes = [0.0; LANES];
    for (a, b) in a.iter().zip(b) {
        for lane in 0..LANES {
            lanes[lane] += f(a[lane], b[lane]);
        }
    }
    lanes.iter().sum::<f32>() + a_rest.iter().zip(b_rest).map(|(a, b)| f(*a, *b)).sum::<f32>()
}

#[cfg(test)]
mod tests;
