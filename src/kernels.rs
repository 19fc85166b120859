//! Which kernels a network may run: the others are not in the program.
//!
//! A layer is computed by one of several kernels, and which one is written in the network's plan, a table that is read as
//! the network runs. The linker cannot read it: were a layer to name all its kernels, each would be in the program, and
//! Winograd's algorithm in the flash of a microcontroller whose network has none of it. So layers find their kernels
//! here, in tables of functions that are put together while the program is compiled, from the plan. LeNet-5 by
//! `forward_into` is a sixth of what it was.

use convnet_shape::op::{Op, PoolOp, Reduce};
use convnet_shape::options::Stored;
use convnet_shape::plan::{Algorithm, Form, Step};

use crate::layer::ForwardStep;
use crate::layers::{conv, linear, pool};
use crate::network::Architecture;
use crate::ops::Activation;
use crate::ops::activation::{Brief, Epilogue, is_brief};
use crate::ops::geometry;

/// A kernel for a layer of this geometry.
pub(crate) type Kernel<G> = for<'g, 's> fn(&'g G, ForwardStep<'s>);

/// The kernels that a network's layers may ask for.
#[derive(Clone, Copy)]
pub struct Kernels {
    conv: [Option<Kernel<geometry::Conv>>; 7],
    linear: [Option<Kernel<geometry::Linear>>; 4],
    pool: [Option<Kernel<geometry::Pool>>; 4],
}

/// How a kernel is told what to apply to its results.
pub(crate) trait FromStep: Epilogue {
    /// As the plan has it.
    fn from_step(step: &ForwardStep<'_>) -> Self;
}

impl FromStep for Option<Activation> {
    fn from_step(step: &ForwardStep<'_>) -> Self {
        step.epilogue
    }
}

impl FromStep for Brief {
    fn from_step(step: &ForwardStep<'_>) -> Self {
        Self(step.epilogue)
    }
}

/// Why a kernel is there that is asked for.
const PLANNED: &str = "the kernels were chosen by the plan that asks for them";

impl Kernels {
    const NONE: Self = Self { conv: [None; 7], linear: [None; 4], pool: [None; 4] };

    /// What canonical parameters are run with, in inference and in training.
    pub const CANONICAL: &'static Self = &Self {
        conv: [Some(conv::plain), None, None, None, None, None, None],
        linear: [Some(linear::canonical), None, None, None],
        pool: [Some(pool::max_planar), None, Some(pool::average_planar), None],
    };

    /// Those of a prepared network in either of its forms, for one sample or for several.
    pub(crate) const fn prepared(architecture: &Architecture, several: bool) -> Self {
        match are_brief(architecture.prepared) {
            true => Self::NONE.with::<Brief>(architecture, architecture.prepared, several).with::<Brief>(
                architecture,
                architecture.compact,
                several,
            ),
            false => {
                Self::NONE
                    .with::<Option<Activation>>(architecture, architecture.prepared, several)
                    .with::<Option<Activation>>(architecture, architecture.compact, several)
            }
        }
    }

    /// With those that a plan names, which apply such an `E` to their results.
    const fn with<E: FromStep>(mut self, architecture: &Architecture, steps: &[Step], several: bool) -> Self {
        let mut i = 0;
        while i < steps.len() {
            let form = &steps[i].form;
            match &architecture.nodes[i].op {
                Op::Conv(_) => self.conv[conv_index(form)] = Some(conv_kernel::<E>(form)),
                Op::Linear(_) => {
                    let kernel = linear_kernel::<E>(form.stored, several);
                    self.linear[linear_index(true, form.stored, several)] = Some(kernel);
                }
                Op::Pool(PoolOp { reduce, .. }) => {
                    let (max, blocked) = (matches!(reduce, Reduce::Max), form.input.is_blocked());
                    self.pool[pool_index(max, blocked)] = Some(pool_kernel(max, blocked));
                }
                _ => {}
            }
            i += 1;
        }
        self
    }

    /// The kernel of a convolution.
    pub(crate) fn conv(&self, form: &Form) -> Kernel<geometry::Conv> {
        self.conv[conv_index(form)].expect(PLANNED)
    }

    /// The kernel of a linear layer, with packed parameters or canonical ones.
    pub(crate) fn linear(&self, packed: bool, stored: Stored, batch: usize) -> Kernel<geometry::Linear> {
        // Those for several samples take one as well.
        let kernel = self.linear[linear_index(packed, stored, batch > 1)];
        kernel.or(self.linear[linear_index(packed, stored, true)]).expect(PLANNED)
    }

    /// The kernel of a pool.
    pub(crate) fn pool(&self, max: bool, blocked: bool) -> Kernel<geometry::Pool> {
        self.pool[pool_index(max, blocked)].expect(PLANNED)
    }
}

/// Whether whatever a plan's kernels apply to their results is brief.
const fn are_brief(steps: &[Step]) -> bool {
    let mut i = 0;
    while i < steps.len() {
        if let Some(epilogue) = steps[i].epilogue
            && !is_brief(epilogue)
        {
            return false;
        }
        i += 1;
    }
    true
}

const fn conv_index(form: &Form) -> usize {
    match form.algorithm {
        Algorithm::Plain => 0,
        Algorithm::Rows => 1,
        Algorithm::Direct | Algorithm::Dots if !matches!(form.stored, Stored::F32) => 6,
        Algorithm::Direct | Algorithm::Dots => 2 + form.input.is_blocked() as usize,
        Algorithm::Winograd(_) => 4,
        Algorithm::Depthwise => 5,
    }
}

const fn conv_kernel<E: FromStep>(form: &Form) -> Kernel<geometry::Conv> {
    match form.algorithm {
        Algorithm::Plain => conv::plain,
        Algorithm::Rows => conv::rows::<E>,
        Algorithm::Direct | Algorithm::Dots if !matches!(form.stored, Stored::F32) => conv::direct_narrow::<E>,
        Algorithm::Direct | Algorithm::Dots if form.input.is_blocked() => conv::direct_from_blocked::<E>,
        Algorithm::Direct | Algorithm::Dots => conv::direct_from_planar::<E>,
        Algorithm::Winograd(_) => conv::winograd,
        Algorithm::Depthwise => conv::depthwise::<E>,
    }
}

const fn linear_index(packed: bool, stored: Stored, several: bool) -> usize {
    match (packed, stored) {
        (false, _) => 0,
        (true, Stored::F32) => 1 + several as usize,
        (true, _) => 3,
    }
}

const fn linear_kernel<E: FromStep>(stored: Stored, several: bool) -> Kernel<geometry::Linear> {
    match (stored, several) {
        (Stored::F32, false) => linear::packed_one::<E>,
        (Stored::F32, true) => linear::packed::<E>,
        _ => linear::narrow,
    }
}

const fn pool_index(max: bool, blocked: bool) -> usize {
    2 * !max as usize + blocked as usize
}

const fn pool_kernel(max: bool, blocked: bool) -> Kernel<geometry::Pool> {
    match (max, blocked) {
        (true, false) => pool::max_planar,
        (true, true) => pool::max_blocked,
        (false, false) => pool::average_planar,
        (false, true) => pool::average_blocked,
    }
}
