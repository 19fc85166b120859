//! In which form each value lies in memory, and by which algorithm each layer makes it: for prepared networks.
//!
//! Canonical networks, training and the door of every network have values *planar*, `[C, D, H, W]` as PyTorch has them.
//! Inside a prepared network values may be *blocked*, `[C / 16][D][H][W][16]`: the sixteen channels of a block side by
//! side. A patch of a blocked value needs no copy, because its taps are addresses, and everything that treats channels
//! alike is a loop over vectors. Both forms have the same floats, since only whole blocks are blocked.
//!
//! [`forms`] decides by a fixpoint: first every value that could be blocked is, then those that some layer must read or
//! write planar are not, and what follows from that. Convolutions end the spreading, as they read and write either.

use super::Node;
use crate::dims::Dims;
use crate::geometry::{Axis, Conv};
use crate::op::{Channels, Op};
use crate::options::{Options, Stored};

/// Channels in a block.
pub const BLOCK: usize = 16;

/// The longest window and the most channels of a local response normalisation that runs blocked: its kernel keeps the
/// channels of one position in 8 KiB of stack, with a block of zeros on either side.
pub const MAX_LRN: [usize; 2] = [2 * BLOCK, 2048 - 2 * BLOCK];

/// How a value lies in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// `[C, D, H, W]`.
    Planar,
    /// `[C / 16][cells][16]`, `cells` = D · H · W; also of a vector that was such a value before it was flattened.
    Blocked {
        /// Positions of a channel.
        cells: usize,
    },
}

impl Layout {
    /// Whether channels lie side by side.
    pub const fn is_blocked(&self) -> bool {
        matches!(self, Layout::Blocked { .. })
    }

    /// The place of the value that is the `index`-th in planar order.
    pub const fn place(&self, index: usize) -> usize {
        match self {
            Layout::Planar => index,
            Layout::Blocked { cells } => {
                let (channel, cell) = (index / *cells, index % *cells);
                (channel / BLOCK * *cells + cell) * BLOCK + channel % BLOCK
            }
        }
    }
}

/// How a prepared convolution is computed. Other layers have one way for each layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// The layer's only one.
    Plain,
    /// Sums over all taps in registers, 16 positions of a row a vector; planar to planar, for few output channels.
    Rows,
    /// Sums over all taps in registers, inputs read where they lie, 16 output channels a vector.
    Direct,
    /// The same, products of bf16 by bf16 where the CPU has instructions for them.
    Dots,
    /// F(m×m, 3×3) for this m, 6, 4 or 2: 64 products instead of 324 for 6×6 outputs, 36 instead of 144 for 4×4, 16 instead of 36
    /// for 2×2 (Lavin, Gray: Fast algorithms for convolutional neural networks, CVPR 2016, section 4).
    Winograd(usize),
    /// Each channel by itself.
    Depthwise,
}

impl Algorithm {
    /// What tables call it.
    pub const fn name(self) -> &'static str {
        match self {
            Algorithm::Plain => "",
            Algorithm::Rows => "rows",
            Algorithm::Direct => "direct",
            Algorithm::Dots => "direct, bf16",
            Algorithm::Winograd(6) => "winograd 6x6",
            Algorithm::Winograd(4) => "winograd 4x4",
            Algorithm::Winograd(_) => "winograd 2x2",
            Algorithm::Depthwise => "depthwise",
        }
    }

    /// m of F(m×m, 3×3); 1, single outputs, of all others.
    pub const fn tile(self) -> usize {
        match self {
            Algorithm::Winograd(m) => m,
            _ => 1,
        }
    }
}

/// How one layer of a prepared network runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// How the value that it reads lies; of a join, the first path's.
    pub input: Layout,
    /// How the value that it writes lies.
    pub output: Layout,
    /// How it is computed.
    pub algorithm: Algorithm,
    /// How the weight is stored: of a linear layer as the options say; of a convolution in bf16 if they say so and it reads
    /// blocked values directly; all others are `f32`.
    pub stored: Stored,
}

impl Form {
    /// The same values without an algorithm that enlarges the weight.
    pub const fn compact(mut self, op: &Op, options: &Options) -> Self {
        if let Algorithm::Winograd(_) = self.algorithm {
            self.algorithm = Algorithm::Direct;
        }
        self.narrow(op, options)
    }

    /// The same with weights, and products, as narrow as the options ask for.
    const fn narrow(mut self, op: &Op, options: &Options) -> Self {
        let is_direct = matches!(self.algorithm, Algorithm::Direct) && self.input.is_blocked();
        match (op, options.weights) {
            (Op::Linear(_), stored) => self.stored = stored,
            (Op::Conv(_), _) if is_direct && options.bf16_products => {
                (self.algorithm, self.stored) = (Algorithm::Dots, Stored::Bf16);
            }
            (Op::Conv(_), Stored::Bf16) if is_direct => self.stored = Stored::Bf16,
            _ => {}
        }
        self
    }

    /// As canonical networks run.
    pub const PLANAR: Self =
        Self { input: Layout::Planar, output: Layout::Planar, algorithm: Algorithm::Plain, stored: Stored::F32 };
}

/// The forms of a prepared network's layers, as its options allow.
pub const fn forms<const N: usize>(nodes: &[Node], options: &Options) -> [Form; N] {
    let mut blocked = [false; N];
    let mut i = 0;
    while i < nodes.len() && i < N {
        blocked[i] = can_be_blocked(nodes, i);
        i += 1;
    }
    spread::<N>(nodes, &mut blocked);
    let mut forms = [Form::PLANAR; N];
    i = 0;
    while i < nodes.len() && i < N {
        let first = nodes[i].reads.first();
        let input = match first {
            0 => Layout::Planar,
            value => forms[value - 1].output,
        };
        let output = match (blocked[i], input) {
            (false, _) => Layout::Planar,
            (true, Layout::Blocked { .. }) if nodes[i].op.is_view() || nodes[i].output.rank() < 2 => input,
            (true, _) => Layout::Blocked { cells: cells(&nodes[i].output) },
        };
        let algorithm = algorithm(&nodes[i].op, &nodes[i].input, &input, &output, options);
        forms[i] = Form { input, output, algorithm, stored: Stored::F32 }.narrow(&nodes[i].op, options);
        i += 1;
    }
    forms
}

/// Whether the value of layer `i` may be blocked as far as that layer and the door are concerned.
const fn can_be_blocked(nodes: &[Node], i: usize) -> bool {
    let node = &nodes[i];
    if is_output(nodes, i) {
        return false;
    }
    let whole = node.output.rank() > 1 && node.output.size(0).is_multiple_of(BLOCK) && node.output.size(0) > 0;
    match &node.op {
        Op::Conv(op) => {
            let groups = op.groups(&node.input);
            match op.channels {
                Channels::Each(multiplier) => whole && multiplier == 1,
                Channels::Out { .. } => whole && (op.out_channels(&node.input) / groups).is_multiple_of(BLOCK),
            }
        }
        Op::Pool(_) | Op::BatchNorm(_) | Op::Concat => whole,
        Op::Lrn(lrn) => whole && lrn.size <= MAX_LRN[0] && node.output.size(0) <= MAX_LRN[1],
        // These take a vector that was flattened as well.
        Op::Activation(_) | Op::Dropout(_) => whole || node.output.rank() == 1,
        Op::Add => whole,
        Op::Prelu { per_channel } => whole || (node.output.rank() == 1 && !*per_channel),
        Op::Flatten => true,
        _ => false,
    }
}

/// Whether layer `i` makes what the caller reads.
const fn is_output(nodes: &[Node], i: usize) -> bool {
    i + 1 == nodes.len()
}

/// Takes back what others do not allow, until nothing changes.
const fn spread<const N: usize>(nodes: &[Node], blocked: &mut [bool; N]) {
    // Once: rustc's interpreter goes over all layers several times.
    let mut ties = [Tie::Free; N];
    let mut i = 0;
    while i < nodes.len() && i < N {
        ties[i] = tie(nodes, i);
        i += 1;
    }
    let mut changed = true;
    while changed {
        changed = false;
        let mut i = 0;
        while i < nodes.len() && i < blocked.len() {
            let reads = &nodes[i].reads;
            let mut all = true;
            let mut path = 0;
            while path < reads.count() {
                all = all && reads.value(path) > 0 && blocked[reads.value(path) - 1];
                path += 1;
            }
            let tie = ties[i];
            if matches!(tie, Tie::Same) && blocked[i] && !all {
                (blocked[i], changed) = (false, true);
            }
            let planar = match tie {
                Tie::Same => !blocked[i],
                Tie::Planar => true,
                Tie::Free => false,
            };
            path = 0;
            while planar && path < reads.count() {
                if reads.value(path) > 0 && blocked[reads.value(path) - 1] {
                    (blocked[reads.value(path) - 1], changed) = (false, true);
                }
                path += 1;
            }
            i += 1;
        }
    }
}

/// How a layer's input is tied to its output.
#[derive(Clone, Copy)]
enum Tie {
    /// Both lie alike.
    Same,
    /// It reads planar values.
    Planar,
    /// It reads either, whatever it writes.
    Free,
}

const fn tie(nodes: &[Node], i: usize) -> Tie {
    let node = &nodes[i];
    match &node.op {
        Op::Conv(op) => match op.channels {
            Channels::Each(_) => Tie::Same,
            Channels::Out { .. } if !is_direct(&op.geometry(&node.input)) => Tie::Planar,
            Channels::Out { groups, .. } if groups < 2 => Tie::Free,
            Channels::Out { groups, .. } if (node.input.size(0) / groups).is_multiple_of(BLOCK) => Tie::Free,
            Channels::Out { .. } => Tie::Planar,
        },
        Op::Linear(_) | Op::GlobalPool(_) => Tie::Free,
        Op::Pool(_)
        | Op::Lrn(_)
        | Op::BatchNorm(_)
        | Op::Concat
        | Op::Add
        | Op::Activation(_)
        | Op::Prelu { .. }
        | Op::Dropout(_)
        | Op::Flatten => Tie::Same,
        _ => Tie::Planar,
    }
}

/// Output channels of a group from which on vectors of 16 of them pay, even if the last one is not full.
const WIDE: usize = 9;

/// Whether a convolution is computed on vectors of output channels: where they fill one, or where the input can be blocked,
/// which spares everything before it the other form.
const fn is_direct(g: &Conv) -> bool {
    g.out_channels / g.groups >= WIDE || (g.in_channels / g.groups).is_multiple_of(BLOCK)
}

const fn algorithm(op: &Op, dims: &Dims, input: &Layout, output: &Layout, options: &Options) -> Algorithm {
    let Op::Conv(conv) = op else { return Algorithm::Plain };
    let geometry = conv.geometry(dims);
    if !geometry.can_run() {
        return Algorithm::Plain;
    }
    let both = input.is_blocked() && output.is_blocked();
    let winograd = both && options.winograd && !options.small;
    match conv.channels {
        Channels::Each(_) if both => Algorithm::Depthwise,
        Channels::Each(_) => Algorithm::Plain,
        Channels::Out { .. } if !is_direct(&geometry) => Algorithm::Rows,
        Channels::Out { .. } if winograd => fastest(&geometry, options.bf16_products),
        Channels::Out { .. } => Algorithm::Direct,
    }
}

/// Direct, or Winograd's algorithm if its products make up for its transformations and its larger weight.
/// Direct products of bf16 cost half, in time and in weight.
const fn fastest(g: &Conv, bf16: bool) -> Algorithm {
    let [depth, height, width] = &g.axes;
    let unit = depth.kernel == 1 && depth.input == 1 && depth.output == 1 && depth.padding[0] == 0;
    // Transformations cost about as much as products with this many channels.
    let wide = g.in_channels >= 32 && g.out_channels >= 32;
    if !unit || g.groups != 1 || !is_three(height) || !is_three(width) || !wide {
        return Algorithm::Direct;
    }
    let direct = cost(9, g, 1) / if bf16 { 2 } else { 1 };
    let (small, large, largest) = (cost(16, g, 2), cost(36, g, 4), cost(64, g, 6));
    if largest < large && largest < small && largest < direct {
        Algorithm::Winograd(6)
    } else if large < small && large < direct {
        Algorithm::Winograd(4)
    } else if small < direct {
        Algorithm::Winograd(2)
    } else {
        Algorithm::Direct
    }
}

/// What an input channel of an output channel costs, in sixteenths of a cycle: so many multiply-adds for each tile of
/// m × m outputs, 16 in a cycle at full speed, at 3/4 of it where tiles have to be transformed, those of 6×6 at 2/3; and as many floats of weight,
/// read at the speed of main memory, 4 bytes in a cycle, half of which products hide.
///
/// Measured on a Zen 4: 14×14 positions cost the same in tiles of 4 and of 2, 28×28 less in tiles of 4, 7×7 in tiles of 2. Tiles of
/// 6 make all of VGG-16 faster by 4 %, eight samples at once by 6 %, GoogLeNet's 56×56 no faster, and 24×24 positions slower
/// by a tenth: too few tiles for what each takes.
const fn cost(products: usize, g: &Conv, m: usize) -> usize {
    let tiles = g.axes[1].output.div_ceil(m).saturating_mul(g.axes[2].output.div_ceil(m));
    let multiply_adds = products.saturating_mul(tiles);
    let multiply_adds = match m {
        1 => multiply_adds,
        6 => multiply_adds.saturating_mul(3) / 2,
        _ => multiply_adds.saturating_mul(4) / 3,
    };
    multiply_adds.saturating_add(products * 8)
}

const fn is_three(axis: &Axis) -> bool {
    axis.kernel == 3 && axis.stride == 1 && axis.dilation == 1
}

const fn cells(dims: &Dims) -> usize {
    let mut cells = 1_usize;
    let mut axis = 1;
    while axis < dims.rank() {
        cells = cells.saturating_mul(dims.size(axis));
        axis += 1;
    }
    cells
}

#[cfg(test)]
mod tests;
