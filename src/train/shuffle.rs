//! The order of samples.

use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};

/// Puts items into a random order, the same for the same seed: indices of samples before each epoch.
///
/// Fisher–Yates with PCG-64[^1]. Take another seed for each epoch, `seed + epoch` say.
///
/// ```
/// let mut order: Vec<usize> = (0..100).collect();
/// convnet::train::shuffle(&mut order, 7);
/// assert_ne!(order[..10], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
/// ```
///
/// [^1]: Knuth, The Art of Computer Programming, volume 2, algorithm 3.4.2P. The index is a 64-bit product's upper half
/// (Lemire, ACM TOMACS 29, 2019): its bias, below n / 2⁶⁴, is accepted.
pub fn shuffle<T>(items: &mut [T], seed: u64) {
    let mut random = Pcg64::seed_from_u64(seed);
    for last in (1..items.len()).rev() {
        let product = u128::from(random.next_u64()) * (last as u128 + 1);
        items.swap(last, (product >> 64) as usize);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_stays_and_seeds_differ() {
        let in_order: [u32; 52] = core::array::from_fn(|i| i as u32);
        let shuffled = |seed| {
            let mut items = in_order;
            shuffle(&mut items, seed);
            items
        };
        assert_eq!(shuffled(3), shuffled(3));
        assert_ne!(shuffled(3), shuffled(4));
        let mut sorted = shuffled(3);
        sorted.sort_unstable();
        assert_eq!(sorted, in_order);
    }

    #[test]
    fn all_orders_of_three_are_equally_likely() {
        let mut counts = [0; 27];
        for seed in 0..6000 {
            let mut items = [0, 1, 2];
            shuffle(&mut items, seed);
            counts[items[0] * 9 + items[1] * 3 + items[2]] += 1;
        }
        let seen: alloc::vec::Vec<_> = counts.iter().filter(|count| **count > 0).collect();
        assert_eq!(seen.len(), 6);
        // 1000 ± 4 standard deviations of √(6000 · 1/6 · 5/6) = 29
        assert!(seen.iter().all(|count| (884..=1116).contains(*count)), "{seen:?}");
    }
}
