//! Training as a user does it: against PyTorch step by step, reproducible, and refusing what makes no sense.
#![cfg(all(feature = "train", feature = "safetensors"))]

#[path = "support/numbers.rs"]
mod numbers;
#[path = "support/tensors.rs"]
mod tensors;

use convnet::train::{
    Adam, AdamW, CrossEntropy, MeanSquaredError, Optimizer, Schedule, Sgd, TrainError, Trainer, shuffle,
};
use convnet::{Chw, Flat, cnn};

use numbers::numbers;
use tensors::{Fixture, assert_close};

cnn! {
    struct Tiny: [1, 6, 6] -> [4] {
        conv: conv2d(3, kernel = 3, padding = 1), relu,
        max_pool2d(2),
        flatten,
        fc1: linear(5), tanh,
        fc2: linear(4),
    }
}

cnn! {
    struct LeNet5: [1, 28, 28] -> [10] {
        conv1: conv2d(6, kernel = 5, padding = 2), relu,
        max_pool2d(2),
        conv2: conv2d(16, kernel = 5), relu,
        max_pool2d(2),
        flatten,
        fc1: linear(120), relu,
        fc2: linear(84), relu,
        fc3: linear(10),
    }
}

cnn! {
    struct Noisy: [6] -> [3] {
        linear(16), tanh,
        dropout(0.5),
        linear(3),
    }
}

/// A network with these parameters.
macro_rules! with_params {
    ($net:ident, $params:expr) => {{
        let mut net = $net::init(0);
        net.params_mut().copy_from_slice($params);
        net
    }};
}

/// Five steps of an optimiser against PyTorch's parameters and losses after each.
fn same_as_pytorch(name: &str, optimizer: impl Optimizer) {
    let fixture = Fixture::read("training/optimizers.safetensors");
    let (images, classes) = (fixture.floats("inputs"), fixture.indices("classes"));
    let images: &[Chw<1, 6, 6>] = Chw::many_from_slice(&images).unwrap();
    let (params, losses) = (fixture.floats(&format!("{name}.params")), fixture.floats(&format!("{name}.losses")));
    let params: Vec<&[f32]> = params.chunks_exact(Tiny::PARAMS).collect();

    let mut trainer = Trainer::new(with_params!(Tiny, params[0]), CrossEntropy, optimizer, 4, 0).unwrap();
    for (step, expected) in losses.iter().enumerate() {
        let batch = 4 * (step % 3)..4 * (step % 3) + 4;
        let loss = trainer.step(&images[batch.clone()], &classes[batch]).unwrap();
        assert_close(&format!("{name}: loss at step {step}"), &[loss], &[*expected], 1e-6);
        assert_close(&format!("{name}: parameters after step {step}"), trainer.net().params(), params[step + 1], 1e-6);
    }
    let moved = params[0].iter().zip(params[5]).fold(0.0_f32, |max, (a, b)| max.max((a - b).abs()));
    assert!(moved > 0.02, "{name}: the parameters hardly move, nothing is tested");
}

#[test]
fn sgd_steps_as_pytorch_does() {
    let momentum = Sgd { learning_rate: 0.05, momentum: 0.9, weight_decay: 0.01, nesterov: false };
    same_as_pytorch("sgd", Sgd { learning_rate: 0.1, ..Sgd::default() });
    same_as_pytorch("momentum", momentum);
    same_as_pytorch("nesterov", Sgd { nesterov: true, ..momentum });
}

#[test]
fn adam_steps_as_pytorch_does() {
    let decay = Adam { learning_rate: 0.02, betas: [0.8, 0.95], epsilon: 1e-6, weight_decay: 0.1 };
    same_as_pytorch("adam", Adam { learning_rate: 0.01, ..Adam::default() });
    same_as_pytorch("adam_decay", decay);
    same_as_pytorch("adamw", AdamW { learning_rate: 0.02, weight_decay: 0.1, ..AdamW::default() });
}

#[test]
fn lenet5_has_the_scores_and_gradients_of_pytorch() {
    let fixture = Fixture::read("training/lenet5.safetensors");
    // Outputs of each layer and inputs of each of them; seeds and bounds are those of the script.
    let layers = [(6, 25), (16, 150), (120, 400), (84, 120), (10, 84)];
    let mut params = Vec::new();
    for (seed, (outputs, fan_in)) in (10..).step_by(2).zip(layers) {
        let bound = |fan_in: usize| (3.0 / fan_in as f64).sqrt() as f32;
        params.extend(numbers(seed, outputs * fan_in).iter().map(|x| x * bound(fan_in)));
        params.extend(numbers(seed + 1, outputs).iter().map(|x| x * bound(300)));
    }
    let images = numbers(30, 4 * 784);
    let images: &[Chw<1, 28, 28>] = Chw::many_from_slice(&images).unwrap();

    let mut trainer =
        Trainer::new(with_params!(LeNet5, &params), CrossEntropy, Sgd::default(), images.len(), 0).unwrap();
    let loss = trainer.backward(images, &[7, 2, 1, 0], None).unwrap();

    let scores: Vec<f32> = trainer.net().forward_batch(images).iter().flat_map(|scores| scores.0).collect();
    assert_close("scores", &scores, &fixture.floats("scores"), 1e-5);
    assert_close("loss", &[loss], &fixture.floats("loss"), 1e-5);
    let (gradients, expected) = (trainer.gradients(), fixture.floats("gradients"));
    let largest = expected.iter().fold(0.0_f32, |max, x| max.max(x.abs()));
    assert_close("gradients", gradients, &expected, 1e-5 * largest);
}

/// The parameters after a few steps, some of them with fewer samples, with these seeds of network and trainer.
fn trained(net: u64, seed: u64) -> Vec<u32> {
    let inputs = numbers(1, 10 * 6);
    let inputs: &[Flat<6>] = Flat::many_from_slice(&inputs).unwrap();
    let classes = [0, 1, 2, 2, 1, 0, 0, 1, 2, 1];
    let adam = Adam { learning_rate: 0.01, ..Adam::default() };
    let mut trainer = Trainer::new(Noisy::init(net), CrossEntropy, adam, 4, seed).unwrap();
    for _ in 0..5 {
        for (inputs, classes) in inputs.chunks(4).zip(classes.chunks(4)) {
            trainer.step(inputs, classes).unwrap();
        }
    }
    trainer.into_net().params().iter().map(|x| x.to_bits()).collect()
}

#[test]
fn a_seed_decides_every_bit() {
    assert_eq!(trained(1, 1), trained(1, 1));
    assert_ne!(trained(1, 1), trained(1, 2), "the trainer's seed makes the dropout masks");
    assert_ne!(trained(1, 1), trained(2, 1), "the network's seed makes the first parameters");
}

#[test]
fn dropout_masks_change_with_each_step_and_not_within_it() {
    let inputs = [Flat([1.0, 0.5, -0.5, 0.25, -1.0, 0.75]); 2];
    let still = Sgd { learning_rate: 0.0, ..Sgd::default() };
    let mut trainer = Trainer::new(Noisy::init(3), CrossEntropy, still, 2, 9).unwrap();
    let first = trainer.backward(&inputs, &[1, 1], None).unwrap();
    assert_eq!(trainer.backward(&inputs, &[1, 1], None).unwrap(), first);
    assert_eq!(trainer.step(&inputs, &[1, 1]).unwrap(), first);
    assert_ne!(trainer.step(&inputs, &[1, 1]).unwrap(), first);
}

#[test]
fn evaluation_has_no_dropout_and_takes_any_number() {
    let inputs = numbers(4, 11 * 6);
    let inputs: &[Flat<6>] = Flat::many_from_slice(&inputs).unwrap();
    let classes = [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1];
    let mut all = Trainer::new(Noisy::init(3), CrossEntropy, Sgd::default(), 11, 1).unwrap();
    let mut few = Trainer::new(Noisy::init(3), CrossEntropy, Sgd::default(), 4, 2).unwrap();
    let (whole, in_parts) = (all.evaluate(inputs, &classes).unwrap(), few.evaluate(inputs, &classes).unwrap());
    assert!((whole - in_parts).abs() < 1e-6, "{whole}, {in_parts}");

    let highest = |scores: &Flat<3>| (0..3).max_by(|&a, &b| scores[a].total_cmp(&scores[b])).unwrap();
    let outputs = all.net().forward_batch(inputs);
    let right = outputs.iter().zip(classes).filter(|(scores, class)| highest(scores) == *class).count();
    assert_eq!(few.accuracy(inputs, &classes).unwrap(), right as f64 / 11.0);
    assert_eq!(few.steps(), 0);
}

#[test]
fn a_network_learns() {
    let mut images = vec![Chw::<1, 6, 6>::zeros(); 32];
    let mut classes = Vec::new();
    for (i, image) in images.iter_mut().enumerate() {
        let (quarter, noise) = (i % 4, numbers(i as u64, 36));
        image.as_mut_slice().copy_from_slice(&noise.iter().map(|x| 0.2 * x).collect::<Vec<_>>());
        for cell in 0..9 {
            image[0][quarter / 2 * 3 + cell / 3][quarter % 2 * 3 + cell % 3] += 1.0;
        }
        classes.push(quarter);
    }
    let sgd = Sgd { learning_rate: 0.1, momentum: 0.9, ..Sgd::default() };
    let mut trainer = Trainer::new(Tiny::init(1), CrossEntropy, sgd, 8, 1).unwrap();
    let schedule = Schedule::Steps { initial: 0.1, factor: 0.5, every: 40 };
    let before = trainer.evaluate(&images, &classes).unwrap();
    let mut order: Vec<usize> = (0..32).collect();
    for epoch in 0..20 {
        shuffle(&mut order, epoch);
        for batch in order.chunks(8) {
            trainer.set_learning_rate(schedule.at(trainer.steps()));
            let (images, classes): (Vec<_>, Vec<_>) = batch.iter().map(|&i| (images[i], classes[i])).unzip();
            trainer.step(&images, &classes).unwrap();
        }
    }
    let after = trainer.evaluate(&images, &classes).unwrap();
    assert!(before > 1.0 && after < 0.1, "{before} before, {after} after");
    assert_eq!(trainer.accuracy(&images, &classes), Ok(1.0));
    assert_eq!((trainer.steps(), trainer.learning_rate()), (80, 0.05));
}

#[test]
fn what_makes_no_sense_is_an_error_and_changes_nothing() {
    let (image, bright) = (Chw::zeros(), Chw([[[f32::NAN; 6]; 6]]));
    let mut trainer = Trainer::new(Tiny::init(1), CrossEntropy, Sgd::default(), 2, 1).unwrap();
    let before = trainer.net().params().to_vec();
    let mut error = |images: &[Chw<1, 6, 6>], classes: &[usize]| trainer.step(images, classes).unwrap_err().to_string();

    assert_eq!(error(&[], &[]), "the batch has no samples; it needs at least 1");
    assert_eq!(error(&[image; 3], &[0; 3]), "the batch has 3 samples, but the trainer was made for at most 2");
    assert_eq!(error(&[image; 2], &[0]), "2 inputs but 1 targets; each input needs one of its own");
    assert_eq!(error(&[image; 2], &[3, 4]), "target 1 is class 4, but the network has 4 classes, 0 to 3");
    assert_eq!(
        error(&[bright], &[0]),
        "the loss is not a number after 0 steps; look for such values in the inputs, or lower the learning rate"
    );
    let mut grads = [image; 2];
    let refused = trainer.backward(&[image], &[0], Some(&mut grads));
    assert_eq!(refused, Err(TrainError::Unequal { inputs: 1, other: 2, what: "gradients" }));
    assert_eq!(trainer.evaluate(&[], &[]), Err(TrainError::Empty));
    assert_eq!(trainer.accuracy(&[image; 9], &[7; 9]), Err(TrainError::Class { index: 0, class: 7, classes: 4 }));
    assert_eq!(trainer.net().params(), before);
    assert_eq!(trainer.steps(), 0);
}

#[test]
fn a_trainer_that_cannot_be_is_an_error() {
    let new = |batch| Trainer::new(Tiny::init(1), CrossEntropy, Sgd::default(), batch, 1).map(|_| ());
    assert_eq!(new(0), Err(TrainError::Empty));
    for samples in [usize::MAX, isize::MAX as usize / 8] {
        let error = new(samples).unwrap_err();
        assert_eq!(error, TrainError::Memory { samples });
        let expected = format!("not enough memory to train with batches of {samples} samples; take smaller ones");
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn an_exploding_loss_is_seen() {
    let inputs = [Flat([1.0, -1.0, 2.0, 0.5, 3.0, -2.0])];
    let wild = Sgd { learning_rate: 1e30, ..Sgd::default() };
    let mut trainer = Trainer::new(Noisy::init(1), MeanSquaredError, wild, 1, 1).unwrap();
    let error = (0..10).find_map(|_| trainer.step(&inputs, &[Flat([1e3; 3])]).err()).expect("the loss explodes");
    assert!(matches!(error, TrainError::NotFinite { loss, step } if !loss.is_finite() && step > 0), "{error:?}");
}
