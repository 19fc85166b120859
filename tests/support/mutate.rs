//! Bytes made wrong, the same way for the same seed.

/// Numbers that look random (SplitMix64; Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
pub struct Random(pub u64);

impl Random {
    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    /// A number below `end`; 0 if that is 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

/// Words that mean something in a header.
const WORDS: [&str; 24] = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\\u0031",
    "0",
    "1",
    "-1",
    "1.5",
    "1e9",
    "4294967296",
    "18446744073709551615",
    "18446744073709551616",
    "null",
    "true",
    "\"F16\"",
    "\"BF16\"",
    "\"shape\"",
    "\"__metadata__\"",
    "[[[[[[[[",
];

/// One change: a bit, a byte, a word, a piece lost, doubled or taken from another file, the end cut off.
pub fn mutate(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let at = random.below(bytes.len());
    let piece = at..bytes.len().min(at + 1 + random.below(24));
    match random.below(8) {
        0 if !bytes.is_empty() => bytes[at] ^= 1 << random.below(8),
        1 if !bytes.is_empty() => bytes[at] = random.next() as u8,
        2 => drop(bytes.splice(at..at, WORDS[random.below(WORDS.len())].bytes())),
        3 => drop(bytes.splice(piece, WORDS[random.below(WORDS.len())].bytes())),
        4 => drop(bytes.drain(piece)),
        5 => {
            let piece = bytes[piece].to_vec();
            let to = random.below(bytes.len());
            drop(bytes.splice(to..to, piece));
        }
        6 => {
            let from = random.below(other.len());
            let piece = &other[from..other.len().min(from + 1 + random.below(64))];
            drop(bytes.splice(at..at, piece.iter().copied()));
        }
        _ => bytes.truncate(at),
    }
}
