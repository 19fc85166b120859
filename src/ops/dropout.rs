//! Dropout: each value is lost with probability p, the others grow by 1 / (1 − p) to keep the mean (*inverted*
//! dropout). For training only; at inference a layer does nothing.
//!
//! Which values are lost is a pure function of a seed and the value's index: a counter-based generator, SplitMix64's
//! output function[^1] on the seed plus index steps. So there is no mask to store: backward computes it again, and
//! the result does not depend on who computes which part.
//!
//! [^1]: G. L. Steele, D. Lea, C. H. Flood, *Fast splittable pseudorandom number generators*, OOPSLA 2014, figure 16.

/// values ← values · mask / (1 − p), any shape. Seeds should differ by layer and by step.
///
/// # Panics
///
/// If the probability is not in 0 ≤ p ≤ 1.
pub fn forward(probability: f32, seed: u64, values: &mut [f32]) {
    assert!((0.0..=1.0).contains(&probability), "{probability} is no probability");
    let scale = 1.0 / (1.0 - probability);
    for (index, value) in values.iter_mut().enumerate() {
        // Not a product with 0: that would keep a NaN, and 0 · ∞ at p = 1 would make one.
        *value = if kept(probability, seed, index) { *value * scale } else { 0.0 };
    }
}

/// grad ← grad · mask / (1 − p): dropout is linear, so its derivative is the same function with the same seed.
///
/// # Panics
///
/// If the probability is not in 0 ≤ p ≤ 1.
pub fn backward(probability: f32, seed: u64, grad: &mut [f32]) {
    forward(probability, seed, grad);
}

/// Whether the value at `index` survives: 24 bits of the hash, as many as a float in 0…1 has, against p.
pub fn kept(probability: f32, seed: u64, index: usize) -> bool {
    let uniform = (split_mix(seed, index as u64) >> 40) as f32 / (1 << 24) as f32;
    uniform >= probability
}

/// Output number `index` of SplitMix64 started at `seed`.
fn split_mix(seed: u64, index: u64) -> u64 {
    const GOLDEN_GAMMA: u64 = 0x9e37_79b9_7f4a_7c15; // 2⁶⁴ / φ, odd
    let z = seed.wrapping_add(index.wrapping_add(1).wrapping_mul(GOLDEN_GAMMA));
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests;
