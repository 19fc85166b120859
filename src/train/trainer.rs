//! The training step.

use core::fmt;

use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};

use super::memory::Memory;
use super::statistics;
use super::{CrossEntropy, Loss, Optimizer, TrainError};
use crate::arena::Floats;
use crate::layer::{Backward, Forward, Kernels, Layer, dropout_seed};
use crate::network::Network;
use crate::ops::{Product, Weight};
use crate::shape::AllWindowsFit;
use crate::threads;

/// Trains the network `N` to make the loss `L` small with the optimiser `O`; see [the module](super).
pub struct Trainer<N, L, O> {
    network: N,
    loss: L,
    optimizer: O,
    seed: u64,
    steps: u64,
    memory: Memory,
}

impl<N: Network, L: Loss<N::Output>, O: Optimizer> Trainer<N, L, O> {
    /// A trainer for batches of up to `batch` samples; dropout masks follow from `seed`.
    ///
    /// All memory that training needs is allocated here.
    ///
    /// # Errors
    ///
    /// If `batch` is 0, or so large that there is no memory for it.
    pub fn new(mut network: N, loss: L, optimizer: O, batch: usize, seed: u64) -> Result<Self, TrainError>
    where
        <N::Chain as Layer<N::Shape>>::Fits: AllWindowsFit,
    {
        if batch == 0 {
            return Err(TrainError::Empty);
        }
        let memory = Memory::new(N::ARCHITECTURE, batch, optimizer.state_per_parameter())?;
        network.params_mut(); // embedded parameters move to the heap now, not in the first step
        Ok(Self { network, loss, optimizer, seed, steps: 0, memory })
    }

    /// Learns from one batch: [`backward`](Self::backward), then [`update`](Self::update). Returns the mean loss of
    /// the batch before the update.
    ///
    /// # Errors
    ///
    /// If the batch is empty or larger than the trainer was made for, if inputs and targets are not equally many, if
    /// a target is no class of the network, and if the loss is not finite. The network is then as it was before.
    pub fn step(&mut self, inputs: &[N::Input], targets: &[L::Target]) -> Result<f32, TrainError> {
        let loss = self.backward(inputs, targets, None)?;
        self.update();
        Ok(loss)
    }

    /// The mean loss of one batch, and its gradients for the parameters, without an update.
    ///
    /// The gradients are then [`gradients`](Self::gradients); those of the batch before are gone. Where
    /// `grad_inputs` is given, it is overwritten with the gradients for the inputs. Dropout masks are those of the
    /// next step, however often this is called before it.
    ///
    /// # Errors
    ///
    /// As [`step`](Self::step), and if `grad_inputs` are not as many as the inputs.
    pub fn backward(
        &mut self,
        inputs: &[N::Input],
        targets: &[L::Target],
        grad_inputs: Option<&mut [N::Input]>,
    ) -> Result<f32, TrainError> {
        let batch = inputs.len();
        match &grad_inputs {
            Some(grads) if grads.len() != batch => {
                return Err(TrainError::Unequal { inputs: batch, other: grads.len(), what: "gradients" });
            }
            _ => {}
        }
        self.check(inputs, targets)?;
        let input = Floats::flatten(inputs);
        self.forward(batch, input, Some(step_seed(self.seed, self.steps)));
        let loss = self.loss_of(targets);
        if !loss.is_finite() {
            return Err(TrainError::NotFinite { loss, step: self.steps });
        }
        self.derive(batch, input, grad_inputs.map(Floats::flatten_mut));
        self.memory.samples = batch;
        Ok(loss)
    }

    /// Improves the parameters by the gradients of the last [`backward`](Self::backward).
    pub fn update(&mut self) {
        self.steps += 1;
        let Memory { gradients, state, saved, running, samples, .. } = &mut self.memory;
        let params = self.network.params_mut();
        statistics::keep(N::ARCHITECTURE, params, saved, *samples, running);
        threads::enter(|| self.optimizer.update(self.steps, params, gradients, state));
        statistics::put(N::ARCHITECTURE, running, params);
    }

    /// The mean loss of any number of samples as inference has it: no dropout, no update.
    ///
    /// # Errors
    ///
    /// As [`step`](Self::step), but for the size of the batch and the loss, which may be large.
    pub fn evaluate(&mut self, inputs: &[N::Input], targets: &[L::Target]) -> Result<f32, TrainError> {
        let mut sum = 0.0;
        self.infer(inputs, targets, |trainer, targets| {
            sum += f64::from(trainer.loss_of(targets)) * targets.len() as f64;
        })?;
        Ok((sum / inputs.len() as f64) as f32)
    }

    /// The network as it is now.
    pub fn net(&self) -> &N {
        &self.network
    }

    /// The trained network.
    pub fn into_net(self) -> N {
        self.network
    }

    /// The gradients of the last batch, laid out as [`Network::params`].
    pub fn gradients(&self) -> &[f32] {
        &self.memory.gradients
    }

    /// Steps done.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The learning rate of the next step.
    pub fn learning_rate(&self) -> f64 {
        self.optimizer.learning_rate()
    }

    /// Sets the learning rate of the steps from now on; a [`Schedule`](super::Schedule) knows good ones.
    pub fn set_learning_rate(&mut self, learning_rate: f64) {
        self.optimizer.set_learning_rate(learning_rate);
    }

    /// The seed of the mask that dropout layer `layer` uses in the next step; for tests.
    #[doc(hidden)]
    pub fn dropout_seed(&self, layer: usize) -> u64 {
        dropout_seed(step_seed(self.seed, self.steps), layer)
    }

    /// Whether a step may run on this batch.
    fn check(&self, inputs: &[N::Input], targets: &[L::Target]) -> Result<(), TrainError> {
        let (samples, most) = (inputs.len(), self.memory.batch);
        if samples > most {
            return Err(TrainError::TooMany { samples, most });
        }
        if let Some(layer) = statistics::without_variance(N::ARCHITECTURE, samples)
            && samples > 0
        {
            return Err(TrainError::Statistics { layer });
        }
        self.check_pairs(inputs, targets)
    }

    fn check_pairs(&self, inputs: &[N::Input], targets: &[L::Target]) -> Result<(), TrainError> {
        if inputs.is_empty() {
            return Err(TrainError::Empty);
        }
        if inputs.len() != targets.len() {
            return Err(TrainError::Unequal { inputs: inputs.len(), other: targets.len(), what: "targets" });
        }
        self.loss.check(targets)
    }

    /// Runs samples of any number through the network, as many at a time as there is memory for; `each` finds their
    /// outputs in the memory.
    fn infer(
        &mut self,
        inputs: &[N::Input],
        targets: &[L::Target],
        mut each: impl FnMut(&mut Self, &[L::Target]),
    ) -> Result<(), TrainError> {
        self.check_pairs(inputs, targets)?;
        let most = self.memory.batch;
        for (inputs, targets) in inputs.chunks(most).zip(targets.chunks(most)) {
            self.forward(inputs.len(), Floats::flatten(inputs), None);
            each(self, targets);
        }
        Ok(())
    }

    /// Outputs ← network(input), every value on the way kept; with dropout where there is a seed for it.
    fn forward(&mut self, batch: usize, input: &[f32], dropout: Option<u64>) {
        let Memory { slots, outputs, kernel, saved, .. } = &mut self.memory;
        let mut run = Forward {
            steps: N::ARCHITECTURE.training,
            batch,
            params: Weight::Canonical(self.network.params()),
            kernels: Kernels::CANONICAL,
            input,
            output: &mut outputs[..batch * N::Output::LEN],
            slots,
            kernel,
            product: Product::Own,
            saved,
            dropout,
            training: dropout.is_some(),
            next: 0,
            done: 0,
        };
        threads::enter(|| <N::Chain as Layer<N::Shape>>::forward(&mut run));
    }

    /// The loss of the outputs, and its gradient for them.
    fn loss_of(&mut self, targets: &[L::Target]) -> f32 {
        let Memory { outputs, grad_outputs, .. } = &mut self.memory;
        let len = targets.len() * N::Output::LEN;
        self.loss.loss(&outputs[..len], targets, &mut grad_outputs[..len])
    }

    /// Gradients of the parameters, and of the input if it is wanted, from that of the outputs.
    fn derive(&mut self, batch: usize, input: &[f32], mut grad_input: Option<&mut [f32]>) {
        let architecture = N::ARCHITECTURE;
        let Memory { slots, grad_slots, outputs, grad_outputs, gradients, kernel, saved, .. } = &mut self.memory;
        // Kernels add to gradients; this batch begins with none.
        threads::enter(|| {
            threads::clear(&mut grad_slots[..architecture.training_sizes.slots * batch]);
            threads::clear(gradients);
        });
        if let Some(grad_input) = &mut grad_input {
            grad_input.fill(0.0);
        }
        let mut run = Backward {
            steps: architecture.training,
            batch,
            params: self.network.params(),
            input,
            output: &outputs[..batch * N::Output::LEN],
            slots,
            grad_output: &mut grad_outputs[..batch * N::Output::LEN],
            grad_slots,
            grad_params: gradients,
            grad_input,
            kernel,
            saved,
            dropout: step_seed(self.seed, self.steps),
            left: architecture.training.len(),
        };
        threads::enter(|| <N::Chain as Layer<N::Shape>>::backward(&mut run));
    }
}

impl<N: Network, O: Optimizer> Trainer<N, CrossEntropy, O>
where
    CrossEntropy: Loss<N::Output, Target = usize>,
{
    /// The share of any number of samples whose highest score is that of their class, 0 to 1.
    ///
    /// # Errors
    ///
    /// As [`evaluate`](Self::evaluate).
    pub fn accuracy(&mut self, inputs: &[N::Input], classes: &[usize]) -> Result<f64, TrainError> {
        let mut right = 0_usize;
        self.infer(inputs, classes, |trainer, classes| {
            let scores = trainer.memory.outputs.chunks_exact(N::Output::LEN);
            right += scores.zip(classes).filter(|(scores, class)| highest(scores) == **class).count();
        })?;
        Ok(right as f64 / inputs.len() as f64)
    }
}

/// The index of the first highest score.
fn highest(scores: &[f32]) -> usize {
    let mut highest = 0;
    for (class, score) in scores.iter().enumerate() {
        if *score > scores[highest] {
            highest = class;
        }
    }
    highest
}

/// The seed of the dropout masks of each step: as many numbers of PCG-64 into its sequence as steps have been done, so
/// that the masks of neighbouring steps and of neighbouring seeds have nothing in common.
fn step_seed(seed: u64, step: u64) -> u64 {
    let mut random = Pcg64::seed_from_u64(seed);
    random.advance(u128::from(step));
    random.next_u64()
}

impl<N: Network, L, O: fmt::Debug> fmt::Debug for Trainer<N, L, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { optimizer, memory, steps, .. } = self;
        write!(f, "Trainer of {}: batch {}, {steps} steps, {optimizer:?}", N::ARCHITECTURE.name, memory.batch)
    }
}
