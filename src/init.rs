//! Random parameters from a seed.
//!
//! [`Init`] says how they are drawn. The generator is PCG-64 by name, so that a seed gives the same network in every
//! release.

use alloc::vec::Vec;

use rand_pcg::{
    Pcg64,
    rand_core::{Rng, SeedableRng},
};

use convnet_shape::op::{Op, Weight};

use crate::heap;
use crate::network::Architecture;

/// How the first weights and biases of convolutions and linear layers are drawn. The other layers begin as in PyTorch:
/// slopes at ¼, batch normalisation as the identity.
///
/// ```
/// use convnet::{Init, Network, cnn};
///
/// cnn! {
///     struct Net: [4] -> [2] { fc: linear(2) }
/// }
/// let net = Net::init_with(Init::Xavier, 42);
/// assert!(net.fc().weight().as_flattened().iter().all(|weight| weight.abs() <= 1.0)); // √(6 / (4 + 2))
/// assert_eq!(net.fc().bias(), &[0.0; 2]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Init {
    /// PyTorch's default for `nn.Conv2d` and `nn.Linear`: Kaiming's uniform distribution with a = √5[^1],
    /// U(−1/√fan_in, 1/√fan_in), for biases too.
    ///
    /// [^1]: He et al.: Delving Deep into Rectifiers, ICCV 2015, section 2.2.
    #[default]
    Kaiming,
    /// Xavier's uniform distribution[^1], U(−b, b) with b = √(6 / (fan_in + fan_out)), and biases 0. PyTorch:
    /// `init.xavier_uniform_` and `init.zeros_`.
    ///
    /// [^1]: Glorot, Bengio: Understanding the difficulty of training deep feedforward neural networks, AISTATS 2010,
    /// formula 16.
    Xavier,
}

/// Canonical parameters, the same for the same seed.
pub fn params(architecture: &Architecture, init: Init, seed: u64) -> Vec<f32> {
    let mut random = Pcg64::seed_from_u64(seed);
    let mut params = heap::zeros(architecture.stored());
    for (node, step) in architecture.nodes.iter().zip(architecture.plan) {
        let own = &mut params[step.params..][..step.params_len];
        match node.op {
            Op::BatchNorm(_) => batch_norm(own),
            Op::Prelu { .. } => own.fill(0.25),
            Op::Own(op) => own.fill(op.initial),
            _ => learned(own, &node.op.weight(&node.input), init, &mut random),
        }
    }
    params
}

/// Weight and bias of a convolution or a linear layer.
fn learned(own: &mut [f32], weight: &Weight, init: Init, random: &mut Pcg64) {
    if weight.is_empty() {
        return;
    }
    // PyTorch counts a transposed convolution's the same way: all axes but the first, all axes but the second.
    let [fan_in, fan_out] = [0, 1].map(|axis| (weight.len() / weight.as_slice()[axis]) as f32);
    let (bound, drawn) = match init {
        Init::Kaiming => (1.0 / libm::sqrtf(fan_in), own.len()),
        Init::Xavier => (libm::sqrtf(6.0 / (fan_in + fan_out)), weight.len()),
    };
    let (drawn, zeros) = own.split_at_mut(drawn);
    drawn.fill_with(|| bound * (2.0 * uniform(random) - 1.0));
    zeros.fill(0.0);
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
