use super::super::reference;
use super::super::testing::{Vec, assert_close, format, numbers, vec};
use super::*;

fn permutation(axes: &[usize]) -> Permutation {
    let mut own = [0; RANK];
    own[..axes.len()].copy_from_slice(axes);
    Permutation { rank: axes.len(), axes: own }
}

fn check(axes: &[usize], sizes: &[usize], batch: usize) {
    let (permutation, sizes) = (permutation(axes), Dims::new(sizes));
    let what = format!("{axes:?} of {sizes}");
    let input = numbers(1, batch * sizes.len());
    let (mut output, mut expected) = (vec![f32::NAN; input.len()], vec![f32::NAN; input.len()]);
    forward(&permutation, &sizes, batch, &input, &mut output);
    reference::permute_forward(&permutation, &sizes, batch, &input, &mut expected);
    assert_eq!(output, expected, "{what}");
    // Not from zero: gradients accumulate.
    let (mut grad, mut expected) = (numbers(2, input.len()), numbers(2, input.len()));
    backward(&permutation, &sizes, batch, &output, &mut grad);
    reference::permute_backward(&permutation, &sizes, batch, &output, &mut expected);
    assert_close(&grad, &expected, &what);
    // There and back: what permuting brought, the gradient takes home.
    let mut home = vec![0.0; input.len()];
    backward(&permutation, &sizes, batch, &output, &mut home);
    assert_eq!(home, input, "{what}");
}

/// All orders of `0..rank`.
fn orders(rank: usize) -> Vec<Vec<usize>> {
    let Some(last) = rank.checked_sub(1) else { return vec![vec![]] };
    let insert = |order: &Vec<usize>, at| [&order[..at], &[last], &order[at..]].concat();
    orders(last).iter().flat_map(|order| (0..rank).map(move |at| insert(order, at))).collect()
}

#[test]
fn every_order_of_every_rank() {
    for rank in 1..=RANK {
        for order in orders(rank) {
            check(&order, &[3, 5, 2, 7][..rank], 1);
            check(&order, &[4, 1, 3, 1][..rank], 2);
        }
    }
    assert_eq!(orders(4).len(), 24);
}

#[test]
fn pixels_to_planes() {
    // Two pixels of three colours, [H, W, C] → [C, H, W].
    let mut planes = [0.0; 6];
    forward(&permutation(&[2, 0, 1]), &Dims::new(&[1, 2, 3]), 1, &[1.0, 2.0, 3.0, 10.0, 20.0, 30.0], &mut planes);
    assert_eq!(planes, [1.0, 10.0, 2.0, 20.0, 3.0, 30.0]);
}

#[test]
#[should_panic(expected = "[0, 0] is no permutation of 2 axes")]
fn an_axis_twice_is_refused() {
    forward(&permutation(&[0, 0]), &Dims::new(&[2, 3]), 1, &[0.0; 6], &mut [0.0; 6]);
}
