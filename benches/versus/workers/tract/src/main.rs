//! tract, from the ONNX file.

use tract_linalg::multithread::{Executor, set_default_executor};
use tract_onnx::prelude::*;
use versus_protocol::{Task, serve};

fn main() {
    let task = Task::from_args();
    if task.threads > 1 {
        set_default_executor(Executor::multithread(task.threads));
    }
    let input: TValue = Tensor::from_shape(&task.shape(), &task.input()).expect("the sizes of the graph").into();
    let load = || {
        let model = tract_onnx::onnx().model_for_path(task.onnx()).and_then(|model| model.into_optimized());
        model.and_then(|model| model.into_runnable()).expect("tract reads the network")
    };
    serve(
        &task,
        || (load(), None),
        |(model, output)| *output = Some(model.run(tvec!(input.clone())).expect("tract runs the network")),
        |(_, output)| {
            let output = &output.as_ref().expect("it has run")[0];
            output.to_plain_array_view::<f32>().expect("an output of floats").iter().copied().collect()
        },
    );
}
