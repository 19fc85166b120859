//! Tables, sums of paths, paths side by side.

use proptest::prelude::*;

use super::*;
use crate::ops::quantized::pointwise::{ADD_BYTES, Sum, add, apply_table, concat};
use crate::simd::Isa;

proptest! {
    #[test]
    fn sums_of_paths(
        paths in 1_usize..=8,
        len in 1_usize..200,
        (low, high) in (0_u8..128, 128_u8..=255),
        zero in any::<u8>(),
        seed in 0_u64..1000,
    ) {
        let values: Vec<Vec<u8>> = (0..paths).map(|path| bytes(seed + path as u64, len)).collect();
        let zeros = bytes(seed + 50, paths);
        let ratios: Vec<f64> = numbers(seed, paths).iter().map(|x| f64::from(*x).exp2() * 0.7).collect();
        let bounds = Bounds { zero, low, high };
        let mut expected = vec![0; len];
        let slices: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
        reference::add(&slices, &zeros, &ratios, bounds, &mut expected);
        let mut packed = [0; ADD_BYTES];
        Sum::new(&ratios, &zeros, zero).write(&mut packed);
        let places: Vec<usize> = (0..paths).map(|path| path * len).collect();
        let mut all = Vec::new();
        for isa in Isa::available() {
            // Over the last path.
            let mut arena = values.concat();
            add(&Sum::read(&packed), &mut arena, &places, (paths - 1) * len, len, bounds, isa);
            prop_assert_eq!(&arena[..(paths - 1) * len], &values[..paths - 1].concat());
            all.push(arena[(paths - 1) * len..].to_vec());
        }
        prop_assert!(all.iter().all(|output| *output == all[0]));
        let apart = all[0].iter().zip(&expected).filter(|(got, expected)| got != expected).count();
        prop_assert!(all[0].iter().zip(&expected).all(|(got, expected)| got.abs_diff(*expected) <= 1));
        // Only what lies at a tie may be rounded the other way.
        prop_assert!(apart <= len / 50 + 1, "{} of {}", apart, len);
    }
}

#[test]
fn the_largest_sum_has_room() {
    let ratios = [128.0; 8];
    let sum = Sum::new(&ratios, &[0; 8], 255);
    let mut arena = [255; 8 + 1];
    add(&sum, &mut arena, &[0, 1, 2, 3, 4, 5, 6, 7], 8, 1, Bounds { zero: 255, low: 0, high: 255 }, Isa::PORTABLE);
    assert_eq!(arena[8], 255);
    let sum = Sum::new(&ratios, &[255; 8], 0);
    let mut arena = [0; 8 + 1];
    add(&sum, &mut arena, &[0, 1, 2, 3, 4, 5, 6, 7], 8, 1, Bounds { zero: 0, low: 0, high: 255 }, Isa::PORTABLE);
    assert_eq!(arena[8], 0);
}

#[test]
fn tables_and_channels_in_a_row() {
    let mut values = [0, 1, 255, 1];
    apply_table(&core::array::from_fn(|byte| 255 - byte as u8), &mut values);
    assert_eq!(values, [255, 254, 0, 254]);
    let mut joined = [0; 6];
    concat([1, 0, 3], &[1, 2], &mut joined);
    concat([2, 1, 3], &[3, 4, 5, 6], &mut joined);
    assert_eq!(joined, [1, 3, 4, 2, 5, 6]);
}
