//! Which kernels a network may run: the others are not in the program.
//!
//! A layer is computed by one of several kernels, and which one is written in the network's plan, a table that is read as
//! the network runs. The linker cannot read it: were a layer to name all its kernels, each would be in the program, and
//! Winograd's algorithm in the flash of a microcontroller whose network has none of it. So layers find their kernels
//! here, in tables of functions that are put together while the program is compiled, from the plan. LeNet-5 by
//! `forward_into` is a sixth of what it was.

use convnet_shape::op::{Op, PoolOp, Reduce};
use convnet_shape::options::Stored;
use convnet_shape::plan::{Algorithm, Step};

use crate::layer::ForwardStep;
use crate::layers::{conv, linear, pool};
use crate::network::Architecture;
use crate::ops::geometry;

/// A kernel for a layer of this geometry.
pub(crate) type Kernel<G> = for<'g, 's> fn(&'g G, ForwardStep<'s>);

/// The kernels that a network's layers may ask for.
#[derive(Clone, Copy)]
pub struct Kernels {
    conv: [Option<Kernel<geometry::Conv>>; 5],
    linear: [Option<Kernel<geometry::Linear>>; 4],
    pool: [Option<Kernel<geometry::Pool>>; 4],
}

/// Why a kernel is there that is asked for.
const PLANNED: &str = "the kernels were chosen by the plan that asks for them";

impl Kernels {
    const NONE: Self = Self { conv: [None; 5], linear: [None; 4], pool: [None; 4] };

    /// What canonical parameters are run with, in inference and in training.
    pub const CANONICAL: &'static Self = &Self {
        conv: [Some(conv::plain), None, None, None, None],
        linear: [Some(linear::canonical), None, None, None],
        pool: [Some(pool::max_planar), None, Some(pool::average_planar), None],
    };

    /// Those of a prepared network in either of its forms, for one sample or for several.
    pub(crate) const fn prepared(architecture: &Architecture, several: bool) -> Self {
        let of_prepared = Self::NONE.with(architecture, architecture.prepared, several);
        of_prepared.with(architecture, architecture.compact, several)
    }

    const fn with(mut self, architecture: &Architecture, steps: &[Step], several: bool) -> Self {
        let mut i = 0;
        while i < steps.len() {
            let form = &steps[i].form;
            match &architecture.nodes[i].op {
                Op::Conv(_) => self.conv[conv_index(form.algorithm)] = Some(conv_kernel(form.algorithm)),
                Op::Linear(_) => {
                    self.linear[linear_index(true, form.stored, several)] = Some(linear_kernel(form.stored, several));
                }
                Op::Pool(PoolOp { reduce: Reduce::Max, .. }) => {
                    let blocked = form.input.is_blocked();
                    self.pool[blocked as usize] = Some(if blocked { pool::max_blocked } else { pool::max_planar });
                }
                Op::Pool(_) => {
                    let blocked = form.input.is_blocked();
                    self.pool[2 + blocked as usize] =
                        Some(if blocked { pool::average_blocked } else { pool::average_planar });
                }
                _ => {}
            }
            i += 1;
        }
        self
    }

    /// The kernel of a convolution.
    pub(crate) fn conv(&self, algorithm: Algorithm) -> Kernel<geometry::Conv> {
        self.conv[conv_index(algorithm)].expect(PLANNED)
    }

    /// The kernel of a linear layer, with packed parameters or canonical ones.
    pub(crate) fn linear(&self, packed: bool, stored: Stored, batch: usize) -> Kernel<geometry::Linear> {
        let several = batch > 1;
        // Those for several samples take one as well.
        let kernel = self.linear[linear_index(packed, stored, several)];
        kernel.or(self.linear[linear_index(packed, stored, true)]).expect(PLANNED)
    }

    /// The kernel of a pool.
    pub(crate) fn pool(&self, max: bool, blocked: bool) -> Kernel<geometry::Pool> {
        self.pool[2 * usize::from(!max) + usize::from(blocked)].expect(PLANNED)
    }
}

const fn conv_index(algorithm: Algorithm) -> usize {
    match algorithm {
        Algorithm::Plain => 0,
        Algorithm::Rows => 1,
        Algorithm::Direct => 2,
        Algorithm::Winograd(_) => 3,
        Algorithm::Depthwise => 4,
    }
}

const fn conv_kernel(algorithm: Algorithm) -> Kernel<geometry::Conv> {
    match algorithm {
        Algorithm::Plain => conv::plain,
        Algorithm::Rows => conv::rows,
        Algorithm::Direct => conv::direct,
        Algorithm::Winograd(_) => conv::winograd,
        Algorithm::Depthwise => conv::depthwise,
    }
}

const fn linear_index(packed: bool, stored: Stored, several: bool) -> usize {
    match (packed, stored) {
        (false, _) => 0,
        (true, Stored::F32) => 1 + several as usize,
        (true, _) => 3,
    }
}

const fn linear_kernel(stored: Stored, several: bool) -> Kernel<geometry::Linear> {
    match (stored, several) {
        (Stored::F32, false) => linear::packed_one,
        (Stored::F32, true) => linear::packed,
        _ => linear::narrow,
    }
}
