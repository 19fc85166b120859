//! Why a network cannot be quantised.

use core::fmt;

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use convnet_shape::plan::integer::{Integer, MAX_LAYERS, MAX_TAPS, Work};

use crate::network::Architecture;

/// Why a network cannot be quantised; a sentence that names the layer.
///
/// ```
/// use convnet::{Chw, cnn};
///
/// cnn! {
///     struct Net: [8, 6, 6] -> [4, 6, 6] { conv2d(4, kernel = 1), norm: lrn(3) }
/// }
///
/// let error = Net::init(1).quantize(&[Chw::zeros()]).unwrap_err().to_string();
/// assert!(error.starts_with("`Net`: `norm` is `lrn`, which has no integer kernel; those that have one: conv"), "{error}");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuantizeError(String);

/// Layers that have an integer kernel.
const HAVE: &str = "convolutions, linear, batch_norm, normalize, max_pool, avg_pool, global_max_pool, global_avg_pool, \
    activations but prelu, add, concat, flatten, reshape, permute, dropout; softmax, log_softmax and heads at the end";

impl QuantizeError {
    pub(super) fn no_samples(architecture: &Architecture) -> Self {
        Self(format!(
            "`{}` is calibrated on samples, and there are none; a hundred are enough as a rule",
            architecture.name
        ))
    }

    pub(super) fn not_finite(architecture: &Architecture, value: usize) -> Self {
        Self(match value {
            0 => format!("`{}`: a sample has values that are not finite", architecture.name),
            _ => format!(
                "`{}`: {} gives values that are not finite on a sample",
                architecture.name,
                layer(architecture, value - 1)
            ),
        })
    }

    pub(super) fn too_fine(architecture: &Architecture, i: usize) -> Self {
        Self(format!(
            "`{}`: the weights of {} are so large beside what comes out of it that no scale fits both",
            architecture.name,
            layer(architecture, i)
        ))
    }

    /// If the plan has no work for some layers.
    pub(super) fn missing(architecture: &Architecture, plan: &Integer) -> Option<Self> {
        plan.refused?;
        if architecture.nodes.len() > MAX_LAYERS {
            let (name, layers) = (architecture.name, architecture.nodes.len());
            return Some(Self(format!("`{name}` has {layers} layers, at most {MAX_LAYERS} can be quantised")));
        }
        let mut reasons = Vec::new();
        for i in (0..plan.len()).filter(|i| plan.work(*i) == Work::Missing) {
            let op = &architecture.nodes[i].op;
            let why = match op.keyword() {
                "softmax" | "log_softmax" | "heads" => "which can only be the last layer".to_string(),
                keyword if keyword.starts_with("conv") && !keyword.contains("transpose") || keyword == "linear" => {
                    format!("which adds up more than {MAX_TAPS} products for each output")
                }
                _ => "which has no integer kernel".to_string(),
            };
            reasons.push(format!("{} is `{}`, {why}", layer(architecture, i), op.keyword()));
        }
        Some(Self(format!("`{}`: {}; those that have one: {HAVE}", architecture.name, reasons.join("; "))))
    }
}

fn layer(architecture: &Architecture, i: usize) -> String {
    match architecture.names[i] {
        "" => format!("layer {i}"),
        name => format!("`{name}`"),
    }
}

impl fmt::Display for QuantizeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for QuantizeError {}
