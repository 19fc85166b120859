//! As much of JSON (RFC 8259) as the header of a safetensors file has: objects, arrays, strings, whole numbers.
//!
//! A [`Reader`] is a place in the text and moves forwards only. What stands there instead of what is needed makes a
//! sentence that counts bytes of the header from 0.

use alloc::format;
use alloc::string::String;

/// A place in a header.
pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The next byte that is not white space.
    fn peek(&mut self) -> Option<u8> {
        let space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        self.at += self.text.as_bytes()[self.at..].iter().take_while(|byte| space(byte)).count();
        self.text.as_bytes().get(self.at).copied()
    }

    /// Steps over this byte, or stays.
    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Steps over this byte; `expected` says what it would have been.
    pub(super) fn need(&mut self, byte: u8, expected: &str) -> Result<(), String> {
        if self.eat(byte) { Ok(()) } else { Err(self.unexpected(expected)) }
    }

    /// Nothing but white space to the end.
    pub(super) fn end(&mut self) -> Result<(), String> {
        if self.peek().is_none() { Ok(()) } else { Err(self.unexpected("its end")) }
    }

    /// Whether another element follows behind one, or `close` ends them.
    pub(super) fn more(&mut self, close: u8, expected: &str) -> Result<bool, String> {
        if self.eat(b',') {
            return Ok(true);
        }
        self.need(close, expected).map(|()| false)
    }

    /// A string without its escapes.
    pub(super) fn string(&mut self, expected: &str) -> Result<String, String> {
        self.need(b'"', expected)?;
        let mut string = String::new();
        loop {
            let rest = &self.text[self.at..];
            let plain = rest.find(['"', '\\']).unwrap_or(rest.len());
            if let Some(control) = rest[..plain].find(|char| char < ' ') {
                return Err(format!("byte {} of its header is a control character in a string", self.at + control));
            }
            string.push_str(&rest[..plain]);
            self.at += plain;
            if self.eat(b'"') {
                return Ok(string);
            }
            if self.at == self.text.len() {
                return Err(self.unexpected("`\"` behind a string"));
            }
            string.push(self.escape()?);
        }
    }

    /// The character that a backslash and what follows stand for.
    fn escape(&mut self) -> Result<char, String> {
        let at = self.at;
        let bad = || format!("at byte {at} of its header stands `\\` in a string and no character behind it");
        let byte = *self.text.as_bytes().get(at + 1).ok_or_else(bad)?;
        self.at += 2;
        Ok(match byte {
            b'"' | b'\\' | b'/' => byte.into(),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let unit = self.unit().ok_or_else(bad)?;
                match char::from_u32(unit) {
                    Some(char) => char,
                    None => self.second_unit(unit).ok_or_else(bad)?,
                }
            }
            _ => return Err(bad()),
        })
    }

    /// Four hexadecimal digits, a unit of UTF-16.
    fn unit(&mut self) -> Option<u32> {
        let digits =
            self.text.get(self.at..self.at + 4).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }

    /// A character beyond 16 bits, whose second unit follows.
    fn second_unit(&mut self, first: u32) -> Option<char> {
        self.text[self.at..].starts_with("\\u").then(|| self.at += 2)?;
        let second = self.unit()?;
        let is_pair = (0xd800..0xdc00).contains(&first) && (0xdc00..0xe000).contains(&second);
        is_pair.then(|| char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)))?
    }

    /// A whole number; `place` says of what, `` in the shape of `fc1.weight` ``.
    pub(super) fn number(&mut self, place: &str) -> Result<usize, String> {
        if matches!(self.peek(), None | Some(b',' | b']' | b'}' | b'[' | b'{')) {
            return Err(self.unexpected(&format!("a whole number {place}")));
        }
        let rest = &self.text[self.at..];
        let token = &rest[..rest.find([',', ']', '}', ' ', '\t', '\n', '\r']).unwrap_or(rest.len())];
        let is_whole = token.bytes().all(|byte| byte.is_ascii_digit()) && (token == "0" || !token.starts_with('0'));
        if !is_whole {
            return Err(format!("{} {place} is not a whole number", code(token)));
        }
        self.at += token.len();
        token.parse().map_err(|_| format!("{} {place} is larger than any number of bytes", code(token)))
    }

    /// That something else was expected here.
    pub(super) fn unexpected(&mut self, expected: &str) -> String {
        match self.peek() {
            None => format!("its header ends at byte {}, expected {expected}", self.at),
            Some(_) => {
                let found = self.text[self.at..].chars().next().map_or_else(String::new, String::from);
                format!("at byte {} of its header stands {}, expected {expected}", self.at, code(&found))
            }
        }
    }
}

/// What a file says, to be shown in a sentence: in backticks, on one line, not too long.
pub(super) fn code(words: &str) -> String {
    const LONGEST: usize = 64;
    let shown: String = words.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    let shown = shown.replace("\\\"", "\"").replace("\\'", "'");
    let cut = if words.chars().nth(LONGEST).is_some() { "…" } else { "" };
    format!("`{shown}{cut}`")
}
