"""The tables: one row a case, times in milliseconds, the fastest in bold."""
import math

from measure import ratios


RATIOS = {"ratio": "median_ms", "of minima": "min_ms", "of processor time": "processor_ms"}


def header(record):
    machine = record["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
    return f"{record['date']}, {machine['cpu']}, {machine['cores']} cores, {machine['system']}, f32.\n{versions}."


def tables(record):
    """Markdown."""
    parts = [header(record)]
    for trains, title in ((False, "Inference"), (True, "A training step")):
        cases = [case for case in record["cases"] if case["trains"] == trains]
        if cases:
            parts.append(f"## {title}\n\n" + _table(cases))
    return "\n\n".join(parts + _remarks(record["cases"])) + "\n"


def _table(cases):
    engines = [name for name in cases[0]["engines"] if any("median_ms" in c["engines"].get(name, {}) for c in cases)]
    ratio = "convnet" in engines and len(engines) > 1
    titles = ["network", "batch", "threads"] + (list(RATIOS) + ["fastest peer"] if ratio else []) + engines
    lines = [titles, ["---"] * len(titles)]
    for case in cases:
        row = [case["network"], str(case["batch"]), str(case["threads"])]
        if ratio:
            row += [_factor(ratios(case["engines"], statistic)[1]) for statistic in RATIOS.values()]
            row.append(ratios(case["engines"], "median_ms")[0] or "–")
        results = case["engines"]
        right = [r["median_ms"] for r in results.values() if "median_ms" in r and "wrong" not in r]
        lines.append(row + [_cell(results.get(name, {}), min(right, default=None)) for name in engines])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cell(result, best):
    if "failed" in result:
        return "failed"
    if "median_ms" not in result:
        return "–"
    time = milliseconds(result["median_ms"])
    if "wrong" in result:
        return f"wrong: {time}"
    return f"**{time}**" if result["median_ms"] == best else time


def _factor(ratio):
    return "–" if ratio is None else f"{ratio:.2f}"


def milliseconds(time):
    """Three digits, or all those before the point."""
    digits = 2 - math.floor(math.log10(time)) if time > 0 else 2
    return f"{time:.{max(digits, 0)}f}"


def _remarks(cases):
    remarks = []
    for case in cases:
        for name, result in case["engines"].items():
            place = f"{name}, {case['network']}, batch {case['batch']}, {case['threads']} threads"
            if "failed" in result:
                remarks.append(f"- {place}: failed: {result['failed'].splitlines()[-1]}")
            if "wrong" in result:
                remarks.append(f"- {place}: wrong, error {result['error']:.1e}")
    return ["\n".join(remarks)] if remarks else []
