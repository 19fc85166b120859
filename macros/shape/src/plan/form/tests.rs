//! Which values of small networks are blocked, and how their convolutions are computed.

use super::*;
use crate::graph::{self, Reads};
use crate::op::{
    Activation, BatchNormOp, ConvOp, ConvTransposeOp, LinearOp, LrnOp, OwnOp, Permutation, PoolOp, Reduce,
};
use crate::window::{Padding, Rounding, Window};

/// Without Winograd's algorithm.
const DIRECT: Options = Options { winograd: false, ..Options::DEFAULT };

const RELU: Op = Op::Activation(Activation::Relu);

fn window(kernel: usize, stride: usize, padding: usize) -> Window {
    Window { kernel, stride, padding: Padding::Cells(padding, padding), dilation: 1 }
}

fn conv_op(channels: Channels, windows: [Window; 3]) -> Op {
    Op::Conv(ConvOp { rank: 2, channels, windows, bias: true, in_channels: None })
}

/// A square convolution that keeps the size.
fn conv(out: usize, kernel: usize) -> Op {
    let window = window(kernel, 1, kernel / 2);
    conv_op(Channels::Out { out, groups: 1 }, [Window::UNIT, window, window])
}

fn grouped(out: usize, groups: usize) -> Op {
    conv_op(Channels::Out { out, groups }, [Window::UNIT, window(3, 1, 1), window(3, 1, 1)])
}

fn depthwise(multiplier: usize) -> Op {
    conv_op(Channels::Each(multiplier), [Window::UNIT, window(3, 1, 1), window(3, 1, 1)])
}

fn pool(reduce: Reduce) -> Op {
    let windows = [Window::UNIT, window(2, 2, 0), window(2, 2, 0)];
    Op::Pool(PoolOp { rank: 2, reduce, windows, rounding: Rounding::Floor, count_include_pad: true })
}

fn linear(out_features: usize) -> Op {
    Op::Linear(LinearOp { out_features, bias: true, in_features: None })
}

fn lrn(size: usize) -> Op {
    Op::Lrn(LrnOp { size, alpha: 1.0, beta: 0.75, k: 1.0 })
}

/// Layers that read these values; value 0 is the input, as everywhere.
fn network<const N: usize>(input: &[usize], layers: [(Op, &[usize]); N]) -> [Node; N] {
    let mut values = [Dims::new(input); 32];
    core::array::from_fn(|i| {
        let (op, reads) = (layers[i].0, Reads::all(layers[i].1));
        let (input, output) = (values[reads.first()], graph::output(&op, &reads, &values));
        values[i + 1] = output;
        Node { op, reads, input, output, scratch: [0, 0], packed: 0 }
    })
}

/// Layers one after the other.
fn chain<const N: usize>(input: &[usize], layers: [Op; N]) -> [Node; N] {
    let values: [[usize; 1]; N] = core::array::from_fn(|i| [i]);
    network(input, core::array::from_fn(|i| (layers[i], &values[i][..])))
}

/// Whether each layer's output is blocked. What is true of every network is held on the way.
fn blocked<const N: usize>(nodes: &[Node; N]) -> [bool; N] {
    for options in [&Options::DEFAULT, &DIRECT] {
        check(nodes, &forms(nodes, options));
    }
    forms::<N>(nodes, &Options::DEFAULT).map(|form| form.output.is_blocked())
}

/// What every network's forms must be.
fn check<const N: usize>(nodes: &[Node; N], forms: &[Form; N]) {
    let layout = |value: usize| if value == 0 { Layout::Planar } else { forms[value - 1].output };
    assert_eq!(forms[N - 1].output, Layout::Planar, "the caller reads planar values");
    for (node, form) in nodes.iter().zip(forms) {
        let keyword = node.op.keyword();
        assert_eq!(form.input, layout(node.reads.first()), "{keyword} reads what was written");
        for value in node.reads.values() {
            assert_eq!(form.input.is_blocked(), layout(value).is_blocked(), "all paths of {keyword} lie alike");
        }
        if let Layout::Blocked { cells } = form.output {
            assert!(node.output.len().is_multiple_of(BLOCK * cells), "{keyword} has whole blocks");
            if node.output.rank() > 1 {
                assert_eq!(node.output.size(0) * cells, node.output.len(), "{keyword} has so many positions");
            }
        }
        // Kernels that cannot have one layout and the other.
        let same = form.input.is_blocked() == form.output.is_blocked();
        let both = form.input.is_blocked() && form.output.is_blocked();
        match (&node.op, form.algorithm) {
            (Op::Conv(_), Algorithm::Direct) => {}
            (Op::Conv(_), Algorithm::Winograd(_) | Algorithm::Depthwise) => {
                assert!(both, "{keyword} is blocked to blocked")
            }
            (Op::Conv(_), _) => assert!(same && !both, "{keyword} is planar to planar"),
            (Op::Linear(_) | Op::GlobalPool(_), _) => assert!(!form.output.is_blocked()),
            (_, algorithm) => {
                assert_eq!(algorithm, Algorithm::Plain);
                assert!(same, "{keyword} writes as it reads");
            }
        }
    }
}

fn algorithms<const N: usize>(nodes: &[Node; N]) -> [Algorithm; N] {
    forms::<N>(nodes, &Options::DEFAULT).map(|form| form.algorithm)
}

#[test]
fn a_chain_of_whole_blocks_is_blocked_between_its_ends() {
    let batch_norm = Op::BatchNorm(BatchNormOp { epsilon: 1e-5, momentum: 0.1 });
    let nodes = chain(
        &[3, 32, 32],
        [
            conv(64, 3),
            batch_norm,
            RELU,
            conv(64, 3),
            Op::Prelu { per_channel: true },
            pool(Reduce::Max),
            lrn(5),
            pool(Reduce::Average),
            Op::Dropout(0.5),
            conv(10, 1),
        ],
    );
    assert_eq!(blocked(&nodes), [true, true, true, true, true, true, true, true, true, false]);
    use Algorithm::{Direct, Plain, Winograd};
    assert_eq!(algorithms(&nodes), [Direct, Plain, Plain, Winograd(4), Plain, Plain, Plain, Plain, Plain, Direct]);
    assert_eq!(forms::<10>(&nodes, &DIRECT)[3].algorithm, Direct);
    let form = forms::<10>(&nodes, &Options::DEFAULT)[6];
    assert_eq!([form.input, form.output], [Layout::Blocked { cells: 256 }; 2]);
}

#[test]
fn the_networks_output_is_planar_and_what_is_made_in_its_place() {
    assert_eq!(blocked(&chain(&[16, 8, 8], [conv(16, 3)])), [false]);
    assert_eq!(blocked(&chain(&[16, 8, 8], [conv(16, 3), RELU, Op::Dropout(0.5)])), [false; 3]);
    assert_eq!(blocked(&chain(&[16, 8, 8], [conv(16, 3), Op::Flatten])), [false; 2]);
    let heads = network(&[16, 8, 8], [(conv(32, 3), &[0]), (conv(16, 1), &[1]), (RELU, &[1]), (Op::Heads, &[2, 3])]);
    // The first is read in the place of the second head, by an activation.
    assert_eq!(blocked(&heads), [false; 4]);
    let heads =
        network(&[16, 8, 8], [(conv(32, 3), &[0]), (conv(16, 1), &[1]), (conv(4, 1), &[1]), (Op::Heads, &[2, 3])]);
    assert_eq!(blocked(&heads), [true, false, false, false]);
}

#[test]
fn the_networks_input_is_planar() {
    // Nothing in place, no pool and no depthwise convolution turns it; a convolution does.
    let nodes = chain(&[16, 8, 8], [pool(Reduce::Max), RELU, depthwise(1), conv(32, 1), depthwise(1), linear(3)]);
    assert_eq!(blocked(&nodes), [false, false, false, true, true, false]);
    use Algorithm::{Depthwise, Direct, Plain};
    assert_eq!(algorithms(&nodes), [Plain, Plain, Plain, Direct, Depthwise, Plain]);
}

#[test]
fn channels_that_are_no_whole_blocks_are_planar() {
    let nodes = chain(&[3, 16, 16], [conv(24, 3), RELU, pool(Reduce::Max), conv(32, 3), RELU, conv(24, 3)]);
    assert_eq!(blocked(&nodes), [false, false, false, true, true, false]);
    // Twenty-four fill a vector and a half, six fill none.
    assert!(algorithms(&nodes)[0] == Algorithm::Direct);
    let few = chain(&[3, 16, 16], [conv(6, 3), conv(8, 3), conv(9, 3)]);
    assert_eq!(algorithms(&few), [Algorithm::Rows, Algorithm::Rows, Algorithm::Direct]);
}

#[test]
fn im2col_reads_planar_values() {
    // 24 channels in three groups of 8 → 8 are too few for vectors, so what the first writes is planar.
    let nodes = chain(&[3, 8, 8], [conv(48, 3), RELU, grouped(24, 3), conv(16, 1), linear(2)]);
    assert_eq!(algorithms(&nodes)[2], Algorithm::Direct); // in groups of 16, into 8 each
    assert_eq!(blocked(&nodes), [true, true, false, true, false]);
    let nodes = chain(&[3, 8, 8], [conv(32, 3), RELU, grouped(16, 4), conv(16, 1), linear(2)]);
    assert_eq!(algorithms(&nodes)[2], Algorithm::Rows); // in groups of 8, into 4 each
    assert_eq!(blocked(&nodes), [false, false, false, true, false]);
}

#[test]
fn groups_are_blocked_where_their_channels_are_whole_blocks() {
    let nodes = chain(&[3, 8, 8], [conv(32, 3), grouped(64, 2), conv(16, 1), linear(2)]);
    assert_eq!(blocked(&nodes), [true, true, true, false]);
    assert_eq!(algorithms(&nodes)[1], Algorithm::Direct, "Winograd has no groups");
    // Outputs of 12 a group: planar, though 48 are whole blocks. Inputs of 24 a group likewise.
    let nodes = chain(&[3, 8, 8], [conv(64, 3), grouped(48, 4), conv(48, 1), grouped(32, 2), linear(2)]);
    assert_eq!(blocked(&nodes), [true, false, false, true, false]);
}

#[test]
fn depthwise_convolutions_keep_the_layout() {
    let nodes = chain(&[3, 8, 8], [conv(32, 3), depthwise(1), RELU, conv(16, 1), linear(2)]);
    assert_eq!(blocked(&nodes), [true, true, true, true, false]);
    assert_eq!(algorithms(&nodes)[1], Algorithm::Depthwise);
    // Two outputs of each channel are planar, and so is what it reads.
    let nodes = chain(&[3, 8, 8], [conv(32, 3), depthwise(2), RELU, conv(16, 1), linear(2)]);
    assert_eq!(blocked(&nodes), [false, false, false, true, false]);
    assert_eq!(algorithms(&nodes)[1], Algorithm::Plain);
}

#[test]
fn layers_without_a_blocked_kernel_read_and_write_planar_values() {
    let transposed = Op::ConvTranspose(ConvTransposeOp {
        rank: 2,
        out_channels: 16,
        windows: [Window::UNIT, window(2, 2, 0), window(2, 2, 0)],
        output_padding: [0; 3],
        groups: 1,
        bias: true,
        in_channels: None,
    });
    let own = Op::Own(OwnOp::new("own", Dims::new(&[16, 8, 8])));
    let permute = Op::Permute(Permutation { rank: 3, axes: [0, 2, 1, 0] });
    for op in [transposed, own, permute, Op::Softmax, lrn(33)] {
        let nodes = chain(&[3, 8, 8], [conv(16, 3), RELU, op, RELU, conv(16, 3), conv(1, 1)]);
        assert_eq!(blocked(&nodes), [false, false, false, false, true, false], "{}", op.keyword());
    }
    // More channels than a normalisation keeps on its stack.
    let nodes = chain(&[3, 2, 2], [conv(2016, 1), lrn(5), conv(2032, 1), lrn(5), conv(1, 1)]);
    assert_eq!(blocked(&nodes), [true, true, false, false, false]);
}

#[test]
fn a_flattened_value_stays_blocked_for_a_linear_layer() {
    let vector = [Op::Flatten, RELU, Op::Dropout(0.5), Op::Prelu { per_channel: false }];
    let nodes = chain(&[3, 8, 8], [conv(16, 3), vector[0], vector[1], vector[2], vector[3], linear(10), Op::Softmax]);
    assert_eq!(blocked(&nodes), [true, true, true, true, true, false, false]);
    assert!((1..5).all(|i| forms::<7>(&nodes, &Options::DEFAULT)[i].output == Layout::Blocked { cells: 64 }));
    assert_eq!(forms::<7>(&nodes, &Options::DEFAULT)[5].input, Layout::Blocked { cells: 64 });
}

#[test]
fn a_flattened_value_is_planar_where_its_order_counts() {
    let batch_norm = Op::BatchNorm(BatchNormOp { epsilon: 1e-5, momentum: 0.1 });
    for op in [Op::Softmax, Op::Prelu { per_channel: true }, batch_norm] {
        let nodes = chain(&[3, 8, 8], [conv(16, 3), RELU, Op::Flatten, op, linear(10)]);
        assert_eq!(blocked(&nodes), [false; 5], "{}", op.keyword());
    }
    // One reader is enough, and one of two paths.
    let nodes = network(
        &[3, 8, 8],
        [(conv(16, 3), &[0]), (Op::Flatten, &[1]), (linear(10), &[2]), (Op::Softmax, &[2]), (Op::Heads, &[3, 4])],
    );
    assert_eq!(blocked(&nodes), [false; 5]);
}

#[test]
fn global_pools_end_the_blocks() {
    let nodes = chain(&[3, 8, 8], [conv(32, 3), Op::GlobalPool(Reduce::Average), linear(10)]);
    assert_eq!(blocked(&nodes), [true, false, false]);
    let nodes = chain(&[16, 8, 8], [Op::GlobalPool(Reduce::Max), linear(10)]);
    assert_eq!(blocked(&nodes), [false, false]);
}

#[test]
fn joins_are_blocked_if_all_their_paths_are() {
    let concat = |first, second| {
        network(
            &[3, 8, 8],
            [
                (conv(32, 3), &[0]),
                (conv(first, 3), &[1]),
                (conv(second, 1), &[1]),
                (Op::Concat, &[2, 3]),
                (linear(2), &[4]),
            ],
        )
    };
    assert_eq!(blocked(&concat(16, 48)), [true, true, true, true, false]);
    // 24 and 24 are whole blocks together, but neither is alone; of 24 and 32 one is.
    assert_eq!(blocked(&concat(24, 24)), [true, false, false, false, false]);
    assert_eq!(blocked(&concat(24, 32)), [true, false, false, false, false]);
    // A residual connection; the network's own input as a path.
    let residual = [(conv(32, 3), &[0][..]), (conv(32, 3), &[1]), (Op::Add, &[1, 2]), (RELU, &[3]), (linear(2), &[4])];
    assert_eq!(blocked(&network(&[3, 8, 8], residual)), [true, true, true, true, false]);
    let around = [(conv(32, 3), &[0][..]), (Op::Add, &[0, 1]), (conv(32, 3), &[2]), (linear(2), &[3])];
    assert_eq!(blocked(&network(&[32, 8, 8], around)), [false, false, true, false]);
}

#[test]
fn what_is_planar_spreads_back_through_joins() {
    // The softmax reads what the concat joins, so that both paths are planar, and the convolutions that write them end it.
    let nodes = network(
        &[3, 8, 8],
        [
            (conv(32, 3), &[0]),
            (conv(16, 3), &[1]),
            (RELU, &[2]),
            (pool(Reduce::Max), &[1]),
            (conv(16, 1), &[1]),
            (Op::Concat, &[3, 5]),
            (Op::Softmax, &[6]),
            (conv(1, 1), &[7]),
            (Op::GlobalPool(Reduce::Max), &[4]),
            (linear(1), &[9]),
            (Op::Heads, &[8, 10]),
        ],
    );
    let expected = [true, false, false, true, false, false, false, false, false, false, false];
    assert_eq!(blocked(&nodes), expected);
}

#[test]
fn winograd_is_for_dense_three_by_three_windows_of_many_channels() {
    let of = |channels: usize, op: Op, size: usize| {
        let nodes = chain(&[3, size, size], [conv(channels, 1), op, conv(channels, 1), conv(1, 1)]);
        blocked(&nodes);
        algorithms(&nodes)[1]
    };
    // Large tiles where there are many, small ones where they are few and the weight is most of what is read.
    assert_eq!(of(32, conv(32, 3), 112), Algorithm::Winograd(6));
    assert_eq!(of(32, conv(32, 3), 56), Algorithm::Winograd(4));
    assert_eq!(of(32, conv(32, 3), 28), Algorithm::Winograd(4));
    assert_eq!(of(32, conv(32, 3), 14), Algorithm::Winograd(4));
    assert_eq!(of(32, conv(32, 3), 7), Algorithm::Winograd(2));
    assert_eq!(of(16, conv(32, 3), 8), Algorithm::Direct);
    assert_eq!(of(32, conv(16, 3), 8), Algorithm::Direct);
    assert_eq!(of(32, conv(32, 5), 8), Algorithm::Direct);
    assert_eq!(of(32, conv(32, 3), 3), Algorithm::Direct);
    assert_eq!(
        forms::<4>(
            &chain(&[3, 28, 28], [conv(32, 1), conv(32, 3), conv(32, 1), conv(1, 1)]),
            &Options { small: true, ..Options::DEFAULT }
        )[1]
        .algorithm,
        Algorithm::Direct
    );
    let out = Channels::Out { out: 32, groups: 1 };
    let dilated = Window { dilation: 2, ..window(3, 1, 2) };
    for strided in [[Window::UNIT, window(3, 2, 1), window(3, 2, 1)], [Window::UNIT, window(3, 1, 1), dilated]] {
        assert_eq!(of(32, conv_op(out, strided), 16), Algorithm::Direct);
    }
}

#[test]
fn weights_and_products_are_as_narrow_as_the_options_ask_for() {
    let layers = [conv(32, 5), conv(32, 5), conv(32, 3), Op::Flatten, linear(10)];
    let nodes = chain(&[3, 28, 28], layers);
    let of = |options: Options| forms::<5>(&nodes, &options).map(|form| (form.algorithm, form.stored));
    use Algorithm::{Direct, Dots, Plain, Winograd};
    use Stored::{Bf16, F16, F32};
    let conv_of_planar = (Direct, F32);
    let halves = Options { weights: F16, ..Options::DEFAULT };
    assert_eq!(of(halves), [conv_of_planar, (Direct, F32), (Winograd(4), F32), (Plain, F32), (Plain, F16)]);
    let bf16 = Options { weights: Bf16, ..Options::DEFAULT };
    assert_eq!(of(bf16), [conv_of_planar, (Direct, Bf16), (Winograd(4), F32), (Plain, F32), (Plain, Bf16)]);
    let products = Options { bf16_products: true, ..Options::DEFAULT };
    assert_eq!(of(products), [conv_of_planar, (Dots, Bf16), (Winograd(4), F32), (Plain, F32), (Plain, F32)]);
    let all = Options { small: true, ..products };
    assert_eq!(of(all)[2], (Dots, Bf16), "without Winograd's");
    let small = chain(&[3, 14, 14], layers);
    let third = |options: Options| forms::<5>(&small, &options)[2].algorithm;
    assert_eq!((third(Options::DEFAULT), third(products)), (Winograd(4), Dots), "few positions: the weight counts");
    assert_eq!(forms::<5>(&nodes, &products)[2].compact(&nodes[2].op, &products), forms::<5>(&nodes, &all)[2]);
}

#[test]
fn three_dimensions_and_one() {
    let three = window(3, 1, 1);
    let conv = |rank, out, windows| {
        Op::Conv(ConvOp { rank, channels: Channels::Out { out, groups: 1 }, windows, bias: true, in_channels: None })
    };
    let deep = conv(3, 32, [three; 3]);
    let nodes = chain(&[3, 4, 8, 8], [deep, deep, Op::Flatten, linear(2)]);
    assert_eq!(blocked(&nodes), [true, true, true, false]);
    assert_eq!(algorithms(&nodes)[1], Algorithm::Direct);
    assert_eq!(forms::<4>(&nodes, &Options::DEFAULT)[2].output, Layout::Blocked { cells: 256 });
    let flat = conv(1, 32, [Window::UNIT, Window::UNIT, three]);
    let nodes = chain(&[1, 20], [flat, flat, Op::GlobalPool(Reduce::Average), linear(2)]);
    assert_eq!(blocked(&nodes), [true, true, false, false]);
    assert_eq!(algorithms(&nodes)[1], Algorithm::Direct);
}

#[test]
fn places_are_a_permutation() {
    for layout in [Layout::Planar, Layout::Blocked { cells: 1 }, Layout::Blocked { cells: 6 }] {
        let mut seen = [false; 96];
        for index in 0..96 {
            let place = layout.place(index);
            assert!(!seen[place], "{layout:?} has {index} where another is");
            seen[place] = true;
        }
    }
    // Channel 17 of position 5 of 6: the second block, position 5, lane 1.
    assert_eq!(Layout::Blocked { cells: 6 }.place(17 * 6 + 5), 6 * 16 + 5 * 16 + 1);
}
