//! The sizes of one value: `[N]`, `[C, L]`, `[C, H, W]` or `[C, D, H, W]`.

/// Most axes that a value may have.
pub const MAX_RANK: usize = 4;

/// Largest size of one axis, 2²⁴ − 1: what the 24 bits of a size written as an expression can hold.
pub const MAX_SIZE: usize = (1 << 24) - 1;

/// Most values in one tensor, 2³¹ − 1: offsets fit 32-bit targets.
pub const MAX_LEN: usize = (1 << 31) - 1;

/// The sizes of one value, without a batch axis.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Dims {
    rank: usize,
    sizes: [usize; MAX_RANK],
}

impl Dims {
    /// A value of these sizes; axes beyond the fourth are dropped (a declaration with more is an error before).
    pub const fn new(sizes: &[usize]) -> Self {
        let rank = if sizes.len() < MAX_RANK { sizes.len() } else { MAX_RANK };
        let mut own = [0; MAX_RANK];
        let mut i = 0;
        while i < rank {
            own[i] = sizes[i];
            i += 1;
        }
        Self { rank, sizes: own }
    }

    /// How many axes: 1 vector, 2 sequence, 3 image, 4 volume.
    pub const fn rank(&self) -> usize {
        self.rank
    }

    /// The sizes, channels first.
    pub const fn as_slice(&self) -> &[usize] {
        self.sizes.split_at(self.rank).0
    }

    /// The size of axis `axis`, 1 where there is no such axis.
    pub const fn size(&self, axis: usize) -> usize {
        if axis < self.rank { self.sizes[axis] } else { 1 }
    }

    /// The sizes as an array of their rank.
    pub const fn to_array<const RANK: usize>(&self) -> [usize; RANK] {
        let mut sizes = [0; RANK];
        let mut i = 0;
        while i < RANK && i < self.rank {
            sizes[i] = self.sizes[i];
            i += 1;
        }
        sizes
    }

    /// The same sizes with another number of channels.
    pub const fn with_channels(mut self, channels: usize) -> Self {
        self.sizes[0] = channels;
        self
    }

    /// The sizes without channels: `[H, W]` of `[C, H, W]`.
    pub const fn spatial(&self) -> &[usize] {
        self.as_slice().split_at(if self.rank > 0 { 1 } else { 0 }).1
    }

    /// How many values: the product of the sizes, saturating.
    pub const fn len(&self) -> usize {
        let mut len = 1_usize;
        let mut i = 0;
        while i < self.rank {
            len = len.saturating_mul(self.sizes[i]);
            i += 1;
        }
        len
    }

    /// Whether there is no value.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Equality, for const code.
    pub const fn equals(&self, other: &Self) -> bool {
        let mut i = 0;
        while i < MAX_RANK {
            if self.sizes[i] != other.sizes[i] {
                return false;
            }
            i += 1;
        }
        self.rank == other.rank
    }

    /// What axis `axis` of a value with `rank` axes is called.
    pub const fn axis(rank: usize, axis: usize) -> &'static str {
        match (rank, axis) {
            (1, _) => "features",
            (_, 0) => "channels",
            (2, _) => "length",
            (4, 1) => "depth",
            (4, 2) | (3, 1) => "height",
            _ => "width",
        }
    }

    /// What a value with so many axes is called.
    pub const fn kind(rank: usize) -> &'static str {
        match rank {
            1 => "a vector [N]",
            2 => "a sequence [C, L]",
            3 => "an image [C, H, W]",
            _ => "a volume [C, D, H, W]",
        }
    }
}

impl core::fmt::Debug for Dims {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        core::fmt::Debug::fmt(self.as_slice(), f)
    }
}

impl core::fmt::Display for Dims {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        core::fmt::Debug::fmt(self.as_slice(), f)
    }
}
