//! The worker's side of the protocol.

use std::io::{BufRead, Write, stdin, stdout};
use std::time::Instant;

use crate::Task;

/// Steps after which the losses of training are compared: the gradients are right if the third loss is.
pub const STEPS: usize = 3;

/// The length of a step, small enough for the largest network to learn from its first weights.
pub const LEARNING_RATE: f64 = 1e-4;

/// Loads a network, compares its output with the reference, and runs it as often as asked.
///
/// `load` gives what the engine prepares; `run` runs it and leaves its output there, where `output` reads it.
pub fn serve<E>(
    task: &Task,
    load: impl FnOnce() -> E,
    mut run: impl FnMut(&mut E),
    output: impl FnOnce(&mut E) -> Vec<f32>,
) {
    let start = Instant::now();
    let mut engine = load();
    let loaded = milliseconds(start);
    let start = Instant::now();
    run(&mut engine);
    let first = milliseconds(start);
    let error = error(&output(&mut engine), &task.reference());
    answer(error, loaded, first, || run(&mut engine));
}

/// Loads a network, trains it a few steps, and on as often as asked. `step` returns the loss before its update.
pub fn serve_training<E>(load: impl FnOnce() -> E, mut step: impl FnMut(&mut E) -> f32) {
    let start = Instant::now();
    let mut engine = load();
    let loaded = milliseconds(start);
    let start = Instant::now();
    step(&mut engine);
    let first = milliseconds(start);
    let loss = (1..STEPS).map(|_| step(&mut engine)).last().expect("there is a second step");
    answer(loss, loaded, first, || {
        step(&mut engine);
    });
}

/// The largest difference over the largest value of the reference.
fn error(output: &[f32], reference: &[f32]) -> f32 {
    assert_eq!(output.len(), reference.len(), "values of the output");
    let largest = reference.iter().fold(0.0, |largest: f32, value| largest.max(value.abs()));
    let differences = output.iter().zip(reference).map(|(a, b)| (a - b).abs());
    // A value that is no number stays the largest difference.
    differences.fold(0.0_f32, |most, difference| if most.is_nan() || difference <= most { most } else { difference })
        / largest
}

fn answer(error: f32, loaded: f64, first: f64, mut run: impl FnMut()) {
    say(&format!("READY {error:e} {loaded:.3} {first:.3}"));
    for line in stdin().lock().lines() {
        let line = line.expect("the protocol is text");
        let Some(times) = line.strip_prefix("run ") else { return };
        let times: usize = times.trim().parse().expect("`run` has a whole number");
        let nanoseconds: Vec<String> = (0..times)
            .map(|_| {
                let start = Instant::now();
                run();
                start.elapsed().as_nanos().to_string()
            })
            .collect();
        say(&nanoseconds.join(" "));
    }
}

fn say(line: &str) {
    println!("{line}");
    stdout().flush().expect("the harness reads");
}

fn milliseconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use super::error;

    #[test]
    fn errors_are_relative_to_the_largest_value_and_nan_is_one() {
        assert_eq!(error(&[1.0, -4.0], &[1.0, -4.0]), 0.0);
        assert_eq!(error(&[1.5, -4.0], &[1.0, -4.0]), 0.125);
        assert!(error(&[f32::NAN, -4.0], &[1.0, -4.0]).is_nan());
        assert!(error(&[-4.0, f32::NAN, 1.0], &[-4.0, 1.0, 1.0]).is_nan());
    }
}
