//! What the workers of the comparison share: the task, the files that say what to run, and the protocol.
//!
//! A worker is a program that runs one network in one engine. It is started as
//!
//! ```text
//! worker FOLDER NETWORK BATCH THREADS VARIANT
//! ```
//!
//! prepares whatever its engine prepares, runs the network once, and writes `READY error load first`: how far its output
//! is from the one of ONNX Runtime, or, if the variant is a training step, the loss after [`STEPS`] of them; and the
//! milliseconds of loading and of the first run. Then it reads lines: to `run 20` it answers with the nanoseconds of 20
//! runs, and at anything else it ends. So many workers can take turns, and all of them feel what else the machine does.
//!
//! `FOLDER` is written by `harness/models.py`: for each network the graph, [`Graph`], the weights, [`Weights`], and for each
//! batch the input, ONNX Runtime's output and an ONNX file.

mod graph;
mod serve;
mod task;
mod weights;

pub use graph::{Graph, Operation};
pub use serve::{LEARNING_RATE, STEPS, serve, serve_training};
pub use task::Task;
pub use weights::Weights;
