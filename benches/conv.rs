//! Every convolution of AlexNet, VGG-16 and GoogLeNet above 10 MFLOP, each shape once, and their linear layers, as a
//! prepared network runs them at batch 1, on one thread.
//!
//! `cargo bench --bench conv`; `cargo bench --bench conv -- conv3` for those whose name has that in it
//!
//! Convolutions are given in GFLOP/s and as a share of what the core can do at best. Operations are those of the
//! definition, two for each tap of each output, also where a kernel saves some: it can do more than 100 %. Each is a
//! network of one layer with its ReLU, so what the door costs is in the time, if values have another layout inside.
//!
//! Linear layers read each weight once; they are given in GB/s, and as a share of what merely reading the same memory
//! reaches.

#[path = "support/measure.rs"]
mod measure;

use convnet::arena::Floats;
use convnet::arithmetic::dims::Dims;
use convnet::arithmetic::op::Op;
use convnet::cnn;
use convnet::models::{AlexNet, GoogLeNet, Vgg16};
use convnet::network::{Architecture, Network};
use convnet::prepared::Prepared;
use measure::{numbers, peak, read, side_by_side};

/// Operations of a convolution below which it is not listed.
const LEAST: usize = 10_000_000;

/// Runs a function for a network of each layer.
macro_rules! each {
    ($run:ident($state:expr) $($name:literal: $input:tt -> $layer:ident $fields:tt;)+) => {
        $($run::<cnn!($input -> $layer $fields, relu)>($state, $name);)+
    };
}

fn main() {
    let mut bench = Bench { filter: filter(), peak: peak(), seen: Vec::new() };
    println!("peak {:.0} GFLOP/s", bench.peak);
    each! { convolution(&mut bench)
        "AlexNet conv1": [3, 227, 227] -> conv2d(96, kernel = 11, stride = 4);
        "AlexNet conv2": [96, 27, 27] -> conv2d(256, kernel = 5, padding = 2);
        "AlexNet conv3": [256, 13, 13] -> conv2d(384, kernel = 3, padding = 1);
        "AlexNet conv4": [384, 13, 13] -> conv2d(384, kernel = 3, padding = 1);
        "AlexNet conv5": [384, 13, 13] -> conv2d(256, kernel = 3, padding = 1);
        "VGG-16 conv1_1": [3, 224, 224] -> conv2d(64, kernel = 3, padding = 1);
        "VGG-16 conv1_2": [64, 224, 224] -> conv2d(64, kernel = 3, padding = 1);
        "VGG-16 conv2_1": [64, 112, 112] -> conv2d(128, kernel = 3, padding = 1);
        "VGG-16 conv2_2": [128, 112, 112] -> conv2d(128, kernel = 3, padding = 1);
        "VGG-16 conv3_1": [128, 56, 56] -> conv2d(256, kernel = 3, padding = 1);
        "VGG-16 conv3_2": [256, 56, 56] -> conv2d(256, kernel = 3, padding = 1);
        "VGG-16 conv4_1": [256, 28, 28] -> conv2d(512, kernel = 3, padding = 1);
        "VGG-16 conv4_2": [512, 28, 28] -> conv2d(512, kernel = 3, padding = 1);
        "VGG-16 conv5_1": [512, 14, 14] -> conv2d(512, kernel = 3, padding = 1);
        "GoogLeNet conv1": [3, 224, 224] -> conv2d(64, kernel = 7, stride = 2, padding = 3);
        "GoogLeNet conv2_reduce": [64, 56, 56] -> conv2d(64, kernel = 1);
        "GoogLeNet conv2": [64, 56, 56] -> conv2d(192, kernel = 3, padding = 1);
        "GoogLeNet 3a path1": [192, 28, 28] -> conv2d(64, kernel = 1);
        "GoogLeNet 3a reduce3": [192, 28, 28] -> conv2d(96, kernel = 1);
        "GoogLeNet 3a path3": [96, 28, 28] -> conv2d(128, kernel = 3, padding = 1);
        "GoogLeNet 3a path5": [16, 28, 28] -> conv2d(32, kernel = 5, padding = 2);
        "GoogLeNet 3b path1": [256, 28, 28] -> conv2d(128, kernel = 1);
        "GoogLeNet 3b path3": [128, 28, 28] -> conv2d(192, kernel = 3, padding = 1);
        "GoogLeNet 3b reduce5": [256, 28, 28] -> conv2d(32, kernel = 1);
        "GoogLeNet 3b path5": [32, 28, 28] -> conv2d(96, kernel = 5, padding = 2);
        "GoogLeNet 3b proj": [256, 28, 28] -> conv2d(64, kernel = 1);
        "GoogLeNet 4a path1": [480, 14, 14] -> conv2d(192, kernel = 1);
        "GoogLeNet 4a reduce3": [480, 14, 14] -> conv2d(96, kernel = 1);
        "GoogLeNet 4a path3": [96, 14, 14] -> conv2d(208, kernel = 3, padding = 1);
        "GoogLeNet 4a proj": [480, 14, 14] -> conv2d(64, kernel = 1);
        "GoogLeNet 4b path1": [512, 14, 14] -> conv2d(160, kernel = 1);
        "GoogLeNet 4b reduce3": [512, 14, 14] -> conv2d(112, kernel = 1);
        "GoogLeNet 4b path3": [112, 14, 14] -> conv2d(224, kernel = 3, padding = 1);
        "GoogLeNet 4b path5": [24, 14, 14] -> conv2d(64, kernel = 5, padding = 2);
        "GoogLeNet 4b proj": [512, 14, 14] -> conv2d(64, kernel = 1);
        "GoogLeNet 4c path1": [512, 14, 14] -> conv2d(128, kernel = 1);
        "GoogLeNet 4c path3": [128, 14, 14] -> conv2d(256, kernel = 3, padding = 1);
        "GoogLeNet 4d reduce3": [512, 14, 14] -> conv2d(144, kernel = 1);
        "GoogLeNet 4d path3": [144, 14, 14] -> conv2d(288, kernel = 3, padding = 1);
        "GoogLeNet 4d path5": [32, 14, 14] -> conv2d(64, kernel = 5, padding = 2);
        "GoogLeNet 4e path1": [528, 14, 14] -> conv2d(256, kernel = 1);
        "GoogLeNet 4e reduce3": [528, 14, 14] -> conv2d(160, kernel = 1);
        "GoogLeNet 4e path3": [160, 14, 14] -> conv2d(320, kernel = 3, padding = 1);
        "GoogLeNet 4e path5": [32, 14, 14] -> conv2d(128, kernel = 5, padding = 2);
        "GoogLeNet 4e proj": [528, 14, 14] -> conv2d(128, kernel = 1);
        "GoogLeNet 5a path1": [832, 7, 7] -> conv2d(256, kernel = 1);
        "GoogLeNet 5a reduce3": [832, 7, 7] -> conv2d(160, kernel = 1);
        "GoogLeNet 5a path3": [160, 7, 7] -> conv2d(320, kernel = 3, padding = 1);
        "GoogLeNet 5a path5": [32, 7, 7] -> conv2d(128, kernel = 5, padding = 2);
        "GoogLeNet 5a proj": [832, 7, 7] -> conv2d(128, kernel = 1);
        "GoogLeNet 5b path1": [832, 7, 7] -> conv2d(384, kernel = 1);
        "GoogLeNet 5b reduce3": [832, 7, 7] -> conv2d(192, kernel = 1);
        "GoogLeNet 5b path3": [192, 7, 7] -> conv2d(384, kernel = 3, padding = 1);
        "GoogLeNet 5b path5": [48, 7, 7] -> conv2d(128, kernel = 5, padding = 2);
    }
    for architecture in [AlexNet::ARCHITECTURE, Vgg16::ARCHITECTURE, GoogLeNet::ARCHITECTURE] {
        bench.complete(architecture);
    }
    each! { linear(&bench)
        "AlexNet fc6": [9216] -> linear(4096);
        "AlexNet fc7": [4096] -> linear(4096);
        "AlexNet fc8": [4096] -> linear(1000);
        "VGG-16 fc6": [25088] -> linear(4096);
        "GoogLeNet fc": [1024] -> linear(1000);
    }
}

struct Bench {
    filter: String,
    peak: f64,
    /// The convolutions that are listed, whether they ran or not.
    seen: Vec<(Op, Dims)>,
}

impl Bench {
    /// Panics if a convolution of this network is not listed.
    fn complete(&self, architecture: &Architecture) {
        for (node, name) in architecture.nodes.iter().zip(architecture.names) {
            let large = matches!(node.op, Op::Conv(_)) && 2 * node.op.macs(&node.input) >= LEAST;
            assert!(
                !large || self.seen.contains(&(node.op, node.input)),
                "{name} of {} is not listed: {:?} on {:?}",
                architecture.name,
                node.op,
                node.input
            );
        }
    }
}

/// The first argument that is no option: cargo passes `--bench`.
fn filter() -> String {
    std::env::args().skip(1).find(|arg| !arg.starts_with('-')).unwrap_or_default()
}

fn convolution<N: Network<Scratch = [f32]>>(bench: &mut Bench, name: &str) {
    let (layer, input) = (N::ARCHITECTURE.nodes[0].op, N::ARCHITECTURE.input);
    bench.seen.push((layer, input));
    if !name.contains(&bench.filter) {
        return;
    }
    let mut run = runner::<N>();
    let [seconds] = side_by_side([&mut || run.once()]);
    // Again for every layer: the first time, others may have had the core.
    bench.peak = bench.peak.max(peak());
    let operations = 2.0 * N::ARCHITECTURE.macs() as f64;
    let rate = operations / seconds / 1e9;
    println!(
        "{name:22} {:>16} {:5.0} MFLOP {:8.3} ms {rate:6.1} GFLOP/s {:4.0} %",
        input.to_string(),
        operations / 1e6,
        seconds * 1e3,
        rate / bench.peak * 100.0
    );
}

fn linear<N: Network<Scratch = [f32]>>(bench: &Bench, name: &str) {
    if !name.contains(&bench.filter) {
        return;
    }
    let mut run = runner::<N>();
    let weights = run.network.packed().to_vec();
    let [seconds, reading] = side_by_side([&mut || run.once(), &mut || {
        std::hint::black_box(read(&weights));
    }]);
    let rate = 4.0 * N::ARCHITECTURE.params() as f64 / seconds / 1e9;
    let best = 4.0 * weights.len() as f64 / reading / 1e9;
    println!(
        "{name:22} {:>16} {:5.0} MB    {:8.3} ms {rate:6.1} GB/s of {best:6.1} {:4.0} %",
        N::ARCHITECTURE.input.to_string(),
        4e-6 * N::ARCHITECTURE.params() as f64,
        seconds * 1e3,
        rate / best * 100.0
    );
}

/// A prepared network with its memory.
struct Runner<N: Network<Scratch = [f32]>> {
    network: Prepared<N>,
    input: Vec<N::Input>,
    output: Vec<N::Output>,
    scratch: Vec<f32>,
}

fn runner<N: Network<Scratch = [f32]>>() -> Runner<N> {
    let mut input = N::Input::zeroed_vec(1);
    input[0].as_floats_mut().copy_from_slice(&numbers(N::Input::LEN));
    let scratch = vec![0.0; N::ARCHITECTURE.scratch_bytes(1) / size_of::<f32>()];
    Runner { network: N::init(1).prepare(), input, output: N::Output::zeroed_vec(1), scratch }
}

impl<N: Network<Scratch = [f32]>> Runner<N> {
    fn once(&mut self) {
        self.network.forward_into(&self.input[0], &mut self.output[0], &mut self.scratch);
    }
}
