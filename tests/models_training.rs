//! One training step of every network of `convnet::models`, on random data: it makes the loss of its batch smaller.

use convnet::Network;
use convnet::arena::Floats;
use convnet::models::*;
use convnet::train::{CrossEntropy, Loss, MeanSquaredError, Optimizer, Trainer};

/// A step against the gradient that is so long that the loss falls by a given share of itself, if it were a plane: θ ← θ − η g
/// with η = share · loss / |g|². Networks without normalisation and those with it need no rates of their own then.
#[derive(Debug)]
struct Downhill {
    fall: f64,
}

impl Optimizer for Downhill {
    fn state_per_parameter(&self) -> usize {
        0
    }

    fn learning_rate(&self) -> f64 {
        self.fall
    }

    fn set_learning_rate(&mut self, fall: f64) {
        self.fall = fall;
    }

    fn update(&self, _: u64, params: &mut [f32], gradients: &[f32], _: &mut [f32]) {
        let square: f64 = gradients.iter().map(|gradient| f64::from(*gradient).powi(2)).sum();
        let rate = (self.fall / square) as f32;
        params.iter_mut().zip(gradients).for_each(|(param, gradient)| *param -= rate * gradient);
    }
}

/// A number from −1 to 1 that looks random.
fn noise(seed: usize, index: usize) -> f32 {
    let mixed =
        (index as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (seed as u64).wrapping_mul(0xd1b5_4a32_d192_ed03);
    let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed >> 40) as f32 / (1u64 << 23) as f32 - 1.0
}

fn random<V: Floats>(seed: usize, count: usize) -> Vec<V> {
    let mut values = V::zeroed_vec(count);
    Floats::flatten_mut(&mut values).iter_mut().enumerate().for_each(|(i, x)| *x = noise(seed, i));
    values
}

/// The loss of a batch before and after one step: both with the statistics of the batch and the dropout mask of the first
/// step, of which two trainers with one seed have the same.
fn step<N: Network, L: Loss<N::Output> + Copy>(loss: L, batch: usize, targets: &[L::Target])
where
    <N::Chain as convnet::Layer<N::Shape>>::Fits: convnet::shape::AllWindowsFit,
{
    let name = N::ARCHITECTURE.name;
    let inputs: Vec<N::Input> = random(3, batch);
    let mut trainer = Trainer::new(N::init(1), loss, Downhill { fall: 0.0 }, batch, 7).expect("memory");
    let before = trainer.backward(&inputs, targets, None).expect("a finite loss");
    assert!(before > 0.0, "{name}: {before}");
    trainer.set_learning_rate(f64::from(before) * 0.02);
    trainer.update();
    let mut trainer = Trainer::new(trainer.into_net(), loss, Downhill { fall: 0.0 }, batch, 7).expect("memory");
    let after = trainer.backward(&inputs, targets, None).expect("a finite loss");
    assert!(after < before, "{name}: {before}, and {after} after a step");
    assert!(after > 0.5 * before, "{name}: {before}, and {after} after a step that was to take a fiftieth");
}

/// Tests of classifiers, each with the samples of its batch: normalisation needs two, or many cells.
macro_rules! classifiers {
    ($($test:ident: $network:ident, $batch:literal;)+) => {$(
        #[test]
        fn $test() {
            step::<$network, _>(CrossEntropy, $batch, &[3, 1][..$batch]);
        }
    )+};
}
classifiers! {
    lenet_5: LeNet5, 2;
    alexnet: AlexNet, 1;
    alexnet_grouped: AlexNetGrouped, 1;
    alexnet_torchvision: AlexNetTorchvision, 1;
    vgg_11: Vgg11, 1;
    vgg_13: Vgg13, 1;
    vgg_16: Vgg16, 1;
    vgg_19: Vgg19, 1;
    googlenet: GoogLeNet, 1;
    googlenet_torchvision: GoogLeNetTorchvision, 2;
    squeezenet_1_0: SqueezeNet1_0, 1;
    squeezenet_1_1: SqueezeNet1_1, 1;
    resnet_18: ResNet18, 2;
    resnet_34: ResNet34, 2;
    mobilenet_v1: MobileNetV1, 2;
    mobilenet_v2: MobileNetV2, 2;
    m5: M5, 2;
    c3d: C3d, 1;
}

/// Networks whose targets are values like their outputs.
macro_rules! regressions {
    ($($test:ident: $network:ident, $batch:literal;)+) => {$(
        #[test]
        fn $test() {
            let targets: Vec<<$network as Network>::Output> = random(5, $batch);
            step::<$network, _>(MeanSquaredError, $batch, &targets);
        }
    )+};
}
regressions! {
    u_net: UNet, 1;
    p_net: PNet12, 2;
    r_net: RNet, 2;
    o_net: ONet, 2;
}

#[test]
fn googlenet_with_auxiliary_classifiers() {
    step::<GoogLeNetAuxiliary, _>(AuxiliaryCrossEntropy, 1, &[7]);
}

/// What was trained with them is used without.
#[test]
fn auxiliary_classifiers_are_left_out() {
    let trained = GoogLeNetAuxiliary::init(2);
    let net = GoogLeNet::from(&trained);
    let input: Vec<_> = random::<<GoogLeNet as Network>::Input>(1, 1);
    let (with, without) = (trained.forward(&input[0]), net.forward(&input[0]));
    assert_eq!(with.scores, without);
    assert!(with.auxiliary1 != with.auxiliary2);
}

/// Every network of the module is trained above.
#[test]
fn none_is_left_out() {
    let table = include_str!("../src/models.rs");
    let tests = include_str!("models_training.rs");
    let rows = table.lines().filter(|line| line.starts_with("//! | ["));
    let first = rows.map(|row| row.split(" | ").next().unwrap_or_default());
    for name in
        first.flat_map(|cell| cell.split('[').skip(1)).map(|rest| rest.split(['`', ']']).nth(1).unwrap_or_default())
    {
        let name = if name == "PNet" { "PNet12" } else { name };
        assert!(
            tests.contains(&format!(": {name}, ")) || tests.contains(&format!("<{name}, ")),
            "{name} is not trained"
        );
    }
}
