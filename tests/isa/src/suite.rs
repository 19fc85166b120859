//! Cases counted, failures collected.

use std::collections::BTreeMap;
use std::process::ExitCode;

use convnet::simd::Isa;

use crate::host;

/// How far a value may be off: this, times the largest of the expected values or 1. Winograd's F(4×4, 3×3) is wrong by 1e-5
/// or so; a wrong index by 1e-1.
const TOLERANCE: f64 = 1e-4;

/// Failures that are told one by one.
const TOLD: usize = 20;

/// What is compared, and was so far.
pub struct Suite {
    /// The instruction sets for kernels that are told which to use.
    pub sets: Vec<Isa>,
    /// Comparisons by instruction set and kind.
    cases: BTreeMap<(&'static str, &'static str), usize>,
    failures: usize,
}

impl Suite {
    pub fn new(sets: Vec<Isa>) -> Self {
        Self { sets, cases: BTreeMap::new(), failures: 0 }
    }

    /// One case: values computed on `isa`, and what they should be. `what` names it if they are not.
    pub fn hold(&mut self, isa: Isa, kind: &'static str, got: &[f32], expected: &[f64], what: impl FnOnce() -> String) {
        *self.cases.entry((isa.name(), kind)).or_default() += 1;
        if let Err(difference) = close(got, expected) {
            self.failures += 1;
            if self.failures <= TOLD {
                host::print(&format!("{isa}: {kind}, {}: {difference}", what()));
            }
        }
    }

    /// Says what ran, and whether all of it was right.
    pub fn report(self) -> ExitCode {
        for isa in self.sets {
            let of_isa = || self.cases.iter().filter(|((name, _), _)| *name == isa.name());
            let kinds: Vec<_> = of_isa().map(|((_, kind), count)| format!("{count} {kind}")).collect();
            let all: usize = of_isa().map(|(_, count)| count).sum();
            host::print(&format!("{isa}: {all} cases: {}", kinds.join(", ")));
        }
        host::print(&format!("kernels choose {}; {} failures", Isa::best(), self.failures));
        if self.failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// Where and how far the values differ.
fn close(got: &[f32], expected: &[f64]) -> Result<(), String> {
    if got.len() != expected.len() {
        return Err(format!("{} values, {} expected", got.len(), expected.len()));
    }
    let scale = expected.iter().fold(1.0_f64, |max, x| max.max(x.abs()));
    for (at, (a, b)) in got.iter().zip(expected).enumerate() {
        let difference = (f64::from(*a) - b).abs();
        if difference > TOLERANCE * scale || difference.is_nan() {
            return Err(format!("[{at}] is {a}, expected {b}"));
        }
    }
    Ok(())
}
