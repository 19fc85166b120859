//! Names and shapes of parameters, held against those that a file has.
//!
//! Both lists are sorted by name (the macro sorts, so that const code need not), and one walk finds every
//! difference. [`require`] says them all in one sentence at compile time; the library lists them at run time.

use crate::plan::Node;
use crate::text::Text;

/// A parameter tensor that a network has.
#[derive(Clone, Copy, Debug)]
pub struct Tensor<'a> {
    /// The name in files: layer, dot, `weight` or `bias`.
    pub name: &'a str,
    rank: usize,
    sizes: [usize; 5],
    /// Its first value in the canonical buffer.
    pub offset: usize,
}

/// A tensor that a file has.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    /// The name in the file.
    pub name: &'a str,
    /// The type of its values as safetensors spells it, `F32`.
    pub dtype: &'a str,
    /// Its shape.
    pub shape: &'a [usize],
    /// First byte of its values, counted from the start of the file.
    pub offset: usize,
}

/// How a file differs from a network in one tensor.
#[derive(Clone, Copy, Debug)]
pub enum Difference {
    /// The network's tensor with this index is not in the file.
    Missing(usize),
    /// The file's tensor with this index is not in the network.
    Unexpected(usize),
    /// The network's tensor and the file's have one name and different shapes.
    Shape(usize, usize),
    /// The network's tensor and the file's have one name, and the file's values are of a type that is not read.
    Type(usize, usize),
}

/// A position in the walk over both lists.
#[derive(Clone, Copy, Debug, Default)]
pub struct Walk {
    expected: usize,
    found: usize,
}

impl<'a> Tensor<'a> {
    /// The weight of layer `layer`.
    pub const fn weight(name: &'a str, nodes: &[Node], layer: usize) -> Self {
        let weight = nodes[layer].op.weight(&nodes[layer].input);
        let mut sizes = [1; 5];
        let mut i = 0;
        while i < weight.as_slice().len() {
            sizes[i] = weight.as_slice()[i];
            i += 1;
        }
        Self { name, rank: i, sizes, offset: params_before(nodes, layer) }
    }

    /// The bias of layer `layer`.
    pub const fn bias(name: &'a str, nodes: &[Node], layer: usize) -> Self {
        let node = &nodes[layer];
        let offset = params_before(nodes, layer).saturating_add(node.op.weight(&node.input).len());
        Self { name, rank: 1, sizes: [node.op.bias_len(&node.input), 1, 1, 1, 1], offset }
    }

    /// The running mean of layer `layer`.
    pub const fn running_mean(name: &'a str, nodes: &[Node], layer: usize) -> Self {
        Self::state(name, nodes, layer, 0)
    }

    /// The running variance of layer `layer`.
    pub const fn running_var(name: &'a str, nodes: &[Node], layer: usize) -> Self {
        Self::state(name, nodes, layer, 1)
    }

    const fn state(name: &'a str, nodes: &[Node], layer: usize, half: usize) -> Self {
        let node = &nodes[layer];
        let len = node.op.state_len(&node.input) / 2;
        let learned = params_before(nodes, layer).saturating_add(node.op.params(&node.input));
        Self { name, rank: 1, sizes: [len, 1, 1, 1, 1], offset: learned.saturating_add(half.saturating_mul(len)) }
    }

    /// Its shape.
    pub const fn shape(&self) -> &[usize] {
        self.sizes.split_at(self.rank).0
    }

    /// How many values it has.
    pub const fn len(&self) -> usize {
        let mut len = 1_usize;
        let mut i = 0;
        while i < self.rank {
            len = len.saturating_mul(self.sizes[i]);
            i += 1;
        }
        len
    }

    /// Whether it has no values.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

const fn params_before(nodes: &[Node], layer: usize) -> usize {
    let mut params = 0_usize;
    let mut i = 0;
    while i < layer {
        params = params.saturating_add(nodes[i].op.stored(&nodes[i].input));
        i += 1;
    }
    params
}

impl Walk {
    /// The next difference between the two sorted lists, or `None` at their end.
    pub const fn next(&mut self, expected: &[Tensor<'_>], found: &[Found<'_>]) -> Option<Difference> {
        while self.expected < expected.len() || self.found < found.len() {
            let (e, f) = (self.expected, self.found);
            if f == found.len() || (e < expected.len() && less(expected[e].name, found[f].name)) {
                self.expected += 1;
                return Some(Difference::Missing(e));
            }
            if e == expected.len() || less(found[f].name, expected[e].name) {
                self.found += 1;
                return Some(Difference::Unexpected(f));
            }
            self.expected += 1;
            self.found += 1;
            if !same_sizes(expected[e].shape(), found[f].shape) {
                return Some(Difference::Shape(e, f));
            }
            if bytes_of_value(found[f].dtype).is_none() {
                return Some(Difference::Type(e, f));
            }
        }
        None
    }
}

impl Difference {
    /// Adds what differs to a sentence.
    pub const fn say(&self, text: Text, expected: &[Tensor<'_>], found: &[Found<'_>]) -> Text {
        match *self {
            Difference::Missing(e) => {
                shape(text.code(expected[e].name).say(" "), expected[e].shape()).say(" is missing")
            }
            Difference::Unexpected(f) => shape(text.code(found[f].name).say(" "), found[f].shape).say(" is unexpected"),
            Difference::Shape(e, f) => {
                let text = shape(text.code(found[f].name).say(" is "), found[f].shape);
                shape(text.say(" but must be "), expected[e].shape())
            }
            Difference::Type(_, f) => {
                let text = text.code(found[f].name).say(" has values of type ").say(found[f].dtype);
                text.say(" but needs F32, F16 or BF16")
            }
        }
    }
}

/// What a `const _` in an expansion evaluates: panics if the file does not fit the network, with the differences; of those of
/// a file that is quite another network's, the first ten.
#[track_caller]
pub const fn require(file: &str, network: &str, expected: &[Tensor<'_>], found: &[Found<'_>]) {
    const SHOWN: usize = 10;
    let mut walk = Walk { expected: 0, found: 0 };
    let mut text = Text::about(file).say(" does not fit ").code(network).say(": ");
    let mut differences = 0;
    while let Some(difference) = walk.next(expected, found) {
        if differences < SHOWN {
            text = difference.say(if differences > 0 { text.say("; ") } else { text }, expected, found);
        }
        differences += 1;
    }
    if differences > SHOWN {
        text = text.say("; and ").count(differences - SHOWN, "other difference", "other differences");
    }
    if differences > 0 {
        panic!("{}", text.as_str());
    }
}

/// Bytes of one value, of the types that are read: `F32`, and `F16` and `BF16`, which are widened.
pub const fn bytes_of_value(dtype: &str) -> Option<usize> {
    match dtype.as_bytes() {
        b"F32" => Some(4),
        b"F16" | b"BF16" => Some(2),
        _ => None,
    }
}

const fn shape(text: Text, sizes: &[usize]) -> Text {
    text.list(sizes, "[", ", ", "]")
}

const fn same_sizes(a: &[usize], b: &[usize]) -> bool {
    let mut same = a.len() == b.len();
    let mut i = 0;
    while same && i < a.len() {
        same = a[i] == b[i];
        i += 1;
    }
    same
}

/// Inputs of test vectors, `[n, …]`.
pub const TEST_INPUT: &str = "test.input";

/// The outputs that they must give, `[n, …]`.
pub const TEST_OUTPUT: &str = "test.output";

/// Whether a tensor is no parameter of any network, so that readers of files leave it out: test vectors, and the counter that
/// PyTorch keeps beside running statistics, how many batches they have seen, which nothing is computed from.
pub fn is_left_out(name: &str) -> bool {
    name.ends_with(".num_batches_tracked") || name == TEST_INPUT || name == TEST_OUTPUT
}

/// Byte-wise order of two names, the order of `str`'s own `<`, for const code.
pub const fn less(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut i = 0;
    while i < a.len() && i < b.len() {
        if a[i] != b[i] {
            return a[i] < b[i];
        }
        i += 1;
    }
    a.len() < b.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dims::Dims;
    use crate::graph::Reads;
    use crate::op::{LinearOp, Op};

    const NODES: [Node; 1] = {
        let input = Dims::new(&[3]);
        let op = Op::Linear(LinearOp { out_features: 2, bias: true, in_features: None });
        [Node { op, reads: Reads::one(0), input, output: op.output(&input), scratch: [0, 0], packed: 0 }]
    };
    const EXPECTED: [Tensor<'_>; 2] = [Tensor::bias("fc.bias", &NODES, 0), Tensor::weight("fc.weight", &NODES, 0)];

    fn found<'a>(name: &'a str, dtype: &'a str, shape: &'a [usize]) -> Found<'a> {
        Found { name, dtype, shape, offset: 0 }
    }

    #[test]
    fn a_file_that_fits_has_no_difference() {
        let file = [found("fc.bias", "BF16", &[2]), found("fc.weight", "F32", &[2, 3])];
        assert!(Walk::default().next(&EXPECTED, &file).is_none());
        assert_eq!((EXPECTED[0].offset, EXPECTED[1].offset), (6, 0));
    }

    #[test]
    fn every_difference_is_said() {
        let file = [found("fc.bias", "F64", &[2]), found("fc.extra", "F32", &[1]), found("fc.weight", "F32", &[3, 2])];
        let mut walk = Walk::default();
        let mut text = Text::new();
        while let Some(difference) = walk.next(&EXPECTED, &file) {
            text = difference.say(text, &EXPECTED, &file).say("; ");
        }
        assert_eq!(
            text.as_str(),
            "`fc.bias` has values of type F64 but needs F32, F16 or BF16; `fc.extra` [1] is unexpected; `fc.weight` is [3, 2] but must be [2, 3]; "
        );
    }
}
