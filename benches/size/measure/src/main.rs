//! `measure RUNS EXPECTED PROGRAM ARGUMENT…`: runs a program so often, and prints the milliseconds from its start until its
//! first line was read, their median and the fewest, and the most KiB of memory that it ever held. Fails if that line is not the expected one.

use std::io::{BufRead, BufReader};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [runs, expected, program, rest @ ..] = &arguments[..] else {
        eprintln!("usage: measure RUNS EXPECTED PROGRAM ARGUMENT…");
        return ExitCode::FAILURE;
    };
    let Some(runs) = runs.parse().ok().filter(|runs| *runs > 0) else {
        eprintln!("`{runs}` is no number of runs");
        return ExitCode::FAILURE;
    };
    let mut measured = Vec::new();
    for _ in 0..runs {
        match run(program, rest) {
            Ok((line, milliseconds, kibibytes)) if line == *expected => measured.push((milliseconds, kibibytes)),
            Ok((line, ..)) => {
                eprintln!("`{program}` says `{line}`, not `{expected}`");
                return ExitCode::FAILURE;
            }
            Err(error) => {
                eprintln!("`{program}`: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    measured.sort_by(|a, b| a.0.total_cmp(&b.0));
    let most = measured.iter().map(|(_, kibibytes)| *kibibytes).max().unwrap_or(0);
    println!("{:.2} {:.2} {most}", measured[runs / 2].0, measured[0].0);
    ExitCode::SUCCESS
}

/// The first line, the milliseconds until it came, the most KiB.
fn run(program: &str, arguments: &[String]) -> std::io::Result<(String, f64, i64)> {
    let start = Instant::now();
    let mut child = Command::new(program).args(arguments).stdout(Stdio::piped()).spawn()?;
    let mut line = String::new();
    if let Some(output) = child.stdout.take() {
        BufReader::new(output).read_line(&mut line)?;
    }
    let milliseconds = start.elapsed().as_secs_f64() * 1e3;
    let mut status = 0;
    // SAFETY: plain numbers, of which zero is one.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: both are written to while the call lasts; the child is this process's and nobody has waited for it.
    if unsafe { libc::wait4(child.id() as libc::pid_t, &mut status, 0, &mut usage) } < 0 {
        return Err(std::io::Error::last_os_error());
    }
    Ok((line.trim_end().to_owned(), milliseconds, usage.ru_maxrss))
}
