//! Every instruction of every set, lane by lane against plain floats.

use super::*;

const A: [f32; LANES] = [
    0.0,
    -0.0,
    1.0,
    -1.5,
    1e-40,
    f32::INFINITY,
    f32::NEG_INFINITY,
    f32::NAN,
    3.25,
    f32::MAX,
    f32::MIN_POSITIVE,
    2.0,
    -7.0,
    11.0,
    0.125,
    9.0,
];
const B: [f32; LANES] =
    [1.0, 2.0, -3.0, 0.5, 1.0, 2.0, 0.0, 1.0, -2.0, 2.0, 0.5, 3.0, 7.0, 1.0, 8.0, f32::NEG_INFINITY];

/// Zeros, ones, subnormals, the largest, infinities and a NaN, of either format.
const HALVES: [u16; LANES] = [
    0x0000, 0x8000, 0x3c00, 0xbc00, 0x0001, 0x83ff, 0x0400, 0x7bff, 0xfbff, 0x7c00, 0xfc00, 0x7e01, 0x3555, 0x7f80,
    0xff80, 0x7fc0,
];
const BYTES: [i8; LANES] = [0, 1, -1, 127, -128, -127, 2, 3, 5, 8, 13, 21, 34, 55, 89, -77];

/// What the instructions give for A and B.
struct Instructions;

#[derive(Debug)]
struct Results {
    sum: [f32; LANES],
    difference: [f32; LANES],
    multiplied: [f32; LANES],
    quotient: [f32; LANES],
    root: [f32; LANES],
    max: [f32; LANES],
    min: [f32; LANES],
    larger: [[f32; LANES]; 2],
    product: [f32; LANES],
    first: [[f32; LANES]; LANES + 1],
    stored_first: [[f32; LANES]; LANES + 1],
    total: f32,
    f16: [f32; LANES],
    bf16: [f32; LANES],
    i8: [f32; LANES],
}

impl Kernel for Instructions {
    type Output = Results;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Results {
        let stored = |vector| {
            let mut lanes = [f32::NAN; LANES];
            simd.store(vector, &mut lanes);
            lanes
        };
        let (a, b) = (simd.load(&A), simd.load(&B));
        let mut first = [[0.0; LANES]; LANES + 1];
        for (length, lanes) in first.iter_mut().enumerate() {
            *lanes = stored(simd.load_first(&B[..length]));
        }
        let mut stored_first = [[0.5; LANES]; LANES + 1];
        for (length, lanes) in stored_first.iter_mut().enumerate() {
            simd.store_first(b, &mut lanes[..length]);
        }
        Results {
            sum: stored(simd.add(a, b)),
            difference: stored(simd.subtract(a, b)),
            multiplied: stored(simd.multiply(a, b)),
            quotient: stored(simd.divide(a, b)),
            root: stored(simd.sqrt(a)),
            max: stored(simd.max(a, b)),
            min: stored(simd.min(a, b)),
            larger: [stored(simd.larger(a, b)), stored(simd.larger(b, a))],
            product: stored(simd.multiply_add(a, b, simd.splat(0.5))),
            first,
            stored_first,
            total: simd.sum(simd.load(&core::array::from_fn(|lane| lane as f32))),
            f16: stored(simd.load_f16(&HALVES)),
            bf16: stored(simd.load_bf16(&HALVES)),
            i8: stored(simd.load_i8(&BYTES)),
        }
    }
}

fn same(a: f32, b: f32) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

#[test]
fn every_set_computes_what_floats_do() {
    for isa in Isa::available() {
        let results = isa.run_everywhere(Instructions);
        for lane in 0..LANES {
            let (a, b) = (A[lane], B[lane]);
            assert!(same(results.sum[lane], a + b), "{isa}: {results:?}");
            assert!(same(results.difference[lane], a - b), "{isa}: {results:?}");
            assert!(same(results.multiplied[lane], a * b), "{isa}: {results:?}");
            assert!(same(results.quotient[lane], a / b), "{isa}: {results:?}");
            assert!(same(results.root[lane], a.sqrt()), "{isa}: {results:?}");
            assert!(same(results.max[lane], if a > b { a } else { b }), "{isa}: {results:?}");
            assert!(same(results.min[lane], if a < b { a } else { b }), "{isa}: {results:?}");
            let larger = if a.is_nan() || b.is_nan() { f32::NAN } else { a.max(b) };
            assert!(results.larger.iter().all(|result| same(result[lane], larger)), "{isa}: {results:?}");
            // None of these products is rounded, so that one rounding or two are the same, except beyond f32::MAX.
            assert!(same(results.product[lane], A[lane] * B[lane] + 0.5), "{isa}: {results:?}");
            for (length, first) in results.stored_first.iter().enumerate() {
                assert!(same(first[lane], if lane < length { B[lane] } else { 0.5 }), "{isa}: {results:?}");
            }
            assert!(same(results.f16[lane], f32_from_f16(HALVES[lane])), "{isa}: {results:?}");
            assert!(same(results.bf16[lane], f32_from_bf16(HALVES[lane])), "{isa}: {results:?}");
            assert!(same(results.i8[lane], BYTES[lane] as f32), "{isa}: {results:?}");
            for (length, first) in results.first.iter().enumerate() {
                assert!(same(first[lane], if lane < length { B[lane] } else { 0.0 }), "{isa}: {results:?}");
            }
        }
        assert_eq!(results.total, 120.0, "{isa}");
    }
}

#[test]
fn names_are_those_of_the_environment_variable() {
    for isa in Isa::available() {
        assert_eq!(Isa::named(isa.name()), Ok(isa));
        assert!(NAMES.contains(&isa.name()));
    }
    assert!(LADDER.iter().all(|kind| NAMES.contains(&kind.name())));
}

#[test]
#[cfg(feature = "alloc")]
fn what_the_cpu_lacks_is_refused_with_what_it_has() {
    use alloc::string::ToString;

    let foreign = if cfg!(target_arch = "aarch64") { "avx2" } else { "neon" };
    let message = Isa::named(foreign).expect_err("it belongs to another architecture").to_string();
    assert!(message.starts_with("this CPU does not have it; it has") && message.ends_with("`portable`"), "{message}");
    let message = Isa::named("AVX9").expect_err("there is none").to_string();
    assert!(message.starts_with("no such instruction set; there are"), "{message}");
}
