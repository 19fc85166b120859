//! Where each value lives, and what runs fused: decided once, as a constant.
//!
//! A network reads its input and writes its output where the caller wants them; what lies between goes through
//! *slots* of one arena. In a chain only the input and the output of one layer are alive at a time, so two slots
//! serve, one growing from the bottom of the arena and one from its top, and the arena is as large as the largest
//! sum of two neighbours: Σ = max(inᵢ + outᵢ). Training keeps every value for the way back.

use crate::dims::Dims;
use crate::graph::Reads;
use crate::op::{Activation, Op};

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
    /// Floats that its forward kernel needs for itself.
    pub scratch: usize,
    /// Floats of its packed parameters.
    pub packed: usize,
}

/// Where a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The caller's input.
    Input,
    /// The caller's output.
    Output,
    /// The arena, from this float of a sample on; times the batch.
    Slot(usize),
}

/// One layer of the plan.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Where it reads.
    pub input: Place,
    /// Values of one input sample.
    pub input_len: usize,
    /// Where it writes; the same as `input` for a layer that works in place.
    pub output: Place,
    /// Values of one output sample.
    pub output_len: usize,
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
}

impl Step {
    const EMPTY: Self = Self {
        input: Place::Input,
        input_len: 0,
        output: Place::Output,
        output_len: 0,
        params: 0,
        params_len: 0,
        packed: 0,
        packed_len: 0,
        saved: 0,
        saved_len: 0,
        epilogue: None,
        folded: false,
        fused: false,
    };
}

/// The plan of a network of `N` layers.
#[derive(Clone, Copy, Debug)]
pub struct Plan<const N: usize> {
    steps: [Step; N],
    len: usize,
    /// Sizes of the arena and of the buffers.
    pub sizes: Sizes,
}

/// What a plan asks for, in floats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Slots of one sample.
    pub slots: usize,
    /// The largest kernel scratch.
    pub kernel: usize,
    /// Canonical parameters.
    pub params: usize,
    /// Packed parameters.
    pub packed: usize,
    /// What training keeps of a batch beside the values.
    pub saved: usize,
}

impl Sizes {
    /// Floats of the arena for a batch.
    pub const fn arena(&self, batch: usize) -> usize {
        self.slots.saturating_mul(batch).saturating_add(self.kernel)
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
    /// Plans a chain; `nodes` beyond the `N`-th are not planned, fewer leave the rest of the steps unused.
    pub const fn chain(nodes: &[Node], purpose: Purpose) -> Self {
        let mut plan = Self { steps: [Step::EMPTY; N], len: nodes.len(), sizes: sizes(nodes, purpose) };
        let mut reads = Place::Input;
        let mut kept = 0;
        let mut slot = 0;
        let mut i = 0;
        let (mut params, mut packed, mut saved) = (0, 0, 0);
        while i < nodes.len() && i < N {
            let node = &nodes[i];
            let writes = if last_write(nodes, i, purpose) {
                Place::Output
            } else if stays(nodes, i, purpose) && matches!(reads, Place::Slot(_)) {
                reads
            } else {
                slot += 1;
                let offset = match purpose {
                    Purpose::Training => kept,
                    _ if slot % 2 == 1 => 0,
                    _ => plan.sizes.slots - aligned(node.output.len()),
                };
                kept += aligned(node.output.len());
                Place::Slot(offset)
            };
            plan.steps[i] = Step {
                input: reads,
                input_len: node.input.len(),
                output: writes,
                output_len: node.output.len(),
                params,
                params_len: node.op.stored(&node.input),
                packed,
                packed_len: node.packed,
                saved,
                saved_len: node.op.state_len(&node.input),
                epilogue: epilogue(nodes, i, purpose),
                folded: folded(nodes, i, purpose),
                fused: fused(nodes, i, purpose),
            };
            params += plan.steps[i].params_len;
            packed += node.packed;
            saved += plan.steps[i].saved_len;
            reads = writes;
            i += 1;
        }
        plan
    }

    /// The steps, in the order of the layers.
    pub const fn steps(&self) -> &[Step] {
        self.steps.split_at(self.len).0
    }
}

/// Slots begin at multiples of 64 bytes: one cache line, one AVX-512 vector.
const fn aligned(floats: usize) -> usize {
    floats.next_multiple_of(16)
}

/// Whether layer `i` may overwrite what it reads.
///
/// Training must lose nothing that backward reads: tanh′ = 1 − y² needs the y of the tanh, so the dropout behind it
/// writes elsewhere; GELU needs its own input, so it writes elsewhere too. Convolutions and pools need their input,
/// never their output, so what follows them may overwrite that.
const fn stays(nodes: &[Node], i: usize, purpose: Purpose) -> bool {
    let op = &nodes[i].op;
    if !op.in_place() || !matches!(purpose, Purpose::Training) || op.is_view() {
        return op.in_place();
    }
    if op.backward_reads_input() {
        return false;
    }
    // Back through everything that wrote the same values.
    let mut before = i;
    while before > 0 {
        before -= 1;
        if nodes[before].op.backward_reads_output() {
            return false;
        }
        if !stays(nodes, before, purpose) {
            return true;
        }
    }
    true
}

/// Whether layer `i` writes the network's output: it is the last, or all behind it work in place.
const fn last_write(nodes: &[Node], i: usize, purpose: Purpose) -> bool {
    let mut next = i + 1;
    while next < nodes.len() {
        if !stays(nodes, next, purpose) {
            return false;
        }
        next += 1;
    }
    true
}

/// Whether a batch normalisation directly behind `op` can be folded into its weight and bias.
///
/// Never across an activation: γ max(0, x) + β is not max(0, γ x + β).
pub const fn folds(op: &Op, next: &Op) -> bool {
    op.takes_epilogue() && matches!(next, Op::BatchNorm(_))
}

const fn folded(nodes: &[Node], i: usize, purpose: Purpose) -> bool {
    matches!(purpose, Purpose::Packed) && i + 1 < nodes.len() && folds(&nodes[i].op, &nodes[i + 1].op)
}

/// The activation behind layer `i` that it applies itself, unless backward needs what is between them.
const fn epilogue(nodes: &[Node], i: usize, purpose: Purpose) -> Option<Activation> {
    let next = if folded(nodes, i, purpose) { i + 2 } else { i + 1 };
    if next >= nodes.len() || !nodes[i].op.takes_epilogue() {
        return None;
    }
    match nodes[next].op.epilogue() {
        Some(activation) if matches!(purpose, Purpose::Training) && !activation.derives_from_output() => None,
        epilogue => epilogue,
    }
}

/// Whether a layer before layer `i` does its work.
const fn fused(nodes: &[Node], i: usize, purpose: Purpose) -> bool {
    if i > 0 && folded(nodes, i - 1, purpose) {
        return true;
    }
    if matches!(nodes[i].op, Op::BatchNorm(_)) {
        return false;
    }
    (i > 0 && !folded(nodes, i - 1, purpose) && epilogue(nodes, i - 1, purpose).is_some())
        || (i > 1 && folded(nodes, i - 2, purpose) && epilogue(nodes, i - 2, purpose).is_some())
}

const fn sizes(nodes: &[Node], purpose: Purpose) -> Sizes {
    let mut sizes = Sizes { slots: 0, kernel: 0, params: 0, packed: 0, saved: 0 };
    let (mut before, mut all) = (0_usize, 0_usize);
    let mut i = 0;
    while i < nodes.len() {
        let node = &nodes[i];
        sizes.kernel = max(sizes.kernel, node.scratch);
        sizes.params = sizes.params.saturating_add(node.op.stored(&node.input));
        sizes.packed = sizes.packed.saturating_add(node.packed);
        sizes.saved = sizes.saved.saturating_add(node.op.state_len(&node.input));
        let overwrites = stays(nodes, i, purpose) && all > 0;
        if !last_write(nodes, i, purpose) && !overwrites {
            let own = aligned(node.output.len());
            sizes.slots = max(sizes.slots, before.saturating_add(own));
            all = all.saturating_add(own);
            before = own;
        }
        i += 1;
    }
    if matches!(purpose, Purpose::Training) {
        sizes.slots = all;
    }
    sizes
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
        Node { op, reads: Reads::one(0), input, output: op.output(&input), scratch: 5, packed: 0 }
    }

    const TANH: Op = Op::Activation(Activation::Tanh);

    #[test]
    fn two_slots_serve_a_chain() {
        let nodes = [linear(8, 64), linear(64, 32), linear(32, 160), linear(160, 4)];
        let plan = Plan::<4>::chain(&nodes, Purpose::Inference);
        assert_eq!(
            plan.sizes,
            Sizes { slots: 192, kernel: 5, params: 64 * 9 + 32 * 65 + 160 * 33 + 4 * 161, packed: 0, saved: 0 }
        );
        let places: [Place; 4] = core::array::from_fn(|i| plan.steps()[i].output);
        assert_eq!(places, [Place::Slot(0), Place::Slot(160), Place::Slot(0), Place::Output]);
    }

    #[test]
    fn activations_are_fused_and_write_where_they_read() {
        let nodes = [linear(8, 16), node(TANH, Dims::new(&[16])), linear(16, 4), node(Op::Softmax, Dims::new(&[4]))];
        let plan = Plan::<4>::chain(&nodes, Purpose::Inference);
        assert_eq!(plan.steps()[0].epilogue, Some(Activation::Tanh));
        assert!(plan.steps()[1].fused && !plan.steps()[3].fused);
        assert_eq!(plan.steps()[1].input, plan.steps()[1].output);
        assert_eq!((plan.steps()[2].output, plan.steps()[3].output), (Place::Output, Place::Output));
        assert_eq!(plan.sizes.slots, 16);
    }

    #[test]
    fn training_keeps_what_backward_derives_from() {
        let vector = Dims::new(&[16]);
        let nodes = [linear(8, 16), node(TANH, vector), node(Op::Dropout(0.5), vector)];
        let plan = Plan::<3>::chain(&nodes, Purpose::Training);
        assert_eq!(plan.steps()[1].output, Place::Slot(0));
        assert_eq!(plan.steps()[2].output, Place::Output);
        assert_eq!(Plan::<3>::chain(&nodes, Purpose::Inference).sizes.slots, 0);
    }

    #[test]
    fn a_first_layer_in_place_does_not_write_the_callers_input() {
        let nodes = [node(TANH, Dims::new(&[8])), linear(8, 4)];
        let plan = Plan::<2>::chain(&nodes, Purpose::Inference);
        assert_eq!((plan.steps()[0].input, plan.steps()[0].output), (Place::Input, Place::Slot(0)));
    }
}
