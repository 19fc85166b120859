use super::super::geometry::Axis;
use super::super::reference;
use super::super::testing::{Vec, any_conv, assert_close, axis, format, numbers, square_conv, vec};
use super::*;
use proptest::prelude::*;

fn packed(g: &Conv, weight: &[f32], bias: &[f32]) -> Vec<f32> {
    let mut packed = vec![f32::NAN; packed_floats(g)];
    pack(g, weight, bias, &mut packed);
    packed
}

fn bias_len(g: &Conv) -> usize {
    if g.bias { g.out_channels } else { 0 }
}

/// Forward in every way, backward, both against the textbook; scratch as planned plus `more`.
fn check(g: &Conv, batch: usize, more: usize) {
    let (input, weight) = (numbers(1, batch * g.input_len()), numbers(2, g.weight_len()));
    let bias = numbers(3, bias_len(g));
    let mut expected = vec![0.0; batch * g.output_len()];
    reference::conv_forward(g, batch, &input, &weight, &bias, &mut expected);
    let packed = packed(g, &weight, &bias);
    let mut scratch = vec![f32::NAN; scratch_floats(g) + more];
    for activation in [None, Some(Activation::Relu), Some(Activation::Tanh)] {
        let mut expected = expected.clone();
        if let Some(activation) = activation {
            reference::activation_forward(activation, &mut expected);
        }
        for product in [Product::Own, Product::Library] {
            for (weight, bias) in [(Weight::Canonical(&weight), &bias[..]), (Weight::Packed(&packed), &[])] {
                let mut output = vec![f32::NAN; expected.len()];
                forward(g, batch, &input, weight, bias, activation, &mut output, &mut scratch, product);
                let kind = if matches!(weight, Weight::Packed(_)) { "packed" } else { "canonical" };
                assert_close(&output, &expected, &format!("{g:?} × {batch} {kind} {product:?} {activation:?}"));
            }
        }
        // With a scratch as training has it there are other ways.
        let (mut output, mut scratch) = (vec![f32::NAN; expected.len()], vec![f32::NAN; backward_scratch_floats(g)]);
        for scratch in [&mut scratch[..], &mut vec![f32::NAN; scratch_floats(g) + (1 << 18)]] {
            let (weight, product) = (Weight::Canonical(&weight), Product::Own);
            if scratch.len() >= scratch_floats(g) {
                forward(g, batch, &input, weight, &bias, activation, &mut output, scratch, product);
                assert_close(&output, &expected, &format!("{g:?} × {batch}, much scratch, {activation:?}"));
            }
        }
    }
    check_backward(g, batch, &input, &weight, more);
}

fn check_backward(g: &Conv, batch: usize, input: &[f32], weight: &[f32], more: usize) {
    let grad_output = numbers(4, batch * g.output_len());
    // Not from zero: gradients accumulate.
    let start = || (numbers(5, input.len()), numbers(6, weight.len()), numbers(7, bias_len(g)));
    let (mut grad_input, mut grad_weight, mut grad_bias) = start();
    let gi = Some(&mut grad_input[..]);
    reference::conv_backward(g, batch, input, weight, &grad_output, gi, &mut grad_weight, &mut grad_bias);
    let expected = (grad_input, grad_weight, grad_bias);
    let mut scratch = vec![f32::NAN; backward_scratch_floats(g) + more];
    let (mut grad_input, mut grad_weight, mut grad_bias) = start();
    let gi = Some(&mut grad_input[..]);
    backward(g, batch, input, weight, &grad_output, gi, &mut grad_weight, &mut grad_bias, &mut scratch);
    assert_close(&grad_input, &expected.0, &format!("{g:?} grad_input"));
    assert_close(&grad_weight, &expected.1, &format!("{g:?} grad_weight"));
    assert_close(&grad_bias, &expected.2, &format!("{g:?} grad_bias"));
    let (_, mut grad_weight, mut grad_bias) = start();
    backward(g, batch, input, weight, &grad_output, None, &mut grad_weight, &mut grad_bias, &mut scratch);
    assert_close(&grad_weight, &expected.1, &format!("{g:?} grad_weight alone"));
}

#[test]
fn three_by_three_with_two_by_two_worked_by_hand() {
    // I = [1 2 3; 4 5 6; 7 8 9], K = [1 2; 3 4], L with ∂L/∂O = [1 10; 100 1000].
    let g = Conv { bias: false, ..square_conv([1, 1], 3, 2, 1, 0) };
    let (input, kernel) = ([1., 2., 3., 4., 5., 6., 7., 8., 9.], [1., 2., 3., 4.]);
    let mut scratch = vec![0.0; backward_scratch_floats(&g)];
    let mut output = [0.0; 4];
    let weight = Weight::Canonical(&kernel);
    forward(&g, 1, &input, weight, &[], None, &mut output, &mut scratch, Product::Own);
    // O₁₁ = I₁₁K₁₁ + I₁₂K₁₂ + I₂₁K₂₁ + I₂₂K₂₂ = 1·1 + 2·2 + 4·3 + 5·4, and so on one step further.
    assert_eq!(output, [37., 47., 67., 77.]);

    let (mut grad_kernel, mut grad_input) = ([0.0; 4], [0.0; 9]);
    let grad_output = [1., 10., 100., 1000.];
    let gi = Some(&mut grad_input[..]);
    backward(&g, 1, &input, &kernel, &grad_output, gi, &mut grad_kernel, &mut [], &mut scratch);
    // ∂L/∂K is I ∗ ∂L/∂O: ∂L/∂K₁₁ = 1·I₁₁ + 10·I₁₂ + 100·I₂₁ + 1000·I₂₂.
    assert_eq!(grad_kernel, [5421., 6532., 8754., 9865.]);
    // ∂L/∂I is the full convolution of ∂L/∂O with K turned by 180°, [4 3; 2 1]: in the middle
    // ∂L/∂I₂₂ = 1·4 + 10·3 + 100·2 + 1000·1, at the corners one product each.
    assert_eq!(grad_input, [1., 12., 20., 103., 1234., 2040., 300., 3400., 4000.]);

    // The same by that rule: padding 1 = k − 1, the kernel turned.
    let full = Conv { bias: false, ..square_conv([1, 1], 2, 2, 1, 1) };
    let mut by_rule = [0.0; 9];
    reference::conv_forward(&full, 1, &grad_output, &[4., 3., 2., 1.], &[], &mut by_rule);
    assert_eq!(grad_input, by_rule);
}

#[test]
fn several_channels_equal_one_kernel_as_deep_as_the_input() {
    // 3×3×3 with 2×2×3 → 2×2: the sum over channels of the result of each.
    let deep = Conv { bias: false, ..square_conv([3, 1], 3, 2, 1, 0) };
    let flat = Conv { bias: false, ..square_conv([1, 1], 3, 2, 1, 0) };
    let (input, weight) = (numbers(1, 27), numbers(2, 12));
    let mut sum = [0.0; 4];
    for channel in 0..3 {
        let mut part = [0.0; 4];
        reference::conv_forward(&flat, 1, &input[channel * 9..], &weight[channel * 4..], &[], &mut part);
        sum.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
    }
    let mut output = [0.0; 4];
    let mut scratch = vec![0.0; scratch_floats(&deep)];
    forward(&deep, 1, &input, Weight::Canonical(&weight), &[], None, &mut output, &mut scratch, Product::Own);
    assert_close(&output, &sum, "sum over channels");
}

#[test]
fn a_delta_kernel_shifts() {
    let g = Conv { bias: false, ..square_conv([1, 1], 6, 3, 1, 1) };
    let input = numbers(1, 36);
    let mut scratch = vec![0.0; scratch_floats(&g)];
    for tap in 0..9 {
        let mut delta = [0.0; 9];
        delta[tap] = 1.0;
        let mut output = [f32::NAN; 36];
        forward(&g, 1, &input, Weight::Canonical(&delta), &[], None, &mut output, &mut scratch, Product::Own);
        for (at, value) in output.iter().enumerate() {
            let (h, w) = ((at / 6 + tap / 3).checked_sub(1), (at % 6 + tap % 3).checked_sub(1));
            let shifted = match (h, w) {
                (Some(h), Some(w)) if h < 6 && w < 6 => input[h * 6 + w],
                _ => 0.0,
            };
            assert_eq!(*value, shifted, "tap {tap}, output {at}");
        }
    }
}

#[test]
fn sobel_in_one_piece_and_separated() {
    // 6×6 with 3×3 → 4×4; a column, then a row: 72 + 48 = 120 products instead of 144.
    let (column, row) = ([1., 2., 1.], [-1., 0., 1.]);
    let sobel: Vec<f32> = (0..9).map(|at| column[at / 3] * row[at % 3]).collect();
    let input = numbers(1, 36);
    let whole = Conv { bias: false, ..square_conv([1, 1], 6, 3, 1, 0) };
    let mut expected = [0.0; 16];
    reference::conv_forward(&whole, 1, &input, &sobel, &[], &mut expected);
    let mut down = whole;
    down.axes[2] = Axis { kernel: 1, output: 6, ..whole.axes[2] };
    let mut across = whole;
    across.axes[1] = Axis { input: 4, kernel: 1, ..whole.axes[1] };
    let (mut middle, mut output, mut scratch) = ([0.0; 24], [0.0; 16], [0.0; 96]);
    forward(&down, 1, &input, Weight::Canonical(&column), &[], None, &mut middle, &mut scratch, Product::Own);
    forward(&across, 1, &middle, Weight::Canonical(&row), &[], None, &mut output, &mut scratch, Product::Own);
    assert_close(&output, &expected, "column then row");
    assert_eq!((36 * 4, 24 * 3, 16 * 3), (144, 72, 48));
}

#[test]
fn layers_of_the_textbook() {
    check(&square_conv([1, 6], 28, 5, 1, 2), 2, 0); // LeNet-5
    check(&square_conv([6, 16], 14, 5, 1, 0), 3, 0);
    check(&square_conv([6, 16], 14, 5, 1, 0), 2, 12_345);
    check(&square_conv([1, 15], 52, 12, 2, 0), 1, 0); // → 21×21×15
    check(&square_conv([15, 12], 21, 1, 1, 0), 2, 0); // pointwise
    check(&square_conv([8, 17], 9, 1, 2, 0), 1, 0); // 1×1 with a stride is not pointwise
    check(&Conv { groups: 3, out_channels: 3, ..square_conv([3, 3], 8, 3, 1, 0) }, 2, 0); // depthwise
    check(&Conv { groups: 16, ..square_conv([16, 32], 11, 3, 2, 1) }, 1, 0); // multiplier 2, stride 2
    check(&Conv { groups: 2, ..square_conv([8, 34], 13, 5, 1, 2) }, 1, 0); // two towers, panels that do not fill
    check(&square_conv([3, 20], 37, 11, 4, 0), 1, 0); // AlexNet's window
    check(&square_conv([70, 5], 17, 3, 1, 1), 1, 0); // a K of more than two blocks
}

#[test]
fn planes_and_lines_longer_than_a_strip() {
    check(&square_conv([5, 20], 41, 3, 1, 1), 2, 0); // 1681 positions: rows of one sample
    check(&square_conv([3, 4], 45, 5, 1, 0), 2, 0); // the same for few channels, without a border
    check(&square_conv([2, 33], 70, 3, 2, 1), 1, 0);
    let line = |input, kernel, stride| axis(input, kernel, stride, [kernel / 2, 0], 1);
    for (channels, axis) in [([3, 14], line(3001, 5, 1)), ([2, 40], line(5000, 4, 2)), ([1, 3], line(2400, 3, 1))] {
        let g = Conv { axes: [Axis::UNIT, Axis::UNIT, axis], ..square_conv(channels, 1, 1, 1, 0) };
        check(&g, 2, 0); // one dimension: pieces of a row
    }
}

#[test]
fn weights_larger_than_a_share_and_more_samples_than_shares() {
    check(&square_conv([40, 50], 6, 3, 1, 1), 3, 0); // 18 000 values: shared out by channels
    check(&Conv { groups: 2, ..square_conv([36, 128], 7, 3, 1, 1) }, 2, 0);
    check(&square_conv([4, 12], 6, 3, 1, 1), 19, 0); // shared out by samples, three or two a share
}

#[test]
fn strips_cover_every_position_once_and_fit_the_scratch() {
    for g in [square_conv([6, 16], 14, 5, 1, 0), square_conv([64, 64], 224, 3, 1, 1), square_conv([1, 6], 28, 5, 1, 2)]
    {
        let positions = output_cells(&g.axes);
        for scratch in [scratch_floats(&g), backward_scratch_floats(&g), g.taps(), 3 * g.taps() + 1, usize::MAX] {
            let mut next = 0;
            for strip in strips(&g, scratch) {
                assert_eq!(strip.start, next);
                assert!(!strip.is_empty() && strip.len() * g.taps() <= scratch, "{g:?} {scratch}");
                next = strip.end;
            }
            assert_eq!(next, positions);
        }
    }
}

#[test]
fn blocks_cover_every_tap_and_position_once_and_fit_the_scratch() {
    let squares = [([6, 16], 14, 5), ([64, 64], 224, 3), ([1, 6], 28, 5), ([512, 8], 7, 3), ([3, 2000], 9, 7)];
    for g in squares.map(|(channels, size, kernel)| square_conv(channels, size, kernel, 1, kernel / 2)) {
        let least = scratch_floats(&g);
        for scratch in [least, least + 1, 2 * least + 17, 1 << 20] {
            let blocks = strips::Blocks::new(&g, scratch);
            for (ranges, all) in
                [(blocks.taps().collect::<Vec<_>>(), g.taps()), (blocks.positions().collect(), output_cells(&g.axes))]
            {
                let starts = ranges.iter().map(|range| range.start);
                assert!(starts.eq([0].into_iter().chain(ranges.iter().map(|range| range.end)).take(ranges.len())));
                assert_eq!(ranges.last().map(|range| range.end), Some(all), "{g:?} {scratch}");
                assert!(ranges.iter().all(|range| !range.is_empty()));
            }
            let largest = blocks.taps().map(|taps| taps.len()).max().unwrap_or(0)
                * blocks.positions().map(|positions| positions.len()).max().unwrap_or(0);
            assert!(largest <= scratch, "{g:?}: {largest} of {scratch}");
        }
    }
}

#[test]
fn scratch_is_what_the_docs_say() {
    assert_eq!(scratch_floats(&square_conv([6, 16], 14, 5, 1, 0)), 150 * 13, "LeNet-5: 7 800 bytes");
    assert_eq!(scratch_floats(&square_conv([1, 6], 28, 5, 1, 2)), 25 * 81);
    assert_eq!(scratch_floats(&square_conv([64, 64], 224, 3, 1, 1)), 576 * 227, "VGG: under 512 KiB");
    assert_eq!(scratch_floats(&square_conv([2048, 8], 14, 3, 1, 1)), 18432 * 14, "16 positions would pass 1 MiB");
    assert_eq!(scratch_floats(&square_conv([512, 8], 14, 3, 1, 1)), 4608 * 28);
    assert_eq!(scratch_floats(&square_conv([64, 64], 7, 3, 1, 1)), 576 * 12, "12 positions at least");
    assert_eq!(scratch_floats(&square_conv([64, 8], 14, 1, 1, 0)), 0, "pointwise");
}

#[test]
fn packing_runs_at_compile_time_and_appends_the_bias() {
    const G: Conv =
        Conv { in_channels: 1, out_channels: 2, groups: 1, bias: true, axes: [Axis::UNIT, Axis::UNIT, Axis::UNIT] };
    const PACKED: [f32; packed_floats(&G)] = {
        let mut packed = [9.0; packed_floats(&G)];
        pack(&G, &[1.0, 2.0], &[3.0, 4.0], &mut packed);
        packed
    };
    assert_eq!(PACKED.len(), 16 + 2);
    assert_eq!((PACKED[0], PACKED[1], PACKED[2], PACKED[16], PACKED[17]), (1.0, 2.0, 0.0, 3.0, 4.0));
}

#[test]
#[should_panic(expected = "a packed weight brings its own bias")]
fn a_bias_beside_a_packed_weight_is_refused() {
    let g = square_conv([1, 1], 3, 1, 1, 0);
    let weight = packed(&g, &[1.0], &[0.0]);
    forward(&g, 1, &[0.0; 9], Weight::Packed(&weight), &[1.0], None, &mut [0.0; 9], &mut [], Product::Own);
}

proptest! {
    #[test]
    fn any_geometry(g in any_conv(), batch in 1_usize..=2, more in 0_usize..2000) {
        check(&g, batch, more);
    }
}
