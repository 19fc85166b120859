//! Training: a network, a loss, an optimiser, and all the memory they need.
//!
//! A [`Trainer`] takes a network by value and a largest batch size, and owns everything a training step touches:
//! the value of every layer for every sample of the batch, the gradients of those values and of the parameters, and
//! what the optimiser remembers. It is all made by [`Trainer::new`]; a [`step`](Trainer::step) allocates nothing.
//!
//! | you choose | from |
//! |---|---|
//! | a loss | [`CrossEntropy`] on class indices, [`MeanSquaredError`] on values, or your own [`Loss`] |
//! | an optimiser | [`Sgd`] with momentum and weight decay, [`Adam`], [`AdamW`], or your own [`Optimizer`] |
//! | a learning rate for each step | a [`Schedule`]: constant, steps, cosine |
//!
//! ```
//! use convnet::train::{CrossEntropy, Schedule, Sgd, Trainer};
//! use convnet::{Flat, cnn};
//!
//! cnn! {
//!     struct Xor: [2] -> [2] {
//!         hidden: linear(8), tanh,
//!         scores: linear(2),
//!     }
//! }
//!
//! # fn main() -> Result<(), convnet::train::TrainError> {
//! let inputs = [Flat([0.0, 0.0]), Flat([0.0, 1.0]), Flat([1.0, 0.0]), Flat([1.0, 1.0])];
//! let classes = [0, 1, 1, 0];
//!
//! let sgd = Sgd { learning_rate: 0.5, momentum: 0.9, ..Sgd::default() };
//! let mut trainer = Trainer::new(Xor::init(1), CrossEntropy, sgd, 4, 1)?;
//! let schedule = Schedule::Cosine { initial: 0.5, last: 0.0, steps: 100 };
//! for step in 0..100 {
//!     trainer.set_learning_rate(schedule.at(step));
//!     trainer.step(&inputs, &classes)?;
//! }
//! assert_eq!(trainer.accuracy(&inputs, &classes)?, 1.0);
//!
//! let net: Xor = trainer.into_net();
//! # let _ = net;
//! # Ok(())
//! # }
//! ```
//!
//! # Reproducible
//!
//! Everything random is a function of a seed: the first parameters of [`Network::init`](crate::Network::init), the
//! dropout masks of the seed given to [`Trainer::new`] and the number of steps done, the order of the samples of
//! [`shuffle`]. All sums have one order, which follows from sizes alone, so that on one machine and build the same seeds
//! give the same network to the last bit, on however many threads.
//!
//! # Threads
//!
//! With the feature `rayon` a step runs on the threads of the pool that is current, `ThreadPool::install`'s or the global one:
//! convolutions, pools, linear layers and activations share out the batch, or the rows of a weight, and the optimisers
//! shown here share out the parameters.
//!
//! # Memory
//!
//! `TRAIN_BYTES` of a declared network is what each sample of the batch takes. Beside it stand one gradient for each
//! parameter, the state of the optimiser (0, 1 or 2 values a parameter) and the scratch of the kernels: about 0.5 MiB
//! at most, unless a layer is unusually wide, and with the feature `rayon` as much for each of 16 parts.
//!
//! # When not to use it
//!
//! It runs on a CPU. To train a large network, train it in PyTorch on whatever you have and [load](crate::weights::load)
//! the `.safetensors` file.

mod adam;
mod error;
mod loss;
mod memory;
mod optimizer;
mod schedule;
mod sgd;
mod shuffle;
mod statistics;
mod trainer;

pub use adam::{Adam, AdamW};
pub use error::TrainError;
pub use loss::{CrossEntropy, Loss, MeanSquaredError};
pub use optimizer::Optimizer;
pub use schedule::Schedule;
pub use sgd::Sgd;
pub use shuffle::shuffle;
pub use trainer::Trainer;
