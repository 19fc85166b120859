//! Files of weights with random mistakes: reading them never panics, and what is accepted is consistent.
//!
//! The files of `tests/ui/weights` and `tests/fuzz/corpus` are changed at some places, 10⁵ times from a seed; `tests/fuzz`
//! does the same with a fuzzer that sees which branches are taken.

use std::fs;
use std::path::Path;

#[path = "support/hostile.rs"]
mod hostile;
#[path = "support/mutate.rs"]
mod mutate;

use mutate::{Random, mutate};

const TRIES: usize = 100_000;

/// All files with this ending in the folders.
fn seeds(folders: &[&str], ending: &str) -> Vec<Vec<u8>> {
    let entries = folders.iter().flat_map(|folder| fs::read_dir(folder).expect("a folder of seeds"));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path: &std::path::PathBuf| path.extension().is_some_and(|own| own == ending));
    paths.sort();
    paths.iter().map(|path: &std::path::PathBuf| fs::read(Path::new(path)).expect("a file")).collect()
}

#[test]
fn mutated_headers_are_read_or_refused() {
    let seeds = seeds(&["tests/ui/weights", "tests/fuzz/corpus/header"], "safetensors");
    assert!(seeds.len() > 50);
    let whole = seeds.iter().filter(|seed| hostile::header(seed)).count();
    assert!(whole >= 10, "{whole} of the seeds are right");
    let mut random = Random(11);
    let mut accepted = 0;
    for _ in 0..TRIES {
        let (seed, other) = (&seeds[random.below(seeds.len())], &seeds[random.below(seeds.len())]);
        let mut file = seed.clone();
        for _ in 0..1 + random.below(3) {
            mutate(&mut file, other, &mut random);
        }
        // A length that fits what became of the header lets the reader see more of it.
        let header = header_len(seed).saturating_add(file.len()).checked_sub(seed.len());
        if let (Some(header), Some(len), true) = (header, file.first_chunk_mut::<8>(), random.below(4) > 0) {
            *len = (header as u64).to_le_bytes();
        }
        accepted += usize::from(hostile::header(&file));
    }
    // Changes in values and notes are no mistakes.
    assert!((TRIES / 100..TRIES / 2).contains(&accepted), "{accepted} of {TRIES} were accepted");
}

fn header_len(file: &[u8]) -> usize {
    file.first_chunk::<8>().map_or(0, |len| u64::from_le_bytes(*len) as usize)
}

#[test]
fn mutated_packed_files_are_read_or_refused() {
    let seeds = seeds(&["tests/ui/weights"], "convnet");
    assert!(seeds.len() > 10 && seeds.iter().filter(|seed| hostile::packed(seed)).count() >= 3);
    let mut random = Random(12);
    let mut accepted = 0;
    for _ in 0..TRIES {
        let (seed, other) = (&seeds[random.below(seeds.len())], &seeds[random.below(seeds.len())]);
        let mut file = seed.clone();
        // Most of what matters stands in front.
        let mut header = file.drain(..file.len().min(80)).collect();
        mutate(&mut header, other, &mut random);
        file.splice(..0, header);
        accepted += usize::from(hostile::packed(&file));
    }
    // Another fingerprint, or another name, is for the network to find.
    assert!((TRIES / 100..TRIES / 2).contains(&accepted), "{accepted} of {TRIES} were accepted");
}
