//! The network with its keywords looked up and its defaults filled in: what all later stages read.

use convnet_shape::check::{self, Field};
use convnet_shape::dims::Dims;
use convnet_shape::op::{ConvOp, LinearOp, Op, PoolOp, Reduce};
use convnet_shape::window::{Padding, Rounding, Window};
use proc_macro2::TokenStream;
use syn::{Attribute, Expr, Ident, Visibility, token};

/// A network, named or not.
pub struct Network {
    /// What only a named network has.
    pub item: Option<Item>,
    pub input: Shape,
    pub strict: bool,
    pub layers: Vec<Layer>,
}

/// The head of a named network.
pub struct Item {
    pub attributes: Vec<Attribute>,
    pub visibility: Visibility,
    pub name: Ident,
    pub output: Shape,
    pub body: token::Brace,
}

/// Sizes, and the tokens that they were written as.
#[derive(Clone)]
pub struct Shape {
    pub sizes: Vec<Size>,
    pub tokens: TokenStream,
}

/// A size: a literal that the macro can read, or an expression that only rustc can.
#[derive(Clone)]
pub enum Size {
    Literal(usize),
    Expression(Expr),
}

/// A layer.
pub struct Layer {
    /// The name given, or made up.
    pub name: String,
    /// The name as it was written.
    pub written_name: Option<Ident>,
    pub operation: Operation,
    pub assertion: Option<Shape>,
    /// Keyword and arguments as written.
    pub tokens: TokenStream,
    /// The values of fields as written, to be underlined.
    pub fields: Vec<(Field, TokenStream)>,
}

/// What a layer does.
pub enum Operation {
    Conv(Conv),
    Pool(Pool),
    Linear { out_features: Size, bias: bool, in_features: Option<Size> },
    /// Operations that have no sizes of their own.
    Plain(Op),
}

pub struct Conv {
    pub out_channels: Size,
    pub windows: Vec<WindowSizes>,
    pub groups: Size,
    pub bias: bool,
    pub in_channels: Option<Size>,
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
            Size::Expression(_) => None,
        }
    }
}

impl Shape {
    /// The sizes, if all are literals.
    pub fn known(&self) -> Option<Dims> {
        let sizes: Option<Vec<usize>> = self.sizes.iter().map(Size::known).collect();
        sizes.map(|sizes| Dims::new(&sizes))
    }
}

impl WindowSizes {
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
}

/// Windows of any rank as depth, height, width.
fn three(windows: &[WindowSizes]) -> Option<[Window; 3]> {
    let mut three = [Window::UNIT; 3];
    for (to, from) in three.iter_mut().rev().zip(windows.iter().rev()) {
        *to = from.known()?;
    }
    Some(three)
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
                out_channels: conv.out_channels.known()?,
                windows: three(&conv.windows)?,
                groups: conv.groups.known()?,
                bias: conv.bias,
                in_channels: optional(&conv.in_channels)?,
            }),
            Operation::Pool(pool) => Op::Pool(PoolOp {
                rank: pool.windows.len(),
                reduce: pool.reduce,
                windows: three(&pool.windows)?,
                rounding: if pool.ceil { Rounding::Ceil } else { Rounding::Floor },
                count_include_pad: pool.count_include_pad,
            }),
            Operation::Linear { out_features, bias, in_features } => Op::Linear(LinearOp {
                out_features: out_features.known()?,
                bias: *bias,
                in_features: optional(in_features)?,
            }),
            Operation::Plain(op) => *op,
        })
    }

    /// Whether the layer has a weight.
    pub fn has_weight(&self) -> bool {
        matches!(self, Operation::Conv(_) | Operation::Linear { .. })
    }

    /// Whether the layer has a bias.
    pub fn has_bias(&self) -> bool {
        matches!(self, Operation::Conv(Conv { bias: true, .. }) | Operation::Linear { bias: true, .. })
    }
}

impl Layer {
    /// The layer as the checks know it, if all its sizes are literals.
    pub fn known(&self) -> Option<check::Layer<'_>> {
        let asserted = match &self.assertion {
            Some(shape) => Some(shape.known()?),
            None => None,
        };
        Some(check::Layer { name: &self.name, op: self.operation.known()?, asserted })
    }

    /// The tokens to underline for a mistake in `field`.
    pub fn guilty(&self, field: Field) -> &TokenStream {
        self.fields.iter().find(|(own, _)| *own == field).map_or(&self.tokens, |(_, tokens)| tokens)
    }
}
