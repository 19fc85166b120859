//! The header of a safetensors file.
//!
//! ```text
//! 8 bytes          length of the header, little-endian
//! header           {"__metadata__": {"by": "…"}, "fc1.weight": {"dtype": "F32", "shape": [2, 18], "data_offsets": [0, 144]}, …}
//! values           each tensor's where its offsets say, counted from the end of the header
//! ```
//!
//! [`read`] is a reader of its own, and not that of the crate `safetensors`, because a person whose build fails must be
//! told which tensor and which numbers: that crate says that some tensor is invalid, and lets a name pass that stands
//! there twice. Whatever is accepted here is accepted there, with the same tensors; `tests/mutations.rs` holds it to that.
//!
//! ```
//! use convnet_shape::files::safetensors::read;
//!
//! let mut file = b"\x3a\0\0\0\0\0\0\0".to_vec();
//! file.extend(br#"{"fc.bias":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#);
//! assert_eq!(
//!     read(&file).unwrap_err(),
//!     "its header ends at byte 58, expected `,` or `}` behind a field of `fc.bias`",
//! );
//! file[0] = 60;
//! assert_eq!(read(&file).unwrap_err(), "the values of `fc.bias` end at byte 76, but the file has only 68 bytes");
//! file.extend([0; 8]);
//! let tensors = read(&file).unwrap();
//! assert_eq!((tensors[0].name.as_str(), tensors[0].shape.as_slice(), tensors[0].begin), ("fc.bias", &[2][..], 68));
//! ```

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::json::{Reader, code};
use crate::tensors::Found;

/// A tensor that a file has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// The type of its values as the format spells it, `F32`.
    pub dtype: &'static str,
    /// Its shape, outermost axis first; a scalar has none.
    pub shape: Vec<usize>,
    /// First byte of its values, counted from the start of the file.
    pub begin: usize,
    /// The byte behind the last of them.
    pub end: usize,
}

impl Entry {
    /// As the walk over names and shapes sees it.
    pub fn found(&self) -> Found<'_> {
        Found { name: &self.name, dtype: self.dtype, shape: &self.shape, offset: self.begin }
    }
}

/// The types of the format and the bits of one value.
const DTYPES: [(&str, usize); 22] = [
    ("BOOL", 8),
    ("F4", 4),
    ("F6_E2M3", 6),
    ("F6_E3M2", 6),
    ("U8", 8),
    ("I8", 8),
    ("F8_E5M2", 8),
    ("F8_E4M3", 8),
    ("F8_E8M0", 8),
    ("F8_E4M3FNUZ", 8),
    ("F8_E5M2FNUZ", 8),
    ("I16", 16),
    ("U16", 16),
    ("F16", 16),
    ("BF16", 16),
    ("I32", 32),
    ("U32", 32),
    ("F32", 32),
    ("C64", 64),
    ("F64", 64),
    ("I64", 64),
    ("U64", 64),
];

/// The tensors of a file, sorted by name. Their values lie inside the file, one behind the other without a gap from the end
/// of the header to the end of the file, and are as many as shape and type ask for.
///
/// # Errors
///
/// What is wrong, to be said behind "`file` is not a safetensors file: ".
pub fn read(file: &[u8]) -> Result<Vec<Entry>, String> {
    let (header, values) = header(file)?;
    let mut entries = entries(header)?;
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    if let Some(twice) = entries.windows(2).find(|pair| pair[0].name == pair[1].name) {
        return Err(format!("{} stands in its header twice", code(&twice[0].name)));
    }
    for entry in &entries {
        sizes_agree(entry)?;
        lies_inside(entry, values, file.len())?;
    }
    let mut by_place: Vec<&Entry> = entries.iter().collect();
    by_place.sort_by_key(|entry| (entry.begin, entry.end));
    in_a_row(&by_place, values, file.len())?;
    for entry in &mut entries {
        (entry.begin, entry.end) = (entry.begin + values, entry.end + values);
    }
    Ok(entries)
}

/// The header, and where the values begin.
fn header(file: &[u8]) -> Result<(&str, usize), String> {
    let Some((len, rest)) = file.split_first_chunk::<8>() else {
        let bytes = if file.len() == 1 { "byte" } else { "bytes" };
        return Err(format!("it has {} {bytes}, and the length of its header alone takes 8", file.len()));
    };
    let len = u64::from_le_bytes(*len);
    let header = usize::try_from(len).ok().and_then(|len| rest.get(..len));
    let header = header
        .ok_or_else(|| format!("its first 8 bytes announce a header of {len} bytes, but only {} follow", rest.len()))?;
    match core::str::from_utf8(header) {
        Ok(text) => Ok((text, 8 + header.len())),
        Err(error) => Err(format!("byte {} of its header is not UTF-8", error.valid_up_to())),
    }
}

/// What stands in a header, in its order, offsets as they are written.
fn entries(header: &str) -> Result<Vec<Entry>, String> {
    let mut reader = Reader::new(header);
    let (mut entries, mut has_metadata) = (Vec::new(), false);
    reader.need(b'{', "`{`, the object that names the tensors")?;
    let mut more = !reader.eat(b'}');
    while more {
        let name = reader.string("the name of a tensor in quotes")?;
        reader.need(b':', &format!("`:` behind {}", code(&name)))?;
        if name == "__metadata__" {
            if core::mem::replace(&mut has_metadata, true) {
                return Err("`__metadata__` stands in its header twice".into());
            }
            metadata(&mut reader)?;
        } else {
            entries.push(entry(&mut reader, name)?);
        }
        more = reader.more(b'}', "`,` or `}` behind a tensor")?;
    }
    reader.end()?;
    Ok(entries)
}

/// Strings that have names: notes of whoever wrote the file, left alone.
fn metadata(reader: &mut Reader<'_>) -> Result<(), String> {
    reader.need(b'{', "`{` behind `__metadata__`")?;
    let mut more = !reader.eat(b'}');
    while more {
        reader.string("a name in quotes in `__metadata__`")?;
        reader.need(b':', "`:` behind a name in `__metadata__`")?;
        reader.string("a string in quotes in `__metadata__`")?;
        more = reader.more(b'}', "`,` or `}` in `__metadata__`")?;
    }
    Ok(())
}

/// `{"dtype": "F32", "shape": [2, 18], "data_offsets": [0, 144]}`, its fields in any order.
fn entry(reader: &mut Reader<'_>, name: String) -> Result<Entry, String> {
    let of = code(&name);
    let (mut dtype, mut shape, mut offsets) = (None, None, None);
    reader.need(b'{', &format!("`{{` behind {of}"))?;
    let mut more = !reader.eat(b'}');
    while more {
        let field = reader.string(&format!("a field of {of} in quotes"))?;
        reader.need(b':', &format!("`:` behind {} of {of}", code(&field)))?;
        let twice = match field.as_str() {
            "dtype" => dtype.replace(reader.string(&format!("the type of {of} in quotes"))?).is_some(),
            "shape" => shape.replace(numbers(reader, &format!("in the shape of {of}"))?).is_some(),
            "data_offsets" => offsets.replace(numbers(reader, &format!("in the data_offsets of {of}"))?).is_some(),
            _ => {
                let fields = "`dtype`, `shape` and `data_offsets`";
                return Err(format!("{of} has a field {}; the fields of a tensor are {fields}", code(&field)));
            }
        };
        if twice {
            return Err(format!("{of} has `{field}` twice"));
        }
        more = reader.more(b'}', &format!("`,` or `}}` behind a field of {of}"))?;
    }
    let without = |field: &str| format!("{of} has no `{field}`");
    let dtype = dtype.ok_or_else(|| without("dtype"))?;
    let shape = shape.ok_or_else(|| without("shape"))?;
    let offsets = offsets.ok_or_else(|| without("data_offsets"))?;
    let Some((dtype, _)) = DTYPES.iter().find(|(known, _)| *known == dtype) else {
        return Err(format!("{of} has values of type {}, which the format does not know", code(&dtype)));
    };
    let [begin, end] = offsets[..] else {
        let needed = "two are needed, where its values begin and end";
        return Err(format!("{of} has {} data_offsets; {needed}", offsets.len()));
    };
    Ok(Entry { name, dtype, shape, begin, end })
}

/// `[2, 18]`.
fn numbers(reader: &mut Reader<'_>, place: &str) -> Result<Vec<usize>, String> {
    reader.need(b'[', &format!("`[` with the numbers {place}"))?;
    let mut numbers = Vec::new();
    let mut more = !reader.eat(b']');
    while more {
        numbers.push(reader.number(place)?);
        more = reader.more(b']', &format!("`,` or `]` {place}"))?;
    }
    Ok(numbers)
}

/// Shape times type is what lies between the offsets.
fn sizes_agree(entry: &Entry) -> Result<(), String> {
    let Entry { name, dtype, shape, begin, end } = entry;
    let of = code(name);
    if begin > end {
        return Err(format!("the data_offsets of {of}, [{begin}, {end}], end before they begin"));
    }
    let of_value = DTYPES.iter().find(|(known, _)| known == dtype).map_or(0, |(_, bits)| *bits);
    let values = shape.iter().try_fold(1_usize, |values, size| values.checked_mul(*size));
    let Some(bits) = values.and_then(|values| values.checked_mul(of_value)) else {
        return Err(format!("{of} {shape:?} of type {dtype} has more bits than can be counted"));
    };
    if bits % 8 != 0 {
        return Err(format!("{of} {shape:?} of type {dtype} takes {bits} bits, which are no whole bytes"));
    }
    if bits / 8 != end - begin {
        let given = end - begin;
        return Err(format!(
            "{of} {shape:?} of type {dtype} takes {} bytes, but its data_offsets, [{begin}, {end}], give it {given}",
            bits / 8
        ));
    }
    Ok(())
}

/// What is cut off, or announced and never written.
fn lies_inside(entry: &Entry, values: usize, len: usize) -> Result<(), String> {
    match values.checked_add(entry.end) {
        Some(end) if end <= len => Ok(()),
        end => {
            let end = end.map_or_else(|| "beyond any byte".into(), |end| format!("at byte {end}"));
            Err(format!("the values of {} end {end}, but the file has only {len} bytes", code(&entry.name)))
        }
    }
}

/// Tensors sorted by place lie one behind the other, from the first value to the last byte.
fn in_a_row(entries: &[&Entry], values: usize, len: usize) -> Result<(), String> {
    let mut before: Option<&Entry> = None;
    for entry in entries {
        let (of, begin) = (code(&entry.name), entry.begin);
        let reached = before.map_or(0, |before| before.end);
        let behind = before.map_or_else(String::new, |before| code(&before.name));
        if begin < reached {
            let inside = format!("inside those of {behind}, which end at {reached}");
            return Err(format!("the values of {of} begin at byte {begin}, {inside}"));
        }
        if begin > reached {
            let place = before.map_or_else(|| format!("before {of}"), |_| format!("between {behind} and {of}"));
            return Err(format!("bytes {reached} to {begin} of the values, {place}, belong to no tensor"));
        }
        before = Some(entry);
    }
    let end = values + before.map_or(0, |before| before.end);
    match len - end {
        0 => Ok(()),
        1 => Err(format!("it has {len} bytes, 1 byte more than its tensors take")),
        more => Err(format!("it has {len} bytes, {more} bytes more than its tensors take")),
    }
}
