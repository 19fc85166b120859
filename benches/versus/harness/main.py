"""Builds, writes, measures and reports: see ../README.md."""
import argparse
import datetime
import json
import os
import pathlib
import platform
import re
import sys

import engines as registry
import measure
import models
import report
from networks import BATCHES, NETWORKS, TRAINING_BATCHES


def main():
    options = parse()
    engines = present(options.engines)
    cases = list(wanted(options))
    if options.build:
        registry.build(engines, options.features)
    folder, results = options.out / "models", options.out / "results"
    formats = {form for engine in engines for form in engine.formats}
    for network, batch, _, _ in cases:
        models.write(folder, network, batch, formats)
    (results / "logs").mkdir(parents=True, exist_ok=True)
    record = describe(engines)
    stem = results / re.sub(r"\W", "-", record["date"])
    print(report.header(record), flush=True)
    for network, batch, threads, trains in cases:
        load = os.getloadavg()[0]
        timed = measure.case(engines, folder, results / "logs", network, batch, threads, trains, options.rounds)
        case = dict(network=network, batch=batch, threads=threads, trains=trains, load=load, engines=timed)
        record["cases"].append(case)
        stem.with_suffix(".json").write_text(json.dumps(record, indent=1))
        say(case)
    text = report.tables(record)
    stem.with_suffix(".md").write_text(text)
    print(f"\n{text}\n{stem}.json\n{stem}.md")
    ours = [case["engines"].get("convnet", {}) for case in record["cases"]]
    sys.exit(any("wrong" in result or "failed" in result for result in ours))


def parse():
    parser = argparse.ArgumentParser(prog="run.sh", description=__doc__)
    words = lambda known: lambda text: check(text.split(","), known)
    parser.add_argument("--networks", type=words(NETWORKS), default=list(NETWORKS), help=",".join(NETWORKS))
    parser.add_argument(
        "--engines",
        type=words(registry.ENGINES),
        default=list(registry.ENGINES),
        help=",".join(registry.ENGINES) + "; short: " + ", ".join(f"{k} for {v}" for k, v in registry.SHORT.items()),
    )
    numbers = lambda text: [int(word) for word in text.split(",")]
    parser.add_argument("--batches", type=numbers, default=[], help="of 1,8,16 and, for training, 64; default: all")
    parser.add_argument("--threads", type=numbers, default=[1, 2], help="default: 1,2")
    parser.add_argument("--only", choices=("infer", "train"), help="one of both kinds of cases")
    parser.add_argument("--rounds", type=int, default=7, help="turns of each engine, default: 7")
    parser.add_argument("--features", type=lambda text: text.split(","), default=[], help="of our worker")
    parser.add_argument("--no-build", dest="build", action="store_false", help="measure the workers that are there")
    parser.add_argument("--out", type=pathlib.Path, default=registry.ROOT / "out", help="a folder, default: out")
    return parser.parse_args()


def check(names, known):
    names = [registry.SHORT.get(name, name) for name in names]
    for name in names:
        if name not in known:
            raise argparse.ArgumentTypeError(f"`{name}` is none of {', '.join(known)}")
    return names


def present(names):
    engines = []
    for name in names:
        engine = registry.ENGINES[name]
        if reason := engine.missing():
            print(f"without {name}: {reason}")
        else:
            engines.append(engine)
    return engines


def wanted(options):
    """(network, batch, threads, whether it trains)."""
    cases = [(network, batch, False) for network in options.networks for batch in BATCHES[network]]
    cases += [(name, batch, True) for name, batch in TRAINING_BATCHES.items() if name in options.networks]
    for network, batch, trains in cases:
        if options.batches and batch not in options.batches:
            continue
        if options.only and (options.only == "train") != trains:
            continue
        for threads in options.threads:
            yield network, batch, threads, trains


def describe(engines):
    cpu = platform.processor() or platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        found = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text())
        cpu = found[1] if found else cpu
    return dict(
        date=datetime.datetime.now().strftime("%Y-%m-%d %H:%M"),
        machine=dict(cpu=cpu, cores=os.cpu_count(), system=f"{platform.system()} {platform.machine()}"),
        versions={engine.name: engine.version() for engine in engines},
        cases=[],
    )


def say(case):
    kind = "training" if case["trains"] else "batch"
    print(f"\n{case['network']}, {kind} {case['batch']}, threads {case['threads']}, load {case['load']:.1f}")
    timed = {name: result for name, result in case["engines"].items() if "median_ms" in result}
    for name, result in sorted(timed.items(), key=lambda item: item[1]["median_ms"]):
        median, least, most = (report.milliseconds(result[key]) for key in ("median_ms", "min_ms", "p90_ms"))
        print(f"  {name:20} {median:>8} ms, least {least:>8}, 90 % within {most:>8}, error {result['error']:.0e}")
    for name, result in case["engines"].items():
        if "failed" in result:
            print(f"  {name:20} failed: {result['failed']}")
    peer, ratio = measure.ratios(case["engines"], "median_ms")
    if ratio:
        print(f"  {peer} / convnet = {ratio:.2f}", flush=True)


main()
