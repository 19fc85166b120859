//! The processor that a thread is on, where the system says so: Linux.

/// No processor, or one that is not known.
pub(super) const NONE: usize = usize::MAX;

/// The processor that this thread is on.
#[cfg(all(target_os = "linux", not(miri)))]
pub(super) fn current() -> usize {
    // SAFETY: it takes nothing and changes nothing.
    usize::try_from(unsafe { libc::sched_getcpu() }).unwrap_or(NONE)
}

/// Takes this thread to any other processor that it may be on, if there is one. It may come back later: the processors that it
/// may be on are the same as before.
#[cfg(all(target_os = "linux", not(miri)))]
pub(super) fn leave(processor: usize) {
    const BYTES: usize = size_of::<libc::cpu_set_t>();
    const THIS_THREAD: libc::pid_t = 0;
    if processor >= 8 * BYTES {
        return;
    }
    // SAFETY: all zeros are an empty set; the calls are given a set and its size, and the processor has a bit in it.
    unsafe {
        let mut all: libc::cpu_set_t = core::mem::zeroed();
        if libc::sched_getaffinity(THIS_THREAD, BYTES, &mut all) != 0 {
            return;
        }
        let mut others = all;
        libc::CPU_CLR(processor, &mut others);
        // Without others it is refused, and all is as before.
        if libc::sched_setaffinity(THIS_THREAD, BYTES, &others) == 0 {
            libc::sched_setaffinity(THIS_THREAD, BYTES, &all);
        }
    }
}

#[cfg(not(all(target_os = "linux", not(miri))))]
pub(super) fn current() -> usize {
    NONE
}

#[cfg(not(all(target_os = "linux", not(miri))))]
pub(super) fn leave(_: usize) {}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where it may go afterwards is as before, also from a processor that it is not on.
    #[test]
    fn leaving_changes_nothing_for_good() {
        let may = std::thread::available_parallelism().unwrap();
        for processor in [current(), 0, 1023, 1024, NONE] {
            leave(processor);
            assert_eq!(std::thread::available_parallelism().unwrap(), may);
        }
    }
}
