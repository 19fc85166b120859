//! What a worker is asked to do: its command line, and the files that it names.

use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::weights::floats;
use crate::{Graph, Weights};

/// `worker FOLDER NETWORK BATCH THREADS VARIANT`.
#[derive(Clone, Debug)]
pub struct Task {
    folder: PathBuf,
    /// The name of the network.
    pub network: String,
    /// Samples of a run.
    pub batch: usize,
    /// Threads that the engine may use.
    pub threads: usize,
    /// `infer` or `train`.
    pub variant: String,
    /// Which of the engine's backends, if it has several.
    pub backend: String,
}

impl Task {
    /// The task on the command line.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub fn from_args() -> Self {
        let args: Vec<String> = env::args().skip(1).collect();
        let [folder, network, batch, threads, variant, backend @ ..] = &args[..] else {
            panic!("started as `worker FOLDER NETWORK BATCH THREADS VARIANT [BACKEND]` by harness/measure.py");
        };
        Self {
            folder: folder.into(),
            network: network.clone(),
            batch: batch.parse().expect("the batch is a whole number"),
            threads: threads.parse().expect("threads are a whole number"),
            variant: variant.clone(),
            backend: backend.first().cloned().unwrap_or_default(),
        }
    }

    /// Whether a run is a training step.
    pub fn trains(&self) -> bool {
        self.variant == "train"
    }

    /// The ONNX file of the network and the batch.
    pub fn onnx(&self) -> PathBuf {
        self.folder.join(format!("{}_b{}.onnx", self.network, self.batch))
    }

    /// The safetensors file of the network.
    pub fn weights_path(&self) -> PathBuf {
        self.folder.join(format!("{}.safetensors", self.network))
    }

    /// The weights of the network.
    pub fn weights(&self) -> Weights {
        Weights::load(&self.weights_path())
    }

    /// The graph of the network.
    pub fn graph(&self) -> Graph {
        Graph::load(&self.folder.join(format!("{}.graph", self.network)))
    }

    /// The input, `[batch, sizes of the graph's input]`.
    pub fn input(&self) -> Vec<f32> {
        self.values("in")
    }

    /// What ONNX Runtime answers to it.
    pub fn reference(&self) -> Vec<f32> {
        self.values("out")
    }

    /// The classes of the samples, for training.
    pub fn targets(&self, classes: usize) -> Vec<usize> {
        (0..self.batch).map(|i| i % classes).collect()
    }

    /// The sizes of the input with the batch in front.
    pub fn shape(&self) -> Vec<usize> {
        [vec![self.batch], self.graph().input].concat()
    }

    fn values(&self, extension: &str) -> Vec<f32> {
        read(&self.folder.join(format!("{}_b{}.{extension}", self.network, self.batch)))
    }
}

fn read(path: &Path) -> Vec<f32> {
    floats(&fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}
