//! Random parameters from a seed.
//!
//! Weights and biases follow PyTorch's defaults for `nn.Conv2d` and `nn.Linear`: Kaiming's uniform distribution
//! with a = √5, U(−1/√fan_in, 1/√fan_in), and the same for biases (He et al., Delving Deep into Rectifiers, ICCV
//! 2015, section 2.2). The generator is PCG-64 by name, so that a seed gives the same network in every release.

use alloc::{vec, vec::Vec};

use rand_pcg::{
    Pcg64,
    rand_core::{Rng, SeedableRng},
};

use crate::network::Architecture;

/// Canonical parameters, the same for the same seed.
pub fn params(architecture: &Architecture, seed: u64) -> Vec<f32> {
    let mut random = Pcg64::seed_from_u64(seed);
    let mut params = vec![0.0; architecture.params()];
    for (node, step) in architecture.nodes.iter().zip(architecture.plan) {
        let weight = node.op.weight(&node.input);
        if weight.is_empty() {
            continue;
        }
        let fan_in = weight.len() / weight.as_slice()[0];
        let bound = 1.0 / libm::sqrtf(fan_in as f32);
        for value in &mut params[step.params..][..step.params_len] {
            *value = bound * (2.0 * uniform(&mut random) - 1.0);
        }
    }
    params
}

/// A number from 0 up to, not including, 1: 24 random bits, as many as an `f32` has.
fn uniform(random: &mut Pcg64) -> f32 {
    (random.next_u32() >> 8) as f32 * (1.0 / 16_777_216.0)
}
