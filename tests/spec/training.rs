//! §7: gradients, losses, optimisers, schedules and first parameters, by hand.

use convnet::train::{Adam, AdamW, CrossEntropy, Loss, MeanSquaredError, Optimizer, Schedule, Sgd, Trainer};
use convnet::{Chw, Flat, Init, Network, cnn};

use crate::{assert_close, assert_close_floats, counting};

cnn! {
    struct Hand: [1, 3, 3] -> [1, 2, 2] { conv: conv2d(1, kernel = 2, bias = false) }
}
const KERNEL: [[f32; 2]; 2] = [[1.0, 2.0], [3.0, 4.0]];

/// ∂L/∂K and ∂L/∂I of the 3×3 ∗ 2×2 case for a given ∂L/∂O: mean squared error, 2/4 (O − T), against T = O − 2 ∂L/∂O.
fn gradients(grad_output: [[f32; 2]; 2]) -> (Vec<f32>, Chw<1, 3, 3>) {
    let mut net = Hand::init(0);
    net.conv_mut().weight[0][0] = KERNEL;
    let input: Chw<1, 3, 3> = counting();
    let mut target = net.forward(&input);
    for (target, grad) in target[0].as_flattened_mut().iter_mut().zip(grad_output.as_flattened()) {
        *target -= 2.0 * grad;
    }
    let mut trainer = Trainer::new(net, MeanSquaredError, Sgd::default(), 1, 0).unwrap();
    let mut grad_input = [Chw::zeros()];
    trainer.backward(&[input], &[target], Some(&mut grad_input)).unwrap();
    let [grad_input] = grad_input;
    (trainer.gradients().to_vec(), grad_input)
}

/// ∂O₁₁/∂K₁₁ = I₁₁, ∂O₁₁/∂K₁₂ = I₁₂, …, ∂O₂₂/∂K₂₂ = I₃₃; and ∂O₁₁/∂I₁₁ = K₁₁, …: one output at a time.
///
/// ```text
///     | 1 2 3 |       | 1 2 |
/// I = | 4 5 6 |   K = | 3 4 |
///     | 7 8 9 |
/// ```
#[test]
fn each_output_by_each_weight_and_each_input() {
    let (by_kernel, by_input) = gradients([[1.0, 0.0], [0.0, 0.0]]);
    assert_eq!(by_kernel, [1.0, 2.0, 4.0, 5.0]);
    assert_eq!(by_input, Chw([[[1.0, 2.0, 0.0], [3.0, 4.0, 0.0], [0.0, 0.0, 0.0]]]));

    let (by_kernel, by_input) = gradients([[0.0, 1.0], [0.0, 0.0]]);
    assert_eq!(by_kernel, [2.0, 3.0, 5.0, 6.0]);
    assert_eq!(by_input, Chw([[[0.0, 1.0, 2.0], [0.0, 3.0, 4.0], [0.0, 0.0, 0.0]]]));

    let (by_kernel, by_input) = gradients([[0.0, 0.0], [1.0, 0.0]]);
    assert_eq!(by_kernel, [4.0, 5.0, 7.0, 8.0]);
    assert_eq!(by_input, Chw([[[0.0, 0.0, 0.0], [1.0, 2.0, 0.0], [3.0, 4.0, 0.0]]]));

    let (by_kernel, by_input) = gradients([[0.0, 0.0], [0.0, 1.0]]);
    assert_eq!(by_kernel, [5.0, 6.0, 8.0, 9.0]);
    assert_eq!(by_input, Chw([[[0.0, 0.0, 0.0], [0.0, 1.0, 2.0], [0.0, 3.0, 4.0]]]));
}

/// ∂L/∂K is the input convolved with ∂L/∂O; ∂L/∂I is the full convolution of ∂L/∂O with the kernel rotated by 180°. Both
/// convolutions are layers here.
#[test]
fn gradients_are_convolutions() {
    cnn! {
        struct Valid: [1, 3, 3] -> [1, 2, 2] { conv: conv2d(1, kernel = 2, bias = false) }
    }
    cnn! {
        struct Full: [1, 2, 2] -> [1, 3, 3] { conv: conv2d(1, kernel = 2, padding = full, bias = false) }
    }
    let grad_output = [[1.0, 2.0], [-1.0, 3.0]];
    let (by_kernel, by_input) = gradients(grad_output);

    let mut valid = Valid::init(0);
    valid.conv_mut().weight[0][0] = grad_output;
    assert_eq!(by_kernel, valid.forward(&counting()).as_slice());

    let mut full = Full::init(0);
    let mut rotated = KERNEL;
    rotated.as_flattened_mut().reverse();
    full.conv_mut().weight[0][0] = rotated;
    assert_eq!(by_input, full.forward(&Chw([grad_output])));
    assert_eq!(by_input, Chw([[[1.0, 4.0, 4.0], [2.0, 11.0, 14.0], [-3.0, 5.0, 12.0]]]));
}

cnn! {
    /// The identity, so that a loss can be given its outputs.
    struct Identity: [3] -> [3] { fc: linear(3, bias = false) }
}

/// The loss of these outputs and its gradient.
fn loss<L: Loss<Flat<3>>>(loss: L, outputs: [f32; 3], target: L::Target) -> (f32, Flat<3>) {
    let mut net = Identity::init(0);
    *net.fc_mut().weight = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    let mut trainer = Trainer::new(net, loss, Sgd::default(), 1, 0).unwrap();
    let mut grad_input = [Flat::zeros()];
    let loss = trainer.backward(&[Flat(outputs)], &[target], Some(&mut grad_input)).unwrap();
    let [grad_input] = grad_input;
    (loss, grad_input)
}

/// −log softmax(1, 2, 3)₃ = log(1 + e⁻¹ + e⁻²); its gradient is softmax − (0, 0, 1).
#[test]
fn cross_entropy_is_fused_with_softmax() {
    let (loss, grad) = loss(CrossEntropy, [1.0, 2.0, 3.0], 2);
    let (e1, e2) = ((-1.0_f32).exp(), (-2.0_f32).exp());
    assert!((loss - (1.0 + e1 + e2).ln()).abs() < 1e-6);
    assert!((loss - 0.407_606).abs() < 1e-6);
    assert_close(&grad, &Flat([0.090_030_57, 0.244_728_48, 0.665_240_94 - 1.0]));
    // A softmax that overflows would be infinite or not a number.
    assert!((self::loss(CrossEntropy, [1e4, 0.0, -1e4], 1).0 - 1e4).abs() < 1e-2);
}

/// ((1 − 0)² + (2 − 2)² + (3 + 1)²) / 3; its gradient is 2/3 (y − t).
#[test]
fn mean_squared_error() {
    let (loss, grad) = loss(MeanSquaredError, [1.0, 2.0, 3.0], Flat([0.0, 2.0, -1.0]));
    assert!((loss - 17.0 / 3.0).abs() < 1e-6);
    assert_close(&grad, &Flat([2.0 / 3.0, 0.0, 8.0 / 3.0]));
}

/// A weight θ that begins at 2, by the loss (θ − 1)² with the gradient 2 (θ − 1), after each of two steps.
#[track_caller]
fn assert_steps(optimizer: impl Optimizer, expected: [f32; 2]) {
    cnn! {
        struct One: [1] -> [1] { fc: linear(1, bias = false) }
    }
    let mut net = One::init(0);
    net.params_mut()[0] = 2.0;
    let mut trainer = Trainer::new(net, MeanSquaredError, optimizer, 1, 0).unwrap();
    let steps = [0; 2].map(|_| {
        trainer.step(&[Flat([1.0])], &[Flat([1.0])]).unwrap();
        trainer.net().params()[0]
    });
    assert_close_floats(&steps, &expected);
}

/// g ← g + λθ, b ← μb + g, θ ← θ − γb: 2 − 0.1 · 3, and then b = 0.9 · 3 + 1.4 + 0.85 = 4.95.
#[test]
fn sgd_with_momentum_and_weight_decay() {
    assert_steps(Sgd { learning_rate: 0.1, ..Sgd::default() }, [2.0 - 0.2, 1.8 - 0.16]);
    let alexnets = Sgd { learning_rate: 0.1, momentum: 0.9, weight_decay: 0.5, ..Sgd::default() };
    assert_steps(alexnets, [2.0 - 0.3, 1.7 - 0.495]);
}

/// The first step is as long as the learning rate, whatever the gradient; the second has m = 0.36 / 0.19 and
/// v = 0.007 236 / 0.001 999.
#[test]
fn adam() {
    let second = 0.1 * (0.36 / 0.19) / (0.007_236_f32 / 0.001_999).sqrt();
    assert_steps(Adam { learning_rate: 0.1, ..Adam::default() }, [1.9, 1.9 - second]);
}

/// The decay shrinks θ by γλ and is kept out of the means: 2 · 0.95 − 0.1.
#[test]
fn adam_with_decoupled_weight_decay() {
    let g = 2.0 * (1.8 - 1.0);
    let (m, v) = ((0.9 * 0.2 + 0.1 * g) / 0.19, (0.999 * 0.004 + 0.001 * g * g) / 0.001_999);
    let second = 1.8 * 0.95 - 0.1 * m / f32::sqrt(v);
    assert_steps(AdamW { learning_rate: 0.1, weight_decay: 0.5, ..AdamW::default() }, [1.8, second]);
}

/// A tenth every 30 epochs, and half a cosine wave.
#[test]
fn schedules() {
    let steps = Schedule::Steps { initial: 0.01, factor: 0.1, every: 30 };
    for (epoch, rate) in [(0, 1e-2), (29, 1e-2), (30, 1e-3), (59, 1e-3), (60, 1e-4), (90, 1e-5)] {
        assert!((steps.at(epoch) - rate).abs() < 1e-12, "{} at {epoch}", steps.at(epoch));
    }
    let cosine = Schedule::Cosine { initial: 0.1, last: 0.0, steps: 90 };
    // cos 60° = ½, cos 90° = 0, cos 120° = −½.
    for (epoch, rate) in [(0, 0.1), (30, 0.075), (45, 0.05), (60, 0.025), (90, 0.0)] {
        assert!((cosine.at(epoch) - rate).abs() < 1e-12, "{} at {epoch}", cosine.at(epoch));
    }
}

cnn! {
    struct Two: [3, 9, 9] -> [10] { conv: conv2d(16, kernel = 3), relu, flatten, fc: linear(10) }
}

/// That these are of U(−bound, bound): within, nearly all of it, around 0.
fn assert_uniform(values: &[f32], bound: f32) {
    let largest = values.iter().fold(0.0_f32, |max, x| max.max(x.abs()));
    let mean = values.iter().sum::<f32>() / values.len() as f32;
    assert!(largest <= bound && largest > 0.95 * bound, "{largest}, bound {bound}");
    assert!(mean.abs() < 0.1 * bound, "mean {mean}, bound {bound}");
}

/// Kaiming's uniform distribution as in PyTorch: ±1 / √fan_in.
#[test]
fn first_parameters_are_kaimings() {
    let net = Two::init(7);
    assert_uniform(net.conv().weight().as_flattened().as_flattened().as_flattened(), 1.0 / f32::sqrt(3.0 * 3.0 * 3.0));
    assert_uniform(net.fc().weight().as_flattened(), 1.0 / f32::sqrt(16.0 * 7.0 * 7.0));
    assert_eq!(net.params(), Two::init_with(Init::Kaiming, 7).params());
}

/// Xavier's: ±√(6 / (fan_in + fan_out)), biases 0.
#[test]
fn first_parameters_are_xaviers() {
    let net = Two::init_with(Init::Xavier, 7);
    let fans = 3.0 * (3.0 * 3.0) + 16.0 * (3.0 * 3.0);
    assert_uniform(net.conv().weight().as_flattened().as_flattened().as_flattened(), f32::sqrt(6.0 / fans));
    assert_uniform(net.fc().weight().as_flattened(), f32::sqrt(6.0 / (16.0 * 7.0 * 7.0 + 10.0)));
    assert_eq!((net.conv().bias(), net.fc().bias()), (&[0.0; 16], &[0.0; 10]));
    assert_eq!(net.params(), Two::init_with(Init::Xavier, 7).params());
}

#[test]
fn a_seed_gives_the_same_parameters() {
    assert_eq!(Two::init(7).params(), Two::init(7).params());
    assert_ne!(Two::init(7).params(), Two::init(8).params());
    // And in every release.
    let bits: Vec<u32> = Two::init(7).params()[..3].iter().map(|x| x.to_bits()).collect();
    assert_eq!(bits, [0x3df9_a79e, 0xbd84_1d8a, 0xbdc7_a493]);
}

/// In training a value is lost or twice as large; at inference none is.
#[test]
fn dropout_in_training() {
    cnn! {
        struct Net: [1000] -> [1000] { dropout(0.5) }
    }
    let (ones, zeros) = (Flat([1.0; 1000]), Flat([0.0; 1000]));
    let mut trainer = Trainer::new(Net::init(0), MeanSquaredError, Sgd::default(), 1, 0).unwrap();
    let mut grad = [Flat::zeros()];
    // The gradient of the mean of y² by x is 2/1000 · y · 2 = 8/1000 where y = 2x, and 0 where the value is lost.
    let loss = trainer.backward(&[ones], &[zeros], Some(&mut grad)).unwrap();
    let kept = grad[0].iter().filter(|grad| **grad != 0.0).count();
    assert!((400..600).contains(&kept), "{kept} of 1000 are kept");
    assert!(grad[0].iter().all(|grad| *grad == 0.0 || (grad - 0.008).abs() < 1e-6));
    assert!((loss - 4.0 * kept as f32 / 1000.0).abs() < 1e-4);
    assert_eq!(trainer.net().forward(&Flat([1.0; 1000])), Flat([1.0; 1000]));
}
