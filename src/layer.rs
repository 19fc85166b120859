//! What a layer is: a type that turns one shape into another and knows how to run forward and backward.
//!
//! A layer is a zero-sized type; its numbers are type parameters, its learned values are a range of the network's one
//! parameter buffer. A chain of layers is run by a cursor, [`Forward`] or [`Backward`], that walks the network's
//! memory plan beside the layers: each layer asks for its [`ForwardStep`] or [`BackwardStep`], which holds the slices
//! it reads and writes. Layers therefore never see the arena, and the plan never sees the arithmetic.

use core::ops::Range;

use convnet_shape::op::{Activation, Op};
use convnet_shape::plan::{Form, Operand, Place, Step};
use typenum::Bit;

pub use crate::kernels::Kernels;
use crate::ops::{Product, Weight, add};
use crate::shape::Shape;

/// A layer, or a chain of them, on inputs of shape `In`.
///
/// `Out` is derived by the trait solver. A function generic over its input size needs this one bound:
///
/// ```
/// use convnet::layers::{Conv2d, Flatten, GlobalAvgPool, Linear, MaxPool2d, Relu};
/// use convnet::shape::{Dim, Image, Vector, Window};
/// use convnet::typenum::{U1, U2, U3, U10, U16, U32, U40};
/// use convnet::{Layer, Sequential, Tensor, chain};
///
/// type Features = chain![Conv2d<U16, Window<U3, U1, U1>>, Relu, MaxPool2d<Window<U2, U2>>];
/// type Net = chain![Features, Conv2d<U32, Window<U3>>, Relu, GlobalAvgPool, Linear<U10>];
///
/// fn classify<H: Dim, W: Dim>(image: &Tensor<Image<U3, H, W>>, seed: u64) -> Vec<f32>
/// where
///     Net: Layer<Image<U3, H, W>, Fits = convnet::typenum::B1>,
/// {
///     Sequential::<Image<U3, H, W>, Net>::init(seed).forward(image).as_slice().to_vec()
/// }
///
/// assert_eq!(classify(&Tensor::<Image<U3, U32, U40>>::zeros(), 1).len(), 10);
/// assert_eq!(classify(&Tensor::<Image<U3, U16, U16>>::zeros(), 1).len(), 10);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not accept a `{In}`",
    label = "this layer does not take the shape that the layer before it gives",
    note = "convolutions and pools slide over sequences, images and volumes; `Linear` takes a `Vector`: put `Flatten` before it"
)]
pub trait Layer<In: Shape> {
    /// The shape of the output.
    type Out: Shape;
    /// Whether every window in here fits its input, [`B1`](typenum::B1) or [`B0`](typenum::B0).
    type Fits: Bit;
    /// The operations in here, in order.
    const TREE: Tree;

    /// Runs forward.
    fn forward(run: &mut Forward<'_>);
    /// Runs backward.
    fn backward(run: &mut Backward<'_>);
}

/// The operations of a chain, as a balanced tree that mirrors its type.
#[derive(Debug)]
pub enum Tree {
    /// One operation.
    Leaf(Op),
    /// The first half of a chain, and the second.
    Then(&'static Tree, &'static Tree),
    /// Paths over one value, and the operation that joins them.
    Join(Op, &'static [&'static Tree]),
    /// A path without a layer.
    Identity,
    /// One layer of a declaration, of a type that is not of this library.
    Part(&'static Tree),
    /// A declared network, whose layers have names.
    Named {
        /// The names of its layers.
        names: &'static [&'static str],
        /// Their names in files.
        files: &'static [&'static str],
        /// The layers.
        tree: &'static Tree,
    },
}

impl Tree {
    /// How many operations.
    pub const fn count(&self) -> usize {
        match self {
            Tree::Leaf(_) => 1,
            Tree::Then(first, second) => first.count() + second.count(),
            Tree::Join(_, paths) => {
                let mut count = 1;
                let mut path = 0;
                while path < paths.len() {
                    count += paths[path].count();
                    path += 1;
                }
                count
            }
            Tree::Identity => 0,
            Tree::Part(tree) | Tree::Named { tree, .. } => tree.count(),
        }
    }
}

/// A run forward through a network: the plan, the buffers, and which step is next.
pub struct Forward<'a> {
    /// The plan.
    pub steps: &'a [Step],
    /// Samples in the batch.
    pub batch: usize,
    /// Parameters, canonical or packed.
    pub params: Weight<'a>,
    /// The kernels that the plan asks for.
    pub kernels: &'static Kernels,
    /// The caller's input, `[batch, input]`.
    pub input: &'a [f32],
    /// The caller's output, `[batch, output]`.
    pub output: &'a mut [f32],
    /// The values between.
    pub slots: &'a mut [f32],
    /// Scratch of the kernels.
    pub kernel: &'a mut [f32],
    /// The general matrix product to use.
    pub product: Product,
    /// What training keeps beside the values: statistics of the batch.
    pub saved: &'a mut [f32],
    /// In training, the seed of the dropout masks; in inference dropout is the identity.
    pub dropout: Option<u64>,
    /// Whether statistics are those of the batch, as in a training step, or the running ones.
    pub training: bool,
    /// The next step.
    pub next: usize,
    /// How much of it is done.
    pub done: usize,
}

/// What one layer reads and writes on the way forward.
pub struct ForwardStep<'s> {
    /// Samples in the batch.
    pub batch: usize,
    /// The input, or `None` for a layer that finds it in `output` and works in place.
    pub input: Option<&'s [f32]>,
    /// The output.
    pub output: &'s mut [f32],
    /// Weight, bias and state.
    pub params: Weight<'s>,
    /// The kernels that the plan asks for.
    pub kernels: &'static Kernels,
    /// Activation to apply as the result is stored.
    pub epilogue: Option<Activation>,
    /// Scratch of the kernels.
    pub scratch: &'s mut [f32],
    /// The general matrix product to use.
    pub product: Product,
    /// What training keeps beside the values, for backward.
    pub saved: &'s mut [f32],
    /// Whether a batch normalisation was folded into the packed parameters, which then have a bias.
    pub folded: bool,
    /// How the values lie, and how this layer is computed.
    pub form: Form,
    /// In training, the seed of this layer's dropout mask.
    pub dropout: Option<u64>,
    /// Whether statistics are those of the batch.
    pub training: bool,
}

impl Forward<'_> {
    /// What the next layer has to do: the whole batch at once, or, where the samples do not lie in a row, one after the
    /// other; `None` when nothing is left, at once if the layer before has done this one's work.
    pub fn step(&mut self) -> Option<ForwardStep<'_>> {
        let (index, batch) = (self.next, self.batch);
        let step = &self.steps[index];
        let in_a_row = batch == 1 || (step.input.in_a_row() && step.output.in_a_row());
        let sample = self.done;
        if step.fused || sample == if in_a_row { 1 } else { batch } {
            (self.next, self.done) = (index + 1, 0);
            return None;
        }
        self.done += 1;
        let params = match self.params {
            Weight::Canonical(all) => Weight::Canonical(&all[step.params..][..step.params_len]),
            Weight::Packed(all) => Weight::Packed(&all[step.packed..][..step.packed_len]),
        };
        let range = |operand: &Operand| if in_a_row { operand.batch(batch) } else { operand.sample(sample, batch) };
        let (reads, writes) = ((step.input.place, range(&step.input)), (step.output.place, range(&step.output)));
        let (input, output) = operands(reads, writes, self.input, self.output, self.slots);
        Some(ForwardStep {
            batch: if in_a_row { batch } else { 1 },
            input,
            output,
            params,
            kernels: self.kernels,
            epilogue: step.epilogue,
            scratch: self.kernel,
            product: self.product,
            saved: if self.training { &mut self.saved[step.saved..][..step.saved_len] } else { &mut [] },
            folded: step.folded,
            form: step.form,
            training: self.training,
            dropout: self.dropout.map(|seed| dropout_seed(seed, index)),
        })
    }

    /// Brings the paths of the next layer, a `concat` or `heads`, together: those that do not lie where they belong are copied.
    pub fn concat(&mut self) {
        let mut at = 0;
        self.join(|_, len, join| {
            let part = Operand { offset: join.offset + at, len, ..*join };
            at += len;
            (part, <[f32]>::copy_from_slice)
        });
    }

    /// Adds up the paths of the next layer, an `add`, in the memory of one of them if that is no longer needed.
    pub fn add(&mut self) {
        let step = &self.steps[self.next];
        let in_place = (0..step.reads.count()).find(|path| self.value(step.reads.value(*path)) == step.output);
        self.join(|path, _, join| {
            let first = in_place.is_none() && path == 0;
            (*join, if first { <[f32]>::copy_from_slice } else { add::accumulate })
        });
    }

    /// Where a value of the network is.
    fn value(&self, value: usize) -> Operand {
        match value {
            0 => Operand::input(self.input.len() / self.batch),
            _ => self.steps[value - 1].output,
        }
    }

    /// For each path of the next layer: where `part` says that it belongs, and what is done with it there, unless it is
    /// there already.
    fn join(&mut self, mut part: impl FnMut(usize, usize, &Operand) -> (Operand, fn(&mut [f32], &[f32]))) {
        let step = &self.steps[self.next];
        for path in 0..step.reads.count() {
            let from = self.value(step.reads.value(path));
            let (to, join) = part(path, from.len, &step.output);
            for sample in 0..if from == to { 0 } else { self.batch } {
                let reads = (from.place, from.sample(sample, self.batch));
                let writes = (to.place, to.sample(sample, self.batch));
                if let (Some(from), to) = operands(reads, writes, self.input, self.output, self.slots) {
                    join(to, from);
                }
            }
        }
        self.next += 1;
    }
}

/// The slices of one step: input, unless it works in place, and output.
fn operands<'s>(
    (from, reads): (Place, Range<usize>),
    (to, writes): (Place, Range<usize>),
    input: &'s [f32],
    output: &'s mut [f32],
    slots: &'s mut [f32],
) -> (Option<&'s [f32]>, &'s mut [f32]) {
    const APART: &str = "the plan keeps what is alive apart";
    match (from, to) {
        (Place::Slot(_), Place::Slot(_)) if reads == writes => (None, &mut slots[writes]),
        (Place::Slot(_), Place::Slot(_)) => {
            let [from, to] = slots.get_disjoint_mut([reads, writes]).expect(APART);
            (Some(from), to)
        }
        (Place::Output, Place::Output) if reads == writes => (None, &mut output[writes]),
        (Place::Output, Place::Output) => {
            let [from, to] = output.get_disjoint_mut([reads, writes]).expect(APART);
            (Some(from), to)
        }
        (Place::Slot(_), _) => (Some(&slots[reads]), &mut output[writes]),
        (Place::Output, _) => (Some(&output[reads]), &mut slots[writes]),
        (Place::Input, Place::Slot(_)) => (Some(&input[reads]), &mut slots[writes]),
        (Place::Input, _) => (Some(&input[reads]), &mut output[writes]),
    }
}

/// A seed of its own for each layer.
pub(crate) fn dropout_seed(seed: u64, index: usize) -> u64 {
    (seed ^ index as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
}

/// A run backward through a network, from the last layer to the first.
///
/// Gradients of values lie in `grad_slots` as the values themselves lie in `slots`, zeroed before the run; those of
/// parameters are added to `grad_params`.
pub struct Backward<'a> {
    /// The plan that forward ran with; it keeps every value.
    pub steps: &'a [Step],
    /// Samples in the batch.
    pub batch: usize,
    /// Canonical parameters.
    pub params: &'a [f32],
    /// The caller's input, as in forward.
    pub input: &'a [f32],
    /// The output that forward made.
    pub output: &'a [f32],
    /// The values that forward made on the way.
    pub slots: &'a [f32],
    /// The gradient of the loss for the output; overwritten.
    pub grad_output: &'a mut [f32],
    /// Gradients of the values on the way.
    pub grad_slots: &'a mut [f32],
    /// Gradients of the parameters, added to.
    pub grad_params: &'a mut [f32],
    /// The gradient for the input, if it is wanted, added to.
    pub grad_input: Option<&'a mut [f32]>,
    /// Scratch of the kernels.
    pub kernel: &'a mut [f32],
    /// What forward kept beside the values.
    pub saved: &'a [f32],
    /// The seed of the dropout masks that forward used.
    pub dropout: u64,
    /// The next step, plus 1.
    pub left: usize,
}

/// What one layer reads and writes on the way back.
pub struct BackwardStep<'s> {
    /// Samples in the batch.
    pub batch: usize,
    /// The input of forward; what `output` holds for a layer that worked in place.
    pub input: &'s [f32],
    /// The output of forward.
    pub output: &'s [f32],
    /// The gradient for the output; a layer that worked in place turns it into that for its input.
    pub grad_output: &'s mut [f32],
    /// The gradient for the input, added to; `None` if nobody needs it, or in place.
    pub grad_input: Option<&'s mut [f32]>,
    /// Weight and then bias.
    pub params: &'s [f32],
    /// Their gradients, added to.
    pub grad_params: &'s mut [f32],
    /// Scratch of the kernels.
    pub scratch: &'s mut [f32],
    /// What forward kept beside the values.
    pub saved: &'s [f32],
    /// The seed of this layer's dropout mask.
    pub dropout: u64,
}

impl Backward<'_> {
    /// The next step, from the last to the first.
    pub fn step(&mut self) -> BackwardStep<'_> {
        self.left -= 1;
        let step = &self.steps[self.left];
        let batch = self.batch;
        let params = step.params..step.params + step.params_len;
        let (reads, writes) = (step.input.batch(batch), step.output.batch(batch));
        let value = |place: Place, range: Range<usize>| match place {
            Place::Input => &self.input[range],
            Place::Output => &self.output[range],
            Place::Slot(_) => &self.slots[range],
        };
        let (from, to) = (value(step.input.place, reads.clone()), value(step.output.place, writes.clone()));
        let (reads, writes) = ((step.input.place, reads), (step.output.place, writes));
        let (grad_input, grad_output) =
            gradients(reads, writes, &mut self.grad_input, self.grad_output, self.grad_slots);
        BackwardStep {
            batch,
            input: from,
            output: to,
            grad_output,
            grad_input,
            params: &self.params[params.clone()],
            grad_params: &mut self.grad_params[params],
            scratch: self.kernel,
            saved: &self.saved[step.saved..][..step.saved_len],
            dropout: dropout_seed(self.dropout, self.left),
        }
    }

    /// The gradient of each path of the next layer, a `concat` or `heads`, += its channels of that of the joined value.
    pub fn concat(&mut self) {
        let mut at = 0;
        self.join(|len, join| {
            let part = Operand { offset: join.offset + at, len, ..*join };
            at += len;
            part
        });
    }

    /// The gradient of each path of the next layer, an `add`, += that of the sum.
    pub fn add(&mut self) {
        self.join(|_, join| *join);
    }

    /// For each path: its gradient += the part of the joined value's.
    fn join(&mut self, mut part: impl FnMut(usize, &Operand) -> Operand) {
        self.left -= 1;
        let step = &self.steps[self.left];
        for value in step.reads.values() {
            let to = match value {
                0 => Operand::input(self.input.len() / self.batch),
                _ => self.steps[value - 1].output,
            };
            let from = part(to.len, &step.output);
            for sample in 0..self.batch {
                let reads = (to.place, to.sample(sample, self.batch));
                let writes = (from.place, from.sample(sample, self.batch));
                let grads = gradients(reads, writes, &mut self.grad_input, self.grad_output, self.grad_slots);
                if let (Some(grad_path), grad_joined) = grads {
                    add::accumulate(grad_path, grad_joined);
                }
            }
        }
    }
}

/// The gradient slices of one step: for its input, unless nobody needs it or it worked in place, and for its output.
fn gradients<'s>(
    (from, reads): (Place, Range<usize>),
    (to, writes): (Place, Range<usize>),
    outer: &'s mut Option<&mut [f32]>,
    output: &'s mut [f32],
    slots: &'s mut [f32],
) -> (Option<&'s mut [f32]>, &'s mut [f32]) {
    match (from, to) {
        (Place::Slot(_), Place::Slot(_)) if reads == writes => (None, &mut slots[writes]),
        (Place::Slot(_), Place::Slot(_)) => {
            let [from, to] = slots.get_disjoint_mut([reads, writes]).expect("training keeps all slots apart");
            (Some(from), to)
        }
        (Place::Output, _) => (None, &mut output[writes]),
        (Place::Slot(_), _) => (Some(&mut slots[reads]), &mut output[writes]),
        (Place::Input, Place::Slot(_)) => (outer.as_deref_mut().map(|outer| &mut outer[reads]), &mut slots[writes]),
        (Place::Input, _) => (outer.as_deref_mut().map(|outer| &mut outer[reads]), &mut output[writes]),
    }
}

impl<'s> ForwardStep<'s> {
    /// The output with the input copied into it, for a layer that works in place; the input may be there already.
    pub fn in_place(self) -> &'s mut [f32] {
        if let Some(input) = self.input {
            self.output.copy_from_slice(input);
        }
        self.output
    }

    /// The weight, of `weight_len` values, and the bias; packed parameters hold the bias within.
    pub fn weight_and_bias(&self, weight_len: usize) -> (Weight<'s>, &'s [f32]) {
        match self.params {
            Weight::Canonical(params) => {
                let (weight, bias) = params.split_at(weight_len);
                (Weight::Canonical(weight), bias)
            }
            packed @ Weight::Packed(_) => (packed, &[]),
        }
    }

    /// All parameters of a layer that has the same canonical and packed.
    pub fn plain_params(&self) -> &'s [f32] {
        match self.params {
            Weight::Canonical(params) | Weight::Packed(params) => params,
        }
    }

    /// The input of a layer that never works in place.
    pub fn input(&self) -> &'s [f32] {
        self.input.expect("the plan lets only layers of `Op::in_place` work in place")
    }
}

impl BackwardStep<'_> {
    /// Backward of a layer that may work in place: `derive` turns, from input and output, the gradient for the output
    /// into that for the input, which is then where it belongs, or added there.
    pub fn in_place(self, derive: impl FnOnce(&[f32], &[f32], &mut [f32])) {
        derive(self.input, self.output, self.grad_output);
        if let Some(grad_input) = self.grad_input {
            for (sum, grad) in grad_input.iter_mut().zip(self.grad_output) {
                *sum += *grad;
            }
        }
    }
}
