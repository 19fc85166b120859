"""The engines: what each is built or imported from, how its worker is started, and what it cannot do."""
import dataclasses
import importlib.metadata
import importlib.util
import os
import pathlib
import re
import subprocess
import sys

import models

ROOT = pathlib.Path(__file__).resolve().parent.parent


@dataclasses.dataclass
class Engine:
    """An engine, or one way to use it."""

    name: str
    crate: str = ""  # a Rust worker
    package: str = ""  # or a Python package
    source: str = ""  # the crate whose version counts
    backend: str = ""
    trains: bool = False
    infers: bool = True
    formats: tuple = ()

    def missing(self):
        """Why it cannot take part on this machine."""
        if self.package and importlib.util.find_spec(self.package) is None:
            return f"the Python package {self.package} is not installed"
        if self.package == "ncnn" and models.pnnx() is None:
            return "pnnx, which writes its models, is not installed"
        return ""

    def skips(self, network, batch, trains):
        """Why it leaves a case out."""
        if trains and not self.trains:
            return "does not train here"
        if self.name == "ncnn" and batch > 1:
            return "has no batches"
        if self.name == "torch-channels-last" and network == "audio":
            return "a sequence has no channels-last form"
        if self.name == "torch-compile" and batch > 1 and not trains:
            return "compiles for minutes, and stays behind"
        if self.name == "burn-ndarray" and (network == "vgg16" or network == "alexnet" and trains):
            return "takes a minute for a run"
        if self.name in ("candle", "burn") and network == "alexnet" and trains:
            return "takes many seconds for a step"
        return ""

    def command(self):
        if self.crate:
            return [str(target() / "release" / self.crate)]
        return [sys.executable, str(ROOT / "harness" / "worker.py")]

    def version(self):
        if self.package:
            return importlib.metadata.version(self.package)
        if self.name == "convnet":
            commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)
            return commit.stdout.strip() or "unknown"
        lock = (ROOT / "Cargo.lock").read_text()
        return re.search(rf'name = "{self.source}"\nversion = "(.*)"', lock)[1]


ENGINES = {
    engine.name: engine
    for engine in (
        Engine("convnet", crate="versus-convnet", trains=True),
        Engine("onnxruntime", package="onnxruntime"),
        Engine("openvino", package="openvino"),
        Engine("ncnn", package="ncnn", formats=("ncnn",)),
        Engine("torch", package="torch", trains=True),
        Engine("torch-channels-last", package="torch", trains=True),
        Engine("torch-compile", package="torch", trains=True),
        Engine("tract", crate="versus-tract", source="tract-onnx"),
        Engine("rten", crate="versus-rten", source="rten", formats=("elementary",)),
        Engine("candle", crate="versus-candle", source="candle-core", trains=True),
        Engine("burn", crate="versus-burn", source="burn", backend="flex", trains=True),
        Engine("burn-ndarray", crate="versus-burn", source="burn", backend="ndarray"),
    )
}
SHORT = {"ours": "convnet", "ort": "onnxruntime", "ov": "openvino"}


def target():
    return pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))


def build(engines, features):
    """Builds the Rust workers of these engines."""
    crates = sorted({engine.crate for engine in engines if engine.crate})
    if not crates:
        return
    command = ["cargo", "build", "--release", "--locked"] + [word for crate in crates for word in ("--package", crate)]
    if "versus-convnet" in crates and features:
        command += ["--features", ",".join(f"versus-convnet/{feature}" for feature in features)]
    subprocess.run(command, cwd=ROOT, check=True)
