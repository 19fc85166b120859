"""Cuts the full MNIST set down to the one bundled in this directory.

    python3 cut_mnist.py FULL [OUTPUT]

FULL holds the four standard IDX files, raw or with `.gz`. OUTPUT, by default
the directory of this script, receives

- the first 10 000 training images and labels,
- every fifth test image and label (0, 5, 10, …: 2 000), and
- test image 0, a seven, as `seven.png`, and as its 28 × 28 bytes alone, `seven.gray`.

The same input gives the same files: no time and no name goes into the gzip
headers. (Another version of zlib may compress to other bytes; what they
unpack to stays the same.)
"""

import gzip
import io
import pathlib
import struct
import sys
import zlib

SIDE = 28
GZIP_MAGIC = b"\x1f\x8b"


def read_idx(directory, name, shape):
    """The data bytes of an IDX file of unsigned bytes that has this shape."""
    paths = [directory / name, directory / (name + ".gz")]
    path = next((path for path in paths if path.is_file()), None)
    if path is None:
        sys.exit(f"`{directory}` holds neither `{name}` nor `{name}.gz`")
    content = path.read_bytes()
    if content.startswith(GZIP_MAGIC):
        content = gzip.decompress(content)
    header = idx_header(shape)
    if not content.startswith(header):
        found = content[: len(header)].hex()
        sys.exit(f"`{path.name}` starts with {found}, expected {header.hex()}")
    data = content[len(header) :]
    expected = product(shape)
    if len(data) != expected:
        sys.exit(f"`{path.name}` holds {len(data)} bytes of data, expected {expected}")
    return data


def idx_header(shape):
    """Two zero bytes, 8 for unsigned bytes, the number of extents, the extents."""
    return struct.pack(f">HBB{len(shape)}I", 0, 8, len(shape), *shape)


def product(shape):
    total = 1
    for extent in shape:
        total *= extent
    return total


def write_idx(path, shape, data):
    assert len(data) == product(shape)
    packed = io.BytesIO()
    with gzip.GzipFile("", "wb", compresslevel=9, fileobj=packed, mtime=0) as file:
        file.write(idx_header(shape) + data)
    path.write_bytes(packed.getvalue())


def write_png(path, pixels):
    """`pixels` [SIDE, SIDE] as a grayscale PNG of 8 bits."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    # Each row starts with its filter; 0 leaves the pixels as they are.
    rows = b"".join(b"\0" + pixels[i : i + SIDE] for i in range(0, len(pixels), SIDE))
    # 8 bits, colour type 0 (grayscale), deflate, adaptive filters, not interlaced.
    head = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows, 9))
        + chunk(b"IEND", b"")
    )


def cut(full, output, part, count, chosen):
    """Writes the `chosen` of the `count` digits of `part`; returns their pixels."""
    images_name = f"{part}-images-idx3-ubyte"
    labels_name = f"{part}-labels-idx1-ubyte"
    images = read_idx(full, images_name, (count, SIDE, SIDE))
    labels = read_idx(full, labels_name, (count,))

    size = SIDE * SIDE
    images = b"".join(images[i * size : (i + 1) * size] for i in chosen)
    labels = bytes(labels[i] for i in chosen)
    write_idx(output / (images_name + ".gz"), (len(chosen), SIDE, SIDE), images)
    write_idx(output / (labels_name + ".gz"), (len(chosen),), labels)
    return images


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: cut_mnist.py FULL [OUTPUT]")
    full = pathlib.Path(sys.argv[1])
    here = pathlib.Path(__file__).resolve().parent
    output = pathlib.Path(sys.argv[2]) if len(sys.argv) == 3 else here

    cut(full, output, "train", 60_000, range(10_000))
    test = cut(full, output, "t10k", 10_000, range(0, 10_000, 5))
    write_png(output / "seven.png", test[: SIDE * SIDE])
    (output / "seven.gray").write_bytes(test[: SIDE * SIDE])


if __name__ == "__main__":
    main()
