//! A team: the thread that runs a network, and those of its pool that help it from layer to layer.
//!
//! A layer of a small network is a few microseconds of work, and to wake a thread takes ten. `rayon::join` wakes one for each
//! layer, and before that hands the whole network over to the pool, which its caller then waits for in sleep. Here the
//! caller is one of those who work. The others are jobs in its pool that it starts when there is first something to share;
//! they stay awake, looking for more, until nothing has come for [`PATIENCE`], so that networks that are run in a row wake
//! nobody. On two cores of a Zen 4 a network of 12 million multiply-accumulates takes 82 µs so and 135 by `join`, GoogLeNet
//! 11.5 ms and 13.8.
//!
//! The owner of a team publishes a *task*, a function of a part's number. Whoever is there, the owner too, takes the next
//! part until there is none; the owner then waits for those that others still have. It never waits for a helper to come: if
//! the pool is busy, it does all parts itself. One word has all that changes hands, so that to take a part is one
//! compare-and-exchange:
//!
//! ```text
//! 63        32 31       16 15        0
//! the task's   the next    parts
//! number       part
//! ```
#![allow(unsafe_code)]

mod processor;

use core::cell::{Cell, OnceCell, UnsafeCell};
use core::hint::spin_loop;
use core::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use core::time::Duration;
use std::any::Any;
use std::boxed::Box;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

/// How long a helper looks for work before it goes back to its pool.
const PATIENCE: Duration = Duration::from_micros(100);

/// A helper that misses so much time shares its processor. If that is with the owner it goes to another one, else back to its
/// pool.
const CROWDED: Duration = Duration::from_micros(50);

/// Whether [`Instant`] works: in a browser it panics.
const HAS_CLOCK: bool = !cfg!(all(target_family = "wasm", target_os = "unknown"));

/// Turns of a waiting loop, tens of microseconds, before it lets other threads have the processor: they may be on the same one.
const TURNS: usize = 512;

/// Parts that a task may have.
const MOST: usize = 1 << 15;

/// One part of a task, by its number.
type Task<'a> = &'a (dyn Fn(usize) + Sync);

/// Where a thread is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Nowhere: what could be shared out is done by this thread.
    Outside,
    /// In [`enter`]: what can be shared out is.
    Inside,
    /// In a part of a task, which is not shared out again.
    Part,
}

std::thread_local! {
    static PLACE: Cell<Place> = const { Cell::new(Place::Outside) };
    /// The team that this thread owns.
    static TEAM: OnceCell<Arc<Team>> = const { OnceCell::new() };
}

/// Goes to a place until it is dropped, by a panic too.
struct At(Place);

impl At {
    fn go(place: Place) -> Self {
        Self(PLACE.replace(place))
    }
}

impl Drop for At {
    fn drop(&mut self) {
        PLACE.set(self.0);
    }
}

/// Runs `work` with [`run`] sharing its tasks out.
pub(super) fn enter<R>(work: impl FnOnce() -> R) -> R {
    if PLACE.get() != Place::Outside {
        return work();
    }
    let _at = At::go(Place::Inside);
    work()
}

/// Whether [`run`] shares tasks out: inside [`enter`], but for parts of tasks.
pub(super) fn is_inside() -> bool {
    PLACE.get() == Place::Inside
}

/// Runs `task` for every number below `parts`, on this thread and on those that help it, and returns when all are done. A
/// panic of one part is the caller's.
pub(super) fn run(parts: usize, task: Task<'_>) {
    if !is_inside() {
        return (0..parts).for_each(task);
    }
    TEAM.with(|team| {
        let team = team.get_or_init(|| Arc::new(Team::of_this_thread()));
        for first in (0..parts).step_by(MOST) {
            team.run(MOST.min(parts - first), &|part| task(first + part));
        }
    });
}

struct Team {
    /// The number of the task, its next part, how many it has.
    state: AtomicU64,
    /// Parts of it that are done.
    done: AtomicUsize,
    /// The task, for as long as parts of it are not done.
    task: UnsafeCell<Task<'static>>,
    /// What the first part that panicked did so with.
    panic: Mutex<Option<Box<dyn Any + Send>>>,
    /// Jobs in the pool that help or soon will.
    helpers: AtomicUsize,
    /// Whether some were started since the last task.
    called: AtomicBool,
    /// The owner's place in the pool, if it is one of its threads.
    owner: Option<usize>,
    /// The processor that the owner was on when the last task began.
    processor: AtomicUsize,
}

// SAFETY: all fields but `task` may be shared. `task` is written by the owner alone, while no part is taken and not done, and
// read only by who has taken one: see `run` and `take`.
unsafe impl Sync for Team {}

impl Team {
    fn of_this_thread() -> Self {
        Self {
            state: AtomicU64::new(0),
            done: AtomicUsize::new(0),
            task: UnsafeCell::new(&|_| {}),
            panic: Mutex::new(None),
            helpers: AtomicUsize::new(0),
            called: AtomicBool::new(false),
            owner: rayon::current_thread_index(),
            processor: AtomicUsize::new(processor::NONE),
        }
    }

    /// Runs a task of at most [`MOST`] parts, on the owner's thread.
    fn run(self: &Arc<Self>, parts: usize, task: Task<'_>) {
        self.processor.store(processor::current(), Ordering::Relaxed);
        self.call((parts - 1).min(rayon::current_num_threads() - 1));
        // SAFETY: the reference is used by `take` alone, before a part that it took is counted as done, and this function
        // returns, by panic too, only when all parts are.
        let task = unsafe { core::mem::transmute::<Task<'_>, Task<'static>>(task) };
        // SAFETY: every part of the task before has been done, which the loop at the end of its `run` has seen with `Acquire`,
        // and nobody takes one until `state` has this task's: nobody reads here.
        unsafe { *self.task.get() = task };
        self.done.store(0, Ordering::Relaxed);
        let number = (self.state.load(Ordering::Relaxed) >> 32).wrapping_add(1);
        self.state.store(number << 32 | parts as u64, Ordering::Release);
        while self.take() {}
        if self.called.swap(false, Ordering::Relaxed) {
            // Systems wake threads where their waker runs if all processors have been busy: let it come, to go elsewhere.
            thread::yield_now();
        }
        let mut turns = 0;
        while self.done.load(Ordering::Acquire) < parts {
            pause(&mut turns);
        }
        let panic = self.panic.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
    }

    /// Takes the next part, if there is one, and does it.
    fn take(&self) -> bool {
        let mut state = self.state.load(Ordering::Acquire);
        let part = loop {
            let (part, parts) = (state >> 16 & 0xffff, state & 0xffff);
            if part >= parts {
                return false;
            }
            let taken = state + (1 << 16);
            match self.state.compare_exchange_weak(state, taken, Ordering::Acquire, Ordering::Acquire) {
                Ok(_) => break part as usize,
                Err(other) => state = other,
            }
        };
        // SAFETY: a part has been taken and is not done, so that the owner does not write; it wrote before the `Release` that
        // the exchange above has read from.
        let task = unsafe { *self.task.get() };
        let _at = At::go(Place::Part);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| task(part))) {
            self.panic.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(panic);
        }
        self.done.fetch_add(1, Ordering::Release);
        true
    }

    /// Starts helpers in the pool until there are so many.
    fn call(self: &Arc<Self>, wanted: usize) {
        for _ in self.helpers.load(Ordering::Relaxed)..wanted {
            self.helpers.fetch_add(1, Ordering::Relaxed);
            self.called.store(true, Ordering::Relaxed);
            let team = Arc::clone(self);
            rayon::spawn(move || team.help());
        }
    }

    /// A job of the pool: helps, unless this is the owner's own thread, which comes here if no other of its pool was free.
    fn help(&self) {
        let elsewhere = rayon::current_thread_index() != self.owner;
        if elsewhere && HAS_CLOCK {
            self.help_for_some_time();
        } else if elsewhere {
            while self.take() {}
        }
        self.helpers.fetch_sub(1, Ordering::Relaxed);
    }

    /// Takes parts until none has come for some time.
    fn help_for_some_time(&self) {
        self.part_from_owner();
        let (mut turns, mut idle) = (0, Instant::now());
        let mut last = idle;
        loop {
            let found = self.take();
            let now = Instant::now();
            if found {
                (turns, idle) = (0, now);
            } else if now - last > CROWDED && !self.part_from_owner() || now - idle > PATIENCE {
                return;
            }
            last = now;
            pause(&mut turns);
        }
    }

    /// Goes to another processor if this is the owner's, where one would wait for the other; whether it was.
    fn part_from_owner(&self) -> bool {
        let owners = self.processor.load(Ordering::Relaxed);
        let together = owners != processor::NONE && processor::current() == owners;
        if together {
            processor::leave(owners);
        }
        together
    }
}

/// A turn of a waiting loop.
fn pause(turns: &mut usize) {
    *turns += 1;
    if *turns < TURNS {
        spin_loop();
    } else {
        thread::yield_now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;
    use std::vec::Vec;

    fn pool(threads: usize) -> rayon::ThreadPool {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
    }

    /// Each part is done once, by any number of threads, in many tasks in a row.
    #[test]
    fn every_part_once() {
        for threads in [1, 2, 3, 7] {
            pool(threads).install(|| {
                enter(|| {
                    for parts in (1..40).cycle().take(2000) {
                        let counts: Vec<AtomicUsize> = (0..parts).map(|_| AtomicUsize::new(0)).collect();
                        run(parts, &|part| {
                            counts[part].fetch_add(1, Ordering::Relaxed);
                        });
                        assert!(counts.iter().all(|count| count.load(Ordering::Relaxed) == 1), "{parts} on {threads}");
                    }
                });
            });
        }
    }

    #[test]
    fn more_parts_than_a_word_counts() {
        let sum = AtomicUsize::new(0);
        enter(|| {
            run(3 * MOST + 1, &|part| {
                sum.fetch_add(part, Ordering::Relaxed);
            });
        });
        assert_eq!(sum.into_inner(), (0..=3 * MOST).sum::<usize>());
    }

    /// Two parts that wait for each other end only if they run side by side.
    #[test]
    fn parts_run_side_by_side() {
        let barrier = Barrier::new(2);
        pool(2).install(|| {
            enter(|| {
                for _ in 0..100 {
                    run(2, &|_| {
                        barrier.wait();
                    });
                }
            });
        });
    }

    /// Many owners in one pool, none of which has helpers to wait for.
    #[test]
    fn a_busy_pool() {
        pool(3).scope(|scope| {
            for _ in 0..20 {
                scope.spawn(|_| {
                    let sum = AtomicUsize::new(0);
                    enter(|| (0..50).for_each(|_| run(5, &|part| _ = sum.fetch_add(part, Ordering::Relaxed))));
                    assert_eq!(sum.into_inner(), 50 * 10);
                });
            }
        });
    }

    /// Outside, and in a part of a task, everything is done by this thread; a part that enters is still a part.
    #[test]
    fn what_is_not_shared_out() {
        let here = || std::thread::current().id();
        let owner = here();
        run(9, &|_| assert_eq!(here(), owner));
        enter(|| {
            run(9, &|_| {
                let owner = here();
                assert!(!is_inside());
                enter(|| run(9, &|_| assert_eq!(here(), owner)));
            });
            assert!(is_inside());
        });
        assert!(!is_inside());
    }

    /// A panic waits for the other parts, and what comes after it is as before.
    #[test]
    fn a_panic_is_the_owners() {
        pool(2).install(|| {
            for guilty in 0..8 {
                let done = AtomicUsize::new(0);
                let caught = catch_unwind(AssertUnwindSafe(|| {
                    enter(|| {
                        run(8, &|part| {
                            assert!(part != guilty, "part {part}");
                            done.fetch_add(1, Ordering::Relaxed);
                        });
                    });
                }));
                assert_eq!(
                    caught.unwrap_err().downcast_ref::<std::string::String>().unwrap(),
                    &std::format!("part {guilty}")
                );
                assert_eq!(done.into_inner(), 7);
                assert!(!is_inside());
            }
        });
    }
}
