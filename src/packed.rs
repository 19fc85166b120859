//! Packed files: parameters as the kernels read them, for networks that are too large to be packed by the compiler.
//!
//! [`embed!`](crate::embed!) takes a safetensors file of up to 8 MiB and packs it while the program is compiled. A larger network
//! is packed once, by a program, a test or a build script, and `embed!` puts the file into the program as it is: nothing is
//! computed, nothing is copied, 60 MB take a second.
//!
//! ```no_run
//! use convnet::{Prepared, cnn};
//!
//! cnn! {
//!     pub struct Net: [3, 224, 224] -> [10] {
//!         conv1: conv2d(64, kernel = 3), relu, max_pool2d(32), flatten, fc1: linear(4096), relu, fc2: linear(10),
//!     }
//! }
//!
//! // Once:
//! Net::load("net.safetensors")?.pack_to("src/net.convnet")?;
//! // From then on, in the program: static NET: Prepared<Net> = embed!(Net, "net.convnet");
//! // or, where a file is opened at run time: no packing either.
//! let net = Prepared::<Net>::load_packed("src/net.convnet")?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The file says which network it was packed for, by name and by a fingerprint of all its layers and of how each is packed.
//! If the declaration changes, or the library packs otherwise, `embed!` is a compile error until the weights are packed anew.
//! What the bytes mean is told in [`arithmetic::files::packed`](crate::arithmetic::files::packed).
//!
//! # For a declaration of one's own
//!
//! The example `pack` packs the networks of `convnet::models`. For your own, whoever has the type can do it:
//!
//! - *A test*, which also keeps the file up to date. Put the declaration into a module that does not embed anything, and
//!   write `Net::load("net.safetensors")?.pack_to("src/net.convnet")?` in a `#[test] #[ignore]` of it, to be run by
//!   `cargo test pack -- --ignored`. While `embed!` fails for want of a file the crate has no tests, so the module must be in a
//!   crate below the one that embeds, or `embed!` behind a feature that the test leaves off.
//! - *A build script*, with `convnet` among the `[build-dependencies]` and the declaration in a file of its own that both
//!   include: `include!("src/net.rs")` in `build.rs`, with `pack_to` and
//!   `println!("cargo::rerun-if-changed=net.safetensors")`. Written to `OUT_DIR` it is no part of the source, and then
//!   `embed!` finds it by no path; write it beside the source, and leave it out of version control.
//!
//! A file with [`Vectors`] in it brings inputs and the outputs that they must give: [`Prepared::verify`].

use alloc::vec::Vec;
use core::fmt;

use convnet_shape::files::packed::{self, Content, Kind};

use crate::arena::Floats;
use crate::network::Network;
use crate::params::Params;
use crate::prepared::{Prepared, pack};

mod error;

pub use error::PackedError;

/// Inputs, and the outputs that they must give: pairs to hold a network against where it runs.
pub struct Vectors<N: Network> {
    inputs: Vec<N::Input>,
    outputs: Vec<N::Output>,
}

impl<N: Network> Vectors<N> {
    /// No pairs.
    pub const NONE: Self = Self { inputs: Vec::new(), outputs: Vec::new() };

    /// These inputs with what a network gives for them.
    pub fn of(network: &N, inputs: Vec<N::Input>) -> Self {
        let outputs = network.forward_batch(&inputs);
        Self { inputs, outputs }
    }

    /// These inputs with outputs that somebody else computed; whatever is more on one side is left out.
    pub fn new(mut inputs: Vec<N::Input>, mut outputs: Vec<N::Output>) -> Self {
        let pairs = inputs.len().min(outputs.len());
        inputs.truncate(pairs);
        outputs.truncate(pairs);
        Self { inputs, outputs }
    }

    /// Pairs from floats in a row, each input with its output behind it.
    #[cfg(feature = "safetensors")]
    pub(crate) fn from_floats(floats: &[f32]) -> Self {
        let (input, output) = (<N::Input as Floats>::LEN, <N::Output as Floats>::LEN);
        let pairs = floats.chunks_exact(input + output);
        let (mut inputs, mut outputs) = (N::Input::zeroed_vec(pairs.len()), N::Output::zeroed_vec(pairs.len()));
        for ((pair, to_input), to_output) in pairs.zip(&mut inputs).zip(&mut outputs) {
            to_input.as_floats_mut().copy_from_slice(&pair[..input]);
            to_output.as_floats_mut().copy_from_slice(&pair[input..]);
        }
        Self { inputs, outputs }
    }

    /// How many pairs.
    pub fn len(&self) -> usize {
        self.inputs.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.inputs.is_empty()
    }

    /// Each input with its output behind it.
    fn to_floats(&self) -> Vec<f32> {
        let pairs = self.inputs.iter().zip(&self.outputs);
        pairs.flat_map(|(input, output)| [input.as_floats(), output.as_floats()]).flatten().copied().collect()
    }
}

impl<N: Network> fmt::Debug for Vectors<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} test vectors of {}", self.len(), N::ARCHITECTURE.name)
    }
}

/// The packed file of a network in its compact form, the one that [`embed!`](crate::embed!) makes of a safetensors file, with
/// test vectors or [none](Vectors::NONE).
///
/// ```
/// use convnet::packed::{Vectors, to_bytes};
/// use convnet::{Chw, Prepared, cnn};
///
/// cnn! { struct Net: [1, 5, 5] -> [2] { conv1: conv2d(2, kernel = 3), relu, flatten, fc1: linear(2) } }
///
/// let net = Net::init(1);
/// let vectors = Vectors::of(&net, vec![Chw([[[0.5; 5]; 5]])]);
/// let loaded = Prepared::<Net>::from_packed_bytes(&to_bytes(&net, &vectors)).unwrap();
/// loaded.verify(1e-5).unwrap();
/// ```
pub fn to_bytes<N: Network>(network: &N, vectors: &Vectors<N>) -> Vec<u8> {
    let architecture = N::ARCHITECTURE;
    let mut params = alloc::vec![0.0; architecture.compact_packed];
    pack(architecture, architecture.compact, &mut network.params().to_vec(), &mut params);
    write::<N>(Kind::Compact, &params, &vectors.to_floats())
}

/// [`to_bytes`] into a file.
///
/// # Errors
///
/// If the file cannot be written.
#[cfg(feature = "std")]
pub fn save<N: Network>(network: &N, vectors: &Vectors<N>, path: &std::path::Path) -> Result<(), PackedError> {
    std::fs::write(path, to_bytes(network, vectors)).map_err(|error| PackedError::Write(path.to_owned(), error))
}

impl<N: Network> Prepared<N> {
    /// The packed file of this network in the form that it has, with the test vectors that it has.
    pub fn to_packed_bytes(&self) -> Vec<u8> {
        write::<N>(self.kind(), self.packed(), self.vectors())
    }

    /// The network of a packed file in memory; errors call it `weights`.
    ///
    /// # Errors
    ///
    /// If the bytes are no packed file, are damaged, or were packed for another network.
    pub fn from_packed_bytes(file: &[u8]) -> Result<Self, PackedError> {
        parse("weights", file)
    }

    /// Writes [`to_packed_bytes`](Self::to_packed_bytes) to a file.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    #[cfg(feature = "std")]
    pub fn save_packed(&self, path: impl AsRef<std::path::Path>) -> Result<(), PackedError> {
        let path = path.as_ref();
        std::fs::write(path, self.to_packed_bytes()).map_err(|error| PackedError::Write(path.to_owned(), error))
    }

    /// The network of a packed file: read, checked, and not computed.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, and as [`from_packed_bytes`](Self::from_packed_bytes).
    #[cfg(feature = "std")]
    pub fn load_packed(path: impl AsRef<std::path::Path>) -> Result<Self, PackedError> {
        let path = path.as_ref();
        let file = std::fs::read(path).map_err(|error| PackedError::Read(path.to_owned(), error))?;
        parse(&path.display().to_string(), &file)
    }
}

fn write<N: Network>(kind: Kind, params: &[f32], vectors: &[f32]) -> Vec<u8> {
    let architecture = N::ARCHITECTURE;
    let fingerprint = architecture.fingerprint(kind);
    packed::write(&Content { kind, fingerprint, network: architecture.name, params, vectors })
}

fn parse<N: Network>(name: &str, file: &[u8]) -> Result<Prepared<N>, PackedError> {
    use alloc::string::ToString;
    if cfg!(target_endian = "big") {
        // Narrow weights lie two or four to a float, which an exchange of its bytes would not leave in order.
        let sentence = alloc::format!("`{name}` is little-endian, as packed files are, and this machine is not");
        return Err(PackedError::Format(sentence));
    }
    let found = packed::read(file).map_err(|unusable| PackedError::Format(unusable.say(name).to_string()))?;
    let (params, vectors) = (found.params.len() / 4, found.vectors.len() / 4);
    if let Some(text) = crate::embed::misfit::<N>(name, found.network, found.kind, found.fingerprint, params, vectors) {
        return Err(PackedError::Mismatch(text.to_string()));
    }
    let floats = |range: core::ops::Range<usize>| {
        let (bytes, _) = file[range].as_chunks::<4>();
        let mut floats = crate::heap::zeros(bytes.len());
        floats.iter_mut().zip(bytes).for_each(|(to, from)| *to = f32::from_le_bytes(*from));
        Params::Owned(floats)
    };
    Ok(Prepared::of_kind(floats(found.params), found.kind, floats(found.vectors)))
}
