//! rten, from the ONNX file, weights packed in advance.

use std::sync::Arc;

use rten::{ModelOptions, RunOptions, ThreadPool, Value};
use rten_tensor::Tensor;
use rten_tensor::prelude::*;
use versus_protocol::{Task, serve};

fn main() {
    let task = Task::from_args();
    let input = Tensor::from_data(&task.shape(), task.input());
    let threads = Arc::new(ThreadPool::with_num_threads(task.threads));
    let options = RunOptions::default().with_thread_pool(Some(threads));
    let load = || {
        let mut options = ModelOptions::with_all_ops();
        options.prepack_weights(true);
        // rten has no local response normalisation.
        let elementary = task.onnx().with_extension("elementary.onnx");
        let path = if elementary.exists() { elementary } else { task.onnx() };
        options.load_file(path).expect("rten reads the network")
    };
    serve(
        &task,
        || (load(), None::<Value>),
        |(model, output)| {
            let result = model.run_one(input.view().into(), Some(options.clone()));
            *output = Some(result.expect("rten runs the network"));
        },
        |(_, output)| {
            let output: Tensor<f32> = output.take().expect("it has run").try_into().expect("an output of floats");
            output.iter().copied().collect()
        },
    );
}
