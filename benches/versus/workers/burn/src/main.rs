//! burn: the graph on its tensors, on one of its backends for CPUs.

mod model;

use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Tensor};
use model::{Model, Value};
use versus_protocol::{LEARNING_RATE, Task, serve, serve_training};

fn main() {
    let task = Task::from_args();
    let device = match task.backend.as_str() {
        "flex" => Device::flex(),
        "ndarray" => Device::ndarray(),
        other => panic!("the backends are flex and ndarray, not `{other}`"),
    };
    let input = Value::new(task.input(), task.shape(), &device);
    if task.trains() { train(&task, &input, &device) } else { infer(&task, &input, &device) }
}

fn infer(task: &Task, input: &Value, device: &Device) {
    serve(
        task,
        || (Model::new(task.graph(), task.weights(), device), None),
        // The data, not the tensor: a backend may be lazy.
        |(model, output)| *output = Some(model.forward(input.clone()).into_data()),
        |(_, output)| output.take().and_then(|output| output.to_vec().ok()).expect("an output of floats"),
    );
}

fn train(task: &Task, input: &Value, device: &Device) {
    let load = || {
        let model = Model::new(task.graph(), task.weights(), device);
        let [_, classes] = model.forward(input.clone()).dims();
        let mut one_hot = vec![0.0; task.batch * classes];
        for (i, class) in task.targets(classes).into_iter().enumerate() {
            one_hot[i * classes + class] = 1.0;
        }
        (model, Value::new(one_hot, vec![task.batch, classes], device).matrix())
    };
    serve_training(load, |(model, one_hot)| step(model, input, one_hot));
}

/// A step of stochastic gradient descent on the cross-entropy; the loss before it.
fn step(model: &mut Model, input: &Value, one_hot: &Tensor<2>) -> f32 {
    model.weights.values_mut().for_each(|weight| *weight = weight.tracked(true));
    let scores = model.forward(input.tracked(false));
    let [batch, _] = scores.dims();
    let loss = (log_softmax(scores, 1) * one_hot.clone().autodiff()).sum().neg() / batch as f32;
    let gradients = loss.backward();
    model.weights.values_mut().for_each(|weight| *weight = weight.descended(&gradients, LEARNING_RATE));
    loss.inner().into_data().to_vec().expect("a loss is a float")[0]
}
