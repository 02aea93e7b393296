"""How fast prepared pages of an unlimited server become RECORD lines: Sluice, a straight-line program without actors
(speed_of_light.cpp) and Airbyte's Python CDK, in turn, on the same pages and with the same manifest. Then the kinds: what
it costs when records and requests are touched (kinds.py).

    python3 tests/bench/ceiling.py [--rounds N] [--no-cdk] [--pages-only] [--kinds-only [KIND...]] [--days N]
"""

import argparse
import os
import pathlib
import urllib.parse

import cdk
import kinds
import measure
import pages

MANIFEST = pages.MANIFESTS / "bench.yaml"
POOLS = (1, 2, 4, 10, 40)
LIGHT_THREADS = 2
CDK_LEVELS = (1, 2, 10)
# The CDK takes minutes for what the others do in a second: it reads the first days.
CDK_DAYS = 5
RECORDS_A_DAY = {"large": 40_000, "small": 20_000}


def output_file():
    """In memory where possible: what a disk does is not what is compared."""
    folder = pathlib.Path("/dev/shm")
    return (folder if os.access(folder, os.W_OK) else measure.WORK) / f"sluice-bench-{os.getpid()}"


def cases(stream, url, rounds, with_cdk):
    """name -> function that runs it once. `noise` is the same program with the same pool as `sluice 4`."""
    out = output_file()
    port = urllib.parse.urlparse(url).port
    page_count = 40 if stream == "large" else 1000

    def checked(argv, days):
        result = measure.run(argv, out)
        out.unlink()
        if result.records != days * RECORDS_A_DAY[stream]:
            raise RuntimeError(f"{argv[0]} printed {result.records} records of {stream}")
        return result

    def inputs(workers, days=len(pages.DAYS)):
        return pages.write_inputs(measure.WORK / "inputs" / f"{stream}-{workers}-{days}", url, [stream],
                                  sync_mode="incremental", num_workers=workers, end=f"2023-01-{days + 1:02d}")

    def sluice(pool):
        argv = [measure.SLUICE, "read", "--manifest", MANIFEST, *inputs(pool), "--progress", "never"]
        return lambda: checked(argv, len(pages.DAYS))

    def light(connections):
        argv = [measure.BUILD / "speed_of_light", port, stream, len(pages.DAYS), page_count,
                min(LIGHT_THREADS, connections), connections]
        return lambda: checked(argv, len(pages.DAYS))

    found = {}
    for pool in POOLS:
        found[f"sluice {pool}"] = sluice(pool)
        found[f"light {pool}"] = light(pool)
    found["noise 4"] = sluice(4)
    slow = {}
    if with_cdk:
        for level in CDK_LEVELS:
            argv = cdk.read(MANIFEST, inputs(level, CDK_DAYS))
            slow[f"cdk {level}"] = lambda argv=argv: checked(argv, CDK_DAYS)
    results = measure.interleaved(found, rounds)
    # One of the others beside them, so that the ratio is of one time, too.
    results |= {f"beside cdk {name}": runs for name, runs in
                measure.interleaved({"sluice 4": found["sluice 4"]} | slow, 2).items()} if slow else {}
    return results


def row(stream, name, runs):
    """One line of the table: medians over the rounds."""
    def figure(f):
        values = sorted(f(r) for r in runs)
        return {"min": values[0], "median": measure.median(values), "max": values[-1]}

    return {
        "pages": stream, "case": name, "rounds": len(runs),
        "records_per_s": figure(lambda r: r.records / r.wall_s),
        "output_mb_per_s": figure(lambda r: r.output_bytes / r.wall_s / 1e6),
        "cpu_s_per_million": figure(lambda r: r.cpu_s / r.records * 1e6),
        "peak_rss_mib": figure(lambda r: r.peak_rss_mib),
    }


def compare(results, stream):
    """The ratios that count, each of runs in the same round."""
    def speed(name):
        return [r.records / r.wall_s for r in results[name]]

    def cpu(name):
        return [r.cpu_s / r.records for r in results[name]]

    found = []

    def add(what, values):
        middle, least, most = values
        found.append({"pages": stream, "ratio": what, "median": middle, "min": least, "max": most})

    for pool in POOLS:
        add(f"records/s, pool {pool}: Sluice to speed of light", measure.ratio(speed(f"sluice {pool}"), speed(f"light {pool}")))
        add(f"CPU, pool {pool}: Sluice to speed of light", measure.ratio(cpu(f"sluice {pool}"), cpu(f"light {pool}")))
    add("records/s: Sluice to itself (noise)", measure.ratio(speed("noise 4"), speed("sluice 4")))
    add("CPU: Sluice to itself (noise)", measure.ratio(cpu("noise 4"), cpu("sluice 4")))
    if any(name.startswith("beside cdk cdk") for name in results):
        best = max((n for n in results if n.startswith("beside cdk cdk")), key=lambda n: measure.median(speed(n)))
        thrifty = min((n for n in results if n.startswith("beside cdk cdk")), key=lambda n: measure.median(cpu(n)))
        add("records/s: Sluice with pool 4 to the CDK's best", measure.ratio(speed("beside cdk sluice 4"), speed(best)))
        add("CPU: the CDK's best to Sluice with pool 4", measure.ratio(cpu(thrifty), cpu("beside cdk sluice 4")))
    return found


def measure_pages(url, chosen, earlier):
    """Plain records, in pages large and small."""
    rows, ratios = [], []
    if chosen.no_cdk and earlier:
        rows = [r for r in earlier["rows"] if "cdk" in r["case"]]
        ratios = [r for r in earlier["ratios"] if "CDK" in r["ratio"]]
    for stream in RECORDS_A_DAY:
        results = cases(stream, url, chosen.rounds, not chosen.no_cdk)
        rows += [row(stream, name, runs) for name, runs in results.items()]
        ratios += compare(results, stream)
    return {"rows": rows, "ratios": ratios}


def measure_kinds(url, chosen):
    """Records and requests that are touched. The CDK needs half a minute for a day."""
    names = chosen.kinds_only or kinds.KINDS
    levels = () if chosen.no_cdk else kinds.CDK_LEVELS
    results, ratios, missing = kinds.measured(url, output_file(), rounds=chosen.kind_rounds, days=chosen.days, cdk_days=1,
                                              levels=levels, names=tuple(names))
    for name, why in missing.items():
        print(f"{name} was not measured: {why[-300:]}")
    return {"rows": [row("large", name, runs) for name, runs in results.items()], "ratios": ratios}


def show(found):
    for r in found.get("rows", []):
        print(f"{r['pages']:6} {r['case']:20} {r['records_per_s']['median']:10,.0f} records/s"
              f" {r['output_mb_per_s']['median']:7,.0f} MB/s {r['cpu_s_per_million']['median']:8.2f} CPU s/million"
              f" {r['peak_rss_mib']['median']:6.1f} MiB")
    for r in found.get("ratios", []):
        print(f"{r.get('pages', r.get('kind')):10} {r['ratio']:50} {r['median']:7.2f}  ({r['min']:.2f} to {r['max']:.2f})")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=7)
    arguments.add_argument("--kind-rounds", type=int, default=2, help="rounds of the kinds")
    arguments.add_argument("--days", type=int, default=5, help="days of 40,000 records that Sluice reads of each kind")
    arguments.add_argument("--no-cdk", action="store_true", help="leave out Airbyte's Python CDK, which takes minutes: its figures of an earlier run stay")
    arguments.add_argument("--pages-only", action="store_true", help="leave the kinds out: their figures of an earlier run stay")
    arguments.add_argument("--kinds-only", nargs="*", choices=list(kinds.KINDS), help="only the kinds, or these of them")
    chosen = arguments.parse_args()
    measure.WORK.mkdir(parents=True, exist_ok=True)
    if not chosen.no_cdk:
        cdk.prepare()
    earlier = measure.load("ceiling")
    found = dict(earlier or {})
    with pages.serve() as url:
        if chosen.kinds_only is None:
            found |= measure_pages(url, chosen, earlier)
        if not chosen.pages_only:
            found["kinds"] = measure_kinds(url, chosen)
    show(found)
    show(found.get("kinds", {}))
    measure.save("ceiling", found)


if __name__ == "__main__":
    main()
