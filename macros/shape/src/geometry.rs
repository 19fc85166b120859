//! An operation met with its input: one struct of numbers for each family of kernels.
//!
//! Kernels loop over these and know nothing else: no types, no layers. Every spatial operation has three axes,
//! depth, height and width; those that a sequence or an image lacks are [`Axis::UNIT`] and cost one trip.

use crate::dims::MAX_LEN;
use crate::window::{Rounding, Window};

/// One spatial axis: a [`Window`] resolved against its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axis {
    /// Cells of the input, n.
    pub input: usize,
    /// Cells of the output.
    pub output: usize,
    /// Cells under the window, k.
    pub kernel: usize,
    /// Cells between two positions, s.
    pub stride: usize,
    /// Cells between two taps, d.
    pub dilation: usize,
    /// Cells of padding before and after the input.
    pub padding: [usize; 2],
}

impl Axis {
    /// One cell in, one cell out.
    pub const UNIT: Self = Self::new(1, &Window::UNIT, Rounding::Floor);

    /// The window over `input` cells.
    pub const fn new(input: usize, window: &Window, rounding: Rounding) -> Self {
        Self {
            input,
            output: window.output(input, rounding),
            kernel: window.kernel,
            stride: window.stride,
            dilation: window.dilation,
            padding: window.pads(),
        }
    }

    /// The input cell under tap `tap` of position `position`, or `None` in the padding.
    pub const fn source(&self, position: usize, tap: usize) -> Option<usize> {
        let padded = position * self.stride + tap * self.dilation;
        match padded.checked_sub(self.padding[0]) {
            Some(cell) if cell < self.input => Some(cell),
            _ => None,
        }
    }
}

/// A convolution: input `[N, C_in, D, H, W]`, weight `[C_out, C_in / groups, K_d, K_h, K_w]`, bias `[C_out]`,
/// output `[N, C_out, D', H', W']`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conv {
    /// Channels of the input.
    pub in_channels: usize,
    /// Channels of the output.
    pub out_channels: usize,
    /// Independent groups that the channels are split into.
    pub groups: usize,
    /// Whether a bias is added to every output channel.
    pub bias: bool,
    /// Depth, height, width.
    pub axes: [Axis; 3],
}

impl Conv {
    /// Values of one input sample.
    pub const fn input_len(&self) -> usize {
        self.in_channels.saturating_mul(input_cells(&self.axes))
    }

    /// Values of one output sample.
    pub const fn output_len(&self) -> usize {
        self.out_channels.saturating_mul(output_cells(&self.axes))
    }

    /// Products summed into one output: C_in / groups · K_d · K_h · K_w.
    pub const fn taps(&self) -> usize {
        (self.in_channels / self.groups).saturating_mul(kernel_cells(&self.axes))
    }

    /// Values of the weight.
    pub const fn weight_len(&self) -> usize {
        self.out_channels.saturating_mul(self.taps())
    }

    /// Whether these numbers are those of a convolution that can run. Of others a plan is made too, before rustc shows what is
    /// wrong with them, and no arithmetic on it may fail: that would be shown as well.
    pub const fn can_run(&self) -> bool {
        let mut axis = 0;
        while axis < 3 {
            let Axis { input, output, kernel, stride, dilation, .. } = self.axes[axis];
            if input == 0 || output == 0 || kernel == 0 || stride == 0 || dilation == 0 {
                return false;
            }
            axis += 1;
        }
        let channels = self.in_channels >= self.groups && self.out_channels >= self.groups && self.groups > 0;
        channels && self.input_len() <= MAX_LEN && self.output_len() <= MAX_LEN && self.weight_len() <= MAX_LEN
    }
}

/// A pool, each channel by itself: input `[N, C, D, H, W]`, output `[N, C, D', H', W']`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Channels of the input and of the output.
    pub channels: usize,
    /// Average pools only: whether padding counts in the divisor.
    pub count_include_pad: bool,
    /// Depth, height, width.
    pub axes: [Axis; 3],
}

impl Pool {
    /// Values of one input sample.
    pub const fn input_len(&self) -> usize {
        self.channels.saturating_mul(input_cells(&self.axes))
    }

    /// Values of one output sample.
    pub const fn output_len(&self) -> usize {
        self.channels.saturating_mul(output_cells(&self.axes))
    }
}

/// A fully connected layer: input `[N, in]`, weight `[out, in]`, bias `[out]`, output `[N, out]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Linear {
    /// Values of one input sample.
    pub in_features: usize,
    /// Values of one output sample.
    pub out_features: usize,
    /// Whether a bias is added.
    pub bias: bool,
}

/// D · H · W.
pub const fn input_cells(axes: &[Axis; 3]) -> usize {
    axes[0].input.saturating_mul(axes[1].input).saturating_mul(axes[2].input)
}

/// D' · H' · W'.
pub const fn output_cells(axes: &[Axis; 3]) -> usize {
    axes[0].output.saturating_mul(axes[1].output).saturating_mul(axes[2].output)
}

/// K_d · K_h · K_w.
pub const fn kernel_cells(axes: &[Axis; 3]) -> usize {
    axes[0].kernel.saturating_mul(axes[1].kernel).saturating_mul(axes[2].kernel)
}
