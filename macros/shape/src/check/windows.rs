//! Windows: their numbers by themselves, and whether they fit what they slide over.

use super::{Fault, Field, Layer, above_max};
use crate::dims::{Dims, MAX_SIZE};
use crate::op::{ConvTransposeOp, Op, PoolOp};
use crate::text::Text;
use crate::window::{Padding, Window};

/// Kernel, stride, dilation and padding by themselves.
pub(super) const fn window_numbers(name: &str, op: &Op, windows: &[Window]) -> Option<Fault> {
    let mut i = 0;
    while i < windows.len() {
        let fault = one_window(name, &windows[i], op);
        if fault.is_some() {
            return fault;
        }
        i += 1;
    }
    None
}

pub(super) const fn one_window(name: &str, window: &Window, op: &Op) -> Option<Fault> {
    let about = Text::about(name);
    if window.kernel == 0 {
        return Fault::of(Field::Kernel, about.say(" has a kernel of 0; a kernel is at least 1"));
    }
    if window.stride == 0 {
        return Fault::of(Field::Stride, about.say(" has a stride of 0; the window must move by at least 1"));
    }
    if window.dilation == 0 {
        return Fault::of(Field::Dilation, about.say(" has a dilation of 0; neighbouring taps are at least 1 apart"));
    }
    if window.kernel > MAX_SIZE {
        return above_max(Field::Kernel, about.say(" has a kernel of "), window.kernel);
    }
    if window.stride > MAX_SIZE {
        return above_max(Field::Stride, about.say(" has a stride of "), window.stride);
    }
    if window.dilation > MAX_SIZE {
        return above_max(Field::Dilation, about.say(" has a dilation of "), window.dilation);
    }
    padding(name, window, op)
}

/// Padding at or above the kernel would give outputs that see no input at all.
pub(super) const fn padding(name: &str, window: &Window, op: &Op) -> Option<Fault> {
    let extent = window.extent();
    let text = Text::about(name);
    match window.padding {
        Padding::Same if window.stride > 1 => {
            let half = window.kernel.saturating_sub(1).saturating_mul(window.dilation) / 2;
            let text = text
                .say(" has `padding = same` with a stride of ")
                .number(window.stride)
                .say("; `same` needs stride 1: write `padding = ")
                .number(half)
                .say("`");
            Fault::of(Field::Padding, text)
        }
        Padding::Cells(before, after) if before >= extent || after >= extent => {
            let padding = if before > after { before } else { after };
            let text = text.say(" pads by ").number(padding).say(", but its kernel covers only ");
            let text = text.count(extent, "cell", "cells");
            let text = if window.dilation > 1 {
                text.say(" (").number(window.kernel).say(" taps, ").number(window.dilation).say(" apart)")
            } else {
                text
            };
            let text = match op {
                Op::Conv(_) => text.say(": outputs would see padding alone"),
                Op::ConvTranspose(_) => text.say(": inputs at the border would reach no output"),
                _ => text.say(": windows would hold padding alone"),
            };
            let text = match extent {
                1 => text.say("; remove the padding"),
                _ => text.say("; padding may be at most ").number(extent - 1),
            };
            Fault::of(Field::Padding, text)
        }
        _ => None,
    }
}

/// Output padding chooses among the inputs that a convolution's floor, or its dilation, makes alike: beyond them it
/// would add cells that nothing reaches.
pub(super) const fn output_padding(name: &str, conv: &ConvTransposeOp) -> Option<Fault> {
    let windows = conv.windows();
    let padding = conv.output_padding.split_at(3 - conv.rank).1;
    let mut i = 0;
    while i < windows.len() {
        let Window { stride, dilation, .. } = windows[i];
        let limit = if stride > dilation { stride } else { dilation };
        if padding[i] >= limit {
            let text = Text::about(name).say(" has an output padding of ").number(padding[i]);
            let text = text.say(", which must be less than its stride of ").number(stride);
            let text = text.say(" or its dilation of ").number(dilation);
            let text = match limit {
                1 => text.say("; remove it"),
                _ => text.say("; it may be at most ").number(limit - 1),
            };
            return Fault::of(Field::OutputPadding, text);
        }
        i += 1;
    }
    None
}

/// Whether every window has at least one position, and padding leaves something of a transposed convolution.
pub(super) const fn room(layers: &[Layer<'_>], index: usize, first: &Dims, input: &Dims) -> Option<Fault> {
    if let Op::ConvTranspose(conv) = &layers[index].op {
        return nothing_left(layers[index].name, conv, input);
    }
    let windows = layers[index].op.windows();
    let mut axis = 0;
    while axis < windows.len() {
        if !windows[axis].fits(input.size(1 + axis)) {
            return match &layers[index].op {
                Op::Pool(pool) => pool_has_no_room(layers, index, first, input, pool),
                _ => kernel_does_not_fit(layers[index].name, windows, input),
            };
        }
        axis += 1;
    }
    None
}

/// Padding of a transposed convolution takes from its output.
pub(super) const fn nothing_left(name: &str, conv: &ConvTransposeOp, input: &Dims) -> Option<Fault> {
    let windows = conv.windows();
    let mut i = 0;
    while i < windows.len() {
        let window = &windows[i];
        let (n, added) = (input.size(1 + i), conv.output_padding[3 - conv.rank + i]);
        let [before, after] = window.pads();
        if window.transposed_output(n, added) == 0 {
            let all = Window { padding: Padding::Cells(0, 0), ..*window }.transposed_output(n, added);
            let text = Text::about(name).say(" leaves nothing of its ").dims(input).say(" input: ");
            let text = text.number(window.stride).say(" · (").number(n).say(" − 1) + ").number(window.extent());
            let text = if added > 0 { text.say(" + ").number(added) } else { text };
            let text = text.say(" = ").count(all, "cell", "cells").say(", and padding takes ");
            let text = text.number(before).say(" + ").number(after).say(" of them; ");
            let text = match (all - 1) / 2 {
                0 => text.say("remove the padding"),
                most => text.say("lower it to `padding = ").number(most).say("`"),
            };
            return Fault::of(Field::Padding, text);
        }
        i += 1;
    }
    None
}

/// What is the same for both: `` `conv2` does not fit: a 5x5 kernel on a [6, 4, 4] input (padding 0) ``.
pub(super) const fn does_not_fit(name: &str, windows: &[Window], input: &Dims, window_is_a: &str) -> Text {
    let text = Text::about(name).say(" does not fit: ").article(windows[0].kernel);
    let text = sizes(text, windows, Number::Kernel).say(" ").say(window_is_a);
    let text = if windows[0].dilation > 1 || windows[windows.len() - 1].dilation > 1 {
        sizes(text.say(" that dilation spreads over "), windows, Number::Extent).say(" cells")
    } else {
        text
    };
    let text = text.say(" on a ").dims(input).say(" input (padding ");
    let pads = windows[0].pads();
    let mut same = true;
    let mut i = 0;
    while i < windows.len() {
        let own = windows[i].pads();
        same = same && own[0] == pads[0] && own[1] == pads[0];
        i += 1;
    }
    if same {
        return text.number(pads[0]).say(")");
    }
    let mut text = text;
    let mut i = 0;
    while i < windows.len() {
        let [before, after] = windows[i].pads();
        text = text.say(if i == 0 { "" } else { ", " }).number(before).say("+").number(after);
        i += 1;
    }
    text.say(")")
}

pub(super) const fn kernel_does_not_fit(name: &str, windows: &[Window], input: &Dims) -> Option<Fault> {
    let text = does_not_fit(name, windows, input, "kernel").say("; the kernel may be at most ");
    let mut largest = [0; 3];
    let mut needed = 0;
    let mut padded = false;
    let mut i = 0;
    while i < windows.len() {
        let window = &windows[i];
        let n = input.size(1 + i);
        largest[i] = window.padded(n).saturating_sub(1) / window.dilation + 1;
        let missing = window.extent().saturating_sub(n).div_ceil(2);
        needed = if missing > needed { missing } else { needed };
        padded = padded || window.padded(n) > n;
        i += 1;
    }
    let text = text.by(largest.split_at(windows.len()).0);
    let text = text.say(if padded { ", or raise the padding to `padding = " } else { ", or add `padding = " });
    Fault::of(Field::Kernel, text.number(needed).say("`"))
}

/// Says how often the input was divided on the way, and from which input the pool would fit.
pub(super) const fn pool_has_no_room(
    layers: &[Layer<'_>],
    index: usize,
    first: &Dims,
    input: &Dims,
    pool: &PoolOp,
) -> Option<Fault> {
    let windows = layers[index].op.windows();
    let mut text = does_not_fit(layers[index].name, windows, input, "window");
    let mut divided = 0;
    // Where the axes change their meaning, sizes of the first input tell nothing about this one's.
    let mut same_axes = true;
    let mut value = layers[index].reads.first();
    while value > 0 {
        let layer = &layers[value - 1];
        let before = layer.op.windows();
        same_axes = same_axes && !matches!(layer.op, Op::Reshape(_) | Op::Permute(_));
        if before.len() == windows.len() && (before[0].stride > 1 || before[before.len() - 1].stride > 1) {
            divided += 1;
        }
        value = layer.reads.first();
    }
    if divided > 0 && same_axes && first.rank() == pool.rank + 1 {
        text = text.say("; ").by(first.spatial()).say(" has been divided ");
        text = text.count(divided, "time", "times").say(" before it: ");
        text = text.say("remove this layer, or start from at least ");
        let mut smallest = [0; 3];
        let mut axis = 0;
        while axis < windows.len() {
            smallest[axis] = smallest_input(layers, index, axis, first.size(1 + axis));
            axis += 1;
        }
        text = text.by(smallest.split_at(windows.len()).0);
    } else {
        text = text.say("; the window may be at most ").by(input.spatial());
    }
    Fault::of(Field::Layer, text)
}

/// The smallest size from `n` up of the network's input along `axis` for which every window up to `index` fits.
const fn smallest_input(layers: &[Layer<'_>], index: usize, axis: usize, n: usize) -> usize {
    let mut start = n;
    while start < n.saturating_mul(64) {
        if size_along(layers, index + 1, axis, start) > 0 {
            return start;
        }
        start += 1;
    }
    start
}

/// The size of `value` along `axis` for a network's input of `start` cells, 0 if a window on the way does not fit; where
/// paths come together, the first is as good as any.
const fn size_along(layers: &[Layer<'_>], value: usize, axis: usize, start: usize) -> usize {
    if value == 0 {
        return start;
    }
    let layer = &layers[value - 1];
    let mut size = size_along(layers, layer.reads.first(), axis, start);
    if let Op::ConvTranspose(conv) = &layer.op {
        size = conv.windows()[axis].transposed_output(size, conv.output_padding[3 - conv.rank + axis]);
    }
    let windows = layer.op.windows();
    if axis >= windows.len() {
        return size;
    }
    if size > 0 && windows[axis].fits(size) { windows[axis].output(size, layer.op.rounding()) } else { 0 }
}

/// Strict networks lose no border.
pub(super) const fn dropped(layer: &Layer<'_>, input: &Dims) -> Option<Fault> {
    let windows = layer.op.windows();
    let mut lost = [0; 3];
    let mut any = false;
    let mut i = 0;
    while i < windows.len() {
        lost[i] = windows[i].dropped(input.size(1 + i), layer.op.rounding());
        any = any || lost[i] > 0;
        i += 1;
    }
    if !any {
        return None;
    }
    let text = Text::about(layer.name).say(" never looks at the last ");
    let text = match windows.len() {
        1 => text.count(lost[0], "cell", "cells"),
        2 if lost[1] == 0 => text.count(lost[0], "row", "rows"),
        2 if lost[0] == 0 => text.count(lost[1], "column", "columns"),
        2 => text.count(lost[0], "row", "rows").say(" and ").count(lost[1], "column", "columns"),
        _ => text.by(&lost).say(" planes, rows and columns"),
    };
    let text = text.say(" of its ").dims(input).say(" input, and the network is `strict`; ");
    let text = match layer.op {
        Op::Pool(_) => text.say("use `ceil = true`, or change kernel, stride, padding or the input"),
        _ => text.say("change kernel, stride, padding or the input"),
    };
    Fault::of(Field::Layer, text)
}

#[derive(Clone, Copy)]
enum Number {
    Kernel,
    Extent,
}

const fn sizes(text: Text, windows: &[Window], which: Number) -> Text {
    let mut list = [0; 3];
    let mut i = 0;
    while i < windows.len() {
        list[i] = match which {
            Number::Kernel => windows[i].kernel,
            Number::Extent => windows[i].extent(),
        };
        i += 1;
    }
    text.by(list.split_at(windows.len()).0)
}
