//! What the benches share: a clock that is fair to all, and what the machine could do at best.

#![allow(dead_code)] // each bench takes what it needs

use std::time::Instant;

/// Seconds of the fastest of a few rounds, each of them long enough for the clock. The contestants take turns, so that
/// whatever else the machine does meets all of them.
pub fn side_by_side<const N: usize>(contestants: [&mut dyn FnMut(); N]) -> [f64; N] {
    rounds(15, contestants)
}

/// The same with so many rounds.
pub fn rounds<const N: usize>(count: usize, mut contestants: [&mut dyn FnMut(); N]) -> [f64; N] {
    let mut best = [f64::INFINITY; N];
    let repeats = contestants.each_mut().map(|run| {
        let start = Instant::now();
        run();
        (2e-3 / start.elapsed().as_secs_f64()).clamp(1.0, 1e5) as usize
    });
    for _ in 0..count {
        for (i, run) in contestants.iter_mut().enumerate() {
            let start = Instant::now();
            for _ in 0..repeats[i] {
                run();
            }
            best[i] = best[i].min(start.elapsed().as_secs_f64() / repeats[i] as f64);
        }
    }
    best
}

/// GFLOP/s of one core at best: multiply-adds that depend on nothing.
pub fn peak() -> f64 {
    const STEPS: usize = 2_000_000;
    let flops = std::cell::Cell::new(0.0);
    let [seconds] = side_by_side([&mut || flops.set(multiply_adds(STEPS))]);
    flops.get() / seconds / 1e9
}

#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)]
fn multiply_adds(steps: usize) -> f64 {
    use std::arch::x86_64::{_mm256_fmadd_ps, _mm256_set1_ps, _mm512_fmadd_ps, _mm512_set1_ps};

    /// Twelve chains hide a latency of up to six cycles at two a cycle.
    const CHAINS: usize = 12;

    #[target_feature(enable = "avx512f")]
    fn chains_of_16(steps: usize) -> f64 {
        let factor = _mm512_set1_ps(std::hint::black_box(0.999));
        let mut sums = [factor; CHAINS];
        for _ in 0..steps {
            for sum in &mut sums {
                *sum = _mm512_fmadd_ps(*sum, factor, factor);
            }
        }
        std::hint::black_box(sums);
        (steps * CHAINS * 16 * 2) as f64
    }

    #[target_feature(enable = "avx2,fma")]
    fn chains_of_8(steps: usize) -> f64 {
        let factor = _mm256_set1_ps(std::hint::black_box(0.999));
        let mut sums = [factor; CHAINS];
        for _ in 0..steps {
            for sum in &mut sums {
                *sum = _mm256_fmadd_ps(*sum, factor, factor);
            }
        }
        std::hint::black_box(sums);
        (steps * CHAINS * 8 * 2) as f64
    }

    if is_x86_feature_detected!("avx512f") {
        // SAFETY: the CPU has just been asked.
        return unsafe { chains_of_16(steps) };
    }
    assert!(is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"), "the peak is measured with AVX2");
    // SAFETY: the assertion above has asked for both features.
    unsafe { chains_of_8(steps) }
}

#[cfg(not(target_arch = "x86_64"))]
fn multiply_adds(_: usize) -> f64 {
    f64::NAN
}

/// Reads memory and does nothing with it: the sum, so that no load is left out.
pub fn read(values: &[f32]) -> f32 {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx2")]
        fn wide(values: &[f32]) -> f32 {
            sum(values)
        }

        if is_x86_feature_detected!("avx2") {
            // SAFETY: the CPU has just been asked.
            #[allow(unsafe_code)]
            return unsafe { wide(values) };
        }
    }
    sum(values)
}

/// Sixteen sums of eight, of which none waits for another's addition.
#[inline(always)]
fn sum(values: &[f32]) -> f32 {
    let mut sums = [0.0; 128];
    for values in values.as_chunks::<128>().0 {
        for (sum, value) in sums.iter_mut().zip(values) {
            *sum += value;
        }
    }
    sums.iter().sum()
}

/// Numbers of both signs, none of them special.
pub fn numbers(count: usize) -> Vec<f32> {
    (0..count).map(|i| (i * 7919 % 1013) as f32 / 1013.0 - 0.5).collect()
}
