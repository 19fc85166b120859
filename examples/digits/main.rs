//! Trains LeNet-5 on real digits, the whole way: read, train, examine, save, look.
//!
//! ```text
//! cargo run --release --example digits                        the bundled part of MNIST
//! cargo run --release --example digits -- --data DIR          full MNIST, Fashion-MNIST, in DIR
//! ```
//!
//! What a network sees is a pixel's brightness, 0 for paper to 1 for ink, and nothing else: whoever uses the trained
//! file (as the example `embedded` does) has no other preparation to repeat.

mod idx;
mod terminal;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use convnet::train::{CrossEntropy, Schedule, Sgd, Trainer, shuffle};
use convnet::{Chw, cnn};
use indicatif::{ProgressBar, ProgressStyle};
use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};

use idx::{Digits, SIDE, read_dataset};
use terminal::{beside, draw};

cnn! {
    /// LeNet-5 for 28×28 grayscale digits.
    pub struct LeNet5: [1, 28, 28] -> [10] {
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

type Digit = Chw<1, SIDE, SIDE>;

/// Percent of the bundled test digits that the default run must know.
const BUNDLED_ACCURACY: f64 = 98.0;

/// Pixels by which training digits are moved at random: over several seeds the default run knows 98.5 to 99.0 % with
/// it, 97.7 to 98.2 % without.
const SHIFT: usize = 1;

/// Trains LeNet-5 on handwritten digits.
#[derive(Parser)]
struct Options {
    /// Directory of the four IDX files of MNIST or a set like it, gzipped or not [default: the bundled digits]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// How often each training digit is seen
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..))]
    epochs: u32,
    /// Digits in a mini-batch
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..))]
    batch: u32,
    /// Learning rate at the start; falls to 0 along a cosine
    #[arg(long, value_name = "RATE", default_value_t = 0.02)]
    learning_rate: f64,
    /// Seed of the first weights and of the order of the digits
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Where the trained network goes
    #[arg(long, value_name = "FILE", default_value = "lenet5.safetensors")]
    out: PathBuf,
    /// Percent of the test digits that must be known, else the run fails [default: 98 for the bundled digits]
    #[arg(long, value_name = "PERCENT")]
    require: Option<f64>,
}

/// Digits as a network takes them.
struct Samples<'a> {
    images: &'a [Digit],
    classes: Vec<usize>,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let bundled = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data");
    let data = read_dataset(options.data.as_deref().unwrap_or(&bundled))?;
    let (train, test) = (samples(&data.train, "training")?, samples(&data.test, "test")?);
    require_directory(&options.out)?;

    println!("{}", LeNet5::summary());
    println!("{} digits to learn from, {} to be examined on\n", train.images.len(), test.images.len());
    let start = Instant::now();
    let (net, accuracy) = learn(options, &train, &test)?;
    println!("\n{accuracy:.2} % of the test digits are known after {:.1} s", start.elapsed().as_secs_f64());

    net.save(&options.out)?;
    println!("The trained network is in `{}`; some of what it sees:\n", options.out.display());
    show(&net, &test);

    match options.require.or(options.data.is_none().then_some(BUNDLED_ACCURACY)) {
        Some(required) if accuracy < required => {
            Err(format!("{accuracy:.2} % of the test digits are known, but {required} % are required").into())
        }
        _ => Ok(()),
    }
}

fn samples<'a>(digits: &'a Digits, part: &str) -> Result<Samples<'a>, Box<dyn Error>> {
    if digits.is_empty() {
        return Err(format!("the {part} set has no digits; it needs at least 1").into());
    }
    let classes = digits.labels.iter().map(|&label| label.into()).collect();
    Ok(Samples { images: Digit::many_from_slice(&digits.images)?, classes })
}

/// Better said before the training than after it.
fn require_directory(out: &Path) -> Result<(), String> {
    match out.parent() {
        Some(parent) if parent != Path::new("") && !parent.is_dir() => {
            Err(format!("there is no directory `{}` for `{}`", parent.display(), out.display()))
        }
        _ => Ok(()),
    }
}

/// Trains a network and gives it back with the percentage of test digits that it knows.
fn learn(options: &Options, train: &Samples, test: &Samples) -> Result<(LeNet5, f64), Box<dyn Error>> {
    let batch = train.images.len().min(options.batch as usize);
    let batches = train.images.len().div_ceil(batch);
    let steps = u64::from(options.epochs) * batches as u64;
    let schedule = Schedule::Cosine { initial: options.learning_rate, last: 0.0, steps };
    let sgd = Sgd { momentum: 0.9, weight_decay: 5e-4, ..Sgd::default() };
    let mut trainer = Trainer::new(LeNet5::init(options.seed), CrossEntropy, sgd, batch, options.seed)?;

    let bar = progress_bar(steps);
    let mut order: Vec<usize> = (0..train.images.len()).collect();
    let (mut images, mut classes) = (Vec::with_capacity(batch), Vec::with_capacity(batch));
    let mut accuracy = 0.0;
    let mut random = Pcg64::seed_from_u64(options.seed);
    for epoch in 1..=options.epochs {
        shuffle(&mut order, options.seed.wrapping_add(epoch.into()));
        let mut loss = 0.0;
        for chosen in order.chunks(batch) {
            images.clear();
            classes.clear();
            images.extend(chosen.iter().map(|&i| moved(&train.images[i], &mut random)));
            classes.extend(chosen.iter().map(|&i| train.classes[i]));
            trainer.set_learning_rate(schedule.at(trainer.steps()));
            loss += f64::from(trainer.step(&images, &classes)?) * chosen.len() as f64;
            bar.inc(1);
        }
        loss /= order.len() as f64;
        accuracy = 100.0 * trainer.accuracy(test.images, &test.classes)?;
        bar.suspend(|| println!("epoch {epoch:2}: train loss {loss:.4}, test accuracy {accuracy:.2} %"));
    }
    bar.finish_and_clear();
    Ok((trainer.into_net(), accuracy))
}

/// The digit moved by up to [`SHIFT`] pixels along either axis, paper where it came from: no two epochs show the same
/// picture, so that what is learnt is digits and not these pictures.
fn moved(digit: &Digit, random: &mut Pcg64) -> Digit {
    let mut pixels = || random.next_u32() as usize % (2 * SHIFT + 1);
    let (down, right) = (pixels(), pixels());
    let mut moved = Digit::zeros();
    for (y, row) in moved[0].iter_mut().enumerate() {
        // Rows and pixels before the first wrap round to far behind the last, where there are none either.
        let Some(from) = digit[0].get((y + down).wrapping_sub(SHIFT)) else { continue };
        for (x, pixel) in row.iter_mut().enumerate() {
            *pixel = from.get((x + right).wrapping_sub(SHIFT)).copied().unwrap_or(0.0);
        }
    }
    moved
}

/// A bar on the terminal's last line; nothing at all where the output is not a terminal.
fn progress_bar(steps: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} step {pos} of {len}, {eta} left");
    ProgressBar::new(steps).with_style(style.expect("the template is right"))
}

/// Three test digits and, if there is one, a digit that was taken for another, each with the answer beside it.
fn show(net: &LeNet5, test: &Samples) {
    let answers: Vec<Answer> =
        net.forward_batch(test.images).iter().map(|scores| Answer::of(scores.as_slice())).collect();
    let wrong = (0..answers.len()).find(|&i| answers[i].class != test.classes[i]);
    let chosen: Vec<usize> = (0..answers.len()).take(3).chain(wrong.filter(|&i| i >= 3)).collect();
    for pair in chosen.chunks(2) {
        let picture = |&i: &usize| [draw(test.images[i].as_slice()), answers[i].caption(test.classes[i])];
        let blocks: Vec<Vec<String>> = pair.iter().flat_map(picture).collect();
        println!("{}", beside(&blocks));
    }
}

/// The class of the highest score, and its probability.
struct Answer {
    class: usize,
    probability: f32,
}

impl Answer {
    fn of(scores: &[f32]) -> Self {
        let class = (0..scores.len()).fold(0, |best, i| if scores[i] > scores[best] { i } else { best });
        let sum: f32 = scores.iter().map(|score| (score - scores[class]).exp()).sum();
        Self { class, probability: 1.0 / sum }
    }

    /// Lines of one width, so that two pictures with theirs fit into 80 columns; the words at the pictures' middle.
    fn caption(&self, truth: usize) -> Vec<String> {
        let verdict = if self.class == truth { "right".into() } else { format!("wrong: {truth}") };
        let words = [format!("a {}", self.class), verdict, format!("{:.1} %", 100.0 * self.probability)];
        [const { String::new() }; 5].into_iter().chain(words).map(|line| format!("{line:9}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moved_digit_is_the_same_digit_elsewhere() {
        let mut digit = Digit::zeros();
        digit[0][10][20] = 1.0;
        digit[0][0][27] = 0.5; // moved out, or not
        let mut random = Pcg64::seed_from_u64(1);
        let mut places = std::collections::BTreeSet::new();
        for _ in 0..200 {
            let moved = moved(&digit, &mut random);
            let at = moved.as_slice().iter().position(|&pixel| pixel == 1.0).unwrap();
            let (down, right) = ((at / SIDE) as i32 - 10, (at % SIDE) as i32 - 20);
            places.insert((down, right));
            let corner = moved.as_slice().iter().position(|&pixel| pixel == 0.5);
            let expected = (down >= 0 && right <= 0).then_some((down * 28 + 27 + right) as usize);
            assert_eq!(corner, expected);
        }
        assert_eq!(places.len(), 9);
    }

    /// The file that the example `embedded` compiles in is one that this example writes.
    #[test]
    fn the_trained_network_in_the_repository_knows_digits() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data");
        let (net, test) = (LeNet5::load(dir.join("lenet5.safetensors")).unwrap(), read_dataset(&dir).unwrap().test);
        let test = samples(&test, "test").unwrap();
        let outputs = net.forward_batch(&test.images[..200]);
        let right =
            outputs.iter().zip(&test.classes).filter(|(out, class)| Answer::of(out.as_slice()).class == **class);
        assert!(right.count() >= 190);
    }
}
