//! What is known of a network before the program runs: its layers, their sizes, and the plans of how it runs.

use convnet_shape::dims::Dims;
use convnet_shape::files::packed::Kind;
use convnet_shape::fingerprint::fingerprint;
use convnet_shape::graph::{self, MAX_PATHS, Reads};
use convnet_shape::op::Op;
use convnet_shape::options::Options;
use convnet_shape::plan::{self, Form, Node, Plan, Purpose, Sizes, Step};
use convnet_shape::tensors::Tensor;

use crate::layer::Tree;
use crate::needs;

/// Everything about a network that is known before the program runs.
#[derive(Debug)]
pub struct Architecture {
    /// The name of the type.
    pub name: &'static str,
    /// The sizes of the input.
    pub input: Dims,
    /// What the kernels are asked; those of a network that has this one as a layer hold there.
    pub options: Options,
    /// The layers: operation, input, output, what their kernels need.
    pub nodes: &'static [Node],
    /// Their names.
    pub names: &'static [&'static str],
    /// The memory plan of inference.
    pub plan: &'static [Step],
    /// What it asks for.
    pub sizes: Sizes,
    /// The memory plan of inference on packed parameters; `sizes` serve both.
    pub prepared: &'static [Step],
    /// The same without algorithms that enlarge the parameters: what embedded ones are packed for.
    pub compact: &'static [Step],
    /// Packed parameters of the compact plan, in floats.
    pub compact_packed: usize,
    /// The memory plan of training.
    pub training: &'static [Step],
    /// What it asks for.
    pub training_sizes: Sizes,
    /// The parameter tensors, sorted by name.
    pub tensors: &'static [Tensor<'static>],
}

impl Architecture {
    /// The sizes of the output.
    pub const fn output(&self) -> Dims {
        self.nodes[self.nodes.len() - 1].output
    }

    /// Learned values.
    pub const fn params(&self) -> usize {
        let mut params = 0_usize;
        let mut i = 0;
        while i < self.nodes.len() {
            params = params.saturating_add(self.nodes[i].op.params(&self.nodes[i].input));
            i += 1;
        }
        params
    }

    /// Values in the parameter buffer: the learned ones, and running statistics.
    pub const fn stored(&self) -> usize {
        self.sizes.params
    }

    /// Multiply-accumulates of one sample.
    pub const fn macs(&self) -> usize {
        let mut macs = 0_usize;
        let mut i = 0;
        while i < self.nodes.len() {
            macs = macs.saturating_add(self.nodes[i].op.macs(&self.nodes[i].input));
            i += 1;
        }
        macs
    }

    /// Bytes of memory that a forward pass needs beside parameters, input and output.
    pub const fn scratch_bytes(&self, batch: usize) -> usize {
        self.sizes.arena(batch).saturating_mul(size_of::<f32>())
    }

    /// Bytes that training needs for each sample: every value between the layers, the output, and their gradients.
    pub const fn train_bytes(&self) -> usize {
        self.training_sizes.slots.saturating_add(self.output().len()).saturating_mul(2 * size_of::<f32>())
    }

    /// What packed parameters of this form are known by: the layers with their settings and how each layer's are packed.
    pub const fn fingerprint(&self, kind: Kind) -> u64 {
        fingerprint(self.nodes, self.packing(kind))
    }

    /// The plan that parameters of this form are packed for.
    pub(crate) const fn packing(&self, kind: Kind) -> &'static [Step] {
        match kind {
            Kind::Compact => self.compact,
            Kind::Full => self.prepared,
        }
    }

    /// How many floats packed parameters of this form are.
    pub const fn packed_len(&self, kind: Kind) -> usize {
        match kind {
            Kind::Compact => self.compact_packed,
            Kind::Full => self.sizes.packed,
        }
    }

    /// Bytes of the packed parameters.
    pub const fn prepared_bytes(&self) -> usize {
        self.sizes.packed.saturating_mul(size_of::<f32>())
    }
}

/// No layer.
const NONE: Node = Node {
    op: Op::Flatten,
    reads: Reads::one(0),
    input: Dims::new(&[]),
    output: Dims::new(&[]),
    scratch: [0; 2],
    packed: 0,
};

/// The layers of a chain on an input of these sizes, with what their kernels need.
pub const fn nodes<const N: usize>(tree: &Tree, input: Dims) -> [Node; N] {
    let mut walk = Walk { nodes: [NONE; N], count: 0, input };
    walk.tree(tree, 0);
    let Walk { mut nodes, count, .. } = walk;
    let layers = nodes;
    let layers = layers.split_at(count).0;
    let readers = plan::readers::<N>(layers);
    let mut i = 0;
    while i < count {
        let needs = needs::needs(&nodes[i].op, &nodes[i].input, plan::folded(layers, &readers, i));
        nodes[i].scratch = [needs.forward; 2];
        i += 1;
    }
    nodes
}

/// The layers of a tree in the order in which they run.
struct Walk<const N: usize> {
    nodes: [Node; N],
    count: usize,
    input: Dims,
}

impl<const N: usize> Walk<N> {
    /// The sizes of a value.
    const fn dims(&self, value: usize) -> Dims {
        if value == 0 { self.input } else { self.nodes[value - 1].output }
    }

    /// Adds the layers of a tree that reads `value`; the value that it gives.
    const fn tree(&mut self, tree: &Tree, value: usize) -> usize {
        match tree {
            Tree::Leaf(op) => self.add(*op, Reads::one(value)),
            Tree::Then(first, second) => {
                let value = self.tree(first, value);
                self.tree(second, value)
            }
            Tree::Join(op, paths) => {
                let mut values = [0; MAX_PATHS];
                let mut path = 0;
                while path < paths.len() && path < MAX_PATHS {
                    values[path] = self.tree(paths[path], value);
                    path += 1;
                }
                self.add(*op, Reads::all(values.split_at(path).0))
            }
            Tree::Identity => value,
            Tree::Part(tree) | Tree::Named { tree, .. } => self.tree(tree, value),
        }
    }

    const fn add(&mut self, op: Op, reads: Reads) -> usize {
        // Beyond the N-th the network is refused elsewhere.
        if self.count == N {
            return N;
        }
        let (mut values, mut own) = ([self.input; MAX_PATHS], [0; MAX_PATHS]);
        let mut path = 0;
        while path < reads.count() {
            (values[path], own[path]) = (self.dims(reads.value(path)), path);
            path += 1;
        }
        let output = graph::output(&op, &Reads::all(own.split_at(path).0), &values);
        self.nodes[self.count] = Node { op, reads, input: values[0], output, scratch: [0; 2], packed: 0 };
        self.count += 1;
        self.count
    }
}

/// The plan of a prepared network, as its options allow.
pub const fn prepared_plan<const N: usize>(nodes: &[Node], options: &Options) -> Plan<N> {
    let forms = plan::forms::<N>(nodes, options);
    let prepared = prepared_nodes::<N>(nodes, &forms);
    Plan::prepared(prepared.split_at(nodes.len()).0, &forms)
}

/// The same without algorithms that enlarge the parameters: what is embedded. Values lie where `prepared` has them.
pub const fn compact_plan<const N: usize>(nodes: &[Node], prepared: &Plan<N>, options: &Options) -> Plan<N> {
    let mut forms = [Form::PLANAR; N];
    let mut i = 0;
    while i < nodes.len() {
        forms[i] = prepared.steps()[i].form.compact(&nodes[i].op, options);
        i += 1;
    }
    let compact = prepared_nodes::<N>(nodes, &forms);
    prepared.repacked(compact.split_at(nodes.len()).0, &forms)
}

/// Layers with what they need in these forms.
const fn prepared_nodes<const N: usize>(nodes: &[Node], forms: &[Form; N]) -> [Node; N] {
    let readers = plan::readers::<N>(nodes);
    let mut prepared = [NONE; N];
    let mut i = 0;
    while i < nodes.len() {
        prepared[i] = nodes[i];
        let folded = plan::folded(nodes, &readers, i);
        let (scratch, packed) = needs::prepared(&nodes[i].op, &nodes[i].input, folded, &forms[i]);
        // What is folded into the layer before it leaves nothing.
        let is_fold = i > 0 && plan::folded(nodes, &readers, i - 1);
        (prepared[i].scratch, prepared[i].packed) = (scratch, if is_fold { 0 } else { packed });
        i += 1;
    }
    prepared
}

/// The plan of training: every value is kept, and the kernels' scratch serves both ways.
pub const fn training_plan<const N: usize>(nodes: &[Node]) -> Plan<N> {
    let mut plan = Plan::new(nodes, Purpose::Training);
    let mut i = 0;
    while i < nodes.len() {
        let backward = needs::needs(&nodes[i].op, &nodes[i].input, false).backward;
        if backward > plan.sizes.kernel {
            plan.sizes.kernel = backward;
        }
        i += 1;
    }
    plan
}
