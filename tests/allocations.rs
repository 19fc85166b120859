//! No allocation in `forward_into` and in a training step, counted.
//!
//! The counter is the thread's own, so that the harness and other tests do not disturb it.
#![cfg(not(feature = "rayon"))] // which allocates where it calls a helper from the pool
#![cfg(feature = "train")]
#![allow(unsafe_code)]

#[path = "support/numbers.rs"]
mod numbers;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use convnet::train::{Adam, AdamW, CrossEntropy, Loss, MeanSquaredError, Optimizer, Sgd, Trainer};
use convnet::{Chw, Flat, Network, cnn};

use numbers::numbers;

/// The system's allocator, counting what each thread asks of it.
struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

fn count() {
    // While a thread ends its counter may be gone already; nobody reads it then.
    let _ = COUNT.try_with(|count| count.set(count.get() + 1));
}

// SAFETY: every call goes to the system's allocator with the arguments of the caller, who owes it the same as us.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's debts are those of the system's allocator.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above; `pointer` came from the system's allocator.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: as above; `pointer` came from the system's allocator.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How many allocations `f` makes in this thread.
fn allocations(f: impl FnOnce()) -> usize {
    let before = COUNT.get();
    f();
    COUNT.get() - before
}

cnn! {
    struct LeNet5: [1, 28, 28] -> [10] {
        conv1: conv2d(6, kernel = 5, padding = 2), relu,
        max_pool2d(2),
        conv2: conv2d(16, kernel = 5), relu,
        max_pool2d(2),
        flatten,
        fc1: linear(120), relu,
        fc2: linear(84), relu,
        fc3: linear(10),
    }
}

cnn! {
    /// All that LeNet-5 has not.
    struct Others: [4, 19, 21] -> [7] {
        conv2d(12, kernel = 3, stride = 2, dilation = 2, groups = 2), sigmoid,
        conv2d(12, kernel = 3, padding = 1, groups = 12, bias = false),
        avg_pool2d(3, stride = 2, padding = 1, ceil = true),
        conv2d(20, kernel = 1), tanh,
        dropout(0.3),
        global_avg_pool,
        linear(7),
        softmax,
    }
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| drop(std::hint::black_box(Box::new(1)))), 1);
    assert_eq!(allocations(|| ()), 0);
}

#[test]
fn forward_into_allocates_nothing() {
    let image = Chw([[[0.5; 28]; 28]]);
    let (net, mut output, mut scratch) = (LeNet5::init(1), Flat::zeros(), LeNet5::scratch());
    let prepared = net.prepare();
    assert_eq!(allocations(|| net.forward_into(&image, &mut output, &mut scratch)), 0);
    assert_eq!(allocations(|| prepared.forward_into(&image, &mut output, &mut scratch)), 0);

    let image = Chw([[[0.5; 21]; 19]; 4]);
    let (net, mut output, mut scratch) = (Others::init(1), Flat::zeros(), Others::scratch());
    let prepared = net.prepare();
    assert_eq!(allocations(|| net.forward_into(&image, &mut output, &mut scratch)), 0);
    assert_eq!(allocations(|| prepared.forward_into(&image, &mut output, &mut scratch)), 0);
}

/// Steps of full and smaller batches, the very first among them, and evaluation.
fn check<N, L>(what: &str, loss: L, optimizer: impl Optimizer, inputs: &[N::Input], targets: &[L::Target])
where
    N: Network,
    N::Chain: convnet::Layer<N::Shape, Fits = convnet::typenum::B1>,
    L: Loss<N::Output>,
{
    let mut trainer = Trainer::new(N::init(1), loss, optimizer, inputs.len(), 1).unwrap();
    for samples in [inputs.len(), 1, inputs.len() - 1] {
        let (inputs, targets) = (&inputs[..samples], &targets[..samples]);
        let made = allocations(|| {
            trainer.step(inputs, targets).unwrap();
            trainer.set_learning_rate(0.02);
        });
        assert_eq!(made, 0, "{what}: a step of {samples} samples");
        let made = allocations(|| {
            trainer.evaluate(inputs, targets).unwrap();
        });
        assert_eq!(made, 0, "{what}: an evaluation of {samples} samples");
    }
}

#[test]
fn a_training_step_allocates_nothing() {
    let (floats, classes) = (numbers(1, 5 * 784), [7, 2, 1, 0, 4]);
    let images: &[Chw<1, 28, 28>] = Chw::many_from_slice(&floats).unwrap();
    let sgd = Sgd { learning_rate: 0.01, momentum: 0.9, weight_decay: 5e-4, nesterov: false };
    check::<LeNet5, _>("SGD", CrossEntropy, sgd, images, &classes);
    check::<LeNet5, _>("Adam", CrossEntropy, Adam::default(), images, &classes);
    check::<LeNet5, _>("squared error", MeanSquaredError, AdamW::default(), images, &[Flat([0.5; 10]); 5]);

    let floats = numbers(2, 5 * 4 * 19 * 21);
    let images: &[Chw<4, 19, 21>] = Chw::many_from_slice(&floats).unwrap();
    check::<Others, _>("others", CrossEntropy, sgd, images, &[6, 2, 1, 0, 4]);
}
