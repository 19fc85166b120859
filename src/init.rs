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

use convnet_shape::op::{Op, Weight};

use crate::network::Architecture;

/// Canonical parameters, the same for the same seed.
pub fn params(architecture: &Architecture, seed: u64) -> Vec<f32> {
    let mut random = Pcg64::seed_from_u64(seed);
    let mut params = vec![0.0; architecture.stored()];
    for (node, step) in architecture.nodes.iter().zip(architecture.plan) {
        let own = &mut params[step.params..][..step.params_len];
        match node.op {
            Op::BatchNorm(_) => batch_norm(own),
            Op::Prelu { .. } => own.fill(0.25),
            _ => learned(own, &node.op.weight(&node.input), &mut random),
        }
    }
    params
}

/// Weight and bias of a convolution or a linear layer.
fn learned(own: &mut [f32], weight: &Weight, random: &mut Pcg64) {
    if weight.is_empty() {
        return;
    }
    // PyTorch counts a transposed convolution's the same way: all axes but the first.
    let fan_in = weight.len() / weight.as_slice()[0];
    let bound = 1.0 / libm::sqrtf(fan_in as f32);
    for value in own {
        *value = bound * (2.0 * uniform(random) - 1.0);
    }
}

/// γ = 1, β = 0, running mean 0, running variance 1: the identity.
fn batch_norm(own: &mut [f32]) {
    let channels = own.len() / 4;
    for (index, part) in own.chunks_exact_mut(channels.max(1)).enumerate() {
        part.fill(if index == 0 || index == 3 { 1.0 } else { 0.0 });
    }
}

/// A number from 0 up to, not including, 1: 24 random bits, as many as an `f32` has.
fn uniform(random: &mut Pcg64) -> f32 {
    (random.next_u32() >> 8) as f32 * (1.0 / 16_777_216.0)
}
