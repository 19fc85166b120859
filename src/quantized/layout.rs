//! The bytes of a quantised network: what is where, a function of the architecture alone.
//!
//! | bytes | what |
//! |---|---|
//! | 0 | `cnn-int8` |
//! | 8 | version, 32 bits |
//! | 12 | layers, 32 bits |
//! | 16 | length of all, 64 bits |
//! | 24 | fingerprint of the architecture, 64 bits |
//! | 32 | checksum of what follows the head, 64 bits |
//! | 40 | the first 24 bytes of its name |
//! | 64 | a record of 32 bytes for the input, and for each layer |
//! | | what each layer has, weights or a table, each at a multiple of 64 |
//!
//! All numbers are little-endian. A record: the work's code, zero point, lowest and highest byte; the scale, a float; where the
//! value begins in the arena, where the layer's data begin here, and how many bytes they are, 32 bits each.

use convnet_shape::plan::Node;
use convnet_shape::plan::integer::{self, Integer, Work};

use crate::network::Architecture;
use crate::ops::quantized::{conv, depthwise, pointwise, pool};

/// The first bytes of every file.
pub(super) const MAGIC: [u8; 8] = *b"cnn-int8";

/// Counted up whenever these bytes come to mean something else.
pub(super) const VERSION: u32 = 1;

/// Bytes before the records.
pub(super) const HEAD: usize = 64;

/// Bytes of a name that are kept.
pub(super) const NAME: usize = 24;

/// Bytes of a record.
pub(super) const RECORD: usize = 32;

/// A cache line, and a vector of AVX-512.
const fn aligned(bytes: usize) -> usize {
    bytes.div_ceil(64) * 64
}

/// Where the data of the first layer begin.
pub(super) const fn first_data(layers: usize) -> usize {
    aligned(HEAD + (layers + 1) * RECORD)
}

/// Bytes of what layer `i` has.
pub(super) const fn data_len(plan: &Integer, nodes: &[Node], i: usize) -> usize {
    match plan.work(i) {
        Work::Sums => conv::packed_bytes(&integer::sums(&nodes[i])),
        Work::Depthwise => depthwise::packed_bytes(&integer::sums(&nodes[i])),
        Work::Table => 256,
        Work::Average => pool::packed_bytes(&integer::pool(&nodes[i])),
        Work::Add => pointwise::ADD_BYTES,
        _ => 0,
    }
}

/// Bytes that they take.
pub(super) const fn data_room(plan: &Integer, nodes: &[Node], i: usize) -> usize {
    aligned(data_len(plan, nodes, i))
}

/// Bytes of all; 0 for a network that has layers without integer kernel.
pub(super) const fn bytes(plan: &Integer, nodes: &[Node]) -> usize {
    if plan.refused.is_some() {
        return 0;
    }
    let mut bytes = first_data(nodes.len());
    let mut i = 0;
    while i < nodes.len() {
        bytes += data_room(plan, nodes, i);
        i += 1;
    }
    bytes
}

/// Bytes of memory that a forward pass needs: the arena, and the most that a kernel needs for itself.
pub(super) const fn scratch_bytes(plan: &Integer, nodes: &[Node]) -> usize {
    if plan.refused.is_some() {
        return 0;
    }
    let mut most = 0;
    let mut i = 0;
    while i < nodes.len() {
        if let Work::Sums | Work::Depthwise = plan.work(i) {
            let scratch = crate::ops::quantized::scratch_bytes(&integer::sums(&nodes[i]));
            most = if scratch > most { scratch } else { most };
        }
        i += 1;
    }
    plan.arena + most
}

/// A number that two architectures share only if one was made to: FNV-1a over name, layers, sizes and edges.
pub(super) const fn fingerprint(architecture: &Architecture, plan: &Integer) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325;
    hash = words(hash, architecture.name.as_bytes());
    let mut i = 0;
    while i < architecture.nodes.len() {
        hash = layer(hash, &architecture.nodes[i], plan.work(i));
        i += 1;
    }
    hash
}

const fn layer(mut hash: u64, node: &Node, work: Work) -> u64 {
    hash = words(hash, node.op.keyword().as_bytes());
    hash = number(hash, work.code() as usize);
    hash = numbers(hash, node.input.as_slice());
    hash = numbers(hash, node.output.as_slice());
    hash = numbers(hash, node.op.weight(&node.input).as_slice());
    let mut path = 0;
    while path < node.reads.count() {
        hash = number(hash, node.reads.value(path));
        path += 1;
    }
    let windows = node.op.windows();
    let mut axis = 0;
    while axis < windows.len() {
        let [before, after] = windows[axis].pads();
        let sizes = [windows[axis].kernel, windows[axis].stride, windows[axis].dilation, before, after];
        hash = numbers(hash, &sizes);
        axis += 1;
    }
    hash
}

const fn numbers(mut hash: u64, numbers: &[usize]) -> u64 {
    hash = number(hash, numbers.len());
    let mut i = 0;
    while i < numbers.len() {
        hash = number(hash, numbers[i]);
        i += 1;
    }
    hash
}

const fn words(mut hash: u64, bytes: &[u8]) -> u64 {
    hash = number(hash, bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        hash = number(hash, bytes[i] as usize);
        i += 1;
    }
    hash
}

const fn number(hash: u64, number: usize) -> u64 {
    (hash ^ number as u64).wrapping_mul(0x0000_0100_0000_01b3)
}

/// The checksum of bytes, a multiple of 64 of them: FNV-1a over words of 64 bits, each hash turned so that high bits matter.
///
/// Eight words a round: rustc counts the rounds of what it evaluates.
pub(super) const fn checksum(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let (lines, _) = bytes.as_chunks::<64>();
    let mut i = 0;
    while i < lines.len() {
        let (words, _) = lines[i].as_chunks::<8>();
        hash = word(word(word(word(hash, words[0]), words[1]), words[2]), words[3]);
        hash = word(word(word(word(hash, words[4]), words[5]), words[6]), words[7]);
        i += 1;
    }
    hash
}

const fn word(hash: u64, word: [u8; 8]) -> u64 {
    (hash ^ u64::from_le_bytes(word)).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(29)
}

/// 32 bits at a place of a slice that has them.
pub(super) const fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// 64 bits at a place of a slice that has them.
pub(super) const fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u32_at(bytes, at) as u64 | (u32_at(bytes, at + 4) as u64) << 32
}
