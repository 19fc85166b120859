//! Kernels and whole networks on vector instructions, against textbook loops in f64.
//!
//! The library's own tests do more, but only where its dev-dependencies are compiled and run, which takes minutes for a
//! foreign CPU. This program depends on the library alone. It runs
//!
//! - every kernel that is given instructions, on each set that the machine has ([`kernels`]);
//! - networks, canonical and prepared, on what kernels choose by themselves: the best set, or `CONVNET_ISA`'s
//!   ([`networks`]).
//!
//! ```text
//! convnet-isa          everything
//! convnet-isa neon     the same; a failure if kernels do not choose `neon`
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
        Some("--list") => Isa::available().for_each(|isa| host::print(isa.name())),
        Some(expected) if Isa::best().name() != expected => {
            host::print(&format!("kernels run on {}, not on {expected}", Isa::best()));
            return ExitCode::FAILURE;
        }
        _ => return run(),
    }
    ExitCode::SUCCESS
}

fn run() -> ExitCode {
    let mut suite = Suite::default();
    kernels::check(&mut suite);
    networks::check(&mut suite);
    suite.report()
}
