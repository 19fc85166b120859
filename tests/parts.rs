//! Types as layers: networks within networks, and layers of one's own.

use convnet::arithmetic::op::{Op, OwnOp};
use convnet::layer::{Backward, Forward, Layer, Tree};
use convnet::layers::{Conv2d, Relu};
use convnet::shape::{Dim, Image, Shape, Window};
use convnet::train::{MeanSquaredError, Sgd, Trainer};
use convnet::typenum::{B1, U1, U3, U4, U8};
use convnet::{Chw, Flat, Network, Sequential, Tensor, chain, cnn};

/// y = s · x² for each channel, with a learned s.
pub struct Square;

impl<C: Dim, H: Dim, W: Dim> Layer<Image<C, H, W>> for Square {
    type Out = Image<C, H, W>;
    type Fits = B1;
    const TREE: Tree = Tree::Leaf(Op::Own(OwnOp {
        params: C::USIZE,
        initial: 0.5,
        macs: C::USIZE * H::USIZE * W::USIZE,
        ..OwnOp::new("square", Image::<C, H, W>::DIMS)
    }));

    fn forward(run: &mut Forward<'_>) {
        let cells = H::USIZE * W::USIZE;
        while let Some(step) = run.step() {
            let (input, scale) = (step.input(), step.plain_params());
            for (i, (y, x)) in step.output.iter_mut().zip(input).enumerate() {
                *y = scale[i / cells % C::USIZE] * x * x;
            }
        }
    }

    fn backward(run: &mut Backward<'_>) {
        let cells = H::USIZE * W::USIZE;
        let mut step = run.step();
        for (i, grad) in step.grad_output.iter().enumerate() {
            let (channel, x) = (i / cells % C::USIZE, step.input[i]);
            step.grad_params[channel] += grad * x * x;
            if let Some(grad_input) = &mut step.grad_input {
                grad_input[i] += grad * 2.0 * x * step.params[channel];
            }
        }
    }
}

/// A type that stands for a chain.
pub struct Bottleneck;

type Inner = chain![Conv2d<U8, Window<U1>>, Relu, Conv2d<U4, Window<U3, U1, U1>>];

impl<H: Dim, W: Dim> Layer<Image<U4, H, W>> for Bottleneck
where
    Inner: Layer<Image<U4, H, W>>,
{
    type Out = <Inner as Layer<Image<U4, H, W>>>::Out;
    type Fits = <Inner as Layer<Image<U4, H, W>>>::Fits;
    const TREE: Tree = <Inner as Layer<Image<U4, H, W>>>::TREE;

    fn forward(run: &mut Forward<'_>) {
        <Inner as Layer<Image<U4, H, W>>>::forward(run);
    }

    fn backward(run: &mut Backward<'_>) {
        <Inner as Layer<Image<U4, H, W>>>::backward(run);
    }
}

cnn! {
    pub struct Backbone: [1, 10, 10] -> [4, 4, 4] {
        conv1 as "features.0": conv2d(4, kernel = 3), batch_norm, relu,
        max_pool2d(2),
    }
}

cnn! {
    pub struct Whole: [1, 10, 10] -> [3] {
        backbone as "encoder": Backbone => [4, 4, 4],
        add { identity, { square: Square => [4, 4, 4] } },
        middle: Bottleneck => [4, 4, 4],
        flatten,
        fc: linear(3),
    }
}

cnn! {
    /// The same layers without types.
    pub struct Flattened: [1, 10, 10] -> [4, 4, 4] {
        conv2d(4, kernel = 3), batch_norm, relu,
        max_pool2d(2),
    }
}

const _: () = {
    assert!(Whole::PARAMS == Backbone::PARAMS + 4 + (4 * 8 + 8) + (8 * 9 * 4 + 4) + (64 * 3 + 3));
    assert!(Whole::LAYERS.len() == 4 + 1 + 1 + 3 + 2);
};

#[test]
fn names_begin_with_those_of_the_layer() {
    assert_eq!(
        Whole::ARCHITECTURE.names,
        [
            "backbone.conv1",
            "backbone.bn1",
            "backbone.relu1",
            "backbone.pool1",
            "square",
            "add1",
            "middle.0",
            "middle.1",
            "middle.2",
            "flatten1",
            "fc",
        ]
    );
    let tensors: Vec<&str> = Whole::ARCHITECTURE.tensors.iter().map(|tensor| tensor.name).collect();
    assert_eq!(
        tensors,
        [
            "encoder.bn1.bias",
            "encoder.bn1.running_mean",
            "encoder.bn1.running_var",
            "encoder.bn1.weight",
            "encoder.features.0.bias",
            "encoder.features.0.weight",
            "fc.bias",
            "fc.weight",
            "middle.0.bias",
            "middle.0.weight",
            "middle.2.bias",
            "middle.2.weight",
            "square.weight",
        ]
    );
}

fn image(seed: usize) -> Chw<1, 10, 10> {
    Chw([core::array::from_fn(|y| core::array::from_fn(|x| ((x * 3 + y * 5 + seed * 11) as f32 * 0.7).sin()))])
}

#[test]
fn a_network_within_a_network_computes_what_it_computes_alone() {
    let backbone = Backbone::init(4);
    let mut whole = Whole::init(9);
    whole.backbone_mut().copy_from_slice(backbone.params());
    assert_eq!(whole.backbone(), backbone.params());
    assert_eq!(whole.square(), [0.5; 4]);
    assert_eq!(whole.fc().weight().len(), 3);

    // Only the first layers: those behind it as if they did nothing.
    whole.square_mut().fill(0.0);
    let middle = whole.middle().len();
    whole.middle_mut().fill(0.0);
    assert_eq!(middle, 4 * 8 + 8 + 8 * 9 * 4 + 4);
    // First convolution of the bottleneck the identity, twice, and the second its centre.
    for channel in 0..4 {
        whole.middle_mut()[channel * 4 + channel] = 1.0;
        whole.middle_mut()[40 + (channel * 8 + channel) * 9 + 4] = 1.0;
    }
    let features = backbone.forward(&image(1));
    assert!(features.as_slice().iter().all(|x| *x >= 0.0), "behind a ReLU the bottleneck changes nothing");
    let fc = whole.fc();
    let expected: [f32; 3] = core::array::from_fn(|class| {
        fc.bias()[class] + fc.weight()[class].iter().zip(features.as_slice()).map(|(w, x)| w * x).sum::<f32>()
    });
    let prepared = whole.prepare();
    for scores in [whole.forward(&image(1)), prepared.forward(&image(1))] {
        scores.iter().zip(expected).for_each(|(a, b)| assert!((a - b).abs() < 1e-4, "{a} {b}"));
    }
}

/// Gradients through layers of one's own, against central differences.
#[test]
fn gradients_pass_through() {
    let sgd = Sgd { learning_rate: 0.0, ..Sgd::default() };
    let net = Whole::from_params(convnet::params::Params::Owned(Whole::init(3).params().to_vec()));
    let (inputs, targets) = ([image(1), image(2)], [Flat([1.0, 0.0, -1.0]), Flat([0.0, 2.0, 0.5])]);
    let mut trainer = Trainer::new(net, MeanSquaredError, sgd, 2, 0).unwrap();
    trainer.backward(&inputs, &targets, None).unwrap();
    let gradients = trainer.gradients().to_vec();
    let own = Whole::ARCHITECTURE.tensors.iter().filter(|tensor| !tensor.name.contains("running"));
    for tensor in own {
        let index = tensor.offset + tensor.len() / 2;
        let loss_at = |by: f32| {
            let mut params = Whole::init(3).params().to_vec();
            params[index] += by;
            let net = Whole::from_params(convnet::params::Params::Owned(params));
            let mut trainer = Trainer::new(net, MeanSquaredError, sgd, 2, 0).unwrap();
            trainer.backward(&inputs, &targets, None).unwrap()
        };
        let difference = (loss_at(2e-3) - loss_at(-2e-3)) / 4e-3;
        let gradient = gradients[index];
        let close = (gradient - difference).abs() <= 2e-2 * gradient.abs().max(0.05);
        assert!(close, "{}: {gradient}, by differences {difference}", tensor.name);
    }
}

#[test]
fn files_round_trip() {
    let net = Whole::init(5);
    let again = Whole::from_bytes(&net.to_bytes()).unwrap();
    assert_eq!(net.params(), again.params());
}

/// In the place of a type, and by hand.
#[test]
fn types_stand_in_every_form() {
    type Anonymous = cnn!([1, 10, 10] -> Backbone => [4, 4, 4], Square => [4, 4, 4], global_avg_pool);
    type ByHand = Sequential<Image<U1, convnet::typenum::U10, convnet::typenum::U10>, chain![Backbone, Square]>;
    let (net, by_hand) = (Anonymous::init(1), ByHand::init(1));
    assert_eq!(Anonymous::PARAMS, Backbone::PARAMS + 4);
    assert_eq!(net.params(), by_hand.params());
    let image = image(3);
    let input = Tensor::from_value(&image).unwrap();
    let (means, features) = (net.forward(input), by_hand.forward(input));
    let mean = features.as_slice()[..16].iter().sum::<f32>() / 16.0;
    assert!((means.as_slice()[0] - mean).abs() < 1e-5);
}

mod deeper {
    //! A network within a network within a network.
    use super::Whole;
    convnet::cnn! {
        pub struct Twice: [1, 10, 10] -> [2] {
            whole: Whole => [3], relu, linear(2),
        }
    }
}

#[test]
fn networks_nest() {
    assert_eq!(deeper::Twice::ARCHITECTURE.names[0], "whole.backbone.conv1");
    assert_eq!(deeper::Twice::PARAMS, Whole::PARAMS + 8);
    let net = deeper::Twice::init(1);
    let whole = Whole::from_params(convnet::params::Params::Owned(net.whole().to_vec()));
    let scores = whole.forward(&image(2)).map(|x| x.max(0.0));
    let fc = net.fc1();
    let expected = fc.bias()[1] + scores.iter().zip(fc.weight()[1]).map(|(x, w)| x * w).sum::<f32>();
    assert!((net.forward(&image(2))[1] - expected).abs() < 1e-5);
}
