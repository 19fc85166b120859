//! Packed files: the parameters of one network as its kernels read them, to be put into a program as they are.
//!
//! ```text
//!  0   8 bytes   b"\x89convnet"
//!  8   u32       version of the format, 1
//! 12   u32       kind: 0 compact, as `embed!` packs; 1 prepared, as `prepare` packs; 2 reserved: bytes of quantized networks
//! 16   u64       checksum of everything but itself
//! 24   u64       fingerprint of the architecture
//! 32   u64       bytes of parameters
//! 40   u64       bytes of test vectors
//! 48   u32       bytes of the network's name
//! 52   12 bytes  0
//! 64             the name; the parameters; the test vectors: each filled up with 0 to a multiple of 64 bytes
//! ```
//!
//! All numbers are little-endian, and so are the parameters: `f32`s, with narrow weights among them. The first parameter stands
//! at a multiple of 64, so that a file that lies at a cache line can be used in place.
//!
//! ```
//! use convnet_shape::files::packed::{Content, Kind, read, write};
//!
//! let content = Content { kind: Kind::Compact, fingerprint: 7, network: "Net", params: &[1.0, 2.0], vectors: &[] };
//! let mut file = write(&content);
//! let packed = read(&file).unwrap();
//! assert_eq!((packed.network, packed.fingerprint, packed.params), ("Net", 7, 128..136));
//!
//! file[130] ^= 1;
//! assert!(read(&file).unwrap_err().say("net.convnet").as_str().ends_with("it was changed or damaged"));
//! ```

use core::ops::Range;

use crate::text::Text;

/// What every packed file begins with; the first byte keeps it from being taken for text, and for the length of a header.
pub const MAGIC: [u8; 8] = *b"\x89convnet";

/// The version of the format that is read and written.
pub const VERSION: u32 = 1;

/// Bytes of a cache line: parts of the file begin at multiples.
pub const ALIGNMENT: usize = 64;

/// The form that parameters are packed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Without algorithms that enlarge them: `Architecture::compact_packed` floats.
    Compact = 0,
    /// As `prepare` packs them: `Architecture::sizes.packed` floats.
    Full = 1,
}

/// A packed file taken apart; its parts are inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed<'a> {
    /// The form of the parameters.
    pub kind: Kind,
    /// What the architecture has hashed to that they were packed for.
    pub fingerprint: u64,
    /// The name of the network.
    pub network: &'a str,
    /// Where the parameters are, in bytes; the first is a multiple of [`ALIGNMENT`], the length one of 4.
    pub params: Range<usize>,
    /// Where the test vectors are, in bytes; the length is a multiple of 4.
    pub vectors: Range<usize>,
}

/// Why bytes are not a packed file that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// It begins with other bytes.
    Foreign,
    /// It ends, at so many bytes, within its first 64.
    NoHeader(usize),
    /// It has this version.
    Version(u32),
    /// It has this kind.
    Kind(u32),
    /// Its header asks for so many bytes, saturating, and it has so many.
    Length(usize, usize),
    /// Its checksum says the first, its bytes give the second.
    Checksum(u64, u64),
    /// The checksum is right and a part of the header is not: whoever wrote it made a mistake.
    Header(&'static str),
}

impl Unusable {
    /// Says what is wrong with a file.
    pub const fn say(&self, file: &str) -> Text {
        let text = Text::about(file);
        match *self {
            Self::Foreign => text.say(" is not a packed file: it does not begin as one"),
            Self::NoHeader(len) => {
                text.say(" is cut off: it has ").count(len, "byte", "bytes").say(", its header takes 64")
            }
            Self::Version(version) => {
                let text = text
                    .say(" has version ")
                    .number(version as usize)
                    .say(" of the packed format, this convnet reads ");
                text.number(VERSION as usize).say("; pack the weights anew")
            }
            Self::Kind(2) => text.say(" has the weights of a quantized network, which this convnet does not read"),
            Self::Kind(kind) => text
                .say(" has parameters of kind ")
                .number(kind as usize)
                .say(", which this convnet does not know; it knows 0 and 1"),
            Self::Length(needed, len) => {
                let cut = if len < needed { " is cut off" } else { " is too long" };
                text.say(cut).say(": it has ").count(len, "byte", "bytes").say(", its header announces ").number(needed)
            }
            Self::Checksum(says, gives) => {
                let text = text.say(" has the checksum ").hex(says).say(", but its bytes give ").hex(gives);
                text.say(": it was changed or damaged")
            }
            Self::Header(wrong) => text.say(" has a wrong header: ").say(wrong),
        }
    }
}

/// Whether a file calls itself a packed one.
pub fn is_packed(file: &[u8]) -> bool {
    file.starts_with(&MAGIC)
}

/// Takes a file apart.
///
/// # Errors
///
/// As [`Unusable`] lists; the length is checked before the checksum, and the checksum before what the header means.
pub fn read(file: &[u8]) -> Result<Packed<'_>, Unusable> {
    if !is_packed(file) {
        return Err(Unusable::Foreign);
    }
    let Some(header) = file.first_chunk::<ALIGNMENT>() else { return Err(Unusable::NoHeader(file.len())) };
    let (version, kind) = (number(header, 8), number(header, 12));
    if version != VERSION {
        return Err(Unusable::Version(version));
    }
    let kind = match kind {
        0 => Kind::Compact,
        1 => Kind::Full,
        other => return Err(Unusable::Kind(other)),
    };
    let (params_len, vectors_len, name_len) = (size(header, 32), size(header, 40), number(header, 48) as usize);
    let params = ALIGNMENT.saturating_add(filled(name_len));
    let vectors = params.saturating_add(filled(params_len));
    let end = vectors.saturating_add(filled(vectors_len));
    if end != file.len() {
        return Err(Unusable::Length(end, file.len()));
    }
    let (says, gives) = (word(header, 16), checksum(file));
    if says != gives {
        return Err(Unusable::Checksum(says, gives));
    }
    let fault = |wrong| Err(Unusable::Header(wrong));
    if params_len % 4 != 0 || vectors_len % 4 != 0 {
        return fault("its parameters and test vectors are no whole floats");
    }
    if header[52..] != [0; 12] {
        return fault("its last 12 bytes are not 0");
    }
    let Ok(network) = core::str::from_utf8(&file[ALIGNMENT..ALIGNMENT + name_len]) else {
        return fault("the name of the network is not UTF-8");
    };
    let (params, vectors) = (params..params + params_len, vectors..vectors + vectors_len);
    Ok(Packed { kind, fingerprint: word(header, 24), network, params, vectors })
}

/// What a packed file is made of.
#[derive(Clone, Copy, Debug)]
pub struct Content<'a> {
    /// The form of the parameters.
    pub kind: Kind,
    /// What the architecture hashes to.
    pub fingerprint: u64,
    /// The name of the network.
    pub network: &'a str,
    /// The parameters.
    pub params: &'a [f32],
    /// Test vectors: pairs of an input and an output.
    pub vectors: &'a [f32],
}

/// The bytes of a packed file.
#[cfg(feature = "alloc")]
pub fn write(content: &Content<'_>) -> alloc::vec::Vec<u8> {
    let Content { kind, fingerprint, network, params, vectors } = content;
    let len = ALIGNMENT + filled(network.len()) + filled(4 * params.len()) + filled(4 * vectors.len());
    let mut file = alloc::vec::Vec::with_capacity(len);
    file.extend(MAGIC);
    file.extend(VERSION.to_le_bytes());
    file.extend((*kind as u32).to_le_bytes());
    file.extend([0; 8]);
    file.extend(fingerprint.to_le_bytes());
    file.extend((4 * params.len() as u64).to_le_bytes());
    file.extend((4 * vectors.len() as u64).to_le_bytes());
    file.extend((network.len() as u32).to_le_bytes());
    file.resize(ALIGNMENT, 0);
    file.extend(network.as_bytes());
    for floats in [params, vectors] {
        file.resize(filled(file.len()), 0);
        for float in *floats {
            file.extend(float.to_le_bytes());
        }
    }
    file.resize(filled(file.len()), 0);
    let sum = checksum(&file);
    file[16..24].copy_from_slice(&sum.to_le_bytes());
    file
}

/// Of all 64-bit words of a file but the third, in which it stands: each is mixed in by a multiplication that can be undone,
/// so a change in one word never gets lost. It finds damage, and guards against nobody.
///
/// A loop of few steps a word, because `embed!` runs it in a macro that nobody has optimised: 60 MB in some tenths of a second.
pub fn checksum(file: &[u8]) -> u64 {
    /// 2⁶⁴ / φ, odd.
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let (words, rest) = file.as_chunks::<8>();
    let mut sum = file.len() as u64;
    let mut i = 0;
    while i < words.len() {
        if i != 2 {
            sum = (sum ^ u64::from_le_bytes(words[i])).wrapping_mul(FACTOR);
            sum ^= sum >> 32;
        }
        i += 1;
    }
    for byte in rest {
        sum = (sum ^ u64::from(*byte)).wrapping_mul(FACTOR);
    }
    sum
}

/// Up to a multiple of [`ALIGNMENT`], saturating.
const fn filled(len: usize) -> usize {
    match len.checked_next_multiple_of(ALIGNMENT) {
        Some(len) => len,
        None => usize::MAX,
    }
}

fn number(header: &[u8; ALIGNMENT], at: usize) -> u32 {
    header[at..].first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

fn word(header: &[u8; ALIGNMENT], at: usize) -> u64 {
    header[at..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// A length, saturating where sizes have fewer bits.
fn size(header: &[u8; ALIGNMENT], at: usize) -> usize {
    usize::try_from(word(header, at)).unwrap_or(usize::MAX)
}
