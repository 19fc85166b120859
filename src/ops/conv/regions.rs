//! Positions that are done at a time, and the part of the input under them.
//!
//! A [`Strip`] is whole samples, or rows of one, or a piece of a row, so that its positions in one sample lie in a row. Its
//! patches are never written as columns: tap (c, i, j) of position (y, x) is a value of the input at an address that is a
//! sum of multiples, [`Patches`]. Where there is padding, the input is copied once with its border.

use core::ops::Range;

use crate::ops::geometry::{Axis, Conv, input_cells};

/// Some positions: the same rows and columns of some samples; several samples only if they are all rows, several rows only if
/// they are all columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Strip {
    pub samples: Range<usize>,
    pub rows: Range<usize>,
    pub columns: Range<usize>,
}

impl Strip {
    pub(super) fn sizes(&self) -> [usize; 3] {
        [self.samples.len(), self.rows.len(), self.columns.len()]
    }
}

/// Samples, rows and columns of the largest strip of at most `most` positions, however many samples there are.
pub(super) const fn largest(g: &Conv, most: usize) -> [usize; 3] {
    let [_, height, width] = &g.axes;
    let plane = height.output * width.output;
    if width.output == 0 || height.output == 0 {
        [1, 1, 1]
    } else if plane <= most {
        [most / plane, height.output, width.output]
    } else if width.output <= most {
        [1, evenly(height.output, most / width.output), width.output]
    } else {
        [1, 1, evenly(width.output, most)]
    }
}

/// The length of parts that share `all` evenly, none longer than `longest`.
const fn evenly(all: usize, longest: usize) -> usize {
    all.div_ceil(all.div_ceil(longest))
}

/// The positions of some samples, in strips of at most `most`.
pub(super) fn strips(g: &Conv, samples: Range<usize>, most: usize) -> impl Iterator<Item = Strip> + use<> {
    let [_, height, width] = g.axes;
    let [s, r, c] = largest(g, most);
    steps(samples, s).flat_map(move |samples| {
        steps(0..height.output, r).flat_map(move |rows| {
            let samples = samples.clone();
            steps(0..width.output, c).map(move |columns| Strip {
                samples: samples.clone(),
                rows: rows.clone(),
                columns,
            })
        })
    })
}

fn steps(all: Range<usize>, length: usize) -> impl Iterator<Item = Range<usize>> {
    let end = all.end;
    all.step_by(length).map(move |start| start..end.min(start + length))
}

/// Cells of the padded input, along one axis, under so many neighbouring positions.
const fn extent(axis: &Axis, positions: usize) -> usize {
    (positions - 1) * axis.stride + axis.kernel.saturating_sub(1) * axis.dilation + 1
}

/// Where a strip's patches are: tap (channel, kh, kw) of position (sample, h, w) is the value at
/// `sample · self.sample + channel · self.channel + (h s + kh d) · self.row + (w s + kw d)`.
#[derive(Clone, Copy)]
pub(super) struct Patches<'a> {
    pub values: &'a [f32],
    pub sample: usize,
    pub channel: usize,
    pub row: usize,
}

/// A batch of inputs `[N, C_in, H, W]`.
#[derive(Clone, Copy)]
pub(super) struct Input<'a> {
    pub g: &'a Conv,
    pub values: &'a [f32],
}

impl<'a> Input<'a> {
    /// Patches of some channels of a group: in the input itself if it has no border, else in a copy
    /// `[channels, samples, H + border, W + border]` of at most [`bordered_floats`].
    pub(super) fn patches<'s>(
        &self,
        group: usize,
        channels: Range<usize>,
        strip: &Strip,
        copy: &'s mut [f32],
    ) -> Patches<'s>
    where
        'a: 's,
    {
        if is_bare(self.g) {
            self.bare(group, channels.start, strip)
        } else {
            self.copied(group, channels, strip, 0, copy)
        }
    }

    fn bare(&self, group: usize, channel: usize, strip: &Strip) -> Patches<'a> {
        let (g, [_, height, width]) = (self.g, &self.g.axes);
        let plane = input_cells(&g.axes);
        let first = strip.samples.start * g.input_len() + (group * (g.in_channels / g.groups) + channel) * plane;
        let corner = strip.rows.start * height.stride * width.input + strip.columns.start * width.stride;
        Patches { values: &self.values[first + corner..], sample: g.input_len(), channel: plane, row: width.input }
    }

    /// Patches in a copy, border or not, with so many zeros behind.
    pub(super) fn copied<'s>(
        &self,
        group: usize,
        channels: Range<usize>,
        strip: &Strip,
        behind: usize,
        copy: &'s mut [f32],
    ) -> Patches<'s> {
        let (g, [_, height, width]) = (self.g, &self.g.axes);
        let (plane, row) = (input_cells(&g.axes), extent(width, strip.columns.len()));
        let sample = extent(height, strip.rows.len()) * row;
        let copy = &mut copy[..channels.len() * strip.samples.len() * sample + behind];
        copy.fill(0.0);
        let mut copies = copy.chunks_exact_mut(sample);
        // The cells of the padded input under the strip, and which of them are in the input.
        let (top, left) = (strip.rows.start * height.stride, strip.columns.start * width.stride);
        let inside = left.max(width.padding[0])..(left + row).min(width.padding[0] + width.input);
        for c in channels.clone() {
            for n in strip.samples.clone() {
                let copy = copies.next().expect("the copy has room for the strip");
                let from = n * g.input_len() + (group * (g.in_channels / g.groups) + c) * plane;
                let values = &self.values[from..][..plane];
                for (h, to) in copy.chunks_exact_mut(row).enumerate() {
                    let Some(h) = (top + h).checked_sub(height.padding[0]).filter(|h| *h < height.input) else {
                        continue;
                    };
                    if !inside.is_empty() {
                        let from = &values[h * width.input + inside.start - width.padding[0]..][..inside.len()];
                        to[inside.start - left..][..inside.len()].copy_from_slice(from);
                    }
                }
            }
        }
        Patches { values: copy, sample, channel: strip.samples.len() * sample, row }
    }
}

/// Whether there is no border to read: the input is read where it lies.
const fn is_bare(g: &Conv) -> bool {
    let [depth, height, width] = [g.axes[0].padding, g.axes[1].padding, g.axes[2].padding];
    depth[0] + depth[1] + height[0] + height[1] + width[0] + width[1] == 0
}

/// Floats of a copy of so many channels under a strip of these sizes, with their border; 0 if there is none.
pub(super) const fn bordered_floats(g: &Conv, channels: usize, [samples, rows, columns]: [usize; 3]) -> usize {
    if is_bare(g) { 0 } else { copied_floats(g, channels, [samples, rows, columns]) }
}

/// The same, border or not.
pub(super) const fn copied_floats(g: &Conv, channels: usize, [samples, rows, columns]: [usize; 3]) -> usize {
    let [_, height, width] = &g.axes;
    channels.saturating_mul(samples).saturating_mul(extent(height, rows)).saturating_mul(extent(width, columns))
}

/// Whether there is no depth: the first axis is one cell.
pub(super) const fn is_flat(g: &Conv) -> bool {
    let depth = &g.axes[0];
    depth.input == 1 && depth.kernel == 1 && depth.padding[0] == 0 && depth.padding[1] == 0
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{Vec, square_conv, vec};
    use super::*;
    use crate::ops::geometry::output_cells;

    #[test]
    fn strips_cover_every_position_once_and_lie_in_a_row() {
        for (size, kernel) in [(5, 3), (14, 5), (40, 1), (7, 7)] {
            let g = square_conv([2, 3], size, kernel, 1, 0);
            let (cells, [_, height, width]) = (output_cells(&g.axes), g.axes);
            for most in [1, 2, width.output, 3 * width.output + 1, cells, 2 * cells + 1, 1024] {
                let mut times = vec![0; 5 * cells];
                for strip in strips(&g, 0..5, most) {
                    let [samples, rows, columns] = strip.sizes();
                    assert!(samples * rows * columns <= most && samples * rows * columns > 0);
                    assert!(samples == 1 || (rows, columns) == (height.output, width.output));
                    assert!(rows == 1 || columns == width.output);
                    let largest = largest(&g, most);
                    assert!(samples <= largest[0] && rows <= largest[1] && columns <= largest[2]);
                    for sample in strip.samples {
                        for row in strip.rows.clone() {
                            for column in strip.columns.clone() {
                                times[sample * cells + row * width.output + column] += 1;
                            }
                        }
                    }
                }
                assert_eq!(times, vec![1; 5 * cells], "{size} {kernel} {most}");
            }
        }
    }

    #[test]
    fn patches_are_what_source_says() {
        let g = square_conv([3, 2], 6, 3, 2, 1);
        let values: Vec<f32> = (0..2 * g.input_len()).map(|i| i as f32 + 1.0).collect();
        let [_, height, width] = &g.axes;
        for strip in strips(&g, 0..2, 4) {
            let mut copy = vec![f32::NAN; bordered_floats(&g, 2, largest(&g, 4))];
            let patches = Input { g: &g, values: &values }.patches(0, 1..3, &strip, &mut copy);
            for (s, sample) in strip.samples.clone().enumerate() {
                for (c, kh, kw) in [(0, 0, 0), (1, 2, 1), (0, 1, 2), (1, 2, 2)] {
                    for (y, row) in strip.rows.clone().enumerate() {
                        for (x, column) in strip.columns.clone().enumerate() {
                            let expected = match (height.source(row, kh), width.source(column, kw)) {
                                (Some(h), Some(w)) => values[(sample * 3 + c + 1) * 36 + h * 6 + w],
                                _ => 0.0,
                            };
                            let at = (y * 2 + kh) * patches.row + x * 2 + kw;
                            let got = patches.values[s * patches.sample + c * patches.channel + at];
                            assert_eq!(got, expected, "{strip:?} {c} {kh} {kw}");
                        }
                    }
                }
            }
        }
    }
}
