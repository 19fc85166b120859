//! Who reads what: the edges of a network.
//!
//! Layers stand in the order in which they run. The network's input is value 0, the output of layer i value i + 1; a
//! layer reads values that stand before it. Most read one, the value before them; only a [join](Op::is_join), where
//! parallel paths come together, reads several.

use crate::dims::Dims;
use crate::op::Op;

/// Most paths that one join brings together.
pub const MAX_PATHS: usize = 8;

/// The values that a layer reads, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reads {
    values: [usize; MAX_PATHS],
    count: usize,
}

impl Reads {
    /// One value.
    pub const fn one(value: usize) -> Self {
        Self::all(&[value])
    }

    /// Several values; those beyond [`MAX_PATHS`] are dropped (a declaration with more is an error before).
    pub const fn all(values: &[usize]) -> Self {
        let count = if values.len() < MAX_PATHS { values.len() } else { MAX_PATHS };
        let mut own = [0; MAX_PATHS];
        let mut i = 0;
        while i < count {
            own[i] = values[i];
            i += 1;
        }
        Self { values: own, count }
    }

    /// The values.
    pub const fn as_slice(&self) -> &[usize] {
        self.values.split_at(self.count).0
    }

    /// The first of them.
    pub const fn first(&self) -> usize {
        self.values[0]
    }

    /// Equality, for const code.
    pub const fn equals(&self, other: &Self) -> bool {
        let mut i = 0;
        while i < MAX_PATHS {
            if self.values[i] != other.values[i] {
                return false;
            }
            i += 1;
        }
        self.count == other.count
    }

    /// Whether `value` is one of them.
    pub const fn contains(&self, value: usize) -> bool {
        let mut i = 0;
        while i < self.count {
            if self.values[i] == value {
                return true;
            }
            i += 1;
        }
        false
    }
}

/// The output of `op` where it reads these values of a network; `values[0]` is the network's input.
///
/// Total: paths that do not fit together give the shape of the first, with all channels for `concat`.
pub const fn output(op: &Op, reads: &Reads, values: &[Dims]) -> Dims {
    let first = values[reads.first()];
    if !matches!(op, Op::Concat) {
        return op.output(&first);
    }
    let mut channels = 0_usize;
    let mut i = 0;
    while i < reads.as_slice().len() {
        channels = channels.saturating_add(values[reads.as_slice()[i]].size(0));
        i += 1;
    }
    first.with_channels(channels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn concatenation_adds_channels_and_addition_keeps_them() {
        let values = [Dims::new(&[3, 8, 8]), Dims::new(&[16, 8, 8]), Dims::new(&[32, 8, 8])];
        let reads = Reads::all(&[1, 2, 0]);
        assert_eq!(output(&Op::Concat, &reads, &values), Dims::new(&[51, 8, 8]));
        assert_eq!(output(&Op::Add, &Reads::all(&[1, 1]), &values), values[1]);
        assert!(reads.contains(2) && !Reads::one(1).contains(2));
    }
}
