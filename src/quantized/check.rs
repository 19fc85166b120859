//! Whether bytes are a network: every field but scales and weights is a function of the architecture, and is compared.

use core::fmt;

use convnet_shape::plan::integer::Integer;
use convnet_shape::text::Text;

use super::layout::{self, HEAD, MAGIC, NAME, RECORD, VERSION, u32_at, u64_at};
use crate::network::Architecture;

/// Why bytes are not a quantised network.
///
/// ```
/// use convnet::{Quantized, cnn};
///
/// cnn! {
///     struct Net: [4] -> [2] { linear(2) }
/// }
///
/// let error = Quantized::<Net>::try_from_bytes(b"anything").unwrap_err();
/// assert_eq!(error.to_string(), "these are no bytes of a quantised network: they do not begin with `cnn-int8`");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BytesError {
    expected: &'static str,
    reason: Reason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    /// Not such bytes at all.
    Foreign,
    /// Another version.
    Version(u32),
    /// Another network, of this name, cut.
    Network([u8; NAME]),
    /// A network of this name with other layers.
    Layers,
    /// So many bytes, and how many there should be.
    Length(usize, usize),
    /// Changed since they were written.
    Checksum,
    /// A record that the architecture does not have: of the input, or of layer i − 1.
    Record(usize),
    /// The network has a layer without integer kernel, so there is nothing that it could be.
    NoKernel,
}

impl BytesError {
    /// As a sentence, for constants too.
    pub const fn text(&self) -> Text {
        let text = Text::new();
        match &self.reason {
            Reason::Foreign => text.say("these are no bytes of a quantised network: they do not begin with `cnn-int8`"),
            Reason::Version(version) => text
                .say("these bytes are of version ")
                .number(*version as usize)
                .say(", version ")
                .number(VERSION as usize)
                .say(" is needed; quantise the network again"),
            Reason::Network(name) => {
                text.say("these bytes are of `").say(until_zero(name)).say("`, not of ").code(self.expected)
            }
            Reason::Layers => text
                .say("these bytes are of a network ")
                .code(self.expected)
                .say(" with other layers than the one declared here; quantise it again"),
            Reason::Length(found, needed) => {
                text.code(self.expected).say(" has ").number(*needed).say(" bytes quantised, these are ").number(*found)
            }
            Reason::Checksum => {
                text.say("the bytes of ").code(self.expected).say(" have changed since they were written")
            }
            Reason::Record(0) => text.say("the record of the input of ").code(self.expected).say(" is broken"),
            Reason::Record(record) => {
                text.say("the record of layer ").number(*record).say(" of ").code(self.expected).say(" is broken")
            }
            Reason::NoKernel => text.code(self.expected).say(" has a layer without integer kernel"),
        }
    }
}

impl fmt::Display for BytesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().as_str())
    }
}

impl core::error::Error for BytesError {}

/// The name, if it is one.
const fn until_zero(name: &[u8; NAME]) -> &str {
    let mut len = 0;
    while len < NAME && name[len] != 0 {
        len += 1;
    }
    match core::str::from_utf8(name.split_at(len).0) {
        Ok(name) => name,
        Err(_) => "a network of another name",
    }
}

/// As much of a name as is kept.
pub(super) const fn cut(name: &str) -> [u8; NAME] {
    let (name, mut cut) = (name.as_bytes(), [0; NAME]);
    let mut i = 0;
    while i < NAME && i < name.len() {
        cut[i] = name[i];
        i += 1;
    }
    cut
}

/// Whether bytes are this network, quantised.
pub(super) const fn check(architecture: &'static Architecture, plan: &Integer, bytes: &[u8]) -> Result<(), BytesError> {
    match reason(architecture, plan, bytes) {
        Some(reason) => Err(BytesError { expected: architecture.name, reason }),
        None => Ok(()),
    }
}

const fn reason(architecture: &Architecture, plan: &Integer, bytes: &[u8]) -> Option<Reason> {
    if bytes.len() < HEAD || u64_at(bytes, 0) != u64::from_le_bytes(MAGIC) {
        return Some(Reason::Foreign);
    }
    if u32_at(bytes, 8) != VERSION {
        return Some(Reason::Version(u32_at(bytes, 8)));
    }
    if let Some(reason) = network(architecture, plan, bytes) {
        return Some(reason);
    }
    if plan.refused.is_some() {
        return Some(Reason::NoKernel);
    }
    let needed = layout::bytes(plan, architecture.nodes);
    if bytes.len() != needed || u64_at(bytes, 16) != needed as u64 {
        return Some(Reason::Length(bytes.len(), needed));
    }
    if layout::checksum(bytes.split_at(HEAD).1) != u64_at(bytes, 32) {
        return Some(Reason::Checksum);
    }
    records(architecture, plan, bytes)
}

/// Whether name and fingerprint are the network's.
const fn network(architecture: &Architecture, plan: &Integer, bytes: &[u8]) -> Option<Reason> {
    let (found, expected) = (bytes.split_at(HEAD - NAME).1, cut(architecture.name));
    let mut name = [0; NAME];
    let mut same = true;
    let mut i = 0;
    while i < NAME {
        name[i] = found[i];
        same = same && found[i] == expected[i];
        i += 1;
    }
    if !same {
        return Some(Reason::Network(name));
    }
    let layers = u32_at(bytes, 12) as usize == architecture.nodes.len();
    if layers && u64_at(bytes, 24) == layout::fingerprint(architecture, plan) { None } else { Some(Reason::Layers) }
}

/// Whether the records are what the plan says; scales are positive numbers.
const fn records(architecture: &Architecture, plan: &Integer, bytes: &[u8]) -> Option<Reason> {
    let nodes = architecture.nodes;
    let mut data = layout::first_data(nodes.len());
    let mut value = 0;
    while value <= nodes.len() {
        let at = HEAD + value * RECORD;
        let scale = f32::from_bits(u32_at(bytes, at + 4));
        let mut fits = scale > 0.0 && scale < f32::INFINITY && bytes[at + 2] <= bytes[at + 3];
        fits = fits && u32_at(bytes, at + 8) as usize == plan.slot(value);
        let code = if value == 0 { 0 } else { plan.work(value - 1).code() };
        let len = if value == 0 { 0 } else { layout::data_len(plan, nodes, value - 1) };
        fits = fits && bytes[at] == code && u32_at(bytes, at + 12) as usize == data;
        if !fits || u32_at(bytes, at + 16) as usize != len {
            return Some(Reason::Record(value));
        }
        data += if value == 0 { 0 } else { layout::data_room(plan, nodes, value - 1) };
        value += 1;
    }
    None
}
