//! What both programs share: the networks, the board, and the proof.
#![no_std]

mod board;
pub mod networks;
mod stack;

use convnet::arena::Floats;
use convnet::{Network, Prepared};

use board::{number, print};

/// Scores may be so far from the host's: kernels add up in other orders.
const TOLERANCE: f32 = 1e-4;

/// Runs the network once, prints what it found, what it took and the ten thousandths of each score, and ends the
/// emulation: with success if every score is the expected one.
///
/// Nothing in here formats with `core::fmt`, so that the program's size is the network's.
pub fn prove<N: Network>(
    network: &Prepared<N>,
    input: &N::Input,
    output: &mut N::Output,
    scratch: &mut N::Scratch,
    expected: &[f32],
) -> ! {
    let painted = stack::paint();
    let start = board::ticks();
    network.forward_into(input, output, scratch);
    let ticks = board::ticks_since(start);
    let stack = painted.used();

    let scores = output.as_floats();
    let mut best = 0;
    let mut right = scores.len() == expected.len();
    print("scores");
    for (i, (score, expected)) in scores.iter().zip(expected).enumerate() {
        if *score > scores[best] {
            best = i;
        }
        let difference = score - expected;
        right &= (-TOLERANCE..=TOLERANCE).contains(&difference);
        print(" ");
        board::fraction(*score);
    }
    print("\nanswer ");
    number(best as u32);
    print("\nstack ");
    number(stack.of_call);
    print(" whole ");
    number(stack.of_program);
    print("\ninstructions ");
    number(ticks.saturating_mul(board::INSTRUCTIONS_PER_TICK));
    print(if right { "\nas the host answers\n" } else { "\nnot what the host answers\n" });
    board::exit(right)
}
