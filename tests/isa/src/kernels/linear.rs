//! Fully connected layers, one sample and many, forward on canonical and on packed weights; and their gradients.

use convnet::ops::geometry::Linear;
use convnet::ops::linear::{backward, forward, pack, packed_floats};
use convnet::ops::{Product, Weight, reference};
use convnet::simd::Isa;

use super::{EDGES, wide};
use crate::numbers::numbers;
use crate::suite::Suite;

pub fn check(suite: &mut Suite) {
    for in_features in [1, 3, 8, 15, 16, 17, 31, 64, 65, 400] {
        for out_features in EDGES.into_iter().chain([64, 65, 80]) {
            for batch in [1, 2, 5, 16] {
                check_one(suite, &Linear { in_features, out_features, bias: out_features % 2 == 1 }, batch);
            }
        }
    }
}

fn check_one(suite: &mut Suite, g: &Linear, batch: usize) {
    let (input, weight) = (numbers(1, batch * g.in_features), numbers(2, g.out_features * g.in_features));
    let bias = numbers(3, if g.bias { g.out_features } else { 0 });
    let mut packed = vec![f32::NAN; packed_floats(g)];
    pack(g, &weight, &bias, &mut packed);
    let mut expected = vec![0.0; batch * g.out_features];
    reference::linear_forward(g, batch, &wide(&input), &wide(&weight), &wide(&bias), &mut expected);
    let (canonical, packed) = ((Weight::Canonical(&weight), &bias[..]), (Weight::Packed(&packed), &[][..]));
    for isa in suite.sets.clone() {
        for (kind, (weight, bias)) in [("linear", canonical), ("linear packed", packed)] {
            let mut output = vec![f32::NAN; expected.len()];
            forward(g, batch, &input, weight, bias, None, &mut output, Product::On(isa));
            suite.hold(isa, kind, &output, &expected, || format!("{g:?} × {batch}"));
        }
    }
    check_backward(suite, g, batch, &input, &weight, bias.len());
}

fn check_backward(suite: &mut Suite, g: &Linear, batch: usize, input: &[f32], weight: &[f32], bias_len: usize) {
    let grad_output = numbers(4, batch * g.out_features);
    // Not from zero: gradients accumulate.
    let (mut gi, mut gw, mut gb) = (numbers(5, input.len()), numbers(6, weight.len()), numbers(7, bias_len));
    let (mut wide_gi, mut wide_gw, mut wide_gb) = (wide(&gi), wide(&gw), wide(&gb));
    let (wide_input, wide_weight, wide_grad) = (wide(input), wide(weight), wide(&grad_output));
    let to_input = Some(&mut wide_gi[..]);
    reference::linear_backward(g, batch, &wide_input, &wide_weight, &wide_grad, to_input, &mut wide_gw, &mut wide_gb);
    backward(g, batch, input, weight, &grad_output, Some(&mut gi), &mut gw, &mut gb);
    for (kind, got, expected) in
        [("linear ∂input", gi, wide_gi), ("linear ∂weight", gw, wide_gw), ("linear ∂bias", gb, wide_gb)]
    {
        suite.hold(Isa::best(), kind, &got, &expected, || format!("{g:?} × {batch}"));
    }
}
