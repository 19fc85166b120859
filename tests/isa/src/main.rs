//! Kernels and whole networks on vector instructions, against textbook loops in f64.
//!
//! The library's own tests do more, but only where its dev-dependencies are compiled and run, which takes minutes for a
//! foreign CPU. This program depends on the library alone. It runs
//!
//! - every kernel that is told which instructions to use ([`kernels`]);
//! - networks, canonical and prepared, on what kernels choose by themselves: the best set, or `CONVNET_ISA`'s
//!   ([`networks`]).
//!
//! ```text
//! convnet-isa          kernels on every set that the machine has
//! convnet-isa neon     kernels on this set; a failure if it is not what they choose by themselves
//! convnet-isa --list   the names of the sets, one a line
//! ```
//!
//! A new kernel is a file in `kernels/` and a line in `kernels.rs`; a new network a declaration and a line in
//! `networks.rs`.

mod host;
#[path = "../../support/interpreter.rs"]
mod interpreter;
mod kernels;
mod networks;
#[path = "../../support/numbers.rs"]
mod numbers;
mod suite;

use std::process::ExitCode;

use convnet::simd::Isa;
use suite::Suite;

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|panic| host::print(&panic.to_string())));
    match host::argument().as_deref() {
        None => run(Isa::available().collect()),
        Some("--list") => {
            Isa::available().for_each(|isa| host::print(isa.name()));
            ExitCode::SUCCESS
        }
        Some(expected) if expected == Isa::best().name() => run(vec![Isa::best()]),
        Some(expected) => {
            host::print(&format!("kernels choose {}, not {expected}", Isa::best()));
            ExitCode::FAILURE
        }
    }
}

fn run(sets: Vec<Isa>) -> ExitCode {
    let mut suite = Suite::new(sets);
    kernels::check(&mut suite);
    networks::check(&mut suite);
    suite.report()
}
