//! Networks train to the same bits on any number of threads.
#![cfg(all(feature = "rayon", feature = "train"))]

#[path = "support/numbers.rs"]
mod numbers;

use std::borrow::Borrow;

use convnet::arena::Floats;
use convnet::train::{Adam, CrossEntropy, Loss, Optimizer, Sgd, Trainer};
use convnet::typenum::B1;
use convnet::{Layer, Network, Prepared, cnn};

use numbers::numbers;

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
    /// Large weights and small ones, with padding and without, strides, groups, and all that goes between.
    struct Others: [3, 33, 35] -> [7] {
        conv2d(48, kernel = 5, stride = 2, padding = 1), relu, lrn(5),
        max_pool2d(3, stride = 2),
        conv2d(64, kernel = 3, padding = 1), batch_norm, relu,
        conv2d(64, kernel = 3, padding = 1, groups = 2, bias = false), tanh,
        conv2d(64, kernel = 3, padding = 1, groups = 64), relu,
        conv2d(96, kernel = 1), relu,
        avg_pool2d(2),
        dropout(0.25),
        flatten,
        linear(300), relu,
        linear(7),
    }
}

/// The parameters and the gradients for the inputs after a few steps, full batches and smaller ones, on so many threads.
fn trained<N>(threads: usize, optimizer: impl Optimizer + Send) -> (Vec<u32>, Vec<u32>)
where
    N: Network + Send,
    N::Chain: Layer<N::Shape, Fits = B1>,
    CrossEntropy: Loss<N::Output, Target = usize>,
{
    const BATCH: usize = 21;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| {
        let mut trainer = Trainer::new(N::init(3), CrossEntropy, optimizer, BATCH, 5).unwrap();
        let mut grads = Vec::new();
        for (step, samples) in [BATCH, BATCH, 9, 2].into_iter().enumerate() {
            let mut inputs = N::Input::zeroed_vec(samples);
            for (i, input) in inputs.iter_mut().enumerate() {
                let len = input.as_floats().len();
                input.as_floats_mut().copy_from_slice(&numbers((step * BATCH + i) as u64, len));
            }
            let classes: Vec<usize> = (0..samples).map(|i| (i + step) % 7).collect();
            trainer.step(&inputs, &classes).unwrap();
            let mut grad_inputs = N::Input::zeroed_vec(samples);
            trainer.backward(&inputs, &classes, Some(&mut grad_inputs)).unwrap();
            grads.extend(grad_inputs.iter().flat_map(|grad| grad.as_floats().iter().map(|x| x.to_bits())));
        }
        (trainer.net().params().iter().map(|x| x.to_bits()).collect(), grads)
    })
}

fn check<N>(optimizer: impl Optimizer + Send + Copy)
where
    N: Network + Send,
    N::Chain: Layer<N::Shape, Fits = B1>,
    CrossEntropy: Loss<N::Output, Target = usize>,
{
    let alone = trained::<N>(1, optimizer);
    assert!(alone.0.iter().any(|bits| *bits != 0) && alone.1.iter().any(|bits| *bits != 0));
    for threads in [2, 3, 5] {
        assert!(trained::<N>(threads, optimizer) == alone, "{threads} threads");
    }
}

#[test]
fn lenet_is_the_same_to_the_bit() {
    check::<LeNet5>(Sgd { learning_rate: 0.01, momentum: 0.9, weight_decay: 5e-4, nesterov: false });
}

#[test]
fn other_layers_are_the_same_to_the_bit() {
    check::<Others>(Adam::default());
}

cnn! {
    /// Kernels of prepared networks, several of which find enough to share out.
    struct Mixed: [3, 61, 67] -> [7] {
        conv2d(32, kernel = 7, stride = 2, padding = 3), relu,
        conv2d(48, kernel = 3, padding = 1), relu, lrn(5),
        conv2d(96, kernel = 5, padding = 2), relu, max_pool2d(2),
        conv2d(96, kernel = 3, padding = 1, groups = 96), relu,
        concat {
            { conv2d(64, kernel = 1), relu, conv2d(64, kernel = 3, padding = 1) },
            { avg_pool2d(3, stride = 1, padding = 1), conv2d(32, kernel = 1) },
        },
        conv2d(10, kernel = 3), relu,
        flatten, linear(2000), relu, linear(7),
    }
}

/// The same with weights of 16 bits.
mod narrow {
    convnet::cnn! {
        pub struct Narrow: [16, 40, 40] -> [7] with weights = bf16, products = bf16, winograd = off {
            conv2d(64, kernel = 3, padding = 1), relu, max_pool2d(2), conv2d(64, kernel = 3), relu, flatten, linear(7),
        }
    }
}

/// What a network gives, one by one and in batches.
fn inferred<N: Network>(net: &Prepared<N>, inputs: &[N::Input]) -> Vec<u32>
where
    N::Returned: Borrow<N::Output>,
{
    let mut all = Vec::new();
    for input in inputs {
        all.extend_from_slice(Borrow::<N::Output>::borrow(&net.forward(input)).as_floats());
    }
    for count in 0..inputs.len() {
        all.extend_from_slice(Floats::flatten(&net.forward_batch(&inputs[..count])));
    }
    all.iter().map(|x| x.to_bits()).collect()
}

/// On a thread from outside, and in pools of one to five threads.
fn check_inferred<N: Network>()
where
    N::Returned: Borrow<N::Output>,
    N::Input: Sync,
{
    let net = N::init(2).prepare();
    let mut inputs = N::Input::zeroed_vec(6);
    for (i, input) in inputs.iter_mut().enumerate() {
        let len = N::Input::LEN;
        input.as_floats_mut().copy_from_slice(&numbers(i as u64, len));
    }
    let expected = inferred(&net, &inputs);
    assert!(expected.iter().any(|bits| *bits != 0));
    for threads in [1, 2, 3, 5] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert!(pool.install(|| inferred(&net, &inputs)) == expected, "{threads} threads");
    }
    // Many at once, from outside and from a pool.
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert!(inferred(&net, &inputs) == expected));
        }
    });
    rayon::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|_| assert!(inferred(&net, &inputs) == expected));
        }
    });
}

#[test]
fn prepared_networks_are_the_same_to_the_bit() {
    check_inferred::<Mixed>();
    check_inferred::<narrow::Narrow>();
}
