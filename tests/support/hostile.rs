//! What must hold of a file of weights whatever its bytes are: what `tests/fuzz` looks for and `tests/mutations.rs` tries.

use convnet_shape::files::{packed, safetensors};

/// Reads a file as safetensors, which must not panic. What is accepted is consistent, and what the crate `safetensors` makes of
/// it; what is refused has a sentence for one line of a terminal. Whether it was accepted.
pub fn header(file: &[u8]) -> bool {
    let entries = match safetensors::read(file) {
        Ok(entries) => entries,
        Err(sentence) => {
            let chars = sentence.chars().count();
            assert!((10..=2000).contains(&chars) && !sentence.contains(char::is_control), "{sentence}");
            return false;
        }
    };
    assert!(entries.windows(2).all(|pair| pair[0].name < pair[1].name), "sorted, each name once");
    let mut places: Vec<(usize, usize)> = entries.iter().map(|entry| (entry.begin, entry.end)).collect();
    places.sort_unstable();
    let mut reached = 8 + u64::from_le_bytes(file[..8].try_into().expect("8 bytes")) as usize;
    for (begin, end) in places {
        assert!(begin == reached && begin <= end, "values from {reached} on begin at {begin} and end at {end}");
        reached = end;
    }
    assert_eq!(reached, file.len(), "to the last byte");

    let (header, metadata) = ::safetensors::SafeTensors::read_metadata(file).expect("the crate accepts it too");
    let theirs = metadata.tensors();
    assert_eq!(theirs.len(), entries.len());
    for entry in &entries {
        let their = theirs[&entry.name];
        assert_eq!((entry.dtype, &entry.shape), (their.dtype.to_string().as_str(), &their.shape));
        assert_eq!((entry.begin, entry.end), (8 + header + their.data_offsets.0, 8 + header + their.data_offsets.1));
    }
    true
}

/// The same of a packed file, as it is and with its checksum put right: the rest of the reader is behind that.
pub fn packed(file: &[u8]) -> bool {
    let mut repaired = file.to_vec();
    if let Some(sum) = repaired.get_mut(16..24) {
        sum.fill(0);
        let right = packed::checksum(&repaired).to_le_bytes();
        repaired[16..24].copy_from_slice(&right);
    }
    let accepted = packed_as_it_is(&repaired);
    packed_as_it_is(file) || accepted
}

fn packed_as_it_is(file: &[u8]) -> bool {
    let found = match packed::read(file) {
        Ok(found) => found,
        Err(unusable) => {
            assert!(unusable.say("x").as_str().chars().count() > 10, "{unusable:?}");
            return false;
        }
    };
    let (params, vectors) = (&found.params, &found.vectors);
    assert!(64 + found.network.len() <= params.start && params.end <= vectors.start && vectors.end <= file.len());
    assert!(params.start % 64 == 0 && vectors.start % 64 == 0 && params.len() % 4 == 0 && vectors.len() % 4 == 0);
    true
}
