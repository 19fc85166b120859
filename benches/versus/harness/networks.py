"""The networks of the comparison, each declared once.

A network is a list of operations, each of which names its result. From one list come the ONNX file, the graph that the
workers for candle, burn and PyTorch run, and the seeded weights: every engine computes the same from the same. Our own
declarations are in workers/convnet/src/networks.rs; their layers have the names of these.
"""
import math
import re

import numpy as np


class Network:
    """A network as it is being declared. Every method adds an operation to `value` and returns the name of its result."""

    def __init__(self, input_shape):
        self.rng = np.random.default_rng(7)
        self.operations = []  # (kind, result, what it reads, settings)
        self.weights = {}  # in the order of the layers
        self.shapes = {"x": tuple(input_shape)}  # without the batch
        self.macs = 0
        self.output = "x"

    @property
    def input_shape(self):
        return self.shapes["x"]

    def graph(self):
        """The operations as text, for protocol/src/graph.rs."""
        lines = ["input x " + ",".join(map(str, self.input_shape))]
        for kind, result, reads, settings in self.operations:
            lines.append(" ".join([kind, result, ",".join(reads)] + [f"{k}={v}" for k, v in settings.items()]))
        return "\n".join(lines + ["output " + self.output]) + "\n"

    def conv2d(self, value, name, channels, kernel, stride=1, padding=0, groups=1):
        """A convolution of images and a ReLU."""
        (kh, kw), (sh, sw), (ph, pw) = map(_pair, (kernel, stride, padding))
        c, h, w = self.shapes[value]
        shape = channels, _windows(h, kh, sh, ph), _windows(w, kw, sw, pw)
        self._draw(name, (channels, c // groups, kh, kw))
        self.macs += c // groups * kh * kw * math.prod(shape)
        settings = dict(weight=name, kh=kh, kw=kw, sh=sh, sw=sw, ph=ph, pw=pw, groups=groups)
        return self.relu(self._add("conv2d", [value], shape, **settings))

    def conv1d(self, value, name, channels, kernel, stride, padding):
        """A convolution of sequences and a ReLU."""
        c, length = self.shapes[value]
        shape = channels, _windows(length, kernel, stride, padding)
        self._draw(name, (channels, c, kernel))
        self.macs += c * kernel * math.prod(shape)
        return self.relu(self._add("conv1d", [value], shape, weight=name, k=kernel, s=stride, p=padding))

    def linear(self, value, name, features, relu=True):
        (n,) = self.shapes[value]
        self._draw(name, (features, n))
        self.macs += features * n
        result = self._add("linear", [value], (features,), weight=name)
        return self.relu(result) if relu else result

    def relu(self, value):
        return self._add("relu", [value], self.shapes[value])

    def max_pool(self, value, kernel, stride, padding=0):
        c, *sizes = self.shapes[value]
        shape = (c, *(_windows(size, kernel, stride, padding) for size in sizes))
        return self._add("max_pool", [value], shape, k=kernel, s=stride, p=padding)

    def global_avg_pool(self, value):
        return self._add("global_avg_pool", [value], (self.shapes[value][0], 1, 1))

    def lrn(self, value, size=5, alpha=1e-4, beta=0.75, bias=1.0):
        return self._add("lrn", [value], self.shapes[value], size=size, alpha=alpha, beta=beta, bias=bias)

    def concat(self, values):
        channels = sum(self.shapes[value][0] for value in values)
        return self._add("concat", values, (channels, *self.shapes[values[0]][1:]))

    def flatten(self, value):
        return self._add("flatten", [value], (math.prod(self.shapes[value]),))

    def _add(self, kind, reads, shape, **settings):
        result = f"t{len(self.operations) + 1}"
        self.operations.append((kind, result, reads, settings))
        self.shapes[result] = tuple(shape)
        self.output = result
        return result

    def _draw(self, name, shape):
        """Weight and bias as Kaiming has them, so that values neither fade nor grow from layer to layer."""
        deviation = math.sqrt(2 / math.prod(shape[1:]))
        self.weights[name + ".weight"] = (self.rng.standard_normal(shape) * deviation).astype(np.float32)
        self.weights[name + ".bias"] = (self.rng.standard_normal(shape[0]) * 0.05).astype(np.float32)


def read_graph(path):
    """The shape of the input, the operations and the result of a graph in a file."""
    operations = []
    with open(path) as file:
        for line in file:
            kind, result, *rest = line.split()
            if kind == "input":
                input_shape = tuple(map(int, rest[0].split(",")))
            elif kind == "output":
                output = result
            else:
                settings = (setting.split("=") for setting in rest[1:])
                operations.append((kind, result, rest[0].split(","), {k: _parse(v) for k, v in settings}))
    return input_shape, operations, output


def _parse(setting):
    if re.fullmatch(r"\d+", setting):
        return int(setting)
    return float(setting) if re.fullmatch(r"[\d.e-]+", setting) else setting


def _pair(size):
    return size if isinstance(size, tuple) else (size, size)


def _windows(size, kernel, stride, padding):
    return (size + 2 * padding - kernel) // stride + 1


def lenet():
    n = Network((1, 28, 28))
    x = n.max_pool(n.conv2d("x", "conv1", 6, 5, padding=2), 2, 2)
    x = n.max_pool(n.conv2d(x, "conv2", 16, 5), 2, 2)
    x = n.linear(n.flatten(x), "fc1", 120)
    x = n.linear(x, "fc2", 84)
    n.linear(x, "fc3", 10, relu=False)
    return n


def mnist():
    n = Network((1, 28, 28))
    x = n.conv2d("x", "conv1", 32, 3)
    x = n.conv2d(x, "conv2", 64, 3)
    x = n.flatten(n.max_pool(x, 2, 2))
    n.linear(n.linear(x, "fc1", 128), "fc2", 10, relu=False)
    return n


def audio():
    n = Network((1, 1024))
    x = n.conv1d("x", "conv1", 16, 9, 2, 4)
    x = n.conv1d(x, "conv2", 32, 5, 2, 2)
    x = n.conv1d(x, "conv3", 32, 5, 2, 2)
    x = n.conv1d(x, "conv4", 64, 3, 2, 1)
    n.linear(n.flatten(x), "fc", 12, relu=False)
    return n


def dscnn():
    """Keyword spotting as in MLPerf Tiny, batch normalisation folded: 49 frames of 10 coefficients."""
    n = Network((1, 49, 10))
    x = n.conv2d("x", "conv", 64, (10, 4), stride=2, padding=(5, 1))
    for block in range(4):
        x = n.conv2d(x, f"blocks.{block}.depthwise", 64, 3, padding=1, groups=64)
        x = n.conv2d(x, f"blocks.{block}.pointwise", 64, 1)
    n.linear(n.flatten(n.global_avg_pool(x)), "fc", 12, relu=False)
    return n


def alexnet():
    n = Network((3, 227, 227))
    x = n.max_pool(n.conv2d("x", "conv1", 96, 11, stride=4), 3, 2)
    x = n.max_pool(n.conv2d(x, "conv2", 256, 5, padding=2), 3, 2)
    x = n.conv2d(x, "conv3", 384, 3, padding=1)
    x = n.conv2d(x, "conv4", 384, 3, padding=1)
    x = n.max_pool(n.conv2d(x, "conv5", 256, 3, padding=1), 3, 2)
    _classifier(n, x)
    return n


def vgg16():
    n = Network((3, 224, 224))
    x = "x"
    for stage, (convolutions, channels) in enumerate([(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)], 1):
        for i in range(1, convolutions + 1):
            x = n.conv2d(x, f"conv{stage}_{i}", channels, 3, padding=1)
        x = n.max_pool(x, 2, 2)
    _classifier(n, x)
    return n


def _classifier(n, x):
    """The three linear layers that AlexNet and VGG share."""
    x = n.linear(n.flatten(x), "fc6", 4096)
    x = n.linear(x, "fc7", 4096)
    n.linear(x, "fc8", 1000, relu=False)


def googlenet():
    """Pools are padded by 1 at both ends, which gives the sizes of Caffe's ceil mode, and every engine can do it."""
    n = Network((3, 224, 224))

    def inception(x, name, c1, r3, c3, r5, c5, projection):
        path = lambda value, layer, channels, kernel: n.conv2d(
            value, f"inception{name}.{layer}", channels, kernel, padding=kernel // 2
        )
        return n.concat(
            [
                path(x, "path1", c1, 1),
                path(path(x, "reduce3", r3, 1), "path3", c3, 3),
                path(path(x, "reduce5", r5, 1), "path5", c5, 5),
                path(n.max_pool(x, 3, 1, 1), "proj", projection, 1),
            ]
        )

    x = n.lrn(n.max_pool(n.conv2d("x", "conv1", 64, 7, stride=2, padding=3), 3, 2, 1))
    x = n.conv2d(n.conv2d(x, "conv2_reduce", 64, 1), "conv2", 192, 3, padding=1)
    x = n.max_pool(n.lrn(x), 3, 2, 1)
    x = inception(x, "3a", 64, 96, 128, 16, 32, 32)
    x = inception(x, "3b", 128, 128, 192, 32, 96, 64)
    x = n.max_pool(x, 3, 2, 1)
    x = inception(x, "4a", 192, 96, 208, 16, 48, 64)
    x = inception(x, "4b", 160, 112, 224, 24, 64, 64)
    x = inception(x, "4c", 128, 128, 256, 24, 64, 64)
    x = inception(x, "4d", 112, 144, 288, 32, 64, 64)
    x = inception(x, "4e", 256, 160, 320, 32, 128, 128)
    x = n.max_pool(x, 3, 2, 1)
    x = inception(x, "5a", 256, 160, 320, 32, 128, 128)
    x = inception(x, "5b", 384, 192, 384, 48, 128, 128)
    n.linear(n.flatten(n.global_avg_pool(x)), "fc", 1000, relu=False)
    return n


# By the name that options, files and tables have.
NETWORKS = {f.__name__: f for f in (lenet, mnist, audio, dscnn, alexnet, googlenet, vgg16)}

# Batches of inference, and of a training step.
BATCHES = {name: (1, 8) if name == "vgg16" else (1, 16) for name in NETWORKS}
TRAINING_BATCHES = {"lenet": 64, "alexnet": 16}
