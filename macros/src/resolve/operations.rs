//! From the fields of a layer to its operation, one function a keyword.

use convnet_shape::check::Field;
use convnet_shape::dims::MAX_RANK;
use convnet_shape::op::{Activation, BatchNormOp, Op, Permutation, Reduce};
use quote::ToTokens;

use super::fields::Fields;
use super::size::{shape, size};
use crate::model::{Channels, Conv, ConvTranspose, Lrn, Operation, Pool, Size, WindowSizes};

pub fn conv(fields: &mut Fields<'_>) -> Option<Operation> {
    let out = fields.size("out_channels", Field::Out);
    let windows = fields.windows(fields.rank(), Some(1));
    let groups = fields.size("groups", Field::Groups).unwrap_or(Size::Literal(1));
    let bias = fields.flag("bias", true);
    let in_channels = fields.size("in_channels", Field::In);
    let conv = Conv { channels: Channels::Out { out: out?, groups }, windows: windows?, bias, in_channels };
    fields.unless_broken(Operation::Conv(conv))
}

pub fn depthwise_conv(fields: &mut Fields<'_>) -> Option<Operation> {
    let multiplier = fields.size("multiplier", Field::Setting("multiplier")).unwrap_or(Size::Literal(1));
    let windows = fields.windows(fields.rank(), Some(1));
    let bias = fields.flag("bias", true);
    let in_channels = fields.size("in_channels", Field::In);
    let conv = Conv { channels: Channels::Each(multiplier), windows: windows?, bias, in_channels };
    fields.unless_broken(Operation::Conv(conv))
}

pub fn conv_transpose(fields: &mut Fields<'_>) -> Option<Operation> {
    let rank = fields.rank();
    let out_channels = fields.size("out_channels", Field::Out);
    let windows = fields.windows(rank, Some(1));
    let output_padding = fields.per_axis("output_padding", Field::OutputPadding, rank);
    let output_padding = output_padding.unwrap_or_else(|| vec![Size::Literal(0); rank]);
    let groups = fields.size("groups", Field::Groups).unwrap_or(Size::Literal(1));
    let bias = fields.flag("bias", true);
    let in_channels = fields.size("in_channels", Field::In);
    let (out_channels, windows) = (out_channels?, windows?);
    let conv = ConvTranspose { out_channels, windows, output_padding, groups, bias, in_channels };
    fields.unless_broken(Operation::ConvTranspose(conv))
}

/// A depthwise convolution and one of 1×1 that mixes its channels.
pub fn separable_conv(fields: &mut Fields<'_>) -> Option<[Operation; 2]> {
    let out = fields.size("out_channels", Field::Out);
    let multiplier = fields.size("multiplier", Field::Setting("multiplier")).unwrap_or(Size::Literal(1));
    let windows = fields.windows(fields.rank(), Some(1));
    let bias = fields.flag("bias", true);
    let in_channels = fields.size("in_channels", Field::In);
    let depthwise = Conv { channels: Channels::Each(multiplier), windows: windows?, bias, in_channels };
    let windows = vec![WindowSizes::unit(); fields.rank()];
    let channels = Channels::Out { out: out?, groups: Size::Literal(1) };
    let pointwise = Conv { channels, windows, bias, in_channels: None };
    let depthwise = fields.unless_broken(Operation::Conv(depthwise))?;
    Some([depthwise, Operation::Conv(pointwise)])
}

/// A convolution along the columns and one along the rows.
pub fn spatially_separable_conv(fields: &mut Fields<'_>) -> Option<[Operation; 2]> {
    let out = fields.size("out_channels", Field::Out);
    let windows = fields.windows(2, Some(1));
    let groups = fields.size("groups", Field::Groups).unwrap_or(Size::Literal(1));
    let bias = fields.flag("bias", true);
    let in_channels = fields.size("in_channels", Field::In);
    let (out, windows) = (out?, windows?);
    let [height, width] = <[WindowSizes; 2]>::try_from(windows).ok()?;
    let conv = |windows, in_channels| {
        let channels = Channels::Out { out: out.clone(), groups: groups.clone() };
        Operation::Conv(Conv { channels, windows, bias, in_channels })
    };
    let column = fields.unless_broken(conv(vec![height, WindowSizes::unit()], in_channels))?;
    Some([column, conv(vec![WindowSizes::unit(), width], None)])
}

pub fn pool(fields: &mut Fields<'_>, reduce: Reduce) -> Option<Operation> {
    let windows = fields.windows(fields.rank(), None);
    let ceil = fields.flag("ceil", false);
    let count_include_pad = reduce == Reduce::Average && fields.flag("count_include_pad", true);
    let pool = Pool { reduce, windows: windows?, ceil, count_include_pad };
    fields.unless_broken(Operation::Pool(pool))
}

pub fn linear(fields: &mut Fields<'_>) -> Option<Operation> {
    let out_features = fields.size("out_features", Field::Out);
    let bias = fields.flag("bias", true);
    let in_features = fields.size("in_features", Field::In);
    fields.unless_broken(Operation::Linear { out_features: out_features?, bias, in_features })
}

pub fn reshape(fields: &mut Fields<'_>) -> Option<Operation> {
    let array = fields.bracketed("sizes", Field::Out, "`[C, H, W]` or `[N]`")?;
    let to = shape(&array.elems.iter().cloned().collect::<Vec<_>>(), array.to_token_stream(), fields.report);
    if to.unread { None } else { fields.unless_broken(Operation::Reshape(to)) }
}

pub fn permute(fields: &mut Fields<'_>) -> Option<Operation> {
    let array = fields.bracketed("axes", Field::Setting("axes"), "`[1, 2, 0]`")?;
    let rank = array.elems.len();
    if rank == 0 || rank > MAX_RANK {
        let sentence = format!("`{}` orders {rank} axes; a value has 1 to {MAX_RANK}", fields.layer);
        fields.wrong(array, sentence);
    }
    let mut axes = [0; MAX_RANK];
    for (axis, value) in axes.iter_mut().zip(&array.elems) {
        match size(value, fields.report) {
            Some(Size::Literal(own)) => *axis = own,
            Some(Size::Expression(_) | Size::Any) => {
                let found = value.to_token_stream();
                fields.wrong(value, format!("expected an axis written as a number from 0 up, found `{found}`"));
            }
            None => fields.broken = true,
        }
    }
    fields.unless_broken(Operation::Plain(Op::Permute(Permutation { rank, axes })))
}

pub fn activation(activation: Activation) -> Option<Operation> {
    Some(Operation::Plain(Op::Activation(activation)))
}

pub fn lrn(fields: &mut Fields<'_>) -> Option<Operation> {
    let size = fields.size("size", Field::Setting("size"));
    let alpha = fields.number("alpha", Some(1e-4));
    let beta = fields.number("beta", Some(0.75));
    let k = fields.number("k", Some(1.0));
    fields.unless_broken(Operation::Lrn(Lrn { size: size?, alpha: alpha?, beta: beta?, k: k? }))
}

pub fn batch_norm(fields: &mut Fields<'_>) -> Option<Operation> {
    let (epsilon, momentum) = (fields.number("epsilon", Some(1e-5)), fields.number("momentum", Some(0.1)));
    let norm = BatchNormOp { epsilon: epsilon?, momentum: momentum? };
    fields.unless_broken(Operation::Plain(Op::BatchNorm(norm)))
}

/// An operation is a constant, so its statistics stay for as long as the compiler runs.
pub fn normalize(fields: &mut Fields<'_>) -> Option<Operation> {
    let (mean, std) = (fields.numbers("mean"), fields.numbers("std"));
    let (mean, std) = (mean?.leak(), std?.leak());
    fields.unless_broken(Operation::Plain(Op::Normalize { mean, std }))
}

pub fn dropout(fields: &mut Fields<'_>) -> Option<Operation> {
    let value = fields.value("probability", Field::Setting("probability"))?;
    let probability = fields.float(value, "expected a probability written as a number, such as `0.5`")?;
    fields.unless_broken(Operation::Plain(Op::Dropout(probability)))
}
