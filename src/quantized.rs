//! Networks in whole numbers: weights and values of one byte, for microcontrollers and for CPUs that multiply bytes.
//!
//! [`quantize`](Network::quantize) runs the network on samples, a hundred are enough as a rule, to see between which numbers
//! each value lies, and makes of the parameters a string of bytes: a [`Quantized`] network. It has everything in it but what
//! the type says already; it is run in place, and the same bytes give the same results to the bit on every instruction set.
//!
//! ```
//! use convnet::{Chw, Flat, Quantized, cnn};
//!
//! cnn! {
//!     struct Net: [1, 8, 8] -> [3] {
//!         conv2d(4, kernel = 3), batch_norm, relu, max_pool2d(2), flatten, linear(3), softmax,
//!     }
//! }
//!
//! let net = Net::init(7);
//! let samples = [Chw([[[0.0; 8]; 8]]), Chw([[[1.0; 8]; 8]])];
//! let quantized: Quantized<Net> = net.quantize(&samples)?;
//! let scores: Flat<3> = quantized.forward(&samples[1]);
//! assert!((scores[0] - net.forward(&samples[1])[0]).abs() < 0.02);
//!
//! // No heap: a network in read-only memory, working memory of a size that is a constant.
//! const _: () = assert!(Quantized::<Net>::SCRATCH_BYTES < 512);
//! let mut scratch = [0; Quantized::<Net>::SCRATCH_BYTES];
//! let mut into = Flat::zeros();
//! quantized.forward_into(&samples[1], &mut into, &mut scratch);
//! assert_eq!(into, scores);
//!
//! // The bytes of a file, which `from_bytes` takes in a constant too.
//! let file: &'static [u8] = quantized.to_bytes().leak();
//! assert_eq!(Quantized::<Net>::try_from_bytes(file)?.forward(&samples[1]), scores);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! In firmware it is a static, which does not compile with the bytes of another network, another version of this format, or
//! bytes that have changed. [`Aligned`] is for CPUs with wide vectors; a microcontroller does without.
//!
//! ```ignore
//! static NET: Quantized<LeNet5> = Quantized::from_bytes(include_bytes!("lenet5.int8"));
//!
//! static BYTES: Aligned<{ Quantized::<LeNet5>::BYTES }> = Aligned(*include_bytes!("lenet5.int8"));
//! static NET: Quantized<LeNet5> = Quantized::from_bytes(&BYTES.0);
//! ```
//!
//! # What becomes of a layer
//!
//! Convolutions and linear layers have weights of −127…127 with a scale for each output channel, biases and sums of 32 bits, and
//! batch normalisation folded into them; ReLU and clamp are bounds of what is stored; other activations are tables of 256
//! bytes. Paths of a `concat`, and input and output of what copies (max pool, flatten, reshape, permute, dropout), share one
//! scale. A softmax at the end is in floats. [`ops::quantized`](crate::ops::quantized) has the arithmetic, and says of whom
//! it is.
//!
//! # Errors of rounding
//!
//! A byte has 255 steps, so each value is right to 1/510 of its range, and what is added up of many differs from the f32
//! network by some thousandths of the range of the output; a class is lost where two scores are nearer to each other. What lies
//! beyond what the samples showed is clamped: give samples of all that will come.

//! # Speed
//!
//! Memory is about a quarter: LeNet-5 is 71 040 bytes and runs in 6 959. Time is another matter. Measured by
//! `benches/quantized.rs` on one thread of a Zen 4, times as fast as the prepared network in f32 on the same instructions:
//!
//! | | AVX-512 VNNI | AVX2 | SSE2 |
//! |---|---|---|---|
//! | LeNet-5 | 1.01 | 0.64 | 0.62 |
//! | DS-CNN | 1.25 | 0.72 | 0.63 |
//! | MobileNetV2 | 2.75 | 1.02 | 0.77 |
//! | ResNet-18 | 2.38 | 0.70 | 0.61 |
//! | 3×3 convolutions, 64 → 128 → 64 channels, 28×28 | 3.36 | 1.24 | 1.29 |
//!
//! Without VNNI there is no exact instruction that sums more products of bytes than `vfmadd` does of floats, and Winograd's
//! algorithm, which floats have, does not suit bytes: there, quantise for memory, not for time. In small networks a layer has few
//! channels, of which sixteen are computed all the same.

mod check;
mod layout;
mod run;

#[cfg(feature = "alloc")]
mod build;
#[cfg(feature = "alloc")]
mod calibrate;
#[cfg(feature = "alloc")]
mod error;
#[cfg(feature = "alloc")]
mod sums;

use core::fmt;
use core::marker::PhantomData;

use convnet_shape::plan::integer::Integer;

pub use check::BytesError;
#[cfg(feature = "alloc")]
pub use error::QuantizeError;

use crate::arena::Floats;
use crate::network::Network;
pub use crate::ops::quantized::requantize::Scale;
use crate::simd::Isa;
use run::Run;

#[cfg(feature = "alloc")]
use crate::{tensor::Returned, threads};
#[cfg(feature = "alloc")]
use alloc::{vec, vec::Vec};

/// So many multiply-accumulates, some 40 µs where bytes are multiplied, that waking a thread for them pays.
#[cfg(feature = "alloc")]
const WORTH_THREADS: usize = 8 << 20;

/// The network `N` in whole numbers, for inference alone: see [the module](self).
pub struct Quantized<N> {
    bytes: Bytes,
    network: PhantomData<fn() -> N>,
}

/// Bytes that begin at a cache line, for [`Quantized::from_bytes`]: vectors of weights then lie in one line each.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub struct Aligned<const LEN: usize>(pub [u8; LEN]);

/// The bytes of a network.
#[derive(Clone)]
enum Bytes {
    /// On the heap: just quantised, or read.
    #[cfg(feature = "alloc")]
    Owned(Vec<u8>),
    /// In the program itself.
    Static(&'static [u8]),
}

impl<N: Network> Quantized<N> {
    const PLAN: &'static Integer = &Integer::new(N::ARCHITECTURE.nodes);

    /// Bytes of the values between the layers, in memory that is used again.
    const SLOTS: usize = Self::PLAN.arena;

    /// Bytes of memory that a forward pass needs beside input and output; 0 if a layer has no integer kernel.
    pub const SCRATCH_BYTES: usize = layout::scratch_bytes(Self::PLAN, N::ARCHITECTURE.nodes);

    /// Bytes of the network itself; 0 if a layer has no integer kernel.
    pub const BYTES: usize = layout::bytes(Self::PLAN, N::ARCHITECTURE.nodes);

    /// The network of these bytes, which [`to_bytes`](Self::to_bytes) gave, used where they lie; at multiples of 64 they are read
    /// fastest. In a constant or a static, bytes of something else do not compile.
    ///
    /// ```compile_fail
    /// convnet::cnn! {
    ///     struct Net: [4] -> [2] { linear(2) }
    /// }
    ///
    /// // Not the bytes of a network.
    /// static NET: convnet::Quantized<Net> = convnet::Quantized::from_bytes(b"cnn-int8 or so");
    /// ```
    ///
    /// rustc warns of what takes long to evaluate: for networks of several megabytes
    /// `#[allow(long_running_const_eval)]` stands before the static.
    ///
    /// # Panics
    ///
    /// If the bytes are not this network's; [`try_from_bytes`](Self::try_from_bytes) gives an error instead.
    #[track_caller]
    pub const fn from_bytes(bytes: &'static [u8]) -> Self {
        if let Err(error) = check::check(N::ARCHITECTURE, Self::PLAN, bytes) {
            panic!("{}", error.text().as_str());
        }
        Self { bytes: Bytes::Static(bytes), network: PhantomData }
    }

    /// The same for bytes that are known when the program runs.
    ///
    /// # Errors
    ///
    /// If the bytes are of another network, of another version, of another length, or have changed.
    pub fn try_from_bytes(bytes: &'static [u8]) -> Result<Self, BytesError> {
        check::check(N::ARCHITECTURE, Self::PLAN, bytes)?;
        Ok(Self { bytes: Bytes::Static(bytes), network: PhantomData })
    }

    /// The same for bytes on the heap, of a file for instance.
    ///
    /// # Errors
    ///
    /// As [`try_from_bytes`](Self::try_from_bytes).
    #[cfg(feature = "alloc")]
    pub fn try_from_vec(bytes: Vec<u8>) -> Result<Self, BytesError> {
        check::check(N::ARCHITECTURE, Self::PLAN, &bytes)?;
        Ok(Self { bytes: Bytes::Owned(bytes), network: PhantomData })
    }

    /// Quantises a network: see [`Network::quantize`].
    #[cfg(feature = "alloc")]
    pub(crate) fn new(network: &N, samples: &[N::Input]) -> Result<Self, QuantizeError> {
        if let Some(error) = QuantizeError::missing(N::ARCHITECTURE, Self::PLAN) {
            return Err(error);
        }
        let ranges = calibrate::ranges(network, samples)?;
        let mut build = build::Build::new(N::ARCHITECTURE, Self::PLAN, network.params(), &ranges);
        build.settle()?;
        Ok(Self { bytes: Bytes::Owned(build.bytes()), network: PhantomData })
    }

    /// The bytes of the network, [`BYTES`](Self::BYTES) of them.
    pub const fn as_bytes(&self) -> &[u8] {
        match &self.bytes {
            #[cfg(feature = "alloc")]
            Bytes::Owned(bytes) => bytes.as_slice(),
            Bytes::Static(bytes) => bytes,
        }
    }

    /// A copy of them, for a file.
    #[cfg(feature = "alloc")]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.as_bytes().to_vec()
    }

    /// What the bytes of the input stand for: of [`forward_bytes`](Self::forward_bytes), and what `forward` makes of floats.
    pub fn input_scale(&self) -> Scale {
        self.run().input()
    }

    fn run(&self) -> Run<'_> {
        Run { architecture: N::ARCHITECTURE, bytes: self.as_bytes(), isa: Isa::best() }
    }

    /// Runs one input.
    #[cfg(feature = "alloc")]
    pub fn forward(&self, input: &N::Input) -> N::Returned {
        Returned::filled(|output: &mut N::Output| {
            self.forward_into(input, output, &mut vec![0; Self::SCRATCH_BYTES]);
        })
    }

    /// Runs one input in the caller's memory: no allocation.
    ///
    /// ```
    /// use convnet::Quantized;
    /// use convnet::models::LeNet5;
    ///
    /// // What firmware sets aside.
    /// static mut SCRATCH: [u8; Quantized::<LeNet5>::SCRATCH_BYTES] = [0; Quantized::<LeNet5>::SCRATCH_BYTES];
    /// const _: () = assert!(Quantized::<LeNet5>::SCRATCH_BYTES <= 8 * 1024);
    /// ```
    ///
    /// # Panics
    ///
    /// If `scratch` is shorter than [`SCRATCH_BYTES`](Self::SCRATCH_BYTES).
    pub fn forward_into(&self, input: &N::Input, output: &mut N::Output, scratch: &mut [u8]) {
        Self::assert_scratch(scratch);
        self.run().enter(input.as_floats(), scratch);
        self.finish(output, scratch);
    }

    /// The same for an input of bytes, channels last, `[H, W, C]`, as pixels come from a camera: what each stands for is
    /// [`input_scale`](Self::input_scale).
    ///
    /// # Panics
    ///
    /// If there are not as many bytes as the input has values, or `scratch` is shorter than
    /// [`SCRATCH_BYTES`](Self::SCRATCH_BYTES).
    pub fn forward_bytes(&self, input: &[u8], output: &mut N::Output, scratch: &mut [u8]) {
        Self::assert_scratch(scratch);
        let needed = <N::Input as Floats>::LEN;
        assert_eq!(input.len(), needed, "the input of `{}` is {needed} bytes", N::ARCHITECTURE.name);
        self.run().enter_bytes(input, scratch);
        self.finish(output, scratch);
    }

    fn assert_scratch(scratch: &[u8]) {
        let (name, needed, found) = (N::ARCHITECTURE.name, Self::SCRATCH_BYTES, scratch.len());
        assert!(found >= needed, "`{name}` runs in {needed} bytes of scratch, got {found}");
    }

    fn finish(&self, output: &mut N::Output, scratch: &mut [u8]) {
        let run = self.run();
        run.layers(Self::SLOTS, scratch);
        run.leave(scratch, output.as_floats_mut());
    }

    /// Runs many inputs, with the feature `rayon` on the threads of its current pool, each a part of them.
    #[cfg(feature = "alloc")]
    pub fn forward_batch(&self, inputs: &[N::Input]) -> Vec<N::Output> {
        let mut outputs = N::Output::zeroed_vec(inputs.len());
        let macs = N::ARCHITECTURE.macs().saturating_mul(inputs.len());
        let parts = if macs < WORTH_THREADS { 1 } else { threads::count() };
        let of_part = inputs.len().div_ceil(parts).max(1);
        let (ins, outs) = (<N::Input as Floats>::LEN, <N::Output as Floats>::LEN);
        // As floats, which may go to other threads.
        let inputs = Floats::flatten(inputs).chunks(of_part * ins);
        let parts = inputs.zip(Floats::flatten_mut(&mut outputs).chunks_mut(of_part * outs));
        let mut parts: Vec<_> = parts.map(|part| (part, vec![0; Self::SCRATCH_BYTES])).collect();
        let run = self.run();
        threads::enter(|| {
            threads::each(&mut parts, |_, ((inputs, outputs), scratch)| {
                for (input, output) in inputs.chunks(ins).zip(outputs.chunks_mut(outs)) {
                    run.enter(input, scratch);
                    run.layers(Self::SLOTS, scratch);
                    run.leave(scratch, output);
                }
            });
        });
        drop(parts);
        outputs
    }
}

impl<N> Clone for Quantized<N> {
    fn clone(&self) -> Self {
        Self { bytes: self.bytes.clone(), network: PhantomData }
    }
}

impl<N: Network> fmt::Debug for Quantized<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Quantized<{}> ({} bytes)", N::ARCHITECTURE.name, self.as_bytes().len())
    }
}
