//! The network with its keywords looked up and its defaults filled in: what all later stages read.

use convnet_shape::check::{self, Field};
use convnet_shape::dims::Dims;
use convnet_shape::graph::Reads;
use convnet_shape::op::{self, ConvOp, ConvTransposeOp, LinearOp, LrnOp, Op, PoolOp, Reduce};
use convnet_shape::options::Options;
use convnet_shape::window::{Padding, Rounding, Window};
use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Expr, Ident, LitStr, token};

use crate::ast;

/// A network, named or not.
pub struct Network {
    /// What only a named network has.
    pub item: Option<Item>,
    pub input: Shape,
    pub strict: bool,
    /// What the kernels are asked.
    pub options: Options,
    /// In the order in which they run.
    pub layers: Vec<Layer>,
    /// The same as they hang together.
    pub chain: Vec<Hanging>,
    /// Where each output comes from, in order, for a network that ends in `heads`.
    pub heads: Vec<Head>,
}

/// One of several outputs.
pub struct Head {
    pub name: Ident,
    /// The value that it is.
    pub value: usize,
}

/// A layer of a chain, or paths side by side.
pub enum Hanging {
    /// The layer with this index.
    Layer(usize),
    /// Paths, and the layer that joins them.
    Join { layer: usize, paths: Vec<Vec<Hanging>> },
}

/// The head of a named network.
pub struct Item {
    pub head: ast::Head,
    pub output: Output,
    pub body: token::Brace,
}

/// What a network declares to give.
pub enum Output {
    One(Shape),
    /// A field for each head; in the order of [`Network::heads`], once that is checked.
    Heads {
        heads: Vec<(Ident, Shape)>,
        tokens: TokenStream,
    },
}

impl Output {
    /// The shapes of all outputs.
    pub fn shapes(&self) -> impl Iterator<Item = &Shape> {
        let (one, heads) = match self {
            Output::One(shape) => (Some(shape), &[][..]),
            Output::Heads { heads, .. } => (None, heads.as_slice()),
        };
        one.into_iter().chain(heads.iter().map(|(_, shape)| shape))
    }

    /// The sizes of one output, if all are literals; of heads, how many values they have together.
    pub fn known(&self) -> Option<Dims> {
        match self {
            Output::One(shape) => shape.known(),
            Output::Heads { .. } => {
                let lens: Option<Vec<usize>> = self.shapes().map(|shape| Some(shape.known()?.len())).collect();
                Some(Dims::new(&[lens?.into_iter().fold(0, usize::saturating_add)]))
            }
        }
    }

    fn for_each_size(&mut self, mut visit: impl FnMut(&str, &mut Size)) {
        match self {
            Output::One(shape) => shape.sizes.iter_mut().for_each(|size| visit("output_size", size)),
            Output::Heads { heads, .. } => {
                for (name, shape) in heads {
                    shape.sizes.iter_mut().for_each(|size| visit(&format!("{name}_size"), size));
                }
            }
        }
    }
}

/// Sizes, and the tokens that they were written as.
#[derive(Clone)]
pub struct Shape {
    pub sizes: Vec<Size>,
    pub tokens: TokenStream,
    /// A mistake in it has been reported; its sizes mean nothing.
    pub unread: bool,
}

/// A size: a literal that the macro can read, or an expression that only rustc can.
#[derive(Clone)]
pub enum Size {
    Literal(usize),
    Expression(Box<Expression>),
    /// `_`: whatever it is.
    Any,
}

/// A constant expression.
#[derive(Clone)]
pub struct Expression {
    pub written: Expr,
    /// The constant in the expansion that holds its value.
    pub constant: Option<Ident>,
}

impl ToTokens for Expression {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match &self.constant {
            Some(constant) => constant.to_tokens(tokens),
            None => self.written.to_tokens(tokens),
        }
    }
}

/// A layer.
pub struct Layer {
    /// The name given, or made up; empty for a layer that has none and could not be read.
    pub name: String,
    /// The name in files, the same unless another is given there.
    pub file_name: String,
    /// The name as it was written.
    pub written_name: Option<Ident>,
    /// The name in files as it was written.
    pub written_file: Option<LitStr>,
    pub operation: Operation,
    /// Which values it reads.
    pub reads: Reads,
    pub assertion: Option<Shape>,
    /// Keyword and arguments as written.
    pub tokens: TokenStream,
    /// The values of fields as written, to be underlined.
    pub fields: Vec<(Field, TokenStream)>,
}

/// What a layer does.
pub enum Operation {
    Conv(Conv),
    ConvTranspose(ConvTranspose),
    Pool(Pool),
    Linear {
        out_features: Size,
        bias: bool,
        in_features: Option<Size>,
    },
    Reshape(Shape),
    Lrn(Lrn),
    /// A network, or a type of the user's: what it gives is the layer's assertion.
    Own(syn::Path),
    /// Operations that have no sizes of their own.
    Plain(Op),
    /// A mistake in it has been reported; nothing is known about it.
    Unread,
}

pub struct Conv {
    pub channels: Channels,
    pub windows: Vec<WindowSizes>,
    pub bias: bool,
    pub in_channels: Option<Size>,
}

/// Channels of the output, and which of the input each sees.
pub enum Channels {
    Out {
        out: Size,
        groups: Size,
    },
    /// Depthwise: so many for each of the input.
    Each(Size),
}

pub struct ConvTranspose {
    pub out_channels: Size,
    pub windows: Vec<WindowSizes>,
    pub output_padding: Vec<Size>,
    pub groups: Size,
    pub bias: bool,
    pub in_channels: Option<Size>,
}

pub struct Lrn {
    pub size: Size,
    pub alpha: f32,
    pub beta: f32,
    pub k: f32,
}

pub struct Pool {
    pub reduce: Reduce,
    pub windows: Vec<WindowSizes>,
    pub ceil: bool,
    pub count_include_pad: bool,
}

/// A window along one axis.
#[derive(Clone)]
pub struct WindowSizes {
    pub kernel: Size,
    pub stride: Size,
    pub padding: PaddingSizes,
    pub dilation: Size,
}

#[derive(Clone)]
pub enum PaddingSizes {
    Cells(Size, Size),
    Same,
    Full,
}

impl Size {
    /// The number, if it is a literal.
    pub fn known(&self) -> Option<usize> {
        match self {
            Size::Literal(value) => Some(*value),
            Size::Expression(_) | Size::Any => None,
        }
    }
}

impl Shape {
    /// The sizes, if all are literals.
    pub fn known(&self) -> Option<Dims> {
        let sizes: Option<Vec<usize>> = self.sizes.iter().map(Size::known).collect();
        sizes.filter(|_| !self.unread).map(|sizes| Dims::new(&sizes))
    }
}

impl Shape {
    /// The same without the constants that hold expressions.
    pub fn as_written(&self) -> Self {
        let mut written = self.clone();
        for size in &mut written.sizes {
            if let Size::Expression(expression) = size {
                expression.constant = None;
            }
        }
        written
    }

    /// The sizes if all are literals, with those of `given` for `_`.
    pub fn known_beside(&self, given: &Dims) -> Option<Dims> {
        let size = |(index, size): (usize, &Size)| match size {
            Size::Any => Some(given.size(index)),
            size => size.known(),
        };
        let sizes: Option<Vec<usize>> = self.sizes.iter().enumerate().map(size).collect();
        sizes.filter(|_| !self.unread).map(|sizes| Dims::new(&sizes))
    }
}

impl WindowSizes {
    /// The window that does nothing.
    pub fn unit() -> Self {
        let padding = PaddingSizes::Cells(Size::Literal(0), Size::Literal(0));
        Self { kernel: Size::Literal(1), stride: Size::Literal(1), padding, dilation: Size::Literal(1) }
    }

    /// The window as the arithmetic knows it, if all its sizes are literals.
    pub fn known(&self) -> Option<Window> {
        let padding = match &self.padding {
            PaddingSizes::Cells(before, after) => Padding::Cells(before.known()?, after.known()?),
            PaddingSizes::Same => Padding::Same,
            PaddingSizes::Full => Padding::Full,
        };
        Some(Window {
            kernel: self.kernel.known()?,
            stride: self.stride.known()?,
            padding,
            dilation: self.dilation.known()?,
        })
    }

    /// The window with harmless sizes where they are expressions.
    fn literals(&self) -> Window {
        self.known().unwrap_or_else(|| {
            let stride = self.stride.known().unwrap_or(1);
            let padding = match self.padding {
                PaddingSizes::Same if stride > 1 && self.kernel.known().is_some() => Padding::Same,
                _ => Padding::Cells(0, 0),
            };
            Window {
                kernel: self.kernel.known().unwrap_or(1),
                stride,
                padding,
                dilation: self.dilation.known().unwrap_or(1),
            }
        })
    }

    fn for_each_size(&mut self, visit: &mut impl FnMut(&str, &mut Size)) {
        visit("kernel", &mut self.kernel);
        visit("stride", &mut self.stride);
        visit("dilation", &mut self.dilation);
        if let PaddingSizes::Cells(before, after) = &mut self.padding {
            visit("padding", before);
            visit("padding", after);
        }
    }
}

/// Windows of any rank as depth, height, width.
fn three(windows: &[WindowSizes], read: impl Fn(&WindowSizes) -> Window) -> [Window; 3] {
    let mut three = [Window::UNIT; 3];
    for (to, from) in three.iter_mut().rev().zip(windows.iter().rev()) {
        *to = read(from);
    }
    three
}

fn three_known(windows: &[WindowSizes]) -> Option<[Window; 3]> {
    let known = windows.iter().all(|window| window.known().is_some());
    known.then(|| three(windows, |window| window.known().unwrap_or(Window::UNIT)))
}

/// Sizes of any rank as those of depth, height and width, 0 for the axes that are not there.
fn three_sizes(sizes: impl DoubleEndedIterator<Item = usize>) -> [usize; 3] {
    let mut three = [0; 3];
    three.iter_mut().rev().zip(sizes.rev()).for_each(|(to, from)| *to = from);
    three
}

/// Groups, where the number of channels that they split is a literal too.
fn literal_groups(groups: &Size, out: &Size) -> usize {
    match (groups.known(), out.known()) {
        (Some(groups), Some(_)) => groups,
        (Some(0), None) => 0,
        _ => 1,
    }
}

/// `None` if a size is not known, `Some(None)` if there is no such field.
fn optional(size: &Option<Size>) -> Option<Option<usize>> {
    size.as_ref().map_or(Some(None), |size| size.known().map(Some))
}

impl Operation {
    /// The operation as the arithmetic knows it, if all its sizes are literals.
    pub fn known(&self) -> Option<Op> {
        Some(match self {
            Operation::Conv(conv) => Op::Conv(ConvOp {
                rank: conv.windows.len(),
                channels: match &conv.channels {
                    Channels::Out { out, groups } => op::Channels::Out { out: out.known()?, groups: groups.known()? },
                    Channels::Each(multiplier) => op::Channels::Each(multiplier.known()?),
                },
                windows: three_known(&conv.windows)?,
                bias: conv.bias,
                in_channels: optional(&conv.in_channels)?,
            }),
            Operation::ConvTranspose(conv) => {
                let output_padding: Option<Vec<usize>> = conv.output_padding.iter().map(Size::known).collect();
                Op::ConvTranspose(ConvTransposeOp {
                    rank: conv.windows.len(),
                    out_channels: conv.out_channels.known()?,
                    windows: three_known(&conv.windows)?,
                    output_padding: three_sizes(output_padding?.into_iter()),
                    groups: conv.groups.known()?,
                    bias: conv.bias,
                    in_channels: optional(&conv.in_channels)?,
                })
            }
            Operation::Pool(pool) => Op::Pool(PoolOp {
                rank: pool.windows.len(),
                reduce: pool.reduce,
                windows: three_known(&pool.windows)?,
                rounding: if pool.ceil { Rounding::Ceil } else { Rounding::Floor },
                count_include_pad: pool.count_include_pad,
            }),
            Operation::Linear { out_features, bias, in_features } => Op::Linear(LinearOp {
                out_features: out_features.known()?,
                bias: *bias,
                in_features: optional(in_features)?,
            }),
            Operation::Reshape(to) => Op::Reshape(to.known()?),
            Operation::Lrn(lrn) => Op::Lrn(lrn.op(lrn.size.known()?)),
            Operation::Plain(op) => *op,
            Operation::Own(_) | Operation::Unread => return None,
        })
    }

    /// The number of axes that the input must have: `given` if that will do.
    pub fn input_rank(&self, given: usize) -> usize {
        match self {
            Operation::Conv(Conv { windows, .. })
            | Operation::ConvTranspose(ConvTranspose { windows, .. })
            | Operation::Pool(Pool { windows, .. }) => windows.len() + 1,
            Operation::Linear { .. } => 1,
            Operation::Plain(Op::Flatten | Op::GlobalPool(_)) if given == 1 => 3,
            Operation::Plain(Op::Permute(permutation)) => permutation.rank,
            Operation::Reshape(_) | Operation::Lrn(_) | Operation::Own(_) | Operation::Plain(_) | Operation::Unread => {
                given
            }
        }
    }

    /// The number of axes of the output for an input of so many.
    pub fn output_rank(&self, input: usize) -> usize {
        match self {
            Operation::Linear { .. } | Operation::Plain(Op::Flatten | Op::GlobalPool(_) | Op::Heads) => 1,
            Operation::Reshape(to) => to.sizes.len(),
            _ => input,
        }
    }

    /// The number of axes of the weight, if the layer has one.
    pub fn weight_rank(&self) -> Option<usize> {
        match self {
            Operation::Conv(Conv { windows, .. }) | Operation::ConvTranspose(ConvTranspose { windows, .. }) => {
                Some(2 + windows.len())
            }
            Operation::Linear { .. } => Some(2),
            Operation::Plain(Op::Prelu { .. } | Op::BatchNorm(_)) => Some(1),
            _ => None,
        }
    }

    /// Whether the layer has a bias.
    pub fn has_bias(&self) -> bool {
        match self {
            Operation::Conv(Conv { bias, .. })
            | Operation::ConvTranspose(ConvTranspose { bias, .. })
            | Operation::Linear { bias, .. } => *bias,
            Operation::Plain(Op::BatchNorm(_)) => true,
            _ => false,
        }
    }

    /// Whether the layer keeps running statistics.
    pub fn has_statistics(&self) -> bool {
        matches!(self, Operation::Plain(Op::BatchNorm(_)))
    }
}

impl Lrn {
    fn op(&self, size: usize) -> LrnOp {
        LrnOp { size, alpha: self.alpha, beta: self.beta, k: self.k }
    }
}

impl Network {
    /// Whether a layer is of a type that only rustc knows.
    pub fn has_own(&self) -> bool {
        self.layers.iter().any(|layer| matches!(layer.operation, Operation::Own(_)))
    }

    /// Visits every size, with a word or two on what it is.
    pub fn for_each_size(&mut self, mut visit: impl FnMut(&str, &mut Size)) {
        self.input.sizes.iter_mut().for_each(|size| visit("input_size", size));
        self.item.iter_mut().for_each(|item| item.output.for_each_size(&mut visit));
        for layer in &mut self.layers {
            let name = &layer.accessor();
            layer.operation.for_each_size(|field, size| visit(&format!("{name}_{field}"), size));
            let asserted = layer.assertion.iter_mut().flat_map(|shape| &mut shape.sizes);
            asserted.for_each(|size| visit(&format!("{name}_size"), size));
        }
    }
}

impl Operation {
    fn for_each_size(&mut self, mut visit: impl FnMut(&str, &mut Size)) {
        match self {
            Operation::Conv(Conv { channels, windows, in_channels, .. }) => {
                match channels {
                    Channels::Out { out, .. } => visit("out_channels", out),
                    Channels::Each(multiplier) => visit("multiplier", multiplier),
                }
                windows.iter_mut().for_each(|window| window.for_each_size(&mut visit));
                if let Channels::Out { groups, .. } = channels {
                    visit("groups", groups);
                }
                in_channels.iter_mut().for_each(|channels| visit("in_channels", channels));
            }
            Operation::ConvTranspose(ConvTranspose {
                out_channels,
                windows,
                output_padding,
                groups,
                in_channels,
                ..
            }) => {
                visit("out_channels", out_channels);
                windows.iter_mut().for_each(|window| window.for_each_size(&mut visit));
                output_padding.iter_mut().for_each(|padding| visit("output_padding", padding));
                visit("groups", groups);
                in_channels.iter_mut().for_each(|channels| visit("in_channels", channels));
            }
            Operation::Pool(Pool { windows, .. }) => {
                windows.iter_mut().for_each(|window| window.for_each_size(&mut visit));
            }
            Operation::Linear { out_features, in_features, .. } => {
                visit("out_features", out_features);
                in_features.iter_mut().for_each(|features| visit("in_features", features));
            }
            Operation::Reshape(to) => to.sizes.iter_mut().for_each(|size| visit("size", size)),
            Operation::Lrn(lrn) => visit("size", &mut lrn.size),
            Operation::Own(_) | Operation::Plain(_) | Operation::Unread => {}
        }
    }

    /// The operation with harmless sizes where they are expressions, for the mistakes that literals alone make.
    pub fn literals(&self) -> Option<Op> {
        Some(match self {
            Operation::Conv(conv) => Op::Conv(ConvOp {
                rank: conv.windows.len(),
                channels: match &conv.channels {
                    Channels::Out { out, groups } => {
                        op::Channels::Out { out: out.known().unwrap_or(1), groups: literal_groups(groups, out) }
                    }
                    Channels::Each(multiplier) => op::Channels::Each(multiplier.known().unwrap_or(1)),
                },
                windows: three(&conv.windows, WindowSizes::literals),
                bias: conv.bias,
                in_channels: None,
            }),
            Operation::ConvTranspose(conv) => {
                // Output padding is held against stride and dilation.
                let padding = conv.output_padding.iter().zip(&conv.windows).map(|(padding, window)| {
                    let limits = window.stride.known().zip(window.dilation.known());
                    limits.and_then(|_| padding.known()).unwrap_or(0)
                });
                Op::ConvTranspose(ConvTransposeOp {
                    rank: conv.windows.len(),
                    out_channels: conv.out_channels.known().unwrap_or(1),
                    windows: three(&conv.windows, WindowSizes::literals),
                    output_padding: three_sizes(padding),
                    groups: literal_groups(&conv.groups, &conv.out_channels),
                    bias: conv.bias,
                    in_channels: None,
                })
            }
            Operation::Pool(pool) => Op::Pool(PoolOp {
                rank: pool.windows.len(),
                reduce: pool.reduce,
                windows: three(&pool.windows, WindowSizes::literals),
                rounding: Rounding::Floor,
                count_include_pad: pool.count_include_pad,
            }),
            Operation::Linear { out_features, bias, .. } => {
                Op::Linear(LinearOp { out_features: out_features.known().unwrap_or(1), bias: *bias, in_features: None })
            }
            Operation::Reshape(to) => {
                let sizes: Vec<usize> = to.sizes.iter().map(|size| size.known().unwrap_or(1)).collect();
                Op::Reshape(Dims::new(&sizes))
            }
            Operation::Lrn(lrn) => Op::Lrn(lrn.op(lrn.size.known().unwrap_or(1))),
            Operation::Plain(op) => *op,
            Operation::Own(_) | Operation::Unread => return None,
        })
    }
}

impl Layer {
    /// The layer as the checks know it, if all its sizes are literals.
    pub fn known(&self) -> Option<check::Layer<'_>> {
        let asserted = match &self.assertion {
            Some(shape) => Some(shape.known()?),
            None => None,
        };
        Some(check::Layer { name: &self.name, op: self.operation.known()?, reads: self.reads, asserted })
    }

    /// What the method that gives its parameters is called: `inception3a_b1` for `inception3a.b1`.
    pub fn accessor(&self) -> String {
        self.name.replace('.', "_")
    }

    /// The number of axes of the output for an input of so many.
    pub fn output_rank(&self, input: usize) -> usize {
        match (&self.operation, &self.assertion) {
            (Operation::Own(_), Some(shape)) => shape.sizes.len(),
            (operation, _) => operation.output_rank(input),
        }
    }

    /// Whether a mistake in it has been reported, so that nothing is known about it.
    pub fn unread(&self) -> bool {
        matches!(self.operation, Operation::Unread) || self.assertion.as_ref().is_some_and(|shape| shape.unread)
    }

    /// The keyword as written.
    pub fn keyword(&self) -> String {
        let first = self.tokens.clone().into_iter().next();
        first.map_or_else(|| "layer".to_owned(), |keyword| format!("`{keyword}`"))
    }

    /// The tokens to underline for a mistake in `field`.
    pub fn guilty(&self, field: Field) -> &TokenStream {
        self.fields.iter().find(|(own, _)| *own == field).map_or(&self.tokens, |(_, tokens)| tokens)
    }
}
