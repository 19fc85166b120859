use super::super::reference;
use super::super::testing::{assert_close, format, numbers, vec};
use super::*;
use proptest::prelude::*;

fn check(in_features: usize, out_features: usize, batch: usize, bias: bool) {
    let g = Linear { in_features, out_features, bias };
    let (input, weight) = (numbers(1, batch * in_features), numbers(2, out_features * in_features));
    let bias = numbers(3, bias_floats(&g));
    let mut expected = vec![0.0; batch * out_features];
    reference::linear_forward(&g, batch, &input, &weight, &bias, &mut expected);
    reference::activation_forward(Activation::Relu, &mut expected);
    let mut packed = vec![f32::NAN; packed_floats(&g)];
    pack(&g, &weight, &bias, &mut packed);
    for product in [Product::Own, Product::Library] {
        for (weight, bias) in [(Weight::Canonical(&weight), &bias[..]), (Weight::Packed(&packed), &[])] {
            let mut output = vec![f32::NAN; expected.len()];
            forward(&g, batch, &input, weight, bias, Some(Activation::Relu), &mut output, product);
            assert_close(&output, &expected, &format!("{g:?} × {batch}, {product:?}"));
        }
    }
    check_backward(&g, batch, &input, &weight);
}

fn check_backward(g: &Linear, batch: usize, input: &[f32], weight: &[f32]) {
    let grad_output = numbers(4, batch * g.out_features);
    // Not from zero: gradients accumulate.
    let start = || (numbers(5, input.len()), numbers(6, weight.len()), numbers(7, bias_floats(g)));
    let (mut gi, mut gw, mut gb) = start();
    reference::linear_backward(g, batch, input, weight, &grad_output, Some(&mut gi), &mut gw, &mut gb);
    let expected = (gi, gw, gb);
    let (mut gi, mut gw, mut gb) = start();
    backward(g, batch, input, weight, &grad_output, Some(&mut gi), &mut gw, &mut gb);
    assert_close(&gi, &expected.0, &format!("{g:?} grad_input"));
    assert_close(&gw, &expected.1, &format!("{g:?} grad_weight"));
    assert_close(&gb, &expected.2, &format!("{g:?} grad_bias"));
    let (_, mut gw, mut gb) = start();
    backward(g, batch, input, weight, &grad_output, None, &mut gw, &mut gb);
    assert_close(&gw, &expected.1, &format!("{g:?} grad_weight alone"));
}

#[test]
fn small_sizes_exhaustively() {
    for batch in [1, 2, 3, 5] {
        for in_features in [1, 2, 7, 8, 9, 33] {
            for out_features in [1, 3, 15, 16, 17, 31, 32, 33, 64, 65, 80] {
                check(in_features, out_features, batch, out_features % 2 == 0);
            }
        }
    }
}

#[test]
fn layers_of_the_textbook() {
    check(400, 120, 1, true); // LeNet-5
    check(400, 120, 64, true);
    check(84, 10, 16, true);
    check(1031, 1009, 2, false);
}

#[test]
fn no_samples_are_no_work() {
    let g = Linear { in_features: 2, out_features: 2, bias: true };
    forward(&g, 0, &[], Weight::Canonical(&[0.0; 4]), &[0.0; 2], None, &mut [], Product::Own);
}

#[test]
fn packing_runs_at_compile_time_and_appends_the_bias() {
    const G: Linear = Linear { in_features: 2, out_features: 1, bias: true };
    const PACKED: [f32; packed_floats(&G)] = {
        let mut packed = [9.0; packed_floats(&G)];
        pack(&G, &[1.0, 2.0], &[3.0], &mut packed);
        packed
    };
    assert_eq!(PACKED.len(), 2 * 16 + 1);
    assert_eq!((PACKED[0], PACKED[1], PACKED[16], PACKED[32]), (1.0, 0.0, 2.0, 3.0));
}

proptest! {
    #[test]
    fn any_size(in_features in 1_usize..200, out_features in 1_usize..100, batch in 0_usize..9, bias: bool) {
        check(in_features, out_features, batch, bias);
    }
}
