//! One step of training, forward, cross-entropy, backward and SGD with momentum, of LeNet-5 on batches of 64 and AlexNet on
//! batches of 16: milliseconds of each phase, and GFLOP/s of the whole.
//!
//! `cargo bench --bench training`; with threads, `cargo bench --bench training --features rayon`, where
//! `RAYON_NUM_THREADS` says how many.

#[path = "support/measure.rs"]
mod measure;

use convnet::arena::Floats;
use convnet::models::{AlexNet, LeNet5};
use convnet::train::{CrossEntropy, Loss, Sgd, Trainer};
use convnet::{Layer, Network};
use measure::{numbers, rounds};

fn main() {
    let only = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let wanted = |name: &str| only.as_ref().is_none_or(|only| only == name);
    if wanted("LeNet5") {
        network::<LeNet5>(64, 100);
    }
    if wanted("AlexNet") {
        network::<AlexNet>(16, 3);
    }
}

fn network<N>(batch: usize, count: usize)
where
    N: Network,
    N::Chain: Layer<N::Shape, Fits = convnet::typenum::B1>,
    CrossEntropy: Loss<N::Output, Target = usize>,
{
    let sgd = Sgd { learning_rate: 1e-4, momentum: 0.9, ..Sgd::default() };
    let mut trainer = Trainer::new(N::init(1), CrossEntropy, sgd, batch, 1).expect("there is memory for the batch");
    let mut inputs = N::Input::zeroed_vec(batch);
    for (i, input) in inputs.iter_mut().enumerate() {
        let values = input.as_floats_mut();
        values.copy_from_slice(&numbers(i + values.len())[i..]);
    }
    let classes: Vec<usize> = (0..batch).map(|i| i * 7 % 10).collect();

    // The contestants share the trainer; they take turns.
    let trainer = std::cell::RefCell::new(&mut trainer);
    let [forward, gradients, update, step] = rounds(
        count,
        [
            &mut || {
                trainer.borrow_mut().evaluate(&inputs, &classes).expect("the batch is sound");
            },
            &mut || {
                trainer.borrow_mut().backward(&inputs, &classes, None).expect("the batch is sound");
            },
            &mut || trainer.borrow_mut().update(),
            &mut || {
                trainer.borrow_mut().step(&inputs, &classes).expect("the batch is sound");
            },
        ],
    );
    let first = first_layer_macs(N::ARCHITECTURE);
    let flops = 2.0 * (3 * N::ARCHITECTURE.macs() - first) as f64 * batch as f64;
    println!(
        "{:8} × {batch}: step {:8.3} ms, {:5.1} GFLOP/s: forward {:8.3}, backward {:8.3}, update {:7.3} ms",
        N::ARCHITECTURE.name,
        step * 1e3,
        flops / step / 1e9,
        forward * 1e3,
        (gradients - forward) * 1e3,
        update * 1e3,
    );
}

/// Multiply-accumulates of the first layer, whose input needs no gradient.
fn first_layer_macs(architecture: &convnet::network::Architecture) -> usize {
    architecture.nodes[0].op.macs(&architecture.nodes[0].input)
}
