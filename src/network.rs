//! What every network is, declared or hand-built: constants, one parameter buffer, and a way to run.
//!
//! [`cnn!`](crate::cnn!) implements [`Network`] for the types it declares and repeats its constants and methods as
//! inherent ones, so that the trait is needed only in generic code. [`Sequential`](crate::Sequential) is the network
//! around a hand-built chain.

use convnet_shape::dims::Dims;
use convnet_shape::files::packed::Kind;
use convnet_shape::fingerprint::fingerprint;
use convnet_shape::graph::{self, MAX_PATHS, Reads};
use convnet_shape::op::Op;
use convnet_shape::options::Options;
use convnet_shape::plan::{self, Form, Node, Plan, Purpose, Sizes, Step};
use convnet_shape::tensors::Tensor;

use crate::arena::Floats;
use crate::layer::{Forward, Kernels, Layer, Tree};
use crate::needs;
use crate::ops::{Product, Weight};
use crate::params::Params;
use crate::shape::Shape;
use crate::summary::Summary;
use crate::tensor::{Returned, Value};
#[cfg(feature = "alloc")]
use crate::threads;

#[cfg(feature = "alloc")]
use crate::init::Init;
#[cfg(feature = "alloc")]
use crate::{
    prepared::Prepared,
    quantized::{QuantizeError, Quantized},
};
#[cfg(feature = "alloc")]
use alloc::{vec, vec::Vec};

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
            Kind::Prepared => self.prepared,
        }
    }

    /// How many floats packed parameters of this form are.
    pub const fn packed_len(&self, kind: Kind) -> usize {
        match kind {
            Kind::Compact => self.compact_packed,
            Kind::Prepared => self.sizes.packed,
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

/// A network: a chain of layers with its parameters.
///
/// `Input` and `Output` are values at the door ([`Chw`](crate::Chw), [`Flat`](crate::Flat), [`crate::Tensor`]);
/// `Shape` is the input as the trait solver knows it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a network",
    label = "expected a network: a type that `cnn!` declares, or a `Sequential`"
)]
pub trait Network: Sized {
    /// The shape of the input.
    type Shape: Shape;
    /// The layers.
    type Chain: Layer<Self::Shape>;
    /// The input.
    type Input: Value;
    /// The output.
    type Output: Value;
    /// The output as `forward` returns it: by value up to 16 KiB, boxed beyond.
    type Returned: Returned<Self::Output>;
    /// The memory that [`forward_into`](Network::forward_into) runs in: an array for declared networks, whose size
    /// is a constant, a slice for hand-built ones.
    type Scratch: AsMut<[f32]> + ?Sized;
    /// The sizes, costs and plans.
    const ARCHITECTURE: &'static Architecture;

    /// A network with these parameters; there must be [`Architecture::stored`] of them.
    fn from_params(params: Params) -> Self;

    /// The parameters: layer by layer, weight and then bias, in PyTorch's order.
    fn params(&self) -> &[f32];

    /// The parameters, to write; embedded ones are copied to the heap first.
    #[cfg(feature = "alloc")]
    fn params_mut(&mut self) -> &mut [f32];

    /// The table of layers, sizes and costs.
    fn summary() -> Summary {
        Summary(Self::ARCHITECTURE)
    }

    /// A network with random parameters, the same for the same seed: Kaiming for weights, as in PyTorch.
    #[cfg(feature = "alloc")]
    fn init(seed: u64) -> Self {
        Self::init_with(Init::Kaiming, seed)
    }

    /// A network with random parameters drawn so, the same for the same seed.
    #[cfg(feature = "alloc")]
    fn init_with(init: Init, seed: u64) -> Self {
        Self::from_params(Params::Owned(crate::init::params(Self::ARCHITECTURE, init, seed)))
    }

    /// Runs one input.
    #[cfg(feature = "alloc")]
    fn forward(&self, input: &Self::Input) -> Self::Returned {
        Returned::filled(|output: &mut Self::Output| {
            run_on_heap::<Self>(canonical(self), 1, input.as_floats(), output.as_floats_mut(), &Arenas::NONE);
        })
    }

    /// Runs one input in the caller's memory: no allocation.
    ///
    /// # Panics
    ///
    /// If `Scratch` is a slice and shorter than [`Architecture::scratch_bytes`]`(1)`.
    fn forward_into(&self, input: &Self::Input, output: &mut Self::Output, scratch: &mut Self::Scratch) {
        run::<Self>(canonical(self), 1, input.as_floats(), output.as_floats_mut(), scratch.as_mut(), Product::Own);
    }

    /// Runs many inputs.
    #[cfg(feature = "alloc")]
    fn forward_batch(&self, inputs: &[Self::Input]) -> Vec<Self::Output> {
        run_batch::<Self>(canonical(self), inputs, &Arenas::NONE)
    }

    /// The same network for inference alone: parameters packed as the kernels read them.
    #[cfg(feature = "alloc")]
    fn prepare(&self) -> Prepared<Self> {
        let mut packed = vec![0.0; Self::ARCHITECTURE.sizes.packed];
        let steps = Self::ARCHITECTURE.prepared;
        crate::prepared::pack(Self::ARCHITECTURE, steps, &mut self.params().to_vec(), &mut packed);
        Prepared::from_packed(Params::Owned(packed))
    }

    /// Packs the parameters into a file for [`embed!`](crate::embed!): see [`packed`](crate::packed).
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    #[cfg(feature = "std")]
    fn pack_to(&self, path: impl AsRef<std::path::Path>) -> Result<(), crate::packed::PackedError> {
        crate::packed::save(self, &crate::packed::Vectors::NONE, path.as_ref())
    }

    /// The same network in whole numbers, for inference alone: see [`quantized`](crate::quantized).
    ///
    /// `samples` show between which numbers values lie: inputs as they will come, a hundred as a rule.
    ///
    /// # Errors
    ///
    /// If a layer has no integer kernel, or there is no sample, or one on which values are not finite.
    #[cfg(feature = "alloc")]
    fn quantize(&self, samples: &[Self::Input]) -> Result<Quantized<Self>, QuantizeError> {
        Quantized::new(self, samples)
    }
}

/// Parameters, the plan of how to run on them, and the kernels that it asks for.
pub(crate) type Planned<'a> = (Weight<'a>, &'static [Step], &'static Kernels);

fn canonical<N: Network>(network: &N) -> Planned<'_> {
    (Weight::Canonical(network.params()), N::ARCHITECTURE.plan, Kernels::CANONICAL)
}

/// Runs a batch of `N` in an arena of at least `sizes.arena(batch)` floats; on several threads in one of `sizes.arena_for`.
pub(crate) fn run<N: Network>(
    (params, steps, kernels): Planned<'_>,
    batch: usize,
    input: &[f32],
    output: &mut [f32],
    arena: &mut [f32],
    product: Product,
) {
    let architecture = N::ARCHITECTURE;
    let needed = architecture.sizes.arena(batch);
    assert!(arena.len() >= needed, "`{}` runs in {needed} floats of scratch, got {}", architecture.name, arena.len());
    let (slots, kernel) = arena.split_at_mut(architecture.sizes.slots * batch);
    let (saved, dropout, training) = (&mut [][..], None, false);
    let mut run = Forward {
        steps,
        batch,
        params,
        kernels,
        input,
        output,
        slots,
        kernel,
        product,
        saved,
        dropout,
        training,
        next: 0,
        done: 0,
    };
    <N::Chain as Layer<N::Shape>>::forward(&mut run);
}

/// Runs a batch in an arena of its own.
#[cfg(feature = "alloc")]
pub(crate) fn run_on_heap<N: Network>(
    planned: Planned<'_>,
    batch: usize,
    input: &[f32],
    output: &mut [f32],
    arenas: &Arenas,
) {
    let mut arena = arenas.take(N::ARCHITECTURE, batch);
    let mut run = || run::<N>(planned, batch, input, output, &mut arena, Product::Own);
    if is_worth_threads(N::ARCHITECTURE, batch) {
        threads::enter(run)
    } else {
        run()
    }
    arenas.give_back(arena);
}

/// Samples that run together: 16, enough to read each weight once for many, in an arena of at most 16 Mi floats ·
/// 4 bytes = 64 MiB, unless a single sample needs more. Where linear layers have few weights, convolutions are all the work,
/// whose weights are used at every position anyway; then so few that their values, 64 Ki floats · 4 bytes = 256 KiB, stay in
/// the second-level cache.
#[cfg(feature = "alloc")]
fn together(architecture: &Architecture) -> usize {
    let of_linear = |node: &Node| if let Op::Linear(_) = node.op { node.op.weight(&node.input).len() } else { 0 };
    let weights: usize = architecture.nodes.iter().map(of_linear).sum();
    let floats = if weights < 32 * 1024 { 64 * 1024 } else { 16 * 1024 * 1024 };
    (floats / architecture.sizes.slots.max(1)).clamp(1, 16)
}

/// Runs many inputs: some together, to read each weight once for them. Threads share out the layers of a large network; of a
/// small one each runs a part of the inputs by itself.
#[cfg(feature = "alloc")]
pub(crate) fn run_batch<N: Network>(planned: Planned<'_>, inputs: &[N::Input], arenas: &Arenas) -> Vec<N::Output> {
    let architecture = N::ARCHITECTURE;
    let count = inputs.len();
    let mut outputs = N::Output::zeroed_vec(count);
    let is_small = architecture.macs() < WORTH_THREADS;
    // Whole samples are better parts than layers: a quarter of the work suffices.
    let parts = if is_small && is_worth_threads(architecture, 4 * count) { threads::count() } else { 1 };
    let of_part = count.div_ceil(parts).max(1);
    let together = together(architecture).min(of_part);
    let (mut arena, floats) = arenas.take_parts(architecture, together, parts);
    // As floats, which may go to other threads.
    let (ins, outs) = (<N::Input as Floats>::LEN, <N::Output as Floats>::LEN);
    let inputs = Floats::flatten(inputs).chunks(of_part * ins);
    let samples =
        inputs.zip(Floats::flatten_mut(&mut outputs).chunks_mut(of_part * outs)).zip(arena.chunks_mut(floats));
    let mut samples: Vec<_> = samples.collect();
    let mut run = || {
        threads::each(&mut samples, |_, ((inputs, outputs), arena)| {
            for (input, output) in inputs.chunks(together * ins).zip(outputs.chunks_mut(together * outs)) {
                run::<N>(planned, input.len() / ins, input, output, arena, Product::Own);
            }
        });
    };
    if parts > 1 || is_worth_threads(architecture, count) {
        threads::enter(run)
    } else {
        run()
    }
    drop(samples);
    arenas.give_back(arena);
    outputs
}

/// So many multiply-accumulates, some 300 µs, that going into the pool of threads for them pays.
#[cfg(feature = "alloc")]
const WORTH_THREADS: usize = 16 << 20;

/// Whether a batch is worth it; each kernel asks again for itself.
#[cfg(feature = "alloc")]
fn is_worth_threads(architecture: &Architecture, batch: usize) -> bool {
    architecture.macs().saturating_mul(batch) >= WORTH_THREADS
}

/// The arena of the last forward pass, kept for the next: an arena that is allocated anew has fresh pages, and that the
/// kernel of the operating system clears them takes a tenth of VGG-16's time.
#[cfg(feature = "alloc")]
pub(crate) struct Arenas {
    #[cfg(feature = "std")]
    last: Option<std::sync::Mutex<Vec<f32>>>,
}

#[cfg(feature = "alloc")]
impl Arenas {
    /// Keeps nothing.
    pub(crate) const NONE: Self = Self {
        #[cfg(feature = "std")]
        last: None,
    };

    /// Keeps one arena.
    pub(crate) const fn keep() -> Self {
        Self {
            #[cfg(feature = "std")]
            last: Some(std::sync::Mutex::new(Vec::new())),
        }
    }

    /// An arena for a batch, on all threads.
    fn take(&self, architecture: &Architecture, batch: usize) -> Vec<f32> {
        self.take_floats(architecture.sizes.arena_for(batch, threads::count()))
    }

    /// An arena for each of several parts that run side by side, one behind the other, and how long each is; for one part as
    /// [`take`](Self::take).
    fn take_parts(&self, architecture: &Architecture, batch: usize, parts: usize) -> (Vec<f32>, usize) {
        let threads = if parts > 1 { 1 } else { threads::count() };
        let floats = architecture.sizes.arena_for(batch, threads).max(1);
        (self.take_floats(parts * floats), floats)
    }

    fn take_floats(&self, floats: usize) -> Vec<f32> {
        #[cfg(feature = "std")]
        if let Some(last) = &self.last {
            // Whoever comes while another pass runs finds nothing and allocates.
            let arena = last.try_lock().map(|mut last| core::mem::take(&mut *last)).unwrap_or_default();
            if arena.len() < floats {
                drop(arena); // first, so that there are never two
                return vec![0.0; floats];
            }
            return arena;
        }
        vec![0.0; floats]
    }

    fn give_back(&self, arena: Vec<f32>) {
        #[cfg(feature = "std")]
        if let Some(Ok(mut last)) = self.last.as_ref().map(std::sync::Mutex::try_lock) {
            *last = arena;
        }
        #[cfg(not(feature = "std"))]
        drop(arena);
    }
}
