//! Running a network: its chain of layers over a plan, in an arena, on one thread or on several.

use convnet_shape::plan::Step;

use super::Network;
use crate::layer::{Forward, Kernels, Layer};
use crate::ops::{Product, Weight};
use crate::threads;

#[cfg(feature = "alloc")]
use super::Architecture;
#[cfg(feature = "alloc")]
use crate::{arena::Floats, heap};
#[cfg(feature = "alloc")]
use alloc::vec::Vec;
#[cfg(feature = "alloc")]
use convnet_shape::{op::Op, plan::Node};

/// Parameters, the plan of how to run on them, and the kernels that it asks for.
pub(crate) type Planned<'a> = (Weight<'a>, &'static [Step], &'static Kernels);

pub(super) fn canonical<N: Network>(network: &N) -> Planned<'_> {
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

/// Runs one sample in the caller's arena, on the caller's thread; if that is one of a pool's, on others of it too.
pub(crate) fn run_in<N: Network>(planned: Planned<'_>, input: &[f32], output: &mut [f32], arena: &mut [f32]) {
    threads::enter_if_in_pool(|| run::<N>(planned, 1, input, output, arena, Product::Own));
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
    enter_if(is_worth_threads(N::ARCHITECTURE, batch), || {
        run::<N>(planned, batch, input, output, &mut arena, Product::Own);
    });
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
    let is_small = architecture.macs() < SMALL;
    let parts = if is_small && is_worth_threads(architecture, count) { threads::count() } else { 1 };
    let of_part = count.div_ceil(parts).max(1);
    let together = together(architecture).min(of_part);
    let (mut arena, floats) = arenas.take_parts(architecture, together, parts);
    // As floats, which may go to other threads.
    let (ins, outs) = (<N::Input as Floats>::LEN, <N::Output as Floats>::LEN);
    let inputs = Floats::flatten(inputs).chunks(of_part * ins);
    let samples =
        inputs.zip(Floats::flatten_mut(&mut outputs).chunks_mut(of_part * outs)).zip(arena.chunks_mut(floats));
    let mut samples: Vec<_> = samples.collect();
    enter_if(parts > 1 || is_worth_threads(architecture, count), || {
        threads::each(&mut samples, |_, ((inputs, outputs), arena)| {
            for (input, output) in inputs.chunks(together * ins).zip(outputs.chunks_mut(together * outs)) {
                run::<N>(planned, input.len() / ins, input, output, arena, Product::Own);
            }
        });
    });
    drop(samples);
    arenas.give_back(arena);
    outputs
}

/// So many multiply-accumulates, some 80 µs, that waking a thread for them pays.
#[cfg(feature = "alloc")]
const WORTH_THREADS: usize = 4 << 20;

/// Below so many multiply-accumulates, some 300 µs, samples are better parts than layers.
#[cfg(feature = "alloc")]
const SMALL: usize = 16 << 20;

/// Runs `work`, on all threads if they are worth it.
#[cfg(feature = "alloc")]
fn enter_if(worth: bool, work: impl FnOnce()) {
    if worth { threads::enter(work) } else { work() }
}

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
                return heap::zeros(floats);
            }
            return arena;
        }
        heap::zeros(floats)
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
