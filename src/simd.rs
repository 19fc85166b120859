//! Which vector instructions there are, as tokens, and the one ladder that chooses among them.
//!
//! Kernels are written once, over the trait `Simd`: vectors of 16 floats, which are one register of AVX-512, two of AVX2, four of
//! SSE2, NEON or WebAssembly's SIMD128. A value of a type that implements `Simd` is a *token*: there is one only where the
//! CPU has the instructions, and so its methods are safe. [`Isa`] is one of these tokens, or [`Isa::PORTABLE`], which
//! stands for loops in plain Rust and is what the others are tested against.
//!
//! | name | registers | vector | multiply-add | where |
//! |---|---|---|---|---|
//! | `avx512` | 32 × 512 bits | 1 | fused | `x86_64` with AVX-512F |
//! | `avx2` | 16 × 256 bits | 2 | fused | `x86_64` with AVX2, FMA and F16C |
//! | `sse2` | 16 × 128 bits | 4 | two roundings | `x86_64`, but for targets without floating-point registers |
//! | `neon` | 32 × 128 bits | 4 | fused | `aarch64`, but for the same |
//! | `simd128` | 16 × 128 bits, as a rule | 4 | two roundings | `wasm32`, compiled with `simd128` |
//! | `portable` | | | as the target has it | everywhere |
//!
//! Where a CPU with AVX-512 has AVX512-BF16 too, kernels on pairs of bf16 use it: as part of `avx512`.
//!
//! With the feature `std` the CPU is asked once, when the first kernel runs; the environment variable `CONVNET_ISA`
//! names another one of the table, for tests and for reports of bugs. Without `std` it is the best of those that the
//! program was compiled for (`-C target-feature`, `-C target-cpu`).

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
mod avx2;
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
mod avx512;
pub(crate) mod integers;
mod plain;
#[cfg(any(
    all(target_arch = "aarch64", target_feature = "neon"),
    all(target_arch = "x86_64", target_feature = "sse2"),
    all(target_arch = "wasm32", target_feature = "simd128")
))]
mod quarters;

use core::fmt;

use crate::half::{bf16s, f32_from_bf16, f32_from_f16};
pub(crate) use plain::Plain;

/// Floats in a vector.
pub(crate) const LANES: usize = 16;

/// Instructions that the CPU is known to have.
///
/// ```
/// use convnet::simd::Isa;
///
/// // What kernels use unless they are told otherwise.
/// println!("{}", Isa::best());
/// assert!(Isa::available().any(|isa| isa == Isa::best()) && Isa::available().any(|isa| isa == Isa::PORTABLE));
/// assert!(Isa::named("mmx").is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Isa(Kind);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    Avx512,
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    Avx2,
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    Sse2,
    #[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
    Neon,
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    Simd128,
    Portable,
}

/// Those that this program may find, best first.
const LADDER: &[Kind] = &[
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    Kind::Avx512,
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    Kind::Avx2,
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    Kind::Sse2,
    #[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
    Kind::Neon,
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    Kind::Simd128,
    Kind::Portable,
];

/// Every name that there is, on whatever architecture.
const NAMES: [&str; 6] = ["avx512", "avx2", "sse2", "neon", "simd128", "portable"];

/// Asks the CPU, or, without `std`, the compiler.
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
macro_rules! detected {
    ($($feature:tt),+) => {{
        #[cfg(feature = "std")]
        let detected = $(std::arch::is_x86_feature_detected!($feature))&&+;
        #[cfg(not(feature = "std"))]
        let detected = $(cfg!(target_feature = $feature))&&+;
        detected
    }};
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            Kind::Avx512 => "avx512",
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            Kind::Avx2 => "avx2",
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            Kind::Sse2 => "sse2",
            #[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
            Kind::Neon => "neon",
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Kind::Simd128 => "simd128",
            Kind::Portable => "portable",
        }
    }

    #[cfg(feature = "std")]
    fn is_available(self) -> bool {
        match self {
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            Kind::Avx512 => detected!("avx512f", "avx2", "fma"),
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            Kind::Avx2 => detected!("avx2", "fma", "f16c"),
            // The others are what the program is compiled for.
            _ => true,
        }
    }

    #[cfg(not(feature = "std"))]
    const fn is_available(self) -> bool {
        match self {
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            Kind::Avx512 => detected!("avx512f", "avx2", "fma"),
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            Kind::Avx2 => detected!("avx2", "fma", "f16c"),
            _ => true,
        }
    }
}

impl Isa {
    /// Loops in plain Rust, which the compiler turns into whatever the target has.
    pub const PORTABLE: Self = Self(Kind::Portable);

    /// Those that this CPU has, best first.
    pub fn available() -> impl Iterator<Item = Isa> {
        LADDER.iter().filter(|kind| kind.is_available()).map(|kind| Isa(*kind))
    }

    /// The one of this name.
    ///
    /// # Errors
    ///
    /// If there is no such name, or this CPU does not have it.
    pub fn named(name: &str) -> Result<Self, IsaError> {
        match (Self::available().find(|isa| isa.name() == name), NAMES.contains(&name)) {
            (Some(isa), _) => Ok(isa),
            (None, known) => Err(IsaError { known }),
        }
    }

    /// What kernels use: what `CONVNET_ISA` names, or the best that is available.
    ///
    /// # Panics
    ///
    /// If `CONVNET_ISA` names something that this CPU does not have: whoever sets it wants to know.
    #[inline]
    pub fn best() -> Self {
        #[cfg(feature = "std")]
        {
            static BEST: std::sync::OnceLock<Isa> = std::sync::OnceLock::new();
            *BEST.get_or_init(Self::asked_for)
        }
        // A constant, so that a program has the kernels for these instructions alone.
        #[cfg(not(feature = "std"))]
        const {
            Self::compiled_for()
        }
    }

    /// The best of those that the program was compiled for.
    #[cfg(not(feature = "std"))]
    const fn compiled_for() -> Self {
        let mut i = 0;
        while i < LADDER.len() {
            if LADDER[i].is_available() {
                return Self(LADDER[i]);
            }
            i += 1;
        }
        Self::PORTABLE
    }

    #[cfg(feature = "std")]
    fn asked_for() -> Self {
        let Some(name) = std::env::var_os("CONVNET_ISA") else { return Self::fastest() };
        let name = name.to_string_lossy();
        match Self::named(&name) {
            Ok(isa) => isa,
            Err(error) => panic!("CONVNET_ISA is `{name}`: {error}"),
        }
    }

    #[cfg(feature = "std")]
    fn fastest() -> Self {
        Self::available().next().unwrap_or(Self::PORTABLE)
    }

    /// The name that `CONVNET_ISA` knows it by.
    pub const fn name(self) -> &'static str {
        self.0.name()
    }

    /// Runs a kernel compiled for these instructions, or, for [`Isa::PORTABLE`], for arrays.
    #[inline]
    pub(crate) fn run_everywhere<K: Kernel>(self, kernel: K) -> K::Output {
        self.run(kernel, |kernel| kernel.run(Plain))
    }

    /// Whether the CPU multiplies pairs of bf16 ([`Simd::HAS_DOTS`]): AVX512-BF16.
    pub(crate) fn has_dots(self) -> bool {
        match self.0 {
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            Kind::Avx512 => detected!("avx512bf16"),
            _ => false,
        }
    }

    /// Runs a kernel as [`run_everywhere`](Self::run_everywhere) does, and where there are such instructions with those for
    /// pairs of bf16 as well.
    pub(crate) fn run_with_dots<K: Kernel>(self, kernel: K) -> K::Output {
        match self.0 {
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            Kind::Avx512 if self.has_dots() => avx512::run_with_dots(self, kernel),
            _ => self.run_everywhere(kernel),
        }
    }

    /// Vector registers, see [`Simd::REGISTERS`].
    pub(crate) fn registers(self) -> usize {
        struct Registers;
        impl Kernel for Registers {
            type Output = usize;

            #[inline(always)]
            fn run<S: Simd>(self, _: S) -> usize {
                S::REGISTERS
            }
        }
        self.run(Registers, |registers| registers.run(Plain))
    }

    /// Runs a kernel compiled for these instructions, or `portable`.
    #[inline]
    pub(crate) fn run<K: Kernel>(self, kernel: K, portable: impl FnOnce(K) -> K::Output) -> K::Output {
        match self.0 {
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            Kind::Avx512 => avx512::run(self, kernel),
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            Kind::Avx2 => avx2::run(self, kernel),
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            Kind::Sse2 => quarters::run(kernel),
            #[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
            Kind::Neon => quarters::run(kernel),
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Kind::Simd128 => quarters::run(kernel),
            Kind::Portable => portable(kernel),
        }
    }
}

impl fmt::Display for Isa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for Isa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that [`Isa::named`] refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IsaError {
    /// Whether some other CPU has it.
    known: bool,
}

impl fmt::Display for IsaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.known {
            "this CPU does not have it; it has"
        } else {
            "no such instruction set; there are"
        })?;
        for (i, isa) in Isa::available().enumerate() {
            write!(f, "{} `{isa}`", if i == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

impl core::error::Error for IsaError {}

/// Work to be compiled for every instruction set.
///
/// `run` and all that it calls with the token must be `#[inline(always)]`: only what ends up inside a function with the
/// target's features is compiled to its instructions.
pub(crate) trait Kernel {
    type Output;

    fn run<S: Simd>(self, simd: S) -> Self::Output;
}

/// A token for instructions on vectors of [`LANES`] floats.
pub(crate) trait Simd: Copy {
    /// A vector.
    type Vector: Copy;

    /// Vector registers, counted as if each held one [`Vector`](Self::Vector).
    const REGISTERS: usize;

    fn splat(self, value: f32) -> Self::Vector;
    fn load(self, from: &[f32; LANES]) -> Self::Vector;
    fn store(self, vector: Self::Vector, to: &mut [f32; LANES]);
    fn add(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    fn subtract(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    fn multiply(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    fn divide(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    fn sqrt(self, a: Self::Vector) -> Self::Vector;
    /// The larger of two lanes where `a` is; `b` where they are equal or one is NaN.
    fn max(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// The smaller of two lanes where `a` is; `b` where they are equal or one is NaN.
    fn min(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// a · b + c, in one rounding where there is an instruction for it.
    fn multiply_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;

    /// The larger of two lanes; NaN if either is.
    fn larger(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;

    /// Runs a kernel as a function of its own, which keeps a large one from being compiled into every place that calls it.
    fn apart<K: Kernel>(self, kernel: K) -> K::Output;

    /// Sixteen f16s as floats.
    #[inline(always)]
    fn load_f16(self, from: &[u16; LANES]) -> Self::Vector {
        self.load(&from.map(f32_from_f16))
    }

    /// Sixteen bf16s as floats.
    #[inline(always)]
    fn load_bf16(self, from: &[u16; LANES]) -> Self::Vector {
        self.load(&from.map(f32_from_bf16))
    }

    /// Sixteen small whole numbers as floats.
    #[inline(always)]
    fn load_i8(self, from: &[i8; LANES]) -> Self::Vector {
        self.load(&from.map(f32::from))
    }

    /// The first bf16 of each of sixteen pairs, the lower halves, as floats.
    #[inline(always)]
    fn load_first_of_pairs(self, from: &[f32; LANES]) -> Self::Vector {
        self.load(&from.map(|pair| f32::from_bits(pair.to_bits() << 16)))
    }

    /// The second bf16 of each, the upper halves.
    #[inline(always)]
    fn load_second_of_pairs(self, from: &[f32; LANES]) -> Self::Vector {
        self.load(&from.map(|pair| f32::from_bits(pair.to_bits() & 0xffff_0000)))
    }

    /// Whether [`add_dots`](Self::add_dots) is one instruction.
    const HAS_DOTS: bool = false;

    /// a₁ · b₁ + a₂ · b₂ + c for lanes of a and b that are pairs of bf16.
    #[inline(always)]
    fn add_dots(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector {
        let (mut pairs, mut others) = ([0.0; LANES], [0.0; LANES]);
        self.store(a, &mut pairs);
        self.store(b, &mut others);
        let first = self.multiply_add(self.load_first_of_pairs(&pairs), self.load_first_of_pairs(&others), c);
        self.multiply_add(self.load_second_of_pairs(&pairs), self.load_second_of_pairs(&others), first)
    }

    /// Sixteen floats rounded to bf16, as eight pairs.
    #[inline(always)]
    fn store_pairs(self, vector: Self::Vector, to: &mut [f32; LANES / 2]) {
        let mut lanes = [0.0; LANES];
        self.store(vector, &mut lanes);
        for (to, pair) in to.iter_mut().zip(lanes.as_chunks::<2>().0) {
            let [first, second] = bf16s(pair).map(u32::from);
            *to = f32::from_bits(first | second << 16);
        }
    }

    /// The first values, then zeros.
    #[inline(always)]
    fn load_first(self, from: &[f32]) -> Self::Vector {
        let mut whole = [0.0; LANES];
        for (to, from) in whole.iter_mut().zip(from) {
            *to = *from;
        }
        self.load(&whole)
    }

    /// Stores the first lanes, as many as there is room for.
    #[inline(always)]
    fn store_first(self, vector: Self::Vector, to: &mut [f32]) {
        let mut lanes = [0.0; LANES];
        self.store(vector, &mut lanes);
        for (to, lane) in to.iter_mut().zip(lanes) {
            *to = lane;
        }
    }

    /// The sum of the lanes, by halves.
    #[inline(always)]
    fn sum(self, vector: Self::Vector) -> f32 {
        let mut lanes = [0.0; LANES];
        self.store(vector, &mut lanes);
        sum_of_lanes(lanes)
    }
}

/// a · b + c, in one rounding where the target has an instruction for it.
///
/// Without `std` it is always two: `core` has no stable `mul_add`, and calling libm's would cost more than the sum.
#[inline(always)]
pub(crate) fn multiply_add(a: f32, b: f32, c: f32) -> f32 {
    #[cfg(all(feature = "std", any(target_feature = "fma", target_arch = "aarch64")))]
    return a.mul_add(b, c);
    #[cfg(not(all(feature = "std", any(target_feature = "fma", target_arch = "aarch64"))))]
    return a * b + c;
}

/// The sum of a power of two of lanes, by halves.
#[inline(always)]
pub(crate) fn sum_of_lanes<const N: usize>(mut lanes: [f32; N]) -> f32 {
    let mut half = N / 2;
    while half > 0 {
        for lane in 0..half {
            lanes[lane] += lanes[lane + half];
        }
        half /= 2;
    }
    lanes[0]
}

#[cfg(test)]
mod tests;
