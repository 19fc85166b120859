//! Threads: the one place that knows whether there are any.
//!
//! Without the feature `rayon` all work is done on the thread of the caller. With it, kernels that find enough to do cut
//! their work into parts, which run on the thread of the caller and on those of the pool that is [current][pool]: rayon's
//! global one, unless the caller is inside `ThreadPool::install`. All together they are as many as the pool has threads. Who
//! helps looks for more work for a tenth of a millisecond before it sleeps. To choose how many threads a network runs on is to
//! choose the pool:
//!
//! ```
//! # #[cfg(feature = "rayon")] {
//! # use convnet::{Flat, Network, cnn};
//! # cnn! { struct Net: [4] -> [2] { linear(2) } }
//! # let (net, input) = (Net::init(1), Flat([0.0; 4]));
//! let two = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
//! let output = two.install(|| net.forward(&input));
//! # assert_eq!(output.len(), 2);
//! # }
//! ```
//!
//! A result never depends on the number of threads: either each part writes what no other part touches, in the order of
//! operations that it has alone, or sums of parts are added up in an order that follows from sizes alone. So a kernel may
//! ask [`count`] how many parts are worth it in the first case, and may not in the second.
//!
//! [pool]: https://docs.rs/rayon/latest/rayon/fn.current_num_threads.html
#![allow(dead_code)] // some feature sets have no kernel that splits its work

#[cfg(feature = "rayon")]
mod team;

use core::ops::Range;

#[cfg(feature = "rayon")]
use crate::arena::Shared;

/// Threads that [`each`] spreads over, at least 1.
#[inline]
pub(crate) fn count() -> usize {
    #[cfg(feature = "rayon")]
    return rayon::current_num_threads();
    #[cfg(not(feature = "rayon"))]
    1
}

/// Parts that may have a scratch of their own at a time: what kernels ask scratch for.
pub(crate) const MOST: usize = if cfg!(feature = "rayon") { 16 } else { 1 };

/// Runs `work`, within which [`each`] and [`share_out`] use the other threads of the pool: a thread from outside works with
/// them.
#[inline]
pub(crate) fn enter<R>(work: impl FnOnce() -> R) -> R {
    #[cfg(feature = "rayon")]
    return team::enter(work);
    #[cfg(not(feature = "rayon"))]
    work()
}

/// [`enter`] on a thread of the pool; threads from outside do `work` by themselves.
#[inline]
pub(crate) fn enter_if_in_pool<R>(work: impl FnOnce() -> R) -> R {
    #[cfg(feature = "rayon")]
    if rayon::current_thread_index().is_some() {
        return team::enter(work);
    }
    work()
}

/// Runs `task` on every part with its index: on the threads of the pool, or in order on this one. Returns when all are
/// done; a panic of one part is the caller's.
#[inline]
pub(crate) fn each<T: Send>(parts: &mut [T], task: impl Fn(usize, &mut T) + Sync) {
    #[cfg(feature = "rayon")]
    if parts.len() > 1 && inside() > 1 {
        let (count, parts) = (parts.len(), Shared::new(parts));
        // SAFETY: each index is given out once.
        #[allow(unsafe_code)]
        return team::run(count, &|index| task(index, unsafe { &mut parts.slice(index..index + 1)[0] }));
    }
    for (index, part) in parts.iter_mut().enumerate() {
        task(index, part);
    }
}

/// Work that is worth another thread, in multiply-adds or values touched: some 10 µs of it.
const WORTH: usize = 16 * 1024;

/// Of `count` things that are `work` all together, how many make a part: as many parts as threads, or one.
pub(crate) fn share(count: usize, work: usize) -> usize {
    let parts = (work / WORTH).clamp(1, inside());
    count.div_ceil(parts).max(1)
}

/// Runs `task` on parts of `values`, which are units of `unit` values and `work` all together; it is given the first unit of
/// each part. For units that do not depend on each other.
pub(crate) fn each_share<T: Send>(values: &mut [T], unit: usize, work: usize, task: impl Fn(usize, &mut [T]) + Sync) {
    let unit = unit.max(1);
    let share = share(values.len().div_ceil(unit), work);
    if share * unit >= values.len() {
        return task(0, values);
    }
    let parts = values.chunks_mut(share * unit).enumerate();
    each_with_scratch(parts, &mut [], 0, |(part, values), _| task(part * share, values));
}

/// values ← 0.
pub(crate) fn clear(values: &mut [f32]) {
    each_share(values, 1, values.len() / 4, |_, values| values.fill(0.0));
}

/// A part and its scratch.
type Piece<'s, T> = (T, &'s mut [f32]);

/// [`each`] for parts that come from an iterator and need scratch: `floats` for each that runs at a time.
///
/// # Panics
///
/// If the scratch has not even `floats`.
pub(crate) fn each_with_scratch<T: Send>(
    parts: impl Iterator<Item = T>,
    scratch: &mut [f32],
    floats: usize,
    task: impl Fn(T, &mut [f32]) + Sync,
) {
    let mut parts = parts.fuse();
    let at_once = scratch.len().checked_div(floats).unwrap_or(MOST).min(MOST);
    assert!(at_once > 0, "the scratch has {} floats, a part needs {floats}", scratch.len());
    loop {
        let mut some: [Option<Piece<'_, T>>; MOST] = core::array::from_fn(|_| None);
        let mut rest = &mut *scratch;
        let mut count = 0;
        while count < at_once
            && let Some(part) = parts.next()
        {
            let (piece, behind) = rest.split_at_mut(floats);
            (some[count], rest) = (Some((part, piece)), behind);
            count += 1;
        }
        each(&mut some[..count], |_, part| {
            if let Some((part, piece)) = part.take() {
                task(part, piece);
            }
        });
        if count < at_once {
            return;
        }
    }
}

/// Runs `task` on `range` in `workers` contiguous shares, each with its `floats` of scratch: one after the other's work
/// would give the same.
#[inline]
pub(crate) fn share_out(
    range: Range<usize>,
    workers: usize,
    scratch: &mut [f32],
    floats: usize,
    task: &(impl Fn(Range<usize>, &mut [f32]) + Sync),
) {
    #[cfg(feature = "rayon")]
    if workers > 1 {
        let scratch = Shared::new(scratch);
        let bound = |share: usize| range.start + range.len() * share / workers;
        return team::run(workers, &|share| {
            // SAFETY: each share is given out once.
            #[allow(unsafe_code)]
            let scratch = unsafe { scratch.slice(share * floats..(share + 1) * floats) };
            task(bound(share)..bound(share + 1), scratch);
        });
    }
    let _ = (workers, floats);
    task(range, scratch);
}

/// Multiply-accumulates that are worth a thread of their own: 256 Ki are some 5 µs, and sharing them out takes one.
const OWN: usize = 1 << 18;

/// How many threads are worth it for so many multiply-accumulates that fall into so many pieces.
#[inline]
pub(crate) fn worth(macs: usize, pieces: usize) -> usize {
    inside().min(pieces).min(macs / OWN).max(1)
}

/// Threads that work can be shared out to.
fn inside() -> usize {
    #[cfg(feature = "rayon")]
    if team::is_inside() {
        return count();
    }
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every part meets its index once, however many there are.
    fn check() {
        for length in [0, 1, 2, 3, 7, 64, 1000] {
            let mut parts = [0; 1000];
            each(&mut parts[..length], |index, part| *part += index + 1);
            assert!(parts[..length].iter().enumerate().all(|(index, part)| *part == index + 1), "{length} parts");
            assert!(parts[length..].iter().all(|part| *part == 0));
        }
    }

    #[test]
    fn each_part_has_a_scratch() {
        let mut scratch = [0.0; 3 * MOST + 1];
        for (length, floats) in [(0, 1), (1, 3), (2 * MOST + 1, 3), (40, 0), (3, 3 * MOST)] {
            let mut parts = [0; 40];
            each_with_scratch(
                parts[..length].iter_mut().enumerate(),
                &mut scratch,
                floats,
                |(index, part), scratch| {
                    assert_eq!(scratch.len(), floats);
                    scratch.fill(index as f32);
                    *part += 1 + scratch.first().map_or(index, |index| *index as usize);
                },
            );
            assert!(parts[..length].iter().enumerate().all(|(index, part)| *part == index + 1), "{length} parts");
        }
    }

    #[test]
    fn each_unit_is_in_one_share() {
        for (length, unit, work) in [(0, 1, 0), (5, 1, 1 << 30), (12, 3, 1 << 30), (12, 3, 5), (33, 4, 1 << 17)] {
            let mut values: [usize; 40] = [0; 40];
            each_share(&mut values[..length], unit, work, |first, values| {
                values.iter_mut().enumerate().for_each(|(i, value)| *value += first * unit + i + 1);
            });
            assert!(values[..length].iter().enumerate().all(|(i, value)| *value == i + 1), "{length} of {unit}");
        }
    }

    #[test]
    fn each_part_is_done_once() {
        check();
        enter(check);
        assert!(count() >= 1);
    }

    #[test]
    #[cfg(feature = "rayon")]
    fn the_pool_is_the_callers() {
        for threads in [1, 2, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                assert_eq!(count(), threads);
                enter(check);
            });
        }
    }
}
