"""Writes what the workers read, for each network: weights, graph, and by batch an ONNX file, an input and the output that ONNX
Runtime gives for it; for ncnn its own form of the network. What is there already stays.
"""
import importlib
import importlib.util
import pathlib
import shutil
import subprocess
import sys
import tempfile

import numpy as np

from networks import NETWORKS


def write(folder, name, batch, formats):
    """All files of one network at one batch; `formats` are of "onnx", "elementary" and "ncnn", beside the first always."""
    folder.mkdir(parents=True, exist_ok=True)
    files = Files(folder, name, batch)
    wanted = [files.weights, files.graph, files.input, files.output, files.onnx]
    has_lrn = name == "googlenet"
    if has_lrn and "elementary" in formats:
        wanted.append(files.elementary)
    if "ncnn" in formats and batch == 1:
        wanted += files.ncnn
    if all(path.exists() for path in wanted):
        return
    print(f"writing {name}, batch {batch}", flush=True)
    network = NETWORKS[name]()
    _put(files.graph, lambda path: path.write_text(network.graph()))
    _put(files.weights, lambda path: _save_weights(network.weights, path))
    x = np.random.default_rng(11).standard_normal((batch, *network.input_shape)).astype(np.float32)
    _put(files.input, lambda path: x.tofile(path))
    _put(files.onnx, lambda path: _onnx(network, name, batch, False, path))
    if files.elementary in wanted:
        _put(files.elementary, lambda path: _onnx(network, name, batch, True, path))
    _put(files.output, lambda path: _reference(files.onnx, x).tofile(path))
    if files.ncnn[0] in wanted:
        _convert_to_ncnn(files, network.input_shape)


class Files:
    """Where they are. The Rust workers know the same names: protocol/src/task.rs."""

    def __init__(self, folder, name, batch):
        self.weights = folder / f"{name}.safetensors"
        self.graph = folder / f"{name}.graph"
        stem = f"{name}_b{batch}"
        self.onnx = folder / f"{stem}.onnx"
        self.elementary = folder / f"{stem}.elementary.onnx"
        self.input = folder / f"{stem}.in"
        self.output = folder / f"{stem}.out"
        self.ncnn = [folder / f"{name}.ncnn.param", folder / f"{name}.ncnn.bin"]


def pnnx():
    """The program in the package of ncnn's converter, or one on the path. The package itself cannot be imported without PyTorch."""
    package = importlib.util.find_spec("pnnx")
    if package and (program := pathlib.Path(package.origin).with_name("pnnx")).exists():
        return program
    return shutil.which("pnnx")


def _put(path, write):
    """A file is there when it is whole."""
    if path.exists():
        return
    partial = path.with_name(path.name + ".part")
    write(partial)
    partial.rename(path)


def _save_weights(weights, path):
    importlib.import_module("safetensors.numpy").save_file(weights, path)


def _reference(model, x):
    ort = importlib.import_module("onnxruntime")
    session = ort.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    return session.run(None, {"x": x})[0].astype(np.float32)


def _convert_to_ncnn(files, input_shape):
    sizes = ",".join(map(str, (1, *input_shape)))
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        shutil.copy(files.onnx, scratch / "model.onnx")
        command = [pnnx(), "model.onnx", f"inputshape=[{sizes}]", "fp16=0"]
        done = subprocess.run(command, cwd=scratch, capture_output=True, text=True)
        if done.returncode:
            print(f"pnnx failed: {done.stdout[-300:]}{done.stderr[-300:]}")
            return
        for path in files.ncnn:
            shutil.move(scratch / f"model.ncnn{path.suffix}", path)


def _onnx(network, name, batch, elementary, path):
    """`elementary`: local response normalisation of operators that every engine has."""
    onnx = importlib.import_module("onnx")
    helper, to_tensor = onnx.helper, onnx.numpy_helper.from_array
    nodes, tensors = [], [to_tensor(value, key) for key, value in network.weights.items()]

    def constant(key, value):
        tensors.append(to_tensor(np.asarray(value), key))
        return key

    def node(kind, reads, result, **attributes):
        nodes.append(helper.make_node(kind, reads, [result], name=result, **attributes))
        return result

    def lrn(x, result, size, alpha, beta, bias):
        channels, half = network.shapes[result][0], size // 2
        squares = node("Mul", [x, x], f"{result}_squares")
        pads = constant(f"{result}_pads", np.array([0, half, 0, 0, 0, half, 0, 0], np.int64))
        padded, total = node("Pad", [squares, pads], f"{result}_padded"), None
        for i in range(size):
            bounds = zip(("start", "end", "axis"), (i, i + channels, 1))
            bounds = [constant(f"{result}_{key}{i}", np.array([value], np.int64)) for key, value in bounds]
            window = node("Slice", [padded, *bounds], f"{result}_window{i}")
            total = window if total is None else node("Add", [total, window], f"{result}_sum{i}")
        total = node("Mul", [total, constant(f"{result}_alpha", np.float32(alpha / size))], f"{result}_scaled")
        total = node("Add", [total, constant(f"{result}_bias", np.float32(bias))], f"{result}_biased")
        total = node("Pow", [total, constant(f"{result}_beta", np.float32(beta))], f"{result}_power")
        node("Div", [x, total], result)

    for kind, result, reads, s in network.operations:
        if "weight" in s:
            reads = [*reads, s["weight"] + ".weight", s["weight"] + ".bias"]
        if kind == "conv2d":
            sizes = dict(kernel_shape=[s["kh"], s["kw"]], strides=[s["sh"], s["sw"]], pads=[s["ph"], s["pw"]] * 2)
            node("Conv", reads, result, **sizes, dilations=[1, 1], group=s["groups"])
        elif kind == "conv1d":
            sizes = dict(kernel_shape=[s["k"]], strides=[s["s"]], pads=[s["p"]] * 2)
            node("Conv", reads, result, **sizes, dilations=[1], group=1)
        elif kind == "linear":
            node("Gemm", reads, result, transB=1)
        elif kind == "max_pool":
            node("MaxPool", reads, result, kernel_shape=[s["k"]] * 2, strides=[s["s"]] * 2, pads=[s["p"]] * 4)
        elif kind == "lrn" and elementary:
            lrn(reads[0], result, **s)
        else:
            operator = dict(relu="Relu", global_avg_pool="GlobalAveragePool", lrn="LRN", concat="Concat", flatten="Flatten")
            attributes = dict(lrn=s, concat=dict(axis=1), flatten=dict(axis=1))
            node(operator[kind], reads, result, **attributes.get(kind, {}))

    value = lambda key, shape: helper.make_tensor_value_info(key, onnx.TensorProto.FLOAT, (batch, *shape))
    inputs, outputs = value("x", network.input_shape), value(network.output, network.shapes[network.output])
    graph = helper.make_graph(nodes, name, [inputs], [outputs], tensors)
    # What the oldest engine reads.
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, path)
