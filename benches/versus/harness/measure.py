"""Times the workers of one case in turns, so that whatever else the machine does meets all of them.

Only the worker whose turn it is runs; the others are stopped, for their threads may spin for a while after a run.
"""
import glob
import os
import pathlib
import signal
import statistics
import subprocess

TURN = 40e6  # nanoseconds that the turn of an engine takes at least, if that is no more than 400 runs
SLOW = 1500e6  # nanoseconds of a run above which an engine gets fewer turns
LIMIT = 1e-3  # the largest error, relative to the largest value of the output


class Worker:
    """The process of an engine."""

    def __init__(self, engine, folder, log, network, batch, threads, trains):
        environment = dict(os.environ)
        for variable in ("OMP", "MKL", "RAYON", "RTEN", "OPENBLAS"):
            environment[f"{variable}_NUM_THREADS"] = str(threads)
        # Some machines force kernels that OpenBLAS would not choose.
        environment.pop("OPENBLAS_CORETYPE", None)
        arguments = [folder, network, batch, threads, "train" if trains else "infer"]
        arguments += [engine.backend or engine.name] if engine.backend or engine.package else []
        self.log = pathlib.Path(log)
        with open(self.log, "w") as errors:
            self.process = subprocess.Popen(
                engine.command() + list(map(str, arguments)),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env=environment,
                preexec_fn=lambda: _pin(threads),
            )
        for line in self.process.stdout:
            if line.startswith("READY"):
                self.error, self.loaded, self.first = map(float, line.split()[1:])
                break
        else:
            self.process.wait()
            raise ChildProcessError(self.log.read_text().strip()[-300:] or f"ended with {self.process.returncode}")
        self.process.send_signal(signal.SIGSTOP)

    def run(self, times):
        """The nanoseconds of each run; `busy` becomes the nanoseconds of the processor for one of them."""
        before = self.processor()
        self.process.send_signal(signal.SIGCONT)
        self.process.stdin.write(f"run {times}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        self.process.send_signal(signal.SIGSTOP)
        if not line:
            raise ChildProcessError(self.log.read_text().strip()[-300:])
        self.busy = (self.processor() - before) / times
        return [int(word) for word in line.split()]

    def processor(self):
        """The nanoseconds that its threads have had of the processor, where the system tells."""
        nanoseconds = 0
        for path in glob.glob(f"/proc/{self.process.pid}/task/*/schedstat"):
            try:
                nanoseconds += int(pathlib.Path(path).read_text().split()[0])
            except OSError:  # a thread that has just ended
                pass
        return nanoseconds

    def end(self):
        self.process.kill()
        self.process.communicate()


def _pin(threads):
    """One core for each thread, the last ones: the first serves the interrupts."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-threads:])


def case(engines, folder, logs, network, batch, threads, trains, rounds):
    """What was measured, by engine: `median_ms` and more, or `failed`."""
    results, workers = {}, {}
    for engine in engines:
        if reason := engine.skips(network, batch, trains):
            results[engine.name] = {"skipped": reason}
            continue
        log = logs / f"{network}_b{batch}_{threads}_{'train' if trains else 'infer'}_{engine.name}.log"
        try:
            workers[engine.name] = Worker(engine, folder, log, network, batch, threads, trains)
        except ChildProcessError as reason:
            results[engine.name] = {"failed": str(reason)}
    times, busy, turns, costs = {}, {}, {}, {}
    try:
        for name, worker in workers.items():
            costs[name] = min(worker.run(1 if worker.first > 3e3 else 2))
            turns[name] = int(min(max(TURN / costs[name], 1), 400))
            times[name], busy[name] = [], []
        for round in range(rounds):
            for name, worker in workers.items():
                slow = costs[name] > SLOW
                if slow and round >= 3 and costs[name] > 3 * min(costs.values()):
                    continue  # known well enough
                warm = 0 if slow else max(turns[name] // 5, 1)
                times[name] += worker.run(turns[name] + warm)[warm:]
                busy[name].append(worker.busy)
        for name, worker in workers.items():
            results[name] = _summary(times[name], busy[name], worker)
    finally:
        for worker in workers.values():
            worker.end()
    if trains:
        _compare_losses(results)
    for result in results.values():
        # A NaN is not below.
        if "error" in result and not result["error"] <= LIMIT:
            result["wrong"] = True
    return results


def _summary(times, busy, worker):
    times = sorted(times)
    processor = {"processor_ms": statistics.median(busy) / 1e6} if any(busy) else {}
    return processor | {
        "median_ms": statistics.median(times) / 1e6,
        "min_ms": times[0] / 1e6,
        "p90_ms": times[len(times) * 9 // 10] / 1e6,
        "runs": len(times),
        "load_ms": worker.loaded,
        "first_ms": worker.first,
        "error": worker.error,
    }


def _compare_losses(results):
    """Of training a worker reports the third loss; PyTorch's is the reference, or else the median."""
    losses = {name: result["error"] for name, result in results.items() if "error" in result}
    if not losses:
        return
    reference = losses.get("torch", statistics.median(losses.values()))
    for name, loss in losses.items():
        results[name] |= {"loss": loss, "error": abs(loss - reference) / abs(reference)}


def ratios(results, statistic):
    """Of ours, the fastest peer: its name, its time over ours. Who is wrong does not count."""
    peers = {
        name: result[statistic]
        for name, result in results.items()
        if name != "convnet" and statistic in result and "wrong" not in result
    }
    ours = results.get("convnet", {}).get(statistic)
    if not peers:
        return None, None
    best = min(peers, key=peers.get)
    return best, peers[best] / ours if ours else None
