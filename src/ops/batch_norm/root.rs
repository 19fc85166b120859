//! A square root for compile time, where there is no instruction for it.

/// 1 / √(variance + ε), computed in f64.
pub(super) const fn inverse_root(variance: f32, epsilon: f32) -> f64 {
    1.0 / root(variance as f64 + epsilon as f64)
}

/// √x by Newton's iteration r ← (r + x / r) / 2: within one unit in the last place of the exact root.
///
/// Halving the exponent gives a start that is at most 6 % off; each step squares that error and halves it: 2·10⁻³,
/// 2·10⁻⁶, 2·10⁻¹², 2·10⁻²⁴. NaN for what is negative, as usual.
pub(super) const fn root(x: f64) -> f64 {
    if x == 0.0 || x == f64::INFINITY || x.is_nan() {
        return x;
    }
    if x < 0.0 {
        return f64::NAN;
    }
    if x < f64::MIN_POSITIVE {
        return root(x * TWO_108) / TWO_54; // a subnormal number has no exponent to halve
    }
    // Halved bits halve the exponent; its bias of 1023 would be halved, too, so half of that is added back.
    let mut root = f64::from_bits((x.to_bits() >> 1) + (1023 << 51));
    let mut step = 0;
    while step < 4 {
        root = (root + x / root) / 2.0;
        step += 1;
    }
    root
}

const TWO_54: f64 = (1_u64 << 54) as f64;
const TWO_108: f64 = TWO_54 * TWO_54;
