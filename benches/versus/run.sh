#!/usr/bin/env bash
# Runs the comparison: README.md.
#
#   benches/versus/run.sh --venv DIR …     makes a virtual environment there, or uses it
#   PYTHON=python3.12 benches/versus/run.sh …
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python3}

if [ "${1:-}" = "--venv" ]; then
    venv=$2
    shift 2
    if [ ! -x "$venv/bin/python" ]; then
        "$python" -m venv "$venv"
        "$venv/bin/python" -m pip install --quiet --requirement "$here/requirements.txt"
        # Its one dependency is PyTorch, which the converter of ONNX files does not need.
        "$venv/bin/python" -m pip install --quiet --no-deps pnnx==20261020
    fi
    python=$venv/bin/python
fi

for package in numpy onnx onnxruntime safetensors; do
    if ! "$python" -c "import $package" 2>/dev/null; then
        echo "$python has no $package; \`$0 --venv DIR\` makes an environment with all that is needed" >&2
        exit 1
    fi
done
exec "$python" "$here/harness/main.py" "$@"
