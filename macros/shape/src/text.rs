//! A sentence that const code can put together.
//!
//! `format!` does not run in a constant, so a [`Text`] is a buffer with a few ways to add to it. Because the same
//! `const fn`s write the sentence while the macro expands and while rustc evaluates a constant, a mistake reads
//! the same whoever finds it.

use crate::dims::Dims;

/// Bytes that a sentence may have; what does not fit is cut and marked with `…`.
const CAPACITY: usize = 2048;
const ELLIPSIS: &[u8] = "…".as_bytes();

/// A sentence under construction.
#[derive(Clone, Copy)]
pub struct Text {
    bytes: [u8; CAPACITY],
    len: usize,
    cut: bool,
}

impl Text {
    /// The empty sentence.
    pub const fn new() -> Self {
        Self { bytes: [0; CAPACITY], len: 0, cut: false }
    }

    /// A sentence that begins with `` `name` ``.
    pub const fn about(name: &str) -> Self {
        Self::new().code(name)
    }

    /// Adds words as they are.
    pub const fn say(mut self, words: &str) -> Self {
        let words = words.as_bytes();
        if self.cut || self.len + words.len() > CAPACITY - ELLIPSIS.len() {
            return self.cut();
        }
        let mut i = 0;
        while i < words.len() {
            self.bytes[self.len + i] = words[i];
            i += 1;
        }
        self.len += words.len();
        self
    }

    /// Adds `` `words` ``.
    pub const fn code(self, words: &str) -> Self {
        self.say("`").say(words).say("`")
    }

    /// Adds a number in decimals.
    pub const fn number(mut self, mut n: usize) -> Self {
        let mut digits = [0; 20];
        let mut first = digits.len();
        loop {
            first -= 1;
            digits[first] = b'0' + (n % 10) as u8;
            n /= 10;
            if n == 0 {
                break;
            }
        }
        if self.cut || self.len + digits.len() - first > CAPACITY - ELLIPSIS.len() {
            return self.cut();
        }
        while first < digits.len() {
            self.bytes[self.len] = digits[first];
            self.len += 1;
            first += 1;
        }
        self
    }

    /// Adds 16 hexadecimal digits.
    pub const fn hex(mut self, n: u64) -> Self {
        let mut digit = 16;
        while digit > 0 {
            digit -= 1;
            let at = (n >> (4 * digit) & 15) as usize;
            self = self.say("0123456789abcdef".split_at(at).1.split_at(1).0);
        }
        self
    }

    /// Adds a number and what it counts, in the singular or the plural: `1 cell`, `3 cells`.
    pub const fn count(self, n: usize, one: &str, many: &str) -> Self {
        self.number(n).say(" ").say(if n == 1 { one } else { many })
    }

    /// Adds `a ` or `an `, whichever the number behind it is spoken with: an 8, an 11, an 18.
    pub const fn article(self, n: usize) -> Self {
        let mut first = n;
        while first >= 10 {
            first /= 10;
        }
        self.say(if first == 8 || n == 11 || n == 18 { "an " } else { "a " })
    }

    /// Adds a shape, `[C, H, W]`.
    pub const fn dims(self, dims: &Dims) -> Self {
        self.list(dims.as_slice(), "[", ", ", "]")
    }

    /// Adds sizes as people say them, `5x5`.
    pub const fn by(self, sizes: &[usize]) -> Self {
        self.list(sizes, "", "x", "")
    }

    /// Adds sizes with something before, between and behind them.
    pub const fn list(mut self, sizes: &[usize], open: &str, between: &str, close: &str) -> Self {
        self = self.say(open);
        let mut i = 0;
        while i < sizes.len() {
            if i > 0 {
                self = self.say(between);
            }
            self = self.number(sizes[i]);
            i += 1;
        }
        self.say(close)
    }

    /// The sentence.
    pub const fn as_str(&self) -> &str {
        // `say` adds whole strings and `number` adds digits, so the bytes are UTF-8.
        match core::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(sentence) => sentence,
            Err(_) => "",
        }
    }

    const fn cut(mut self) -> Self {
        if !self.cut {
            let mut i = 0;
            while i < ELLIPSIS.len() {
                self.bytes[self.len + i] = ELLIPSIS[i];
                i += 1;
            }
            self.len += ELLIPSIS.len();
            self.cut = true;
        }
        self
    }
}

impl Default for Text {
    fn default() -> Self {
        Self::new()
    }
}

impl core::fmt::Display for Text {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl core::fmt::Debug for Text {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        core::fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_numbers_and_shapes() {
        let text = Text::about("conv1").say(" makes ").dims(&Dims::new(&[6, 28, 0])).say(" of ").by(&[5, 5]);
        assert_eq!(text.as_str(), "`conv1` makes [6, 28, 0] of 5x5");
        let text = Text::new().article(5).article(8).article(80).article(11).article(18).article(28).article(110);
        assert_eq!(text.as_str(), "a an an an an a a ");
        assert_eq!(Text::new().number(usize::MAX).as_str(), usize::MAX.to_string_for_test());
        assert_eq!(
            Text::new().count(1, "cell", "cells").say(", ").count(20, "cell", "cells").as_str(),
            "1 cell, 20 cells"
        );
    }

    #[test]
    fn hexadecimal_digits() {
        assert_eq!(Text::new().hex(0x0123_4567_89ab_cdef).as_str(), "0123456789abcdef");
    }

    #[test]
    fn what_does_not_fit_is_cut_and_marked() {
        let mut text = Text::new();
        for _ in 0..1000 {
            text = text.say("seven b");
        }
        assert!(text.as_str().ends_with("seven b…") && text.as_str().len() <= CAPACITY);
    }

    trait Decimal {
        fn to_string_for_test(&self) -> &'static str;
    }
    impl Decimal for usize {
        fn to_string_for_test(&self) -> &'static str {
            if *self == u64::MAX as usize && usize::BITS == 64 { "18446744073709551615" } else { "4294967295" }
        }
    }
}
