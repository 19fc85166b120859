//! What can be wrong with a question about a layer.

use alloc::{string::String, vec::Vec};
use core::fmt;

use super::matrix::MAX_VALUES;

/// Why a layer could not be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TeachError {
    /// The network has no layer of this name.
    Unknown {
        /// The name.
        layer: String,
        /// The network.
        network: &'static str,
        /// The names of its layers.
        layers: &'static [&'static str],
    },
    /// The layer is no convolution.
    NotConvolution {
        /// The layer.
        layer: &'static str,
        /// What it is.
        operation: &'static str,
        /// The network.
        network: &'static str,
        /// The names of its convolutions.
        convolutions: Vec<&'static str>,
    },
    /// The matrix has more values than anybody would look at.
    TooLarge {
        /// The layer.
        layer: &'static str,
        /// Rows and columns.
        sizes: [usize; 2],
    },
    /// The kernels have a depth, and so are no column times a row.
    Deep {
        /// The layer.
        layer: &'static str,
        /// What it is.
        operation: &'static str,
        /// Cells along the depth.
        depth: usize,
    },
}

impl fmt::Display for TeachError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { layer, network, layers } => {
                write!(f, "`{network}` has no layer `{layer}`; its layers are ")?;
                list(f, layers)
            }
            Self::NotConvolution { layer, operation, network, convolutions } => {
                write!(f, "`{layer}` is `{operation}`; expected a convolution")?;
                if convolutions.is_empty() {
                    return write!(f, ", and `{network}` has none");
                }
                write!(f, " of `{network}`: ")?;
                list(f, convolutions)
            }
            Self::TooLarge { layer, sizes: [rows, columns] } => {
                write!(f, "the matrix of `{layer}` is [{rows}, {columns}]; it may have at most {MAX_VALUES} values")
            }
            Self::Deep { layer, operation, depth } => {
                write!(f, "`{layer}` is a `{operation}` with kernels {depth} deep; expected kernels of two axes")
            }
        }
    }
}

/// `` `a`, `b` ``.
fn list(f: &mut fmt::Formatter<'_>, names: &[&str]) -> fmt::Result {
    for (index, name) in names.iter().enumerate() {
        write!(f, "{}`{name}`", if index > 0 { ", " } else { "" })?;
    }
    Ok(())
}

impl core::error::Error for TeachError {}
