"""A worker for the engines that are Python packages: `worker.py FOLDER NETWORK BATCH THREADS VARIANT ENGINE`.

It speaks the protocol of the Rust workers: protocol/src/lib.rs.
"""
import os
import pathlib
import sys
import time

folder, name, batch, threads, variant, engine = sys.argv[1:]
batch, threads = int(batch), int(threads)

import numpy as np

from models import Files
from networks import read_graph

# As in protocol/src/serve.rs.
STEPS = 3
LEARNING_RATE = 1e-4

files = Files(pathlib.Path(folder), name, batch)
input_shape, operations, output_name = read_graph(files.graph)
x = np.fromfile(files.input, np.float32).reshape((batch, *input_shape))


def onnxruntime():
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(files.onnx), options, providers=["CPUExecutionProvider"])
    # Bound once, so that no call copies.
    result = session.get_outputs()[0]
    y = np.empty(result.shape, np.float32)
    binding = session.io_binding()
    binding.bind_cpu_input("x", x)
    binding.bind_output(result.name, "cpu", 0, np.float32, y.shape, y.ctypes.data)
    return lambda: session.run_with_iobinding(binding), lambda: y


def openvino():
    import openvino

    core = openvino.Core()
    settings = {
        "INFERENCE_PRECISION_HINT": "f32",  # bf16 by default, where the CPU has it
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": 1,
        "ENABLE_CPU_PINNING": False,  # the harness pins
    }
    request = core.compile_model(core.read_model(files.onnx), "CPU", settings).create_infer_request()
    request.set_input_tensor(openvino.Tensor(x, shared_memory=True))
    return request.infer, lambda: request.get_output_tensor().data


def ncnn():
    import ncnn

    net = ncnn.Net()
    net.opt.num_threads = threads
    net.opt.use_vulkan_compute = False
    net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = False
    net.opt.use_bf16_storage = False
    param, binary = map(str, files.ncnn)
    assert net.load_param(param) == 0 and net.load_model(binary) == 0
    (input_name,), (result_name,) = net.input_names(), net.output_names()
    sample = ncnn.Mat(x[0]).clone()
    result = []

    def run():
        extractor = net.create_extractor()
        extractor.input(input_name, sample)
        result[:] = extractor.extract(result_name)

    return run, lambda: np.array(result[1])


def torch(channels_last=False, compiled=False):
    import torch
    from torch.nn import functional

    torch.set_num_threads(threads)
    torch.set_num_interop_threads(1)
    weights = _torch_weights(torch, train=variant == "train")
    tensor = torch.from_numpy(x)
    if channels_last and tensor.dim() == 4:
        tensor = tensor.contiguous(memory_format=torch.channels_last)
        for key, weight in weights.items():
            if weight.dim() == 4:
                weight.data = weight.data.contiguous(memory_format=torch.channels_last)

    def forward(x):
        return _torch_forward(torch, functional, weights, x)

    if compiled:
        import torch._inductor.config

        torch._inductor.config.cpp.threads = threads
        forward = torch.compile(forward)
    if variant == "train":
        return _torch_training(torch, functional, weights, forward, tensor)
    result = []

    def run():
        with torch.inference_mode():
            result[:] = [forward(tensor)]

    return run, lambda: result[0].numpy()


def _torch_weights(torch, train):
    from safetensors.torch import load_file

    return {key: weight.requires_grad_(train) for key, weight in load_file(files.weights).items()}


def _torch_forward(torch, functional, weights, x):
    values = {"x": x}
    for kind, result, reads, s in operations:
        x = values[reads[0]]
        if "weight" in s:
            weight, bias = weights[s["weight"] + ".weight"], weights[s["weight"] + ".bias"]
        if kind == "conv2d":
            x = functional.conv2d(x, weight, bias, (s["sh"], s["sw"]), (s["ph"], s["pw"]), 1, s["groups"])
        elif kind == "conv1d":
            x = functional.conv1d(x, weight, bias, s["s"], s["p"])
        elif kind == "linear":
            x = functional.linear(x, weight, bias)
        elif kind == "relu":
            x = functional.relu(x)
        elif kind == "max_pool":
            x = functional.max_pool2d(x, s["k"], s["s"], s["p"])
        elif kind == "global_avg_pool":
            x = functional.adaptive_avg_pool2d(x, 1)
        elif kind == "lrn":
            x = functional.local_response_norm(x, s["size"], s["alpha"], s["beta"], s["bias"])
        elif kind == "concat":
            x = torch.cat([values[read] for read in reads], 1)
        elif kind == "flatten":
            x = torch.flatten(x, 1)
        else:
            raise ValueError(f"the graph has an unknown operation, {kind}")
        values[result] = x
    return values[output_name]


def _torch_training(torch, functional, weights, forward, tensor):
    optimizer = torch.optim.SGD(weights.values(), LEARNING_RATE)
    targets = torch.arange(batch) % weights[operations[-1][3]["weight"] + ".bias"].shape[0]
    last = []

    def step():
        optimizer.zero_grad()
        loss = functional.cross_entropy(forward(tensor), targets)
        loss.backward()
        optimizer.step()
        last[:] = [loss]

    return step, lambda: last[0].item()


ENGINES = {
    "onnxruntime": onnxruntime,
    "openvino": openvino,
    "ncnn": ncnn,
    "torch": torch,
    "torch-channels-last": lambda: torch(channels_last=True),
    "torch-compile": lambda: torch(compiled=True),
}


def main():
    start = time.perf_counter()
    run, output = ENGINES[engine]()
    loaded = time.perf_counter()
    run()
    first = time.perf_counter()
    if variant == "train":
        for _ in range(1, STEPS):
            run()
        error = output()
    else:
        reference = np.fromfile(files.output, np.float32)
        error = np.abs(output().ravel() - reference).max() / np.abs(reference).max()
    print(f"READY {error:e} {(loaded - start) * 1e3:.3f} {(first - loaded) * 1e3:.3f}", flush=True)
    clock = time.perf_counter_ns
    for line in sys.stdin:
        if not line.startswith("run "):
            break
        times = []
        for _ in range(int(line[4:])):
            before = clock()
            run()
            times.append(clock() - before)
        print(*times, flush=True)


main()
