use super::super::super::reference;
use super::super::super::testing::{assert_close, format, numbers, vec};
use super::*;
use crate::half::{bf16s, f16s, f32_from_bf16, f32_from_f16};
use crate::ops::testing::Vec;
use crate::simd::Isa;
use proptest::prelude::*;

const ALL: [Stored; 4] = [Stored::F32, Stored::F16, Stored::Bf16, Stored::Int8];

/// What the weights `[out, in]` are worth once stored, computed as a textbook would.
fn rounded(weight: &[f32], inputs: usize, stored: Stored) -> Vec<f32> {
    let row = |row: &[f32]| -> Vec<f32> {
        let scale = row.iter().fold(0.0_f32, |max, x| max.max(x.abs())) / 127.0;
        let one = |x: &f32| match stored {
            Stored::F32 => *x,
            Stored::F16 => f32_from_f16(f16s(&[*x])[0]),
            Stored::Bf16 => f32_from_bf16(bf16s(&[*x])[0]),
            Stored::Int8 if scale == 0.0 => 0.0,
            Stored::Int8 => (x / scale).round_ties_even() * scale,
        };
        row.iter().map(one).collect()
    };
    weight.chunks(inputs).flat_map(row).collect()
}

fn check(g: &Linear, batch: usize, stored: Stored) {
    let (inputs, outputs) = (g.in_features, g.out_features);
    let (input, weight, bias) = (numbers(1, batch * inputs), numbers(2, outputs * inputs), numbers(3, bias_floats(g)));
    let mut expected = vec![0.0; batch * outputs];
    reference::linear_forward(g, batch, &input, &rounded(&weight, inputs, stored), &bias, &mut expected);
    reference::activation_forward(Activation::Relu, &mut expected);
    let mut packed = vec![f32::NAN; packed_floats(g, stored)];
    pack(g, stored, &weight, &bias, &mut packed);
    for isa in Isa::available() {
        let mut output = vec![f32::NAN; expected.len()];
        forward(g, stored, batch, &input, &packed, Some(Activation::Relu), &mut output, Product::On(isa));
        assert_close(&output, &expected, &format!("{g:?} × {batch}, {stored:?}, {isa}"));
    }
}

#[test]
fn small_sizes_exhaustively() {
    for batch in [1, 2, 3, 4, 5, 7, 8, 9, 16, 17] {
        for in_features in (1..=17).chain([33]) {
            for out_features in [1, 3, 15, 16, 17, 32, 33] {
                let g = Linear { in_features, out_features, bias: out_features % 2 == 0 };
                ALL.into_iter().for_each(|stored| check(&g, batch, stored));
            }
        }
    }
}

#[test]
fn layers_of_the_textbook() {
    for stored in ALL {
        check(&Linear { in_features: 400, out_features: 120, bias: true }, 1, stored); // LeNet-5
        check(&Linear { in_features: 1031, out_features: 1009, bias: false }, 13, stored);
    }
}

#[test]
fn no_samples_are_no_work() {
    let g = Linear { in_features: 2, out_features: 2, bias: false };
    for stored in ALL {
        forward(&g, stored, 0, &[], &vec![0.0; packed_floats(&g, stored)], None, &mut [], Product::Own);
    }
}

#[test]
fn a_packed_weight_is_as_large_as_its_bits() {
    let g = Linear { in_features: 9216, out_features: 4096, bias: true };
    assert_eq!(packed_floats(&g, Stored::F32), 9216 * 4096 + 4096);
    assert_eq!(packed_floats(&g, Stored::F16), 9216 * 4096 / 2 + 4096);
    assert_eq!(packed_floats(&g, Stored::Bf16), 9216 * 4096 / 2 + 4096);
    assert_eq!(packed_floats(&g, Stored::Int8), 9216 * 4096 / 4 + 2 * 4096);
}

#[test]
fn whole_numbers_and_their_scale() {
    const G: Linear = Linear { in_features: 4, out_features: 2, bias: false };
    const PACKED: [f32; packed_floats(&G, Stored::Int8)] = {
        let mut packed = [9.0; packed_floats(&G, Stored::Int8)];
        pack(&G, Stored::Int8, &[254.0, -254.0, 3.0, 1.0, 0.0, 0.0, 0.0, 0.0], &[], &mut packed);
        packed
    };
    let panel: Vec<i8> = crate::arena::bytes(&PACKED[..16]).iter().step_by(PANEL).copied().collect();
    assert_eq!(panel, [127, -127, 2, 0], "ties are rounded to even");
    assert_eq!(PACKED[16..], [2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
}

/// What is no number, or larger than any, does not become one; other outputs do not notice.
#[test]
fn weights_that_are_not_finite_stay_so() {
    let g = Linear { in_features: 1, out_features: 4, bias: false };
    for stored in ALL {
        let mut packed = vec![0.0; packed_floats(&g, stored)];
        pack(&g, stored, &[f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 2.0], &[], &mut packed);
        for isa in Isa::available() {
            let mut output = [0.0; 4];
            forward(&g, stored, 1, &[1.0], &packed, None, &mut output, Product::On(isa));
            assert!(output[..3].iter().all(|y| !y.is_finite()) && output[0].is_nan(), "{stored:?} {isa}: {output:?}");
            assert_eq!(output[3], 2.0, "{stored:?} {isa}");
            if stored != Stored::Int8 {
                assert_eq!(output[1..3], [f32::INFINITY, f32::NEG_INFINITY], "{stored:?} {isa}");
            }
        }
    }
}

proptest! {
    #[test]
    fn any_size(in_features in 1_usize..200, out_features in 1_usize..100, batch in 0_usize..20, bias: bool) {
        let g = Linear { in_features, out_features, bias };
        ALL.into_iter().for_each(|stored| check(&g, batch, stored));
    }
}
