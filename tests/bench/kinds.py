"""What touching records and requests costs: the streams of manifests/kinds.yaml, each with Sluice and with Airbyte's
Python CDK, in turn and beside Sluice's own fast path, which is the same records as they are. A part of ceiling.py.
"""

import cdk
import measure
import pages

MANIFEST = pages.MANIFESTS / "kinds.yaml"
PLAIN = "plain"
# What each stream does, for the document.
KINDS = {
    "touched": "four AddFields, one RemoveFields and a filter",
    "normalised": "schema_normalization",
    "posted": "a POST body with templates for each page",
}
POOL = 4
CDK_LEVELS = (1, 2, 10)
RECORDS_A_DAY = 40_000  # that are read; a filter prints fewer


def run(argv, out, days, printed):
    """Runs a program; all programs must print the same number of records a day of a stream: `printed` remembers it."""
    result = measure.run(argv, out)
    out.unlink()
    a_day = printed.setdefault("a day", result.records / days)
    if not result.records or result.records / days != a_day:
        raise RuntimeError(f"{argv[0]} printed {result.records / days} records a day instead of {a_day}")
    result.records = days * RECORDS_A_DAY
    return result


def cases(url, out, names, days, cdk_days, levels):
    """name -> function that runs it once."""
    printed = {name: {} for name in (PLAIN, *names)}

    def inputs(name, workers, last):
        return pages.write_inputs(measure.WORK / "inputs" / f"{name}-{workers}-{last}", url, [name], account="north",
                                  sync_mode="incremental", num_workers=workers, end=f"2023-01-{last + 1:02d}")

    def of(name, argv, read):
        return lambda: run(argv, out, read, printed[name])

    found = {}
    for name in (PLAIN, *names):
        argv = [measure.SLUICE, "read", "--manifest", MANIFEST, *inputs(name, POOL, days), "--progress", "never"]
        found[f"{name} sluice {POOL}"] = of(name, argv, days)
        for level in levels if name != PLAIN else ():
            found[f"{name} cdk {level}"] = of(name, cdk.read(MANIFEST, inputs(name, level, cdk_days)), cdk_days)
    return found


def compare(results, names):
    """The ratios that count, each of runs in the same round."""
    def speed(case):
        return [r.records / r.wall_s for r in results[case]]

    def cpu(case):
        return [r.cpu_s / r.records for r in results[case]]

    found = []
    for name in names:
        own = f"{name} sluice {POOL}"
        plain = f"{PLAIN} sluice {POOL}"
        others = [case for case in results if case.startswith(f"{name} cdk ")]
        figures = {"records/s: to Sluice's fast path": measure.ratio(speed(own), speed(plain)),
                   "CPU: to Sluice's fast path": measure.ratio(cpu(own), cpu(plain))}
        if others:
            best = max(others, key=lambda case: measure.median(speed(case)))
            figures["records/s: to the CDK's best"] = measure.ratio(speed(own), speed(best))
        found += [{"kind": name, "ratio": what, "median": middle, "min": least, "max": most}
                  for what, (middle, least, most) in figures.items()]
    return found


def measured(url, out, *, rounds, days, cdk_days, levels, names=tuple(KINDS)):
    """Rows and ratios, and why a kind is missing: a program that cannot run it."""
    missing = {}
    for name in names:
        probe = [measure.SLUICE, "plan", "--manifest", MANIFEST,
                 *pages.write_inputs(measure.WORK / "inputs" / f"{name}-probe", url, [name], account="north",
                                     sync_mode="incremental", num_workers=POOL, end="2023-01-02")]
        try:
            measure.run(probe, out)
        except RuntimeError as error:
            missing[name] = str(error)
    there = [name for name in names if name not in missing]
    results = measure.interleaved(cases(url, out, there, days, cdk_days, levels), rounds) if there else {}
    return results, compare(results, there) if there else [], missing
