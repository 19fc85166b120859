//! What a textbook draws, of a layer of a network: its matrix, its kernels taken apart, its multiplications counted.
//!
//! Ask for a convolution by its name, [`convolution`]; what it answers is about the sizes and the weight that it has
//! in this network. [`ops::teach`](crate::ops::teach) does the arithmetic, for those who have no network.
//!
//! ```
//! use convnet::{Chw, cnn, teach};
//!
//! cnn! {
//!     struct Edges: [1, 6, 6] -> [1, 4, 4] { sobel: conv2d(1, kernel = 3, bias = false), relu }
//! }
//! let mut net = Edges::init(0);
//! net.sobel_mut().weight[0][0] = [[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]];
//! let sobel = teach::convolution(&net, "sobel")?;
//!
//! // A convolution is a matrix, one row for each output, one column for each input.
//! let matrix = sobel.matrix()?;
//! assert_eq!((matrix.rows(), matrix.columns()), (16, 36));
//! assert_eq!(matrix.row(0)[..9], [-1.0, 0.0, 1.0, 0.0, 0.0, 0.0, -2.0, 0.0, 2.0]);
//!
//! // This one's kernel is a column times a row,
//! let kernel = sobel.kernels()?.next().unwrap();
//! let factors = kernel.separate(0.0).unwrap();
//! assert_eq!((&factors.column[..], &factors.row[..]), (&[1.0, 2.0, 1.0][..], &[-1.0, 0.0, 1.0][..]));
//!
//! // so that two passes of 72 and 48 multiplications do the work of 144.
//! let multiplications = sobel.multiplications();
//! assert_eq!((multiplications.direct, multiplications.spatially_separated), (144, Some([72, 48])));
//!
//! // Mistakes are values that say what there is.
//! let error = teach::convolution(&net, "sobol").unwrap_err();
//! assert_eq!(error.to_string(), "`Edges` has no layer `sobol`; its layers are `sobel`, `relu1`");
//! # Ok::<(), teach::TeachError>(())
//! ```
//!
//! Nothing here is fast: a layer of AlexNet is a matrix of billions of values, nearly all 0, and [`Convolution::matrix`]
//! refuses it. To run a layer, run the network.

mod error;
mod kernel;
mod matrix;

pub use error::TeachError;
pub use kernel::{Factors, Kernel};
pub use matrix::ConvMatrix;

use convnet_shape::geometry::{Conv, kernel_cells};
use convnet_shape::op::Op;
use convnet_shape::plan::Node;

use crate::network::Network;
use crate::ops::teach;

/// A convolution of a network, or a transposed one, with its weight.
#[derive(Clone, Copy, Debug)]
pub struct Convolution<'a> {
    name: &'static str,
    operation: &'static str,
    /// For a transposed convolution that of the one it transposes.
    geometry: Conv,
    transposed: bool,
    weight: &'a [f32],
    bias: &'a [f32],
}

/// Multiplications of one sample, those with padding counted: done at once, and in two passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Multiplications {
    /// As the layer is.
    pub direct: usize,
    /// k×1 and then 1×k; none if a kernel sees several channels or moves along the depth, and of a transposed
    /// convolution. It is the same function only if every kernel is separable.
    pub spatially_separated: Option<[usize; 2]>,
    /// Depthwise and then 1×1; none of a transposed convolution. It is another function, of the same sizes.
    pub depthwise_separable: Option<[usize; 2]>,
}

/// The convolution called `name`, transposed or not: as it is declared, or its index in a hand-built chain.
///
/// # Errors
///
/// If there is no such layer, or it is no convolution.
///
/// ```
/// use convnet::{cnn, teach};
///
/// cnn! {
///     struct Net: [3, 8, 8] -> [2] { conv1: conv2d(4, kernel = 3), relu, flatten, fc: linear(2) }
/// }
/// let net = Net::init(0);
/// assert_eq!(teach::convolution(&net, "conv1")?.matrix_sizes(), [4 * 6 * 6, 3 * 8 * 8]);
/// let error = teach::convolution(&net, "fc").unwrap_err().to_string();
/// assert_eq!(error, "`fc` is `linear`; expected a convolution of `Net`: `conv1`");
/// # Ok::<(), teach::TeachError>(())
/// ```
pub fn convolution<'a, N: Network>(net: &'a N, name: &str) -> Result<Convolution<'a>, TeachError> {
    let architecture = N::ARCHITECTURE;
    let (network, layers) = (architecture.name, architecture.names);
    let Some(index) = layers.iter().position(|own| *own == name) else {
        return Err(TeachError::Unknown { layer: name.into(), network, layers });
    };
    let (name, node, step) = (layers[index], &architecture.nodes[index], &architecture.plan[index]);
    let operation = node.op.keyword();
    let Some((geometry, transposed)) = geometry(node) else {
        let convolutions = layers.iter().zip(architecture.nodes).filter(|(_, node)| geometry(node).is_some());
        let convolutions = convolutions.map(|(name, _)| *name).collect();
        return Err(TeachError::NotConvolution { layer: name, operation, network, convolutions });
    };
    let (weight, bias) = net.params()[step.params..][..step.params_len].split_at(geometry.weight_len());
    Ok(Convolution { name, operation, geometry, transposed, weight, bias })
}

/// The convolution that a layer is, or that it transposes, and whether it does.
const fn geometry(node: &Node) -> Option<(Conv, bool)> {
    match &node.op {
        Op::Conv(op) => Some((op.geometry(&node.input), false)),
        Op::ConvTranspose(op) => Some((op.geometry(&node.input), true)),
        _ => None,
    }
}

impl<'a> Convolution<'a> {
    /// The numbers of the convolution; of a transposed one, those of the convolution that it transposes.
    pub const fn geometry(&self) -> &Conv {
        &self.geometry
    }

    /// Whether it is a transposed convolution.
    pub const fn is_transposed(&self) -> bool {
        self.transposed
    }

    /// What is added to each output channel, `[C_out]` or empty.
    pub const fn bias(&self) -> &'a [f32] {
        self.bias
    }

    /// Rows and columns of [`matrix`](Self::matrix): values of one output, values of one input.
    pub const fn matrix_sizes(&self) -> [usize; 2] {
        let (output, input) = (self.geometry.output_len(), self.geometry.input_len());
        if self.transposed { [input, output] } else { [output, input] }
    }

    /// The matrix that the layer multiplies its input with, `[outputs, inputs]`; the bias comes on top. That of a
    /// transposed convolution is the transpose of that of the convolution.
    ///
    /// # Errors
    ///
    /// If it has more than 2²⁶ values.
    pub fn matrix(&self) -> Result<ConvMatrix, TeachError> {
        let sizes = self.matrix_sizes();
        let matrix = ConvMatrix::zeros(self.geometry.output_len(), self.geometry.input_len());
        let mut matrix = matrix.ok_or(TeachError::TooLarge { layer: self.name, sizes })?;
        teach::matrix(&self.geometry, self.weight, matrix.values_mut());
        Ok(if self.transposed { matrix.transposed() } else { matrix })
    }

    /// The kernels of two axes that the weight is made of, in its order; a layer over sequences has 1×k ones.
    ///
    /// # Errors
    ///
    /// If the kernels have a depth.
    pub fn kernels(&self) -> Result<impl ExactSizeIterator<Item = Kernel<'a>> + use<'a>, TeachError> {
        let [depth, height, width] = self.geometry.axes;
        if depth.kernel != 1 {
            return Err(TeachError::Deep { layer: self.name, operation: self.operation, depth: depth.kernel });
        }
        let (g, transposed) = (self.geometry, self.transposed);
        let (group_in, group_out) = (g.in_channels / g.groups, g.out_channels / g.groups);
        let kernels = self.weight.chunks_exact(kernel_cells(&g.axes)).enumerate();
        Ok(kernels.map(move |(index, values)| {
            let (first, second) = (index / group_in, index % group_in);
            let second = first / group_out * group_in + second;
            let (out_channel, in_channel) = if transposed { (second, first) } else { (first, second) };
            Kernel { out_channel, in_channel, sizes: [height.kernel, width.kernel], values }
        }))
    }

    /// Multiplications of one sample, direct and in two passes.
    pub fn multiplications(&self) -> Multiplications {
        let g = &self.geometry;
        let separable = !self.transposed && g.groups == g.in_channels && g.axes[0].kernel == 1;
        let count = |passes: [Conv; 2]| passes.map(|pass| teach::multiplications(&pass));
        Multiplications {
            direct: teach::multiplications(g),
            spatially_separated: separable.then(|| count(teach::spatially_separated(g))),
            depthwise_separable: (!self.transposed).then(|| count(teach::depthwise_separated(g))),
        }
    }
}
