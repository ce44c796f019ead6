"""Tables of what was measured. Results are {program: {engine: {metric: seconds, ...}}}."""

import math


def geometric_mean(values):
    return math.exp(sum(math.log(value) for value in values) / len(values))


def ratio(result, engine, metric):
    """Of an engine's time to its base's, or None where it did not run."""
    if engine.name not in result or engine.base not in result:
        return None
    base = result[engine.base][metric]
    return result[engine.name][metric] / base if base > 0 else None


def ratios(results, engine, metric):
    found = [ratio(result, engine, metric) for result in results.values()]
    return [value for value in found if value]


def is_native(engine):
    return engine.name == engine.base


def columns(results, engines):
    return [engine for engine in engines if any(engine.name in result for result in results.values())]


def rows(results, engines, metric):
    """The table as rows of strings: seconds for native code, ratios for the others."""
    shown = columns(results, engines)
    lines = [["program"] + [engine.name for engine in shown]]
    for program, result in results.items():
        line = [program]
        for engine in shown:
            if engine.name not in result:
                line.append("-")
            elif is_native(engine):
                value = result[engine.name][metric]
                line.append(f"{value / 1e6:.2f} M" if metric == "instructions" else f"{value:.3f} s")
            else:
                value = ratio(result, engine, metric)
                line.append("-" if value is None else f"{value:.2f}")
        lines.append(line)
    lines.append(["geometric mean"] + [
        "1.00" if is_native(engine) else
        f"{geometric_mean(values):.2f}" if (values := ratios(results, engine, metric)) else "-"
        for engine in shown])
    lines.append(["worst"] + [f"{max(values):.2f}" if (values := ratios(results, engine, metric)) else "-"
                              for engine in shown])
    return lines


def shared_means(results, engines, ours, metric):
    """A line for each engine that left programs out: its mean, and ours over the same programs."""
    lines = []
    for engine in columns(results, engines):
        shared = {name: result for name, result in results.items() if engine.name in result and ours.name in result}
        if shared and len(shared) < len(results):
            theirs, own = (geometric_mean(ratios(shared, one, metric)) for one in (engine, ours))
            lines.append(f"over the {len(shared)} that {engine.name} runs: {theirs:.2f}, {ours.name} {own:.2f}")
    return lines


def sum_rows(results, engines, metric, unit):
    """A table of numbers that add up, in this unit; behind the sum its ratio to the first engine's."""
    lines = [["program"] + [engine.name for engine in engines]]
    for program, result in results.items():
        lines.append([program] + [f"{result[engine.name][metric] / unit:.1f}" if engine.name in result else "-"
                                  for engine in engines])
    sums = [sum(result.get(engine.name, {metric: 0})[metric] for result in results.values()) for engine in engines]
    lines.append(["sum"] + [f"{total / unit:.1f}" for total in sums])
    lines.append(["ratio"] + [f"{total / sums[0]:.2f}" if sums[0] else "-" for total in sums])
    return lines


def plain(lines):
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return "\n".join("  ".join(cell.ljust(width) if i == 0 else cell.rjust(width)
                               for i, (cell, width) in enumerate(zip(line, widths))) for line in lines)


def markdown(lines):
    table = ["| " + " | ".join(line) + " |" for line in lines]
    table.insert(1, "|---" + "|---:" * (len(lines[0]) - 1) + "|")
    return "\n".join(table)


def figure_rows(results, engines):
    """The figures of micro-benchmarks: a row per figure; others than native with their ratio."""
    shown = columns(results, engines)
    lines = [["figure"] + [engine.name for engine in shown]]
    for result in results.values():
        for name in result[shown[0].name]["figures"]:
            line = [name]
            for engine in shown:
                if engine.name not in result:
                    line.append("-")
                    continue
                value = result[engine.name]["figures"][name]
                base = result.get(engine.base, {}).get("figures", {}).get(name)
                line.append(f"{value:.0f}" if is_native(engine) or not base
                            else f"{value:.0f} ({value / base:.2f})")
            lines.append(line)
    return lines


def summary(results, engines, metric, limit=1.05):
    """For each engine of wasmaot: which programs are slower than `limit` times native."""
    lines = []
    for engine in columns(results, engines):
        if not engine.name.startswith("wasmaot"):
            continue
        slow = [(ratio(result, engine, metric), program) for program, result in results.items()]
        slow = sorted(((r, p) for r, p in slow if r and r > limit), reverse=True)
        lines.append(f"{engine.name} above {limit:.2f}: " +
                     (", ".join(f"{program} {value:.2f}" for value, program in slow) or "none"))
    return "\n".join(lines)
