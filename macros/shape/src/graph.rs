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
    values: [u16; MAX_PATHS],
    count: u16,
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
            own[i] = values[i] as u16;
            i += 1;
        }
        Self { values: own, count: count as u16 }
    }

    /// How many values.
    pub const fn count(&self) -> usize {
        self.count as usize
    }

    /// The value that path `path` gives.
    pub const fn value(&self, path: usize) -> usize {
        self.values[path] as usize
    }

    /// The first of them.
    pub const fn first(&self) -> usize {
        self.value(0)
    }

    /// All of them.
    pub fn values(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.count()).map(|path| self.value(path))
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

    /// How often `value` is among them.
    pub const fn times(&self, value: usize) -> usize {
        let mut times = 0;
        let mut i = 0;
        while i < self.count() {
            times += (self.value(i) == value) as usize;
            i += 1;
        }
        times
    }
}

/// The output of `op` where it reads these values of a network; `values[0]` is the network's input.
///
/// Total: paths that do not fit together give the shape of the first, with all channels for `concat`.
pub const fn output(op: &Op, reads: &Reads, values: &[Dims]) -> Dims {
    let first = values[reads.first()];
    let (mut channels, mut len) = (0_usize, 0_usize);
    let mut i = 0;
    while i < reads.count() {
        let dims = values[reads.value(i)];
        channels = channels.saturating_add(dims.size(0));
        len = len.saturating_add(dims.len());
        i += 1;
    }
    match op {
        Op::Concat => first.with_channels(channels),
        Op::Heads => Dims::new(&[len]),
        _ => op.output(&first),
    }
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
        assert_eq!(output(&Op::Heads, &Reads::all(&[0, 1]), &values), Dims::new(&[19 * 64]));
        assert_eq!((reads.times(2), Reads::one(1).times(2), Reads::all(&[1, 1]).times(1)), (1, 0, 2));
    }
}
