//! Reads MNIST and the sets laid out like it (Fashion-MNIST, the digits of EMNIST).
//!
//! Such a set is a directory of four IDX files, each as it is or gzipped (`.gz`):
//!
//! | file                      | extents       | content                    |
//! |---------------------------|---------------|----------------------------|
//! | `train-images-idx3-ubyte` | `[N, 28, 28]` | pixels, 0 paper to 255 ink |
//! | `train-labels-idx1-ubyte` | `[N]`         | classes, 0 to 9            |
//! | `t10k-images-idx3-ubyte`  | `[M, 28, 28]` | the same for testing       |
//! | `t10k-labels-idx1-ubyte`  | `[M]`         | the same for testing       |
//!
//! An IDX file is a header and then the data, row by row. The header is two zero
//! bytes, one byte for the type of the elements (8: unsigned byte), one for the
//! number of extents, and the extents as big-endian numbers of four bytes. Its
//! first four bytes serve as the magic: 0x00000803 for images, 0x00000801 for labels.
//!
//! [`read_dataset`] takes the directory and trusts no header: memory is taken only
//! for bytes that have been read, and whatever does not fit is an [`IdxError`] that
//! names the file. A whole set lies in memory at once; do not use this for
//! sets larger than that.

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

/// Rows and columns of a digit, in pixels.
pub const SIDE: usize = 28;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
/// The magic of unsigned bytes, to which the number of extents is added.
const IDX_OF_BYTES: u32 = 0x0000_0800;
const IMAGES: u32 = IDX_OF_BYTES + 3;
const LABELS: u32 = IDX_OF_BYTES + 1;

/// A set of digits to learn from and one to be examined on.
pub struct Dataset {
    pub train: Digits,
    pub test: Digits,
}

/// Pictures of digits and what they show.
pub struct Digits {
    /// `[N, 1, 28, 28]`, 0 for paper to 1 for ink.
    pub images: Vec<f32>,
    /// `[N]`, 0 to 9.
    pub labels: Vec<u8>,
    pub rows: usize,
    pub columns: usize,
}

#[allow(dead_code, reason = "an example may do with the fields")]
impl Digits {
    /// N, the number of digits.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The pixels `[1, 28, 28]` of digit `i`; panics unless `i < len()`.
    pub fn image(&self, i: usize) -> &[f32] {
        let size = self.rows * self.columns;
        &self.images[i * size..][..size]
    }
}

/// Reads the four files in `dir`.
pub fn read_dataset(dir: &Path) -> Result<Dataset, IdxError> {
    if !dir.is_dir() {
        return Err(IdxError::NoDirectory(dir.into()));
    }
    Ok(Dataset { train: read_digits(dir, "train")?, test: read_digits(dir, "t10k")? })
}

fn read_digits(dir: &Path, part: &str) -> Result<Digits, IdxError> {
    let images = read_file(dir, &format!("{part}-images-idx3-ubyte"), read_images)?;
    let labels = read_file(dir, &format!("{part}-labels-idx1-ubyte"), read_labels)?;
    if images.count != labels.count {
        return Err(IdxError::Counts { images: (images.file, images.count), labels: (labels.file, labels.count) });
    }
    Ok(Digits {
        images: images.data.iter().map(|&p| f32::from(p) / 255.0).collect(),
        labels: labels.data,
        rows: SIDE,
        columns: SIDE,
    })
}

/// What one file holds: `count` images or labels.
struct Content {
    file: String,
    count: u32,
    data: Vec<u8>,
}

type ReadContent = fn(Source) -> Result<(u32, Vec<u8>), Fault>;

/// Reads `name` or, if there is no such file, `name.gz`.
fn read_file(dir: &Path, name: &str, read: ReadContent) -> Result<Content, IdxError> {
    for file in [name.to_owned(), format!("{name}.gz")] {
        let opened = match File::open(dir.join(&file)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            opened => opened.map_err(Fault::Read),
        };
        return match opened.and_then(Source::new).and_then(read) {
            Ok((count, data)) => Ok(Content { file, count, data }),
            Err(fault) => Err(IdxError::File(file, fault)),
        };
    }
    Err(IdxError::NoFile(dir.into(), name.into()))
}

fn read_images(mut source: Source) -> Result<(u32, Vec<u8>), Fault> {
    let [count, rows, columns] = source.header()?;
    if [rows, columns] != [SIDE as u32; 2] {
        return Err(Fault::Size(rows, columns));
    }
    // Cannot overflow: 28 · 28 · 2³² < 2⁶⁴.
    let data = source.data(u64::from(count) * (SIDE * SIDE) as u64)?;
    Ok((count, data))
}

fn read_labels(mut source: Source) -> Result<(u32, Vec<u8>), Fault> {
    let [count] = source.header()?;
    let data = source.data(u64::from(count))?;
    match data.iter().position(|&label| label > 9) {
        Some(index) => Err(Fault::Label(index, data[index])),
        None => Ok((count, data)),
    }
}

/// The bytes of a file, unpacked while they are read.
struct Source {
    bytes: Box<dyn Read>,
    fault: fn(io::Error) -> Fault,
}

impl Source {
    /// The first two bytes, not the name, tell whether a file is gzipped.
    fn new(file: File) -> Result<Self, Fault> {
        let mut file = BufReader::new(file);
        let mut start = Vec::new();
        let read = file.by_ref().take(2).read_to_end(&mut start);
        read.map_err(Fault::Read)?;

        let gzip = start == GZIP_MAGIC;
        let file = Cursor::new(start).chain(file);
        let (bytes, fault): (Box<dyn Read>, fn(_) -> _) = match gzip {
            true => (Box::new(MultiGzDecoder::new(file)), Fault::Gzip),
            false => (Box::new(file), Fault::Read),
        };
        Ok(Self { bytes, fault })
    }

    /// Reads the magic and `N` extents.
    fn header<const N: usize>(&mut self) -> Result<[u32; N], Fault> {
        let length = 4 + 4 * N;
        let bytes = self.at_most(length as u64)?;
        let (words, _) = bytes.as_chunks();
        let mut words = words.iter().map(|&word| u32::from_be_bytes(word));

        let expected = IDX_OF_BYTES + N as u32;
        match words.next() {
            Some(found) if found != expected => return Err(Fault::Magic(found, expected)),
            _ if bytes.len() < length => return Err(Fault::Header(bytes.len(), length)),
            _ => {}
        }
        Ok(std::array::from_fn(|_| words.next().unwrap_or_default()))
    }

    /// Reads everything after the header, which says that this is `claimed` bytes.
    fn data(&mut self, claimed: u64) -> Result<Vec<u8>, Fault> {
        let data = self.at_most(claimed)?;
        // To the very end, where gzip has its checksum.
        let rest = io::copy(&mut self.bytes, &mut io::sink()).map_err(self.fault)?;
        match data.len() as u64 + rest {
            found if found == claimed => Ok(data),
            found => Err(Fault::Data(found, claimed)),
        }
    }

    /// Reads `limit` bytes, or fewer where the file ends. Takes memory as the bytes
    /// come, so that `limit` may be what a header claims.
    fn at_most(&mut self, limit: u64) -> Result<Vec<u8>, Fault> {
        let mut bytes = Vec::new();
        let read = self.bytes.by_ref().take(limit).read_to_end(&mut bytes);
        read.map(|_| bytes).map_err(self.fault)
    }
}

/// Why a directory is not a set of digits.
#[derive(Debug)]
pub enum IdxError {
    NoDirectory(PathBuf),
    /// Neither this name nor the same with `.gz` is in the directory.
    NoFile(PathBuf, String),
    File(String, Fault),
    /// The names and counts of two files that belong together.
    Counts {
        images: (String, u32),
        labels: (String, u32),
    },
}

/// What is wrong with one file; of two numbers, the first is the one found.
#[derive(Debug)]
pub enum Fault {
    Read(io::Error),
    Gzip(io::Error),
    /// Bytes of the file and of the header.
    Header(usize, usize),
    Magic(u32, u32),
    /// Rows and columns.
    Size(u32, u32),
    /// Bytes after the header, found and claimed.
    Data(u64, u64),
    /// Index and label.
    Label(usize, u8),
}

impl std::error::Error for IdxError {}

impl fmt::Display for IdxError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::NoDirectory(dir) => write!(
                f,
                "there is no directory `{}`; it should hold `train-images-idx3-ubyte`, \
                 `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and \
                 `t10k-labels-idx1-ubyte`, each as it is or with `.gz`",
                dir.display()
            ),
            Self::NoFile(dir, name) => {
                let dir = dir.display();
                write!(f, "`{dir}` holds neither `{name}` nor `{name}.gz`")
            }
            Self::File(file, fault) => write!(f, "`{file}` {fault}"),
            Self::Counts { images, labels } => {
                write!(f, "`{}` holds {} labels but `{}` holds {} images", labels.0, labels.1, images.0, images.1)
            }
        }
    }
}

/// The sentence goes on after the name of the file.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match *self {
            Self::Read(ref error) => write!(f, "cannot be read: {error}"),
            Self::Gzip(ref error) => write!(f, "is corrupt gzip: {error}"),
            Self::Header(found, length) => {
                write!(f, "ends within its header: {found} bytes, expected {length}")
            }
            Self::Magic(found, expected) => {
                match found {
                    IMAGES => write!(f, "holds images where labels belong")?,
                    LABELS => write!(f, "holds labels where images belong")?,
                    _ => write!(f, "is not an IDX file of unsigned bytes")?,
                }
                write!(f, ": starts with 0x{found:08x}, expected 0x{expected:08x}")
            }
            Self::Size(rows, columns) => {
                write!(f, "holds images of {rows}x{columns} pixels, expected 28x28")
            }
            Self::Data(found, claimed) => {
                let fault = if found < claimed { "is truncated" } else { "has trailing bytes" };
                write!(f, "{fault}: {found} bytes of data, but its header says {claimed}")
            }
            Self::Label(index, label) => {
                write!(f, "has label {label} at index {index}, expected 0 to 9")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::io::Write;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const NAMES: [&str; 4] =
        ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"];

    /// A directory of the temporary directory, removed in the end.
    struct Folder(PathBuf);

    impl Folder {
        fn empty() -> Self {
            static COUNTER: AtomicUsize = AtomicUsize::new(0);
            let count = COUNTER.fetch_add(1, Ordering::Relaxed);
            let name = format!("convnet-idx-{}-{count}", std::process::id());
            let path = std::env::temp_dir().join(name);
            fs::create_dir(&path).unwrap();
            Self(path)
        }

        /// Three digits to learn from, two to be examined on.
        fn small() -> Self {
            let folder = Self::empty();
            folder.write(NAMES[0], &images(3, 28, 28));
            folder.write(NAMES[1], &labels(&[7, 0, 9]));
            folder.write(NAMES[2], &images(2, 28, 28));
            folder.write(NAMES[3], &labels(&[1, 2]));
            folder
        }

        fn write(&self, name: &str, bytes: &[u8]) {
            fs::write(self.0.join(name), bytes).unwrap();
        }

        fn pack(&self, name: &str) {
            let bytes = fs::read(self.0.join(name)).unwrap();
            fs::remove_file(self.0.join(name)).unwrap();
            self.write(&format!("{name}.gz"), &gzip(&bytes));
        }

        fn error(&self) -> String {
            read_dataset(&self.0).err().map_or("no error".into(), |e| e.to_string())
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).ok();
        }
    }

    fn idx(magic: u32, extents: &[u32], data: &[u8]) -> Vec<u8> {
        let header = [&[magic], extents].concat();
        let header = header.iter().flat_map(|word| word.to_be_bytes());
        header.chain(data.iter().copied()).collect()
    }

    /// Pixel i of all is i mod 256.
    fn images(count: u32, rows: u32, columns: u32) -> Vec<u8> {
        let data: Vec<u8> = (0..count * rows * columns).map(|i| i as u8).collect();
        idx(IMAGES, &[count, rows, columns], &data)
    }

    fn labels(labels: &[u8]) -> Vec<u8> {
        idx(LABELS, &[labels.len() as u32], labels)
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn assert_small(set: &Dataset) {
        assert_eq!((set.train.len(), set.test.len()), (3, 2));
        assert_eq!((set.train.rows, set.train.columns), (28, 28));
        assert_eq!(set.train.labels, [7, 0, 9]);
        assert_eq!(set.test.labels, [1, 2]);
        assert_eq!(set.train.images.len(), 3 * 784);
        assert_eq!(set.test.images.len(), 2 * 784);
        assert_eq!(set.train.images[254..=256], [254.0 / 255.0, 1.0, 0.0]);
        // 784 mod 256 = 16
        assert_eq!(set.test.image(1)[0], 16.0 / 255.0);
        assert_eq!(set.test.image(1).len(), 784);
        assert!(!set.test.is_empty());
    }

    #[test]
    fn reads_raw_and_gzipped_files() {
        let folder = Folder::small();
        assert_small(&read_dataset(&folder.0).unwrap());
        for name in NAMES {
            folder.pack(name);
            assert_small(&read_dataset(&folder.0).unwrap());
        }
    }

    #[test]
    fn the_content_and_not_the_name_tells_gzip() {
        let folder = Folder::small();
        folder.write(NAMES[1], &gzip(&labels(&[7, 0, 9])));
        fs::rename(folder.0.join(NAMES[3]), folder.0.join("t10k-labels-idx1-ubyte.gz")).unwrap();
        assert_small(&read_dataset(&folder.0).unwrap());
    }

    #[test]
    fn the_raw_file_goes_before_the_gzipped() {
        let folder = Folder::small();
        folder.write("train-labels-idx1-ubyte.gz", b"never read");
        assert_small(&read_dataset(&folder.0).unwrap());
    }

    #[test]
    fn a_gzip_file_may_have_several_members() {
        let folder = Folder::small();
        let whole = labels(&[7, 0, 9]);
        folder.write(NAMES[1], &[gzip(&whole[..5]), gzip(&whole[5..])].concat());
        assert_small(&read_dataset(&folder.0).unwrap());
    }

    #[test]
    fn an_empty_set_is_a_set() {
        let folder = Folder::small();
        folder.write(NAMES[2], &images(0, 28, 28));
        folder.write(NAMES[3], &labels(&[]));
        assert!(read_dataset(&folder.0).unwrap().test.is_empty());
    }

    #[test]
    fn the_directory_is_missing() {
        let folder = Folder::empty();
        folder.write("file", b"");
        for name in ["nowhere", "file"] {
            let path = folder.0.join(name);
            let error = read_dataset(&path).err().unwrap().to_string();
            let expected = format!(
                "there is no directory `{}`; it should hold `train-images-idx3-ubyte`, \
                 `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and \
                 `t10k-labels-idx1-ubyte`, each as it is or with `.gz`",
                path.display()
            );
            assert_eq!(error, expected);
        }
    }

    #[test]
    fn a_file_is_missing() {
        for name in NAMES {
            let folder = Folder::small();
            fs::remove_file(folder.0.join(name)).unwrap();
            let dir = folder.0.display();
            let expected = format!("`{dir}` holds neither `{name}` nor `{name}.gz`");
            assert_eq!(folder.error(), expected);
        }
    }

    #[test]
    fn a_file_is_a_directory() {
        let folder = Folder::small();
        fs::remove_file(folder.0.join(NAMES[3])).unwrap();
        fs::create_dir(folder.0.join(NAMES[3])).unwrap();
        let error = folder.error();
        assert!(error.starts_with("`t10k-labels-idx1-ubyte` cannot be read: "), "{error}");
    }

    /// What is wrong with the content, raw and gzipped.
    #[test]
    fn a_file_is_malformed() {
        struct Case(&'static str, Vec<u8>, &'static str);
        let [images_name, labels_name] = ["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"];
        let cases = [
            Case(
                images_name,
                idx(0x0000_0d03, &[2, 28, 28], &[]),
                "is not an IDX file of unsigned bytes: starts with 0x00000d03, expected 0x00000803",
            ),
            Case(
                labels_name,
                b"<html>".to_vec(),
                "is not an IDX file of unsigned bytes: starts with 0x3c68746d, expected 0x00000801",
            ),
            Case(
                labels_name,
                images(2, 28, 28),
                "holds images where labels belong: starts with 0x00000803, expected 0x00000801",
            ),
            Case(
                images_name,
                labels(&[1, 2]),
                "holds labels where images belong: starts with 0x00000801, expected 0x00000803",
            ),
            Case(images_name, vec![], "ends within its header: 0 bytes, expected 16"),
            Case(labels_name, vec![0, 0, 8], "ends within its header: 3 bytes, expected 8"),
            Case(images_name, images(2, 28, 28)[..15].to_vec(), "ends within its header: 15 bytes, expected 16"),
            Case(
                images_name,
                images(2, 28, 28)[..1583].to_vec(),
                "is truncated: 1567 bytes of data, but its header says 1568",
            ),
            Case(
                images_name,
                idx(IMAGES, &[u32::MAX, 28, 28], &[0; 9]),
                "is truncated: 9 bytes of data, but its header says 3367254359280",
            ),
            Case(
                labels_name,
                idx(LABELS, &[u32::MAX], &[0; 9]),
                "is truncated: 9 bytes of data, but its header says 4294967295",
            ),
            Case(labels_name, idx(LABELS, &[2], &[0; 9]), "has trailing bytes: 9 bytes of data, but its header says 2"),
            Case(images_name, images(2, 28, 27), "holds images of 28x27 pixels, expected 28x28"),
            Case(
                images_name,
                idx(IMAGES, &[u32::MAX; 3], &[]),
                "holds images of 4294967295x4294967295 pixels, expected 28x28",
            ),
            Case(labels_name, labels(&[9, 10]), "has label 10 at index 1, expected 0 to 9"),
        ];
        for Case(name, bytes, expected) in cases {
            let folder = Folder::small();
            folder.write(name, &bytes);
            assert_eq!(folder.error(), format!("`{name}` {expected}"));
            folder.pack(name);
            assert_eq!(folder.error(), format!("`{name}.gz` {expected}"));
        }
    }

    #[test]
    fn the_counts_differ() {
        let folder = Folder::small();
        folder.write(NAMES[3], &labels(&[1]));
        folder.pack(NAMES[3]);
        assert_eq!(
            folder.error(),
            "`t10k-labels-idx1-ubyte.gz` holds 1 labels but `t10k-images-idx3-ubyte` holds 2 images"
        );
    }

    #[test]
    fn the_gzip_stream_is_corrupt() {
        let whole = gzip(&labels(&[1, 2]));
        let mut wrong_checksum = whole.clone();
        wrong_checksum[whole.len() - 8] ^= 1;
        let garbage_after = [whole.as_slice(), b"garbage"].concat();
        let truncated = &whole[..whole.len() - 1];
        for bytes in [&wrong_checksum, &garbage_after, truncated, &GZIP_MAGIC] {
            let folder = Folder::small();
            folder.write(NAMES[3], bytes);
            let error = folder.error();
            assert!(error.starts_with("`t10k-labels-idx1-ubyte` is corrupt gzip: "), "{error}");
        }
    }

    #[test]
    fn no_bytes_make_it_panic() {
        let folder = Folder::small();
        let raw = labels(&[1, 2]);
        for whole in [gzip(&raw), raw] {
            for end in 0..whole.len() {
                folder.write(NAMES[3], &whole[..end]);
                assert_ne!(folder.error(), "no error", "cut at {end}");
            }
            for bit in 0..8 * whole.len() {
                let mut bytes = whole.clone();
                bytes[bit / 8] ^= 1 << (bit % 8);
                folder.write(NAMES[3], &bytes);
                folder.error();
            }
        }
    }

    #[test]
    fn the_bundled_digits() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data");
        let set = read_dataset(&dir).unwrap();
        for (digits, count) in [(set.train, 10_000), (set.test, 2_000)] {
            assert_eq!(digits.len(), count);
            assert_eq!(digits.images.len(), count * SIDE * SIDE);
            for digit in 0..10 {
                let found = digits.labels.iter().filter(|&&label| label == digit).count();
                // About a tenth each; the rarest, the five, is a twelfth.
                assert!((count / 13..count / 8).contains(&found), "{found} of {digit}");
            }
        }
    }
}
