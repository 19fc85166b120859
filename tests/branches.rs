//! Paths side by side: what they compute, where they write, how they learn.

#[path = "support/interpreter.rs"]
mod interpreter;
#[path = "support/numbers.rs"]
mod numbers;

use convnet::arena::Floats;
use convnet::{Network, cnn};
use convnet_shape::plan::{Plan, Purpose};

use numbers::numbers;

mod shared {
    convnet::cnn! {
        /// A convolution, its normalisation, its activation.
        pub block conv_bn(channels, k) {
            conv: conv2d(channels, kernel = k, padding = same, bias = false), bn: batch_norm, relu
        }
        pub block twice(channels) { repeat 2 { conv2d(channels, kernel = 1), relu } }
    }
}

cnn! {
    use crate::shared::conv_bn;

    block inception(c1, r3, c3, proj) {
        concat {
            b1: conv_bn(c1, 1),
            { b2a: conv_bn(r3, 1), b2b: conv_bn(c3, 3) },
            { max_pool2d(3, stride = 1, padding = 1), b3: conv_bn(proj, 1) },
        }
    }

    /// Two inception modules, one path of the input as it is, and a residual block.
    pub struct Inception: [3, 12, 12] -> [5] {
        a: inception(4, 3, 6, 2) => [12, 12, 12],
        max_pool2d(2),
        b as "blocks.b": inception(c1 = 4, r3 = 2, c3 = 4, proj = 4),
        concat { identity, conv2d(4, kernel = 3, padding = same) } => [16, 6, 6],
        add { identity, { conv2d(16, kernel = 3, padding = 1), relu, conv2d(16, kernel = 3, padding = 1) } }, relu,
        global_avg_pool, fc: linear(5),
    }
}

cnn! {
    /// Encoder and decoder: what was lost by pooling comes back over skips.
    pub struct UNet: [2, 16, 16] -> [1, 16, 16] {
        enc1: { conv2d(4, kernel = 3, padding = same), relu },
        max_pool2d(2),
        enc2: { conv2d(8, kernel = 3, padding = same), relu },
        max_pool2d(2),
        conv2d(16, kernel = 3, padding = same), relu,
        conv_transpose2d(8, kernel = 2, stride = 2),
        concat { skip(enc2), identity } => [16, 8, 8],
        conv2d(8, kernel = 3, padding = same), relu,
        conv_transpose2d(4, kernel = 2, stride = 2),
        concat { skip(enc1), identity },
        conv2d(1, kernel = 1),
    }
}

cnn! {
    /// Joins first, last and within each other; a value that is added to itself.
    pub struct Nested: [2, 5, 5] -> [15, 5, 5] {
        concat {
            identity,
            concat { conv2d(2, kernel = 1), { relu, concat { identity, conv2d(1, kernel = 3, padding = 1) } } },
            add { identity, identity, conv2d(2, kernel = 3, padding = 1) },
        } => [9, 5, 5],
        concat { { conv2d(6, kernel = 1), tanh }, identity },
    }
}

/// A network with parameters of all kinds: means that are not 0, variances that are not 1.
fn network<N: Network>() -> N {
    let mut net = N::init(3);
    for tensor in N::ARCHITECTURE.tensors {
        let values = &mut net.params_mut()[tensor.offset..][..tensor.len()];
        let shift = numbers(tensor.len() as u64, tensor.len());
        match tensor.name.rsplit('.').next() {
            Some("running_var") => values.iter_mut().zip(shift).for_each(|(value, shift)| *value = 1.5 + shift),
            Some("running_mean" | "bias") => values.copy_from_slice(&shift),
            _ => {}
        }
    }
    net
}

fn assert_close(what: &str, found: &[f32], expected: &[f64]) {
    let largest = expected.iter().fold(1.0, |max: f64, x| max.max(x.abs()));
    assert_eq!(found.len(), expected.len(), "{what}");
    for (i, (a, b)) in found.iter().zip(expected).enumerate() {
        assert!((f64::from(*a) - b).abs() <= 1e-5 * largest, "{what}: value {i} is {a}, expected {b}");
    }
}

/// Sharing of memory, canonical and packed, one sample and many: the values stay those of the textbook.
fn agrees<N: Network>() {
    let (net, architecture) = (network::<N>(), N::ARCHITECTURE);
    let params: Vec<f64> = net.params().iter().map(|x| f64::from(*x)).collect();
    for batch in [1, 2, 5] {
        let input = numbers(batch as u64, batch * N::Input::LEN);
        let wide: Vec<f64> = input.iter().map(|x| f64::from(*x)).collect();
        let expected = interpreter::forward(architecture, batch, &params, &wide, None);
        let inputs: Vec<N::Input> = input.chunks_exact(N::Input::LEN).map(boxed).map(|value| *value).collect();
        let name = format!("{}, batch {batch}", architecture.name);
        assert_close(&name, Floats::flatten(&net.forward_batch(&inputs)), &expected);
        assert_close(&format!("{name}, packed"), Floats::flatten(&net.prepare().forward_batch(&inputs)), &expected);
    }
}

fn boxed<V: Floats>(floats: &[f32]) -> Box<V> {
    let mut value = V::zeroed_box();
    value.as_floats_mut().copy_from_slice(floats);
    value
}

#[test]
fn paths_compute_what_the_textbook_does() {
    agrees::<Inception>();
    agrees::<UNet>();
    agrees::<Nested>();
}

/// A scratch that nobody else has written to must do, however the slots lie.
#[test]
fn slots_that_share_memory_are_never_read_before_they_are_written() {
    let net = network::<UNet>();
    let input = boxed(&numbers(1, <UNet as Network>::Input::LEN));
    let expected = net.forward(&input);
    let mut scratch = UNet::scratch();
    scratch.fill(f32::NAN);
    let mut output = <UNet as Network>::Output::zeroed();
    net.forward_into(&input, &mut output, &mut scratch);
    let close = |(a, b): (&f32, &f32)| (a - b).abs() <= 1e-5;
    assert!(output.as_floats().iter().zip(expected.as_floats()).all(close));
}

#[test]
fn concatenation_copies_only_what_others_read_too() {
    let architecture = <Inception as Network>::ARCHITECTURE;
    let first = architecture.names.iter().position(|name| *name == "a.concat1").unwrap();
    let (join, steps) = (architecture.plan[first].output, architecture.plan);
    let mut at = join.offset;
    for value in architecture.nodes[first].reads.values() {
        let path = steps[value - 1].output;
        assert_eq!((path.place, path.offset, path.stride), (join.place, at, join.stride));
        at += path.len;
    }
}

#[test]
fn the_plan_is_within_a_tenth_of_what_must_be_alive() {
    fn close<N: Network, const LAYERS: usize>() {
        let nodes = N::ARCHITECTURE.nodes;
        assert_eq!(nodes.len(), LAYERS);
        let plan = Plan::<LAYERS>::new(nodes, Purpose::Inference);
        assert_eq!(plan.sizes.slots, N::ARCHITECTURE.sizes.slots);
        let (slots, bound) = (plan.sizes.slots, plan.bound);
        assert!(slots * 10 <= bound * 11, "{}: {slots} floats, {bound} are alive at once", N::ARCHITECTURE.name);
    }
    close::<Inception, { Inception::LAYERS.len() }>();
    close::<UNet, { UNet::LAYERS.len() }>();
    close::<Nested, { Nested::LAYERS.len() }>();
}

#[test]
fn names_are_those_of_the_blocks_they_stand_in() {
    let names: Vec<&str> = <Inception as Network>::ARCHITECTURE.tensors.iter().map(|tensor| tensor.name).collect();
    for name in ["a.b1.conv.weight", "a.b2b.bn.running_mean", "blocks.b.b3.bn.bias", "conv1.weight", "fc.bias"] {
        assert!(names.contains(&name), "{name} is not among {names:?}");
    }
    let net = Inception::init(1);
    let weight: &[[[[f32; 3]; 3]; 3]; 6] = net.a_b2b_conv().weight();
    assert_eq!(weight.len(), 6);
}

cnn! {
    use crate::shared::twice;

    /// A block of another declaration, repeated.
    pub struct Repeated: [1, 4, 4] -> [2, 4, 4] {
        x: twice(3), twice(2),
    }
}

#[test]
fn repetitions_are_numbered() {
    let names = ["x.repeat1.0.conv1", "x.repeat1.0.relu1", "x.repeat1.1.conv1", "x.repeat1.1.relu1"];
    assert_eq!(<Repeated as Network>::ARCHITECTURE.names[..4], names);
    assert_eq!(<Repeated as Network>::ARCHITECTURE.names[4], "twice2.repeat1.0.conv1");
}
