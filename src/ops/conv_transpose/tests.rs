use super::super::reference;
use super::super::testing::{any_conv, assert_close, axis, format, numbers, square_conv, vec};
use super::*;
use proptest::prelude::*;

/// Forward in every way, backward, both against the textbook; scratch as planned plus `more`.
fn check(g: &Conv, batch: usize, more: usize) {
    let (input, weight) = (numbers(1, batch * g.output_len()), numbers(2, g.weight_len()));
    let bias = numbers(3, bias_floats(g));
    let mut expected = vec![0.0; batch * g.input_len()];
    reference::conv_transposed(g, batch, &input, &weight, &bias, &mut expected);
    let mut packed = vec![f32::NAN; packed_floats(g)];
    pack(g, &weight, &bias, &mut packed);
    let mut scratch = vec![f32::NAN; scratch_floats(g) + more];
    for activation in [None, Some(Activation::Relu), Some(Activation::LeakyRelu(0.1))] {
        let mut expected = expected.clone();
        if let Some(activation) = activation {
            reference::activation_forward(activation, &mut expected);
        }
        for product in [Product::Own, Product::Library] {
            for (weight, bias) in [(Weight::Canonical(&weight), &bias[..]), (Weight::Packed(&packed), &[])] {
                let mut output = vec![f32::NAN; expected.len()];
                forward(g, batch, &input, weight, bias, activation, &mut output, &mut scratch, product);
                assert_close(&output, &expected, &format!("{g:?} × {batch} {product:?} {activation:?}"));
            }
        }
    }
    check_backward(g, batch, &input, &weight, more);
}

fn check_backward(g: &Conv, batch: usize, input: &[f32], weight: &[f32], more: usize) {
    let grad_output = numbers(4, batch * g.input_len());
    // Not from zero: gradients accumulate.
    let start = || (numbers(5, input.len()), numbers(6, weight.len()), numbers(7, bias_floats(g)));
    let (mut gi, mut gw, mut gb) = start();
    reference::conv_transposed_backward(g, batch, input, weight, &grad_output, Some(&mut gi), &mut gw, &mut gb);
    let expected = (gi, gw, gb);
    let mut scratch = vec![f32::NAN; backward_scratch_floats(g) + more];
    let (mut gi, mut gw, mut gb) = start();
    backward(g, batch, input, weight, &grad_output, Some(&mut gi), &mut gw, &mut gb, &mut scratch);
    assert_close(&gi, &expected.0, &format!("{g:?} grad_input"));
    assert_close(&gw, &expected.1, &format!("{g:?} grad_weight"));
    assert_close(&gb, &expected.2, &format!("{g:?} grad_bias"));
    let (_, mut gw, mut gb) = start();
    backward(g, batch, input, weight, &grad_output, None, &mut gw, &mut gb, &mut scratch);
    assert_close(&gw, &expected.1, &format!("{g:?} grad_weight alone"));
}

#[test]
fn two_by_two_with_three_by_three_worked_by_hand() {
    // Each input value lays the kernel down, times itself, one step further: 1 at (0, 0), 10 at (0, 1), …
    let g = Conv { bias: false, ..square_conv([1, 1], 4, 3, 1, 0) };
    let kernel = [1., 2., 3., 4., 5., 6., 7., 8., 9.];
    let (mut output, mut scratch) = ([0.0; 16], vec![0.0; scratch_floats(&g)]);
    let (input, weight) = ([1., 10., 100., 1000.], Weight::Canonical(&kernel));
    forward(&g, 1, &input, weight, &[], None, &mut output, &mut scratch, Product::Own);
    let expected = [1., 12., 23., 30., 104., 1245., 2356., 3060., 407., 4578., 5689., 6090., 700., 7800., 8900., 9000.];
    assert_eq!(output, expected);
}

#[test]
fn an_upsampling_of_the_textbook_doubles_every_axis() {
    // Kernel 2, stride 2: every cell becomes a block of 2×2.
    let g = Conv { bias: false, ..square_conv([1, 1], 4, 2, 2, 0) };
    let (mut output, mut scratch) = ([0.0; 16], vec![0.0; scratch_floats(&g)]);
    let weight = Weight::Canonical(&[1.0; 4]);
    forward(&g, 1, &[1., 2., 3., 4.], weight, &[], None, &mut output, &mut scratch, Product::Own);
    assert_eq!(output, [1., 1., 2., 2., 1., 1., 2., 2., 3., 3., 4., 4., 3., 3., 4., 4.]);
}

#[test]
fn output_padding_adds_cells_that_no_window_may_reach() {
    // 3 cells, kernel 1, stride 2, output padding 1: 1 0 2 0 3 and a cell of the bias alone.
    let mut g = Conv { groups: 1, bias: true, ..square_conv([1, 1], 1, 1, 1, 0) };
    g.axes[2] = axis(6, 1, 2, [0, 0], 1);
    assert_eq!(g.axes[2].output, 3);
    let (mut output, mut scratch) = ([0.0; 6], vec![0.0; scratch_floats(&g)]);
    let weight = Weight::Canonical(&[1.0]);
    forward(&g, 1, &[1., 2., 3.], weight, &[0.5], None, &mut output, &mut scratch, Product::Own);
    assert_eq!(output, [1.5, 0.5, 2.5, 0.5, 3.5, 0.5]);
}

#[test]
fn layers_of_the_textbook() {
    check(&square_conv([3, 32], 18, 4, 2, 3), 2, 0); // upconv_7's last layer
    check(&square_conv([3, 32], 18, 4, 2, 3), 1, 12_345);
    check(&square_conv([8, 16], 16, 2, 2, 0), 2, 0); // U-Net
    check(&square_conv([8, 16], 7, 1, 1, 0), 2, 0); // pointwise
    check(&Conv { groups: 4, ..square_conv([4, 4], 9, 3, 2, 1) }, 2, 0); // depthwise
    check(&Conv { groups: 4, ..square_conv([8, 4], 9, 3, 2, 1) }, 1, 0); // two outputs a channel
    check(&Conv { groups: 2, ..square_conv([6, 34], 13, 5, 1, 2) }, 1, 0);
    check(&square_conv([5, 300], 9, 3, 1, 1), 1, 0); // a K of more than one block
}

#[test]
fn scratch_is_what_the_docs_say() {
    assert_eq!(scratch_floats(&square_conv([3, 256], 280, 4, 2, 3)), 48 * 256, "upconv_7's last layer");
    assert_eq!(scratch_floats(&square_conv([64, 128], 112, 2, 2, 0)), 256 * 512, "U-Net: under 512 KiB");
    assert_eq!(scratch_floats(&square_conv([64, 64], 14, 1, 1, 0)), 0, "pointwise");
}

#[test]
fn packing_runs_at_compile_time_and_appends_the_bias() {
    use super::super::geometry::Axis;
    const G: Conv =
        Conv { in_channels: 2, out_channels: 1, groups: 1, bias: true, axes: [Axis::UNIT, Axis::UNIT, Axis::UNIT] };
    const PACKED: [f32; packed_floats(&G)] = {
        let mut packed = [9.0; packed_floats(&G)];
        pack(&G, &[1.0, 2.0], &[3.0, 4.0], &mut packed);
        packed
    };
    // Two rows of Wᵀ in a panel of sixteen.
    assert_eq!((PACKED.len(), &PACKED[..3], &PACKED[15..]), (18, &[1.0, 2.0, 0.0][..], &[0.0, 3.0, 4.0][..]));
}

proptest! {
    #[test]
    fn any_geometry(g in any_conv(), batch in 1_usize..=2, more in 0_usize..2000) {
        check(&g, batch, more);
    }
}
