//! Networks with several outputs: a struct with a field for each, written in place.

use convnet::train::{Loss, Sgd, TrainError, Trainer};
use convnet::{Chw, Flat, Network, Prepared, cnn};

cnn! {
    /// A small detector.
    pub struct Detector: [3, 12, 12] -> { boxes: [4], score: [2], features: [8, 5, 5] } {
        conv1: conv2d(8, kernel = 3), relu,
        pool: max_pool2d(2),
        heads {
            score: { flatten, score: linear(2), softmax },
            boxes: { flatten, linear(4) },
            features: identity,
        },
    }
}

/// The same paths, each a network of its own.
mod alone {
    convnet::cnn! {
        pub struct Score: [3, 12, 12] -> [2] {
            conv2d(8, kernel = 3), relu, max_pool2d(2), flatten, linear(2), softmax,
        }
    }
    convnet::cnn! {
        pub struct Boxes: [3, 12, 12] -> [4] {
            conv2d(8, kernel = 3), relu, max_pool2d(2), flatten, linear(4),
        }
    }
}

fn image(seed: usize) -> Chw<3, 12, 12> {
    let mut image = Chw::zeros();
    for (i, x) in image.as_mut_slice().iter_mut().enumerate() {
        *x = ((i * 7 + seed * 31) as f32 * 0.13).sin();
    }
    image
}

fn params(of: &[&[f32]]) -> convnet::params::Params {
    convnet::params::Params::Owned(of.concat())
}

#[test]
fn each_head_is_a_field() {
    let net = Detector::init(3);
    let image = image(1);
    let (conv, score, boxes) = (8 * 27 + 8, 200 * 2 + 2, 200 * 4 + 4);
    let all = net.params();
    assert_eq!((Detector::PARAMS, Detector::OUTPUT), (conv + score + boxes, [4 + 2 + 200]));
    let only_score = alone::Score::from_params(params(&[&all[..conv], &all[conv..][..score]]));
    let only_boxes = alone::Boxes::from_params(params(&[&all[..conv], &all[conv + score..]]));

    let output: DetectorOutput = net.forward(&image);
    assert_eq!(output.score, only_score.forward(&image));
    assert_eq!(output.boxes, only_boxes.forward(&image));
    assert!(output.features.as_slice().iter().any(|x| *x > 0.0));

    let mut into = DetectorOutput::zeros();
    net.forward_into(&image, &mut into, &mut Detector::scratch());
    for (a, b) in [(&into.score.0[..], &output.score.0[..]), (&into.boxes.0[..], &output.boxes.0[..])] {
        a.iter().zip(b).for_each(|(a, b)| assert!((a - b).abs() < 1e-5, "{a} {b}"));
    }

    let prepared: Prepared<Detector> = net.prepare();
    let batch = prepared.forward_batch(&[image, self::image(2), image]);
    assert_eq!(batch[0], batch[2]);
    for (a, b) in batch[0].boxes.iter().zip(output.boxes.iter()) {
        assert!((a - b).abs() < 1e-5, "{a} {b}");
    }
}

/// What a head gives lies where the output has it: nothing is copied but the head that is no layer's own.
#[test]
fn heads_are_written_in_place() {
    use convnet::arithmetic::plan::Place;
    let architecture = Detector::ARCHITECTURE;
    let places: Vec<Place> = architecture.plan.iter().map(|step| step.output.place).collect();
    let index = |name: &str| architecture.names.iter().position(|own| *own == name).expect(name);
    assert_eq!(places[index("score.score")], Place::Output);
    assert_eq!(places[index("boxes.fc1")], Place::Output);
    assert!(matches!(places[index("pool")], Place::Slot(_)), "it is read by two other heads");
}

cnn! {
    /// Heads that begin at several layers, as GoogLeNet's auxiliary classifiers do.
    struct Auxiliary: [1, 8, 8] -> { main: [3], early: [3], middle: [3] } {
        a: conv2d(2, kernel = 3),
        b: conv2d(3, kernel = 3),
        c: { conv2d(4, kernel = 3), relu },
        heads {
            main: { flatten, linear(3) },
            early: { skip(a), flatten, linear(3) },
            middle: { skip(b), flatten, linear(3) },
        },
    }
}

#[test]
fn heads_begin_where_they_skip_from() {
    let net = Auxiliary::init(5);
    let expected = [("early", 2 * 36), ("middle", 3 * 16), ("main", 4 * 4)];
    for (head, inputs) in expected {
        let name = format!("{head}.fc1.weight");
        let tensor = Auxiliary::ARCHITECTURE.tensors.iter().find(|tensor| tensor.name == name);
        assert_eq!(tensor.expect("a weight").shape(), [3, inputs], "{name}");
    }
    let image = Chw([core::array::from_fn(|y| core::array::from_fn(|x| (x * y) as f32 / 8.0))]);
    let output = net.forward(&image);
    // By hand: the early head is a linear layer on the first convolution.
    let first = net.a();
    let conv = |o: usize, y: usize, x: usize| {
        let taps = (0..9).map(|i| first.weight()[o][0][i / 3][i % 3] * image[0][y + i / 3][x + i % 3]);
        taps.sum::<f32>() + first.bias()[o]
    };
    let linear = net.early_fc1();
    for class in 0..3 {
        let sum: f32 = (0..72).map(|i| linear.weight()[class][i] * conv(i / 36, i % 36 / 6, i % 6)).sum();
        assert!((output.early[class] - sum - linear.bias()[class]).abs() < 1e-4);
    }
}

/// A loss of one's own over several outputs: the main one, and 0.3 times the others.
struct Weighted;

impl Loss<AuxiliaryOutput> for Weighted {
    type Target = Flat<3>;

    fn check(&self, _: &[Flat<3>]) -> Result<(), TrainError> {
        Ok(())
    }

    fn loss(&self, outputs: &[f32], targets: &[Flat<3>], grad: &mut [f32]) -> f32 {
        let (outputs, grads) = (outputs.chunks_exact(9), grad.chunks_exact_mut(9));
        let mut loss = 0.0;
        for ((output, grad), target) in outputs.zip(grads).zip(targets) {
            for i in 0..9 {
                let weight = if i / 3 == 2 { 1.0 } else { 0.3 } / targets.len() as f32;
                let difference = output[i] - target[i % 3];
                loss += weight * difference * difference;
                grad[i] = 2.0 * weight * difference;
            }
        }
        loss
    }
}

#[test]
fn training_goes_through_all_heads() {
    let sgd = Sgd { learning_rate: 0.02, ..Sgd::default() };
    let mut trainer = Trainer::new(Auxiliary::init(2), Weighted, sgd, 2, 1).expect("memory");
    let inputs = [Chw([[[0.5; 8]; 8]]), Chw([[[-0.25; 8]; 8]])];
    let targets = [Flat([1.0, 0.0, 0.0]), Flat([0.0, 1.0, -1.0])];
    let first = trainer.step(&inputs, &targets).expect("finite");
    let mut last = first;
    for _ in 0..50 {
        last = trainer.step(&inputs, &targets).expect("finite");
    }
    assert!(last < 0.5 * first, "{first} then {last}");
}
