//! Slots in the arena: values that are not alive at the same time lie in the same memory.

use super::share::Shared;
use super::{Node, max};

/// Where slots begin, by the layer whose output is all of them, and how long the arena is.
pub struct Slots<const N: usize> {
    /// First float of a sample.
    pub first: [usize; N],
    /// Floats of a sample.
    pub len: usize,
}

/// Slots begin at multiples of 64 bytes: one cache line, one AVX-512 vector.
const fn aligned(floats: usize) -> usize {
    floats.div_ceil(16).saturating_mul(16)
}

/// When memory is alive: from the first layer that writes it to the last that reads it.
struct Lives<const N: usize> {
    begin: [usize; N],
    end: [usize; N],
}

const fn lives<const N: usize>(nodes: &[Node], shared: &Shared<N>) -> Lives<N> {
    let mut lives = Lives { begin: [usize::MAX; N], end: [0; N] };
    let mut i = 0;
    while i < nodes.len() {
        let root = shared.root[i];
        if lives.begin[root] == usize::MAX {
            lives.begin[root] = i;
        }
        lives.end[root] = max(lives.end[root], i);
        let reads = &nodes[i].reads;
        let mut path = 0;
        while path < reads.count() {
            if reads.value(path) > 0 {
                let root = shared.root[reads.value(path) - 1];
                lives.end[root] = max(lives.end[root], i);
            }
            path += 1;
        }
        i += 1;
    }
    lives
}

/// The largest sum of memory that is alive at one time, but for the caller's.
pub const fn bound<const N: usize>(nodes: &[Node], shared: &Shared<N>) -> usize {
    let lives = lives(nodes, shared);
    let mut bound = 0;
    let mut time = 0;
    while time < nodes.len() {
        let mut sum = 0_usize;
        let mut root = 0;
        // What begins later is not alive yet, and begins no earlier than the layer itself but for joined values.
        while root < nodes.len() {
            if lives.begin[root] <= time && time <= lives.end[root] && !shared.is_output(root) {
                sum = sum.saturating_add(aligned(nodes[root].output.len()));
            }
            root += 1;
        }
        bound = max(bound, sum);
        time += 1;
    }
    bound
}

/// A slot for every value, none used again: what training needs.
pub const fn kept<const N: usize>(nodes: &[Node], shared: &Shared<N>) -> Slots<N> {
    let mut slots = Slots { first: [0; N], len: 0 };
    let mut root = 0;
    while root < nodes.len() {
        if shared.root[root] == root && !shared.is_output(root) {
            slots.first[root] = slots.len;
            slots.len = slots.len.saturating_add(aligned(nodes[root].output.len()));
        }
        root += 1;
    }
    slots
}

/// How to choose among the gaps that are large enough.
#[derive(Clone, Copy)]
enum Strategy {
    /// Away from what the value is computed of: if that lies at the bottom of the arena, at its top. For a chain this
    /// reaches the bound.
    OtherEnd,
    /// The lowest.
    Lowest,
    /// The highest.
    Highest,
}

/// Slots used again: as few floats as a few strategies find, starting from the lower bound.
pub const fn reused<const N: usize>(nodes: &[Node], shared: &Shared<N>, bound: usize) -> Slots<N> {
    const STRATEGIES: [Strategy; 3] = [Strategy::OtherEnd, Strategy::Lowest, Strategy::Highest];
    let lives = lives(nodes, shared);
    let mut len = bound;
    while len < bound.saturating_mul(2) {
        let mut i = 0;
        while i < STRATEGIES.len() {
            if let Some(slots) = within(nodes, shared, &lives, STRATEGIES[i], len) {
                return slots;
            }
            i += 1;
        }
        len = len.saturating_add(aligned(bound / 32 + 1));
    }
    match within(nodes, shared, &lives, Strategy::Lowest, usize::MAX) {
        Some(slots) => slots,
        None => kept(nodes, shared),
    }
}

/// Slots in an arena of at most `len` floats, in the order in which they come alive; `None` where one finds no room.
const fn within<const N: usize>(
    nodes: &[Node],
    shared: &Shared<N>,
    lives: &Lives<N>,
    strategy: Strategy,
    len: usize,
) -> Option<Slots<N>> {
    let mut slots = Slots { first: [0; N], len: 0 };
    let mut high = [false; N];
    // The slots that are alive, and how many.
    let (mut alive, mut count) = ([0; N], 0);
    let mut time = 0;
    while time < nodes.len() {
        let root = shared.root[time];
        if lives.begin[root] == time && !shared.is_output(root) {
            let mut kept = 0;
            let mut i = 0;
            while i < count {
                if lives.end[alive[i]] >= time {
                    alive[kept] = alive[i];
                    kept += 1;
                }
                i += 1;
            }
            count = kept;
            let from = nodes[time].reads.first();
            high[root] = match strategy {
                Strategy::OtherEnd => from > 0 && !high[shared.root[from - 1]],
                Strategy::Lowest => false,
                Strategy::Highest => true,
            };
            let size = aligned(nodes[root].output.len());
            match gap(nodes, &slots, alive.split_at(count).0, size, len, high[root]) {
                Some(first) => slots.first[root] = first,
                None => return None,
            }
            slots.len = max(slots.len, slots.first[root].saturating_add(size));
            alive[count] = root;
            count += 1;
        }
        time += 1;
    }
    Some(slots)
}

/// The lowest or the highest place for `size` floats between the slots that are alive.
const fn gap<const N: usize>(
    nodes: &[Node],
    slots: &Slots<N>,
    alive: &[usize],
    size: usize,
    len: usize,
    high: bool,
) -> Option<usize> {
    if size > len {
        return None;
    }
    let mut first = if high { len - size } else { 0 };
    let mut i = 0;
    while i < alive.len() {
        let (begin, taken) = (slots.first[alive[i]], aligned(nodes[alive[i]].output.len()));
        if first < begin.saturating_add(taken) && begin < first.saturating_add(size) {
            // Past this one, and again past all.
            match high {
                true if begin < size => return None,
                true => first = begin - size,
                false if begin.saturating_add(taken).saturating_add(size) > len => return None,
                false => first = begin + taken,
            }
            i = 0;
        } else {
            i += 1;
        }
    }
    Some(first)
}
