#!/usr/bin/env python3
"""Writes the files of weights beside it: one that fits the network of the cases, and one for each mistake.

    python3 tests/ui/weights/make.py

Standard library only; the same bytes on every run. A safetensors file is the length of its header (8 bytes, little
endian), the header (JSON: name -> dtype, shape, first and last byte), and the values.
"""

import json
import pathlib
import struct

HERE = pathlib.Path(__file__).parent

# struct Net: [1, 5, 5] -> [2] { conv1: conv2d(2, kernel = 3), relu, flatten, fc1: linear(2) }
SHAPES = {
    "conv1.weight": [2, 1, 3, 3],
    "conv1.bias": [2],
    "fc1.weight": [2, 18],
    "fc1.bias": [2],
}
FORMATS = {"F32": "f", "F16": "e", "F64": "d"}


def length(shape):
    product = 1
    for size in shape:
        product *= size
    return product


def file(shapes, dtypes=None):
    """The bytes of a file with tensors of these shapes, F32 unless `dtypes` says otherwise."""
    header, values = {"__metadata__": {"made_by": "tests/ui/weights/make.py"}}, b""
    for name, shape in shapes.items():
        dtype = (dtypes or {}).get(name, "F32")
        first = len(values)
        values += b"".join(struct.pack("<" + FORMATS[dtype], i / 16) for i in range(length(shape)))
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [first, len(values)]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + values


def without(name):
    return {own: shape for own, shape in SHAPES.items() if own != name}


RIGHT = file(SHAPES)
FILES = {
    "right": RIGHT,
    "tensor_missing": file(without("conv1.bias")),
    "tensor_unexpected": file(SHAPES | {"fc2.weight": [3, 2]}),
    "tensor_of_another_shape": file(SHAPES | {"fc1.weight": [2, 50]}),
    "tensor_of_another_type": file(SHAPES, {"fc1.weight": "F16"}),
    "several_differences": file(
        without("conv1.bias") | {"conv1.weight": [2, 3, 3, 3], "fc2.bias": [2]}, {"fc1.bias": "F64"}
    ),
    "truncated": RIGHT[:-7],
    "longer_than_its_header_says": RIGHT + b"\0\0\0\0",
    "header_truncated": RIGHT[:40],
    "header_broken": struct.pack("<Q", 16) + b'{"conv1.weight": ',
    "empty": b"",
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(range(64)),
}

for name, content in FILES.items():
    (HERE / f"{name}.safetensors").write_bytes(content)
