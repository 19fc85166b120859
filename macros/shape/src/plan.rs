//! Where each value lives, and what runs fused: decided once, as a constant.
//!
//! A network reads its input and writes its output where the caller wants them; what lies between goes through *slots*
//! of one arena. Values share a slot where one is made over the other (`share`): a layer that works in place writes
//! over what it reads, and the paths of a `concat` write their channels where the joined value has them, so that
//! joining copies nothing. Slots that are not alive at the same time share memory (`allocate`); in a chain only the
//! input and the output of one layer are, so the arena is as large as the largest sum of two neighbours. Training keeps
//! every value for the way back.

mod allocate;
mod form;
mod fuse;
pub mod integer;
mod share;

use crate::dims::Dims;
use crate::graph::Reads;
use crate::op::{Activation, Op};

pub use form::{Algorithm, BLOCK, Form, Layout, MAX_LRN, forms};
pub use fuse::{folded, readers};

/// One layer as the planner sees it.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    /// What it does.
    pub op: Op,
    /// Which values it reads.
    pub reads: Reads,
    /// What it reads; of a join, the first path's.
    pub input: Dims,
    /// What it writes.
    pub output: Dims,
    /// Floats that its forward kernel needs for itself on one thread, for one sample and for many.
    pub scratch: [usize; 2],
    /// Floats of its packed parameters.
    pub packed: usize,
}

/// Where memory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The caller's input.
    Input,
    /// The caller's output.
    Output,
    /// The arena, from this float of a sample on; times the batch.
    Slot(usize),
}

/// Where a value is: within every sample of some memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operand {
    /// The memory.
    pub place: Place,
    /// Where it begins in a sample.
    pub offset: usize,
    /// Values of one sample of it.
    pub len: usize,
    /// Values from one sample to the next: more than `len` for a path of a `concat`.
    pub stride: usize,
}

impl Operand {
    /// The network's input.
    pub const fn input(len: usize) -> Self {
        Self { place: Place::Input, offset: 0, len, stride: len }
    }

    /// Where sample `sample` of a batch lies in its memory.
    pub const fn sample(&self, sample: usize, batch: usize) -> core::ops::Range<usize> {
        let slot = match self.place {
            Place::Slot(first) => first * batch,
            _ => 0,
        };
        let first = slot + sample * self.stride + self.offset;
        first..first + self.len
    }

    /// Where a whole batch lies in its memory, if it lies in a row.
    pub const fn batch(&self, batch: usize) -> core::ops::Range<usize> {
        let core::ops::Range { start, end } = self.sample(0, batch);
        start..end + (batch - 1) * self.stride
    }

    /// Whether the samples of a batch lie in a row.
    pub const fn in_a_row(&self) -> bool {
        self.stride == self.len
    }
}

/// One layer of the plan.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Where it reads; of a join, its first path.
    pub input: Operand,
    /// Where it writes; the same as `input` for a layer that works in place.
    pub output: Operand,
    /// Which values it reads.
    pub reads: Reads,
    /// First of its parameters, weight, bias and then state, in the canonical buffer.
    pub params: usize,
    /// How many there are.
    pub params_len: usize,
    /// First of its packed parameters in the prepared buffer.
    pub packed: usize,
    /// How many there are.
    pub packed_len: usize,
    /// First of what training keeps of a batch beside the values.
    pub saved: usize,
    /// How much that is.
    pub saved_len: usize,
    /// Activation applied as the result is stored.
    pub epilogue: Option<Activation>,
    /// A batch normalisation behind this layer is folded into its packed parameters.
    pub folded: bool,
    /// Nothing left to do: the layer before it does this one's work.
    pub fused: bool,
    /// How its values lie in memory, and how it is computed.
    pub form: Form,
}

impl Step {
    const EMPTY: Self = Self {
        input: Operand::input(0),
        output: Operand::input(0),
        reads: Reads::one(0),
        params: 0,
        params_len: 0,
        packed: 0,
        packed_len: 0,
        saved: 0,
        saved_len: 0,
        epilogue: None,
        folded: false,
        fused: false,
        form: Form::PLANAR,
    };
}

/// The plan of a network of `N` layers.
#[derive(Clone, Copy, Debug)]
pub struct Plan<const N: usize> {
    steps: [Step; N],
    len: usize,
    /// Sizes of the arena and of the buffers.
    pub sizes: Sizes,
    /// No plan needs fewer floats of slots: the largest sum of values that are alive at one time.
    pub bound: usize,
}

/// What a plan asks for, in floats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Slots of one sample.
    pub slots: usize,
    /// The largest kernel scratch for one sample.
    pub kernel: usize,
    /// The same for many samples: what makes kernels that share weights among samples fast, `kernel` suffices.
    pub kernel_of_many: usize,
    /// Canonical parameters.
    pub params: usize,
    /// Packed parameters.
    pub packed: usize,
    /// What training keeps of a batch beside the values.
    pub saved: usize,
}

impl Sizes {
    /// What serves two plans of one network; packed parameters are the other's.
    pub const fn or(&self, prepared: &Self) -> Self {
        Self {
            slots: max(self.slots, prepared.slots),
            kernel: max(self.kernel, prepared.kernel),
            kernel_of_many: max(self.kernel_of_many, prepared.kernel_of_many),
            packed: prepared.packed,
            ..*self
        }
    }

    /// Floats of the arena for a batch on one thread.
    pub const fn arena(&self, batch: usize) -> usize {
        self.arena_for(batch, 1)
    }

    /// Floats of the arena for a batch on so many threads.
    pub const fn arena_for(&self, batch: usize, threads: usize) -> usize {
        let kernel = if batch > 1 { self.kernel_of_many } else { self.kernel };
        self.slots.saturating_mul(batch).saturating_add(kernel.saturating_mul(max(threads, 1)))
    }
}

/// What a plan is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Inference on canonical parameters: values are overwritten as soon as nobody needs them.
    Inference,
    /// Inference on packed parameters: the same, and batch normalisations are folded into the layer before them.
    Packed,
    /// Training: backward reads every value.
    Training,
}

impl<const N: usize> Plan<N> {
    /// Plans a network; `nodes` beyond the `N`-th are not planned, fewer leave the rest of the steps unused.
    pub const fn new(nodes: &[Node], purpose: Purpose) -> Self {
        let nodes = if nodes.len() > N { nodes.split_at(N).0 } else { nodes };
        let readers = readers::<N>(nodes);
        let shared = share::share::<N>(nodes, &readers, purpose);
        let (slots, bound) = match purpose {
            Purpose::Training => (allocate::kept(nodes, &shared), 0),
            _ => {
                let bound = allocate::bound(nodes, &share::share_no_path::<N>(nodes, &readers, purpose));
                (allocate::reused(nodes, &shared, bound), bound)
            }
        };
        let mut sizes = Sizes { slots: slots.len, kernel: 0, kernel_of_many: 0, params: 0, packed: 0, saved: 0 };
        let mut steps = [Step::EMPTY; N];
        let mut i = 0;
        while i < nodes.len() {
            let node = &nodes[i];
            let first = node.reads.first();
            let input = match first {
                0 => Operand::input(node.input.len()),
                value => steps[value - 1].output,
            };
            let root = shared.root[i];
            steps[i] = Step {
                input,
                output: Operand {
                    place: if shared.is_output(root) { Place::Output } else { Place::Slot(slots.first[root]) },
                    offset: shared.offset[i],
                    len: node.output.len(),
                    stride: nodes[root].output.len(),
                },
                reads: node.reads,
                params: sizes.params,
                params_len: node.op.stored(&node.input),
                packed: sizes.packed,
                packed_len: node.packed,
                saved: sizes.saved,
                saved_len: node.op.state_len(&node.input),
                epilogue: fuse::epilogue(nodes, &readers, i, purpose),
                folded: matches!(purpose, Purpose::Packed) && folded(nodes, &readers, i),
                fused: fuse::fused(nodes, &readers, i, purpose),
                form: Form::PLANAR,
            };
            sizes.kernel = max(sizes.kernel, node.scratch[0]);
            sizes.kernel_of_many = max(sizes.kernel_of_many, max(node.scratch[0], node.scratch[1]));
            sizes.params = sizes.params.saturating_add(steps[i].params_len);
            sizes.packed = sizes.packed.saturating_add(node.packed);
            sizes.saved = sizes.saved.saturating_add(steps[i].saved_len);
            i += 1;
        }
        Self { steps, len: nodes.len(), sizes, bound }
    }

    /// The plan of a prepared network whose layers run in these forms; their nodes need what these forms need.
    pub const fn prepared(nodes: &[Node], forms: &[Form; N]) -> Self {
        let mut plan = Self::new(nodes, Purpose::Packed);
        let mut i = 0;
        while i < plan.len {
            plan.steps[i].form = forms[i];
            i += 1;
        }
        plan
    }

    /// The same plan for nodes that differ in what their kernels need, and for their forms.
    pub const fn repacked(mut self, nodes: &[Node], forms: &[Form; N]) -> Self {
        (self.sizes.kernel, self.sizes.kernel_of_many, self.sizes.packed) = (0, 0, 0);
        let mut i = 0;
        while i < self.len {
            let (step, scratch) = (&mut self.steps[i], nodes[i].scratch);
            (step.form, step.packed, step.packed_len) = (forms[i], self.sizes.packed, nodes[i].packed);
            self.sizes.kernel = max(self.sizes.kernel, scratch[0]);
            self.sizes.kernel_of_many = max(self.sizes.kernel_of_many, max(scratch[0], scratch[1]));
            self.sizes.packed = self.sizes.packed.saturating_add(nodes[i].packed);
            i += 1;
        }
        self
    }

    /// The steps, in the order of the layers.
    pub const fn steps(&self) -> &[Step] {
        self.steps.split_at(self.len).0
    }
}

const fn max(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::LinearOp;

    fn linear(input: usize, out_features: usize) -> Node {
        let op = Op::Linear(LinearOp { out_features, bias: true, in_features: None });
        node(op, Dims::new(&[input]))
    }

    fn node(op: Op, input: Dims) -> Node {
        Node { op, reads: Reads::one(0), input, output: op.output(&input), scratch: [5, 5], packed: 0 }
    }

    fn chain<const N: usize>(nodes: [Node; N]) -> [Node; N] {
        core::array::from_fn(|i| Node { reads: Reads::one(i), ..nodes[i] })
    }

    const TANH: Op = Op::Activation(Activation::Tanh);

    #[test]
    fn two_slots_serve_a_chain() {
        let nodes = chain([linear(8, 64), linear(64, 32), linear(32, 160), linear(160, 4)]);
        let plan = Plan::<4>::new(&nodes, Purpose::Inference);
        assert_eq!(
            plan.sizes,
            Sizes {
                slots: 192,
                kernel: 5,
                kernel_of_many: 5,
                params: 64 * 9 + 32 * 65 + 160 * 33 + 4 * 161,
                packed: 0,
                saved: 0
            }
        );
        let places: [Place; 4] = core::array::from_fn(|i| plan.steps()[i].output.place);
        assert_eq!(places, [Place::Slot(0), Place::Slot(160), Place::Slot(0), Place::Output]);
    }

    #[test]
    fn activations_are_fused_and_write_where_they_read() {
        let nodes =
            chain([linear(8, 16), node(TANH, Dims::new(&[16])), linear(16, 4), node(Op::Softmax, Dims::new(&[4]))]);
        let plan = Plan::<4>::new(&nodes, Purpose::Inference);
        assert_eq!(plan.steps()[0].epilogue, Some(Activation::Tanh));
        assert!(plan.steps()[1].fused && !plan.steps()[3].fused);
        assert_eq!(plan.steps()[1].input, plan.steps()[1].output);
        assert_eq!([2, 3].map(|i| plan.steps()[i].output.place), [Place::Output; 2]);
        assert_eq!(plan.sizes.slots, 16);
    }

    #[test]
    fn training_keeps_what_backward_derives_from() {
        let vector = Dims::new(&[16]);
        let nodes = chain([linear(8, 16), node(TANH, vector), node(Op::Dropout(0.5), vector)]);
        let plan = Plan::<3>::new(&nodes, Purpose::Training);
        assert_eq!(plan.steps()[1].output.place, Place::Slot(0));
        assert_eq!(plan.steps()[2].output.place, Place::Output);
        assert_eq!(Plan::<3>::new(&nodes, Purpose::Inference).sizes.slots, 0);
    }

    #[test]
    fn a_first_layer_in_place_does_not_write_the_callers_input() {
        let nodes = chain([node(TANH, Dims::new(&[8])), linear(8, 4)]);
        let plan = Plan::<2>::new(&nodes, Purpose::Inference);
        assert_eq!((plan.steps()[0].input.place, plan.steps()[0].output.place), (Place::Input, Place::Slot(0)));
    }
}
