//! candle: the graph on its tensors.

mod model;

use candle_core::{Device, Tensor};
use candle_nn::{Optimizer, SGD, loss::cross_entropy};
use model::Model;
use versus_protocol::{LEARNING_RATE, Task, serve, serve_training};

fn main() {
    let task = Task::from_args();
    let input = Tensor::from_vec(task.input(), task.shape(), &Device::Cpu).expect("the sizes of the graph");
    if task.trains() { train(&task, &input) } else { infer(&task, &input) }
}

fn infer(task: &Task, input: &Tensor) {
    serve(
        task,
        || (Model::new(task.graph(), task.weights(), false).expect("candle takes the weights"), None),
        |(model, output)| *output = Some(model.forward(input).expect("candle runs the network")),
        |(_, output)| {
            let output = output.take().and_then(|output: Tensor| output.flatten_all().ok());
            output.and_then(|output| output.to_vec1().ok()).expect("an output of floats")
        },
    );
}

fn train(task: &Task, input: &Tensor) {
    let load = || {
        let model = Model::new(task.graph(), task.weights(), true)?;
        let classes = model.forward(input)?.dim(1)?;
        let targets: Vec<u32> = task.targets(classes).into_iter().map(|class| class as u32).collect();
        let targets = Tensor::from_vec(targets, task.batch, &Device::Cpu)?;
        let optimizer = SGD::new(model.variables().to_vec(), LEARNING_RATE)?;
        Ok::<_, candle_core::Error>((model, targets, optimizer))
    };
    serve_training(
        || load().expect("candle takes the weights"),
        |(model, targets, optimizer)| {
            let mut step = || {
                let loss = cross_entropy(&model.forward(input)?, targets)?;
                optimizer.backward_step(&loss)?;
                loss.to_scalar()
            };
            step().expect("candle trains the network")
        },
    );
}
