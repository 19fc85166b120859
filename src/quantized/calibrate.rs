//! Between which numbers the values of a network lie, as samples show them.

use alloc::vec;
use alloc::vec::Vec;

use convnet_shape::plan::{Form, Operand, Place, Step};

use super::error::QuantizeError;
use crate::arena::Floats;
use crate::layer::{Forward, Kernels, Layer};
use crate::network::{Architecture, Network};
use crate::ops::{Product, Weight};

/// The lowest and the highest number of each value, the input first.
pub(super) fn ranges<N: Network>(network: &N, samples: &[N::Input]) -> Result<Vec<[f32; 2]>, QuantizeError> {
    let architecture = N::ARCHITECTURE;
    if samples.is_empty() {
        return Err(QuantizeError::no_samples(architecture));
    }
    let steps = steps(architecture);
    let slots: usize = architecture.nodes.iter().map(|node| node.output.len()).sum();
    let (mut slots, mut kernel) = (vec![0.0; slots], vec![0.0; architecture.sizes.kernel]);
    let mut ranges = vec![[f32::INFINITY, f32::NEG_INFINITY]; architecture.nodes.len() + 1];
    for sample in samples {
        let input = sample.as_floats();
        run::<N>(network, &steps, input, &mut slots, &mut kernel);
        let values = steps.iter().map(|step| &slots[step.output.batch(1)]);
        for (index, value) in core::iter::once(input).chain(values).enumerate() {
            if !value.iter().all(|x| x.is_finite()) {
                return Err(QuantizeError::not_finite(architecture, index));
            }
            let [low, high] = &mut ranges[index];
            *low = value.iter().fold(*low, |low, x| low.min(*x));
            *high = value.iter().fold(*high, |high, x| high.max(*x));
        }
    }
    Ok(ranges)
}

/// A plan in which every layer runs by itself and every value is kept.
fn steps(architecture: &Architecture) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut first = 0;
    for (node, planned) in architecture.nodes.iter().zip(architecture.plan) {
        let len = node.output.len();
        let input = match node.reads.first() {
            0 => Operand::input(node.input.len()),
            value => steps[value - 1].output,
        };
        let output = Operand { place: Place::Slot(first), offset: 0, len, stride: len };
        steps.push(Step { input, output, epilogue: None, folded: false, fused: false, form: Form::PLANAR, ..*planned });
        first += len;
    }
    steps
}

fn run<N: Network>(network: &N, steps: &[Step], input: &[f32], slots: &mut [f32], kernel: &mut [f32]) {
    let mut run = Forward {
        steps,
        batch: 1,
        params: Weight::Canonical(network.params()),
        kernels: Kernels::CANONICAL,
        input,
        output: &mut [],
        slots,
        kernel,
        product: Product::Own,
        saved: &mut [],
        dropout: None,
        training: false,
        next: 0,
        done: 0,
    };
    <N::Chain as Layer<N::Shape>>::forward(&mut run);
}
