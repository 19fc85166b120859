//! Batch normalisation through a whole network: statistics that training moves, weight decay that does not, and
//! folding, after which nothing of it is left to compute.
#![cfg(feature = "train")]

use convnet::layers::{BatchNorm, Conv2d, ConvTranspose2d, Flatten, Linear, Relu};
use convnet::shape::{Image, Window};
use convnet::train::{CrossEntropy, Sgd, TrainError, Trainer};
use convnet::typenum::{B0, U1, U2, U3, U4, U5};
use convnet::{Network, Sequential, Tensor, chain};

type Same3 = Window<U3, U1, U1>;
/// Folded into a convolution without a bias, a transposed one, and a linear layer; behind a ReLU it stays.
type Net = Sequential<
    Image<U2, U4, U4>,
    chain![
        Conv2d<U4, Same3, Same3, U1, B0>,
        BatchNorm,
        Relu,
        ConvTranspose2d<U3, Window<U2, U2>>,
        BatchNorm,
        Relu,
        BatchNorm,
        Flatten,
        Linear<U5>,
        BatchNorm,
    ],
>;

fn input(sample: usize) -> Tensor<Image<U2, U4, U4>> {
    let mut input = Tensor::zeros();
    for (index, x) in input.as_mut_slice().iter_mut().enumerate() {
        *x = ((sample * 37 + index * 11) % 23) as f32 / 11.5 - 1.0;
    }
    input
}

fn trained(weight_decay: f64, steps: usize) -> Net {
    let sgd = Sgd { learning_rate: 0.05, momentum: 0.9, weight_decay, ..Sgd::default() };
    let mut trainer = Trainer::new(Net::init(3), CrossEntropy, sgd, 8, 1).unwrap();
    let inputs: Vec<_> = (0..8).map(input).collect();
    for _ in 0..steps {
        trainer.step(&inputs, &[0, 1, 2, 3, 4, 0, 1, 2]).unwrap();
    }
    trainer.into_net()
}

fn tensor(net: &Net, name: &str) -> Vec<f32> {
    let tensor = Net::ARCHITECTURE.tensors.iter().find(|tensor| tensor.name == name).unwrap();
    net.params()[tensor.offset..][..tensor.len()].to_vec()
}

#[test]
fn parameters_count_what_is_learned() {
    let learned = 4 * 2 * 9 + 2 * 4 + (4 * 3 * 4 + 3) + 2 * 3 + 2 * 3 + (5 * 192 + 5) + 2 * 5;
    assert_eq!(Net::PARAMS, learned);
    assert_eq!(Net::init(0).params().len(), learned + 2 * (4 + 3 + 3 + 5), "and the running statistics");
}

#[test]
fn a_prepared_network_is_the_same_function() {
    let net = trained(1e-3, 20);
    let prepared = net.prepare();
    for sample in 0..4 {
        let (expected, got) = (net.forward(&input(sample)), prepared.forward(&input(sample)));
        for (got, expected) in got.as_slice().iter().zip(expected.as_slice()) {
            assert!((got - expected).abs() <= 1e-5 * expected.abs().max(1.0), "{got} {expected}");
        }
    }
    // Scale and shift of the one that is not folded are all that is packed beside weights and biases.
    let folded: Vec<bool> = Net::ARCHITECTURE.prepared.iter().map(|step| step.folded).collect();
    assert_eq!(folded, [true, false, false, true, false, false, false, false, true, false]);
}

/// running ← 0.9 running + 0.1 statistics of the batch, the variance unbiased; from mean 0 and variance 1.
#[test]
fn running_statistics_follow_the_batches() {
    let net = Net::init(3);
    let values: Vec<f64> = (0..8).flat_map(|sample| conv_outputs(&net, sample)).collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (values.len() - 1) as f64;
    let after = trained(0.0, 1);
    let (got_mean, got_var) = (tensor(&after, "1.running_mean")[0], tensor(&after, "1.running_var")[0]);
    assert!((f64::from(got_mean) - 0.1 * mean).abs() < 1e-6, "{got_mean} {mean}");
    assert!((f64::from(got_var) - (0.9 + 0.1 * variance)).abs() < 1e-5, "{got_var} {variance}");
}

/// The first channel of the first convolution.
fn conv_outputs(net: &Net, sample: usize) -> Vec<f64> {
    type First = Sequential<Image<U2, U4, U4>, chain![Conv2d<U4, Same3, Same3, U1, B0>]>;
    let weight = tensor(net, "0.weight");
    let first = First::from_params(convnet::params::Params::Owned(weight));
    first.forward(&input(sample)).as_slice()[..16].iter().map(|x| f64::from(*x)).collect()
}

/// The statistics are no parameters: a decay that ruins the weights leaves them what the batches make them.
#[test]
fn weight_decay_does_not_shrink_statistics() {
    let (plain, decayed) = (trained(0.0, 1), trained(10.0, 1));
    assert_ne!(tensor(&plain, "0.weight"), tensor(&decayed, "0.weight"));
    for name in ["1.running_mean", "1.running_var", "9.running_var"] {
        assert_eq!(tensor(&plain, name), tensor(&decayed, name), "{name}");
    }
}

#[test]
fn one_value_a_channel_has_no_variance() {
    let mut trainer = Trainer::new(Net::init(3), CrossEntropy, Sgd::default(), 8, 1).unwrap();
    let error = trainer.step(&[input(0)], &[0]).unwrap_err();
    assert_eq!(error, TrainError::Statistics { layer: "9" });
    assert_eq!(
        error.to_string(),
        "`9` normalises by the batch, which has one value a channel; it needs at least 2 samples"
    );
}
