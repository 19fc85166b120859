//! The table of a network's layers, as people know it from torchinfo.

use core::fmt;

use convnet_shape::dims::Dims;
use convnet_shape::plan::{Node, Step};

use crate::network::Architecture;

/// One layer of a network, as `LAYERS` lists it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LayerInfo {
    /// The name given to it, or made up for it.
    pub name: &'static str,
    /// The keyword of its operation.
    pub operation: &'static str,
    /// How a prepared network computes it: `direct`, `rows`, `depthwise`, `winograd 4x4` or `winograd 2x2` for a convolution,
    /// empty for layers that are computed in one way.
    pub algorithm: &'static str,
    /// The sizes of its output.
    pub output: Dims,
    /// Learned values.
    pub params: usize,
    /// Multiply-accumulates of one sample.
    pub macs: usize,
    /// Cells of the network's input that one output value depends on, along each spatial axis.
    pub receptive_field: Dims,
}

/// The layers of an architecture, one [`LayerInfo`] each; `N` is their number.
pub const fn layers<const N: usize>(
    input: &Dims,
    nodes: &'static [Node],
    names: &'static [&'static str],
    prepared: &[Step],
) -> [LayerInfo; N] {
    const NONE: LayerInfo = LayerInfo {
        name: "",
        operation: "",
        algorithm: "",
        output: Dims::new(&[]),
        params: 0,
        macs: 0,
        receptive_field: Dims::new(&[]),
    };
    let mut layers = [NONE; N];
    const ONE: Field = Field { seen: [1; 3], step: [1; 3] };
    let mut fields = [ONE; N];
    let mut i = 0;
    while i < N {
        let node = &nodes[i];
        let mut field = ONE;
        let mut path = 0;
        while path < node.reads.count() {
            if node.reads.value(path) > 0 {
                field = field.or(fields[node.reads.value(path) - 1]);
            }
            path += 1;
        }
        field = field.after(node, input);
        fields[i] = field;
        layers[i] = LayerInfo {
            name: names[i],
            operation: node.op.keyword(),
            algorithm: prepared[i].form.algorithm.name(),
            output: node.output,
            params: node.op.params(&node.input),
            macs: node.op.macs(&node.input),
            receptive_field: Dims::new(field.seen.split_at(input.spatial().len()).0),
        };
        i += 1;
    }
    layers
}

/// What one value sees of the network's input, and how far its neighbour's view is shifted.
#[derive(Clone, Copy)]
struct Field {
    seen: [usize; 3],
    step: [usize; 3],
}

impl Field {
    /// What paths see together.
    const fn or(mut self, other: Self) -> Self {
        let mut axis = 0;
        while axis < 3 {
            if other.seen[axis] > self.seen[axis] {
                self.seen[axis] = other.seen[axis];
            }
            if other.step[axis] > self.step[axis] {
                self.step[axis] = other.step[axis];
            }
            axis += 1;
        }
        self
    }

    /// r ← r + d(k − 1) · j and j ← s · j (Araujo, Norris, Sim: Computing Receptive Fields, Distill 2019).
    const fn after(mut self, node: &Node, input: &Dims) -> Self {
        use convnet_shape::op::Op;
        let spatial = input.spatial();
        let windows = node.op.windows();
        let sees_all = matches!(node.op, Op::GlobalPool(_) | Op::Linear(_));
        let mut axis = 0;
        while axis < spatial.len() {
            if sees_all {
                self.seen[axis] = spatial[axis];
            } else if windows.len() == spatial.len() {
                let reach = windows[axis].extent().saturating_sub(1);
                self.seen[axis] = self.seen[axis].saturating_add(reach.saturating_mul(self.step[axis]));
                self.step[axis] = self.step[axis].saturating_mul(windows[axis].stride);
            }
            axis += 1;
        }
        self
    }
}

/// A network's table; print it.
#[derive(Clone, Copy)]
pub struct Summary(pub(crate) &'static Architecture);

const RULE: &str = "==================================================================================================";
const THIN_RULE: &str =
    "--------------------------------------------------------------------------------------------------";

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(architecture) = *self;
        writeln!(f, "{RULE}")?;
        let heads = ["Layer", "Operation", "Output", "Parameters", "MACs", "Algorithm"];
        let [layer, operation, output, params, macs, algorithm] = heads;
        writeln!(f, "{layer:<18}{operation:<18}{output:>18}{params:>13}{macs:>16}  {algorithm}")?;
        writeln!(f, "{RULE}")?;
        line(f, [architecture.name, "input", ""], &architecture.input, [0, 0])?;
        for ((name, node), step) in architecture.names.iter().zip(architecture.nodes).zip(architecture.prepared) {
            let costs = [node.op.params(&node.input), node.op.macs(&node.input)];
            line(f, [name, node.op.keyword(), step.form.algorithm.name()], &node.output, costs)?;
        }
        writeln!(f, "{RULE}")?;
        let total = [
            ("Parameters", architecture.params()),
            ("Multiply-accumulates", architecture.macs()),
            ("Parameter bytes", architecture.stored() * size_of::<f32>()),
            ("Prepared bytes", architecture.prepared_bytes()),
            ("Scratch bytes", architecture.scratch_bytes(1)),
            ("Training bytes a sample", architecture.train_bytes()),
        ];
        for (what, number) in total {
            writeln!(f, "{what:<26}{:>16}", Grouped(number))?;
        }
        write!(f, "{THIN_RULE}")
    }
}

fn line(
    f: &mut fmt::Formatter<'_>,
    [name, operation, algorithm]: [&str; 3],
    output: &Dims,
    [params, macs]: [usize; 2],
) -> fmt::Result {
    let (output, gap) = (Sizes(output), if algorithm.is_empty() { "" } else { "  " });
    writeln!(f, "{name:<18}{operation:<18}{output:>18}{:>13}{:>16}{gap}{algorithm}", OrDash(params), OrDash(macs))
}

/// `[6, 28, 28]`, padded as a whole.
struct Sizes<'a>(&'a Dims);

impl fmt::Display for Sizes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = convnet_shape::text::Text::new().dims(self.0);
        f.pad(text.as_str())
    }
}

/// A number in groups of three digits.
struct Grouped(usize);

impl fmt::Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [b' '; 26];
        let (mut n, mut at, mut digits) = (self.0, text.len(), 0);
        loop {
            if digits > 0 && digits % 3 == 0 {
                at -= 1;
            }
            at -= 1;
            text[at] = b'0' + (n % 10) as u8;
            (n, digits) = (n / 10, digits + 1);
            if n == 0 {
                break;
            }
        }
        f.pad(core::str::from_utf8(&text[at..]).map_err(|_| fmt::Error)?)
    }
}

/// A number in groups, `-` for 0.
struct OrDash(usize);

impl fmt::Display for OrDash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 { f.pad("-") } else { Grouped(self.0).fmt(f) }
    }
}
