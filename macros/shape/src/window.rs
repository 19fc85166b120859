//! A window that slides along one axis: the arithmetic behind every convolution and pool.

/// A window along one axis: how large it is, how it moves, what surrounds the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Cells under the window, k.
    pub kernel: usize,
    /// Cells between two positions of the window, s.
    pub stride: usize,
    /// Cells added around the input, p₀ and p₁.
    pub padding: Padding,
    /// Cells between two taps of the window, d; 1 is a dense window.
    pub dilation: usize,
}

/// Cells added before and after the input along one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// So many before and after.
    Cells(usize, usize),
    /// As many as keep the size at stride 1: d(k − 1), the odd one at the end.
    Same,
    /// As many as let the window touch the input with its last cell: d(k − 1) on both sides.
    Full,
}

/// What happens to the cells that a last, incomplete step of the window would cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// ⌊…⌋: they are dropped.
    Floor,
    /// ⌈…⌉: the window hangs over the edge, unless it would start beyond the input and its leading padding.
    Ceil,
}

impl Window {
    /// The window that does nothing: one cell, one step, no padding.
    pub const UNIT: Self = Self { kernel: 1, stride: 1, padding: Padding::Cells(0, 0), dilation: 1 };

    /// Cells from the first tap to the last: d(k − 1) + 1.
    pub const fn extent(&self) -> usize {
        self.dilation.saturating_mul(self.kernel.saturating_sub(1)).saturating_add(1)
    }

    /// The padding in cells, p₀ and p₁.
    pub const fn pads(&self) -> [usize; 2] {
        let reach = self.extent() - 1;
        match self.padding {
            Padding::Cells(before, after) => [before, after],
            Padding::Same => [reach / 2, reach - reach / 2],
            Padding::Full => [reach, reach],
        }
    }

    /// The input with its padding: n + p₀ + p₁.
    pub const fn padded(&self, n: usize) -> usize {
        let [before, after] = self.pads();
        n.saturating_add(before).saturating_add(after)
    }

    /// Whether the window has at least one position over `n` cells.
    pub const fn fits(&self, n: usize) -> bool {
        self.extent() <= self.padded(n)
    }

    /// Positions of the window over `n` cells: ⌊(n + p₀ + p₁ − d(k − 1) − 1) / s⌋ + 1.
    ///
    /// With [`Rounding::Ceil`] the floor becomes a ceiling, less 1 if the last window would start at or after
    /// n + p₀ (PyTorch and ONNX agree on this). Total: a window that does not fit has one position, a stride of 0
    /// counts as 1.
    pub const fn output(&self, n: usize, rounding: Rounding) -> usize {
        let stride = if self.stride == 0 { 1 } else { self.stride };
        let slack = self.padded(n).saturating_sub(self.extent());
        match rounding {
            Rounding::Floor => slack / stride + 1,
            Rounding::Ceil => {
                let positions = slack.div_ceil(stride) + 1;
                let last_start = (positions - 1).saturating_mul(stride);
                if last_start >= n.saturating_add(self.pads()[0]) && positions > 1 { positions - 1 } else { positions }
            }
        }
    }

    /// Size of the transposed convolution's output: s(n − 1) + d(k − 1) + 1 − p₀ − p₁ + output padding; 0 where that
    /// is not positive.
    pub const fn transposed_output(&self, n: usize, output_padding: usize) -> usize {
        let [before, after] = self.pads();
        let full = self.stride.saturating_mul(n.saturating_sub(1)).saturating_add(self.extent());
        full.saturating_add(output_padding).saturating_sub(before.saturating_add(after))
    }

    /// Input cells at the end of the axis that no position of the window reaches, because of the floor.
    pub const fn dropped(&self, n: usize, rounding: Rounding) -> usize {
        let stride = if self.stride == 0 { 1 } else { self.stride };
        let reached = (self.output(n, rounding) - 1).saturating_mul(stride).saturating_add(self.extent());
        let end_of_input = n.saturating_add(self.pads()[0]);
        end_of_input.saturating_sub(reached)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn window(kernel: usize, stride: usize, before: usize, after: usize, dilation: usize) -> Window {
        Window { kernel, stride, padding: Padding::Cells(before, after), dilation }
    }

    /// The rule by counting: try every start of the window.
    fn positions_by_counting(w: &Window, n: usize, rounding: Rounding) -> usize {
        let [before, after] = w.pads();
        let (start_limit, end) = (n + before, n + before + after);
        (0..end)
            .step_by(w.stride)
            .filter(|start| match rounding {
                Rounding::Floor => start + w.extent() <= end,
                Rounding::Ceil => *start < start_limit && (*start == 0 || start + w.extent() < end + w.stride),
            })
            .count()
    }

    #[test]
    fn output_is_the_number_of_positions_counted() {
        for n in 1..24 {
            for kernel in 1..7 {
                for stride in 1..5 {
                    for dilation in 1..4 {
                        let reach = dilation * (kernel - 1);
                        for (before, after) in [(0, 0), (reach / 2, reach - reach / 2), (reach, reach), (0, reach)] {
                            let w = window(kernel, stride, before, after, dilation);
                            if !w.fits(n) {
                                continue;
                            }
                            for rounding in [Rounding::Floor, Rounding::Ceil] {
                                let expected = positions_by_counting(&w, n, rounding);
                                assert_eq!(w.output(n, rounding), expected, "{w:?} over {n}, {rounding:?}");
                            }
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn worked_sizes_of_the_textbook() {
        assert_eq!(window(3, 1, 0, 0, 1).output(5, Rounding::Floor), 3, "5x5 * 3x3");
        assert_eq!(window(2, 1, 0, 0, 1).output(3, Rounding::Floor), 2, "3x3 * 2x2");
        assert_eq!(window(12, 2, 0, 0, 1).output(52, Rounding::Floor), 21, "52x52, 12x12, stride 2");
        assert_eq!(window(11, 4, 0, 0, 1).output(227, Rounding::Floor), 55, "AlexNet's first layer");
        assert_eq!(window(3, 2, 0, 0, 1).output(55, Rounding::Floor), 27, "AlexNet's first pool");
        assert_eq!(window(3, 2, 0, 0, 1).output(112, Rounding::Ceil), 56, "GoogLeNet's first pool");
    }

    #[test]
    fn same_keeps_the_size_and_puts_the_odd_cell_at_the_end() {
        for kernel in 1..9 {
            for dilation in 1..4 {
                let w = Window { kernel, dilation, padding: Padding::Same, ..Window::UNIT };
                assert_eq!(w.output(40, Rounding::Floor), 40);
                assert!(w.pads()[1] == w.pads()[0] || w.pads()[1] == w.pads()[0] + 1);
            }
        }
    }

    #[test]
    fn a_window_that_does_not_fit_is_still_total() {
        assert_eq!(window(7, 0, 0, 0, 0).output(3, Rounding::Floor), 3);
        assert_eq!(window(7, 1, 0, 0, 1).output(3, Rounding::Ceil), 1);
        assert_eq!(window(usize::MAX, 2, usize::MAX, 1, usize::MAX).output(3, Rounding::Floor), 1);
    }

    #[test]
    fn dropped_cells_are_those_no_window_reaches() {
        assert_eq!(window(2, 2, 0, 0, 1).dropped(5, Rounding::Floor), 1);
        assert_eq!(window(2, 2, 0, 0, 1).dropped(5, Rounding::Ceil), 0);
        assert_eq!(window(3, 2, 0, 1, 1).dropped(6, Rounding::Floor), 0, "only padding is dropped");
    }
}
