//! Numbers that look random and are the same everywhere, in PyTorch's scripts too.

/// `count` numbers in −1…1: (i² · 40 503 + i · 7 919 + seed · 104 729) mod 65 521 over 32 760.5, less 1, in f64; as
/// `numbers` of `tests/fixtures/training/make.py`.
pub fn numbers(seed: u64, count: usize) -> Vec<f32> {
    let residue = |i: u64| (i * i * 40_503 + i * 7_919 + seed * 104_729) % 65_521;
    (0..count as u64).map(|i| (residue(i) as f64 / 32_760.5 - 1.0) as f32).collect()
}
