//! convnet: the networks as a user declares them, prepared, by `forward` and `forward_batch`.
//!
//! With the feature `threads`, which is on, the library runs on rayon's pool, whose size is `RAYON_NUM_THREADS`; the harness
//! sets it.

mod networks;

use std::borrow::Borrow;

use convnet::arena::Floats;
use convnet::layer::Layer;
use convnet::shape::AllWindowsFit;
use convnet::train::{CrossEntropy, Loss, Sgd, Trainer};
use convnet::{Network, weights};
use networks::{AlexNet, Audio, DsCnn, GoogLeNet, LeNet, Mnist, Vgg16};
use versus_protocol::{LEARNING_RATE, Task, serve, serve_training};

fn main() {
    let task = Task::from_args();
    match (task.network.as_str(), task.trains()) {
        ("lenet", false) => infer::<LeNet>(&task),
        ("mnist", false) => infer::<Mnist>(&task),
        ("audio", false) => infer::<Audio>(&task),
        ("dscnn", false) => infer::<DsCnn>(&task),
        ("alexnet", false) => infer::<AlexNet>(&task),
        ("googlenet", false) => infer::<GoogLeNet>(&task),
        ("vgg16", false) => infer::<Vgg16>(&task),
        ("lenet", true) => train::<LeNet>(&task),
        ("mnist", true) => train::<Mnist>(&task),
        ("alexnet", true) => train::<AlexNet>(&task),
        (other, _) => panic!("`{other}` is not declared here"),
    }
}

fn load<N: Network>(task: &Task) -> N {
    weights::load(&task.weights_path()).unwrap_or_else(|error| panic!("{error}"))
}

fn infer<N: Network<Returned: Borrow<N::Output>>>(task: &Task) {
    let floats = task.input();
    let inputs = N::Input::unflatten(&floats).expect("the network has the sizes of the graph");
    if let [input] = inputs {
        serve(
            task,
            || (load::<N>(task).prepare(), None),
            |(network, output)| *output = Some(network.forward(input)),
            |(_, output)| output.as_ref().map_or(Vec::new(), |output| output.borrow().as_floats().to_vec()),
        );
    } else {
        serve(
            task,
            || (load::<N>(task).prepare(), Vec::new()),
            |(network, outputs)| *outputs = network.forward_batch(inputs),
            |(_, outputs)| Floats::flatten(outputs).to_vec(),
        );
    }
}

fn train<N: Network>(task: &Task)
where
    CrossEntropy: Loss<N::Output, Target = usize>,
    <N::Chain as Layer<N::Shape>>::Fits: AllWindowsFit,
{
    let floats = task.input();
    let inputs = N::Input::unflatten(&floats).expect("the network has the sizes of the graph");
    let targets = task.targets(N::Output::LEN);
    let descent = Sgd { learning_rate: LEARNING_RATE, ..Sgd::default() };
    serve_training(
        || Trainer::new(load::<N>(task), CrossEntropy, descent, task.batch, 0).expect("there is memory"),
        |trainer| trainer.step(inputs, &targets).expect("the loss is finite"),
    );
}
